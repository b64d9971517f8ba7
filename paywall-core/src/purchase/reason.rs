//! Whether the reason of a refusal can be seen on the chain.
//!
//! A facilitator may say "no money" of a payment that it just sent, and of a copy of one that settled.
//! So a refusal that a settled payment could produce is believed only if, in one block, the nonce is
//! unspent and the token itself refuses the transfer: money, window, a blocked payer, a paused token, a
//! wallet that denies its own key are one question, put to the token, and no text is read.

use crate::node::{self, At, Block, Question, Said};
use crate::scheme::spending::Transfer;

/// What is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// The EIP-155 chain.
    pub chain_id: u64,
    /// The transfer.
    pub transfer: Transfer,
    /// The call that would make it; `None` if the token cannot be asked so.
    pub call: Option<Vec<u8>>,
    /// Not valid until after this second.
    pub valid_after: u64,
    /// Whether it is about this payer: no chain shows such a reason, so an unspent nonce is enough.
    pub about_payer: bool,
}

/// The first trip.
pub fn first() -> Vec<Question> {
    vec![Question::ChainId, Question::BlockNumber]
}

/// The height that the second trip is about.
pub fn height(said: &Said, chain_id: u64) -> Result<u64, String> {
    let [chain, height] = said.as_ref()?.as_slice() else {
        return Err("the node does not answer each question".into());
    };
    node::chain_id(chain, chain_id)?;
    node::block_number(height)
}

/// The second trip: all at one block, since the nonce of one and the money of a later one would refuse
/// what was just mined.
pub fn second(refused: &Refused, height: u64) -> Vec<Question> {
    let (at, authorization) = (At::Number(height), refused.transfer.authorization);
    let mut questions = vec![Question::State(authorization, at), Question::Block(height)];
    if let (Some(data), false) = (&refused.call, refused.about_payer) {
        let token = authorization.token;
        questions.push(Question::Call { token, data: data.clone(), at });
    }
    questions
}

/// Whether the reason is seen; else why not.
pub fn seen(refused: &Refused, height: u64, said: &Said) -> Result<(), String> {
    let answers = said.as_ref()?.as_slice();
    let [state, block, rest @ ..] = answers else {
        return Err("the node does not answer each question".into());
    };
    let Block { time, .. } = node::block(block, height)?;
    if node::is_spent(state)? {
        return Err("refused, and its nonce is spent".into());
    }
    if refused.about_payer {
        return Ok(());
    }
    if time <= refused.valid_after {
        return Err("refused, and its window opens later than the newest block".into());
    }
    match rest {
        [Err(error)] if error.reverted => Ok(()),
        [Err(error)] => Err(error.why.clone()),
        [Ok(_)] => Err("refused, and the token would take it".into()),
        _ => Err("refused, and the token cannot be asked".into()),
    }
}
