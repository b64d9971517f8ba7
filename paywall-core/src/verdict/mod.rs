//! stub
use crate::facilitator::*;
use crate::receipt::*;
use price_table::{Dialect, Text};
pub enum Settlement {
    Settled(Receipt),
    Refused { code: String, grounds: Grounds },
    NotTaken { why: String, mend: bool },
    Unknown { why: String, contradicts: bool, hint: Option<[u8; 32]> },
}
pub enum Grounds {
    Bytes,
    Unused,
    Reason,
    Payer,
}
pub enum Sending {
    First,
    Again,
}
pub enum Verification {
    Valid,
    Refused(String),
    Unavailable(String),
    Unclear(String),
}
pub struct Reader<'a> {
    pub dialect: Dialect,
    pub vouched: &'a [Text],
}
impl Reader<'_> {
    pub fn settlement(&self, _: &Outcome, _: &Expected, _: Sending) -> Settlement {
        todo!()
    }
    pub fn verification(&self, _: &Outcome, _: &Expected) -> Verification {
        todo!()
    }
    pub fn operator(&self, _: Endpoint, _: &Outcome) -> Option<String> {
        todo!()
    }
    pub fn is_out_of_order(&self, _: &Outcome) -> bool {
        todo!()
    }
    pub fn believed_without_node(&self, _: &str) -> bool {
        todo!()
    }
}
pub fn refused_json(_: &str, _: &Expected) -> String {
    todo!()
}
