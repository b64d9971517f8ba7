//! A payment's binding to one object: written once, never changed, never undone.

use serde::{Deserialize, Serialize};

use super::Spent;
use super::record::Record;
use super::ticket::{Mark, Ticket};
use crate::clock::Micros;
use crate::limits;

/// Says which object a payment is for, whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// Which request wrote it.
    pub writer: String,
    /// Which payment.
    pub mark: Mark,
    /// The key of the object.
    pub object: String,
    /// When. Whatever the chain did with the payment before is not this sale.
    pub bound_at: Micros,
}

impl Binding {
    /// Whether it binds the payment that is presented to the object that it is presented for.
    pub fn admits(&self, mark: &Mark, object: &str) -> Result<(), Spent> {
        if self.mark != *mark {
            Err(Spent::OtherSignature)
        } else if self.object != object {
            Err(Spent::OtherObject)
        } else {
            Ok(())
        }
    }

    pub(super) fn record(&self, ticket: &Ticket) -> Record {
        // What cannot be settled any more is refused without it.
        let day = self.bound_at.secs() + limits::BINDING_SECONDS;
        let expires = ticket.valid_before.map_or(day, |before| before.min(day));
        Record { json: super::json(self), expires: Some(expires) }
    }
}
