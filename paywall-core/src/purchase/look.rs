//! The look before sending: is the nonce unspent, and is the money there?
//!
//! "Unspent when we looked, spent now" needs no clock, survives reorganisations of the chain, and cannot
//! turn a real payment away however far a node lags behind. It also answers replays of public
//! signatures before anybody is asked.

use super::decide::Looked;
use super::record::Look;
use crate::clock::Micros;
use crate::node::{self, At, Question, Said};
use crate::scheme::spending::Transfer;

/// What each node is asked.
pub fn questions(transfer: &Transfer) -> Vec<Question> {
    let authorization = transfer.authorization;
    let (token, of, at) = (authorization.token, authorization.from, At::Latest);
    vec![
        Question::ChainId,
        Question::BlockNumber,
        Question::State(authorization, at),
        Question::Balance { token, of, at },
    ]
}

/// What they say together: the first that says *spent* counts, else *unspent*. Holds the reason for a
/// silence, for the log.
pub fn read(
    said: &[Said],
    chain_id: u64,
    transfer: &Transfer,
    now: Micros,
) -> Result<(Looked, Option<Look>), String> {
    let mut unspent: Option<(Look, bool)> = None;
    let mut why = String::from("no node was asked");
    for said in said {
        match one(said, chain_id, transfer) {
            Ok(None) => return Ok((Looked::Spent, None)),
            Ok(Some((block, poor))) => {
                let look = Look { block, at: now };
                // The lower block is the safer start of a search; a node that is behind sees a payer
                // poor who is not any more.
                unspent = Some(match unspent {
                    Some((other, other_poor)) if other.block < block => (other, poor && other_poor),
                    Some((_, other_poor)) => (look, poor && other_poor),
                    None => (look, poor),
                });
            }
            Err(silent) => why = silent,
        }
    }
    match unspent {
        Some((look, true)) => Ok((Looked::Poor, Some(look))),
        Some((look, false)) => Ok((Looked::Unspent, Some(look))),
        None => Err(why),
    }
}

/// `None` if it is spent, else the height and whether the payer lacks the money.
fn one(said: &Said, chain_id: u64, transfer: &Transfer) -> Result<Option<(u64, bool)>, String> {
    let [chain, height, state, balance] = said.as_ref()?.as_slice() else {
        return Err("the node does not answer each question".into());
    };
    node::chain_id(chain, chain_id)?;
    let height = node::block_number(height)?;
    if node::is_spent(state)? {
        return Ok(None);
    }
    // A token without `balanceOf` is no reason to refuse.
    let poor = node::uint(balance).is_ok_and(|balance| balance < transfer.value);
    Ok(Some((height, poor)))
}
