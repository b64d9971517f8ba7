//! Facilitators: the honest answer to a `/settle`, and every other one with the money moved or not.

use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use serde_json::json;

use crate::chain::{Chain, payer_of};
use crate::scenario::NETWORK;

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Words {
    /// It settled.
    Settled,
    /// Its nonce is spent.
    Used,
    /// Its payer lacks the money: a settled payment gives the same.
    Poor,
    /// Its window is over: likewise.
    Expired,
    /// It is for somebody else: said of the bytes alone.
    Bytes,
    /// It was sent, and is not mined yet.
    Pending,
    /// 500, without a verdict.
    Broken,
    /// 429, without a verdict.
    Throttled,
    /// The connection broke.
    Reset,
    /// There was no connection.
    Unreachable,
}

/// What becomes of the money, before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    /// Nothing is sent.
    Stays,
    /// It moves.
    Moves,
    /// It is sent, and may move later.
    Sent,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The words.
    pub words: Words,
    /// The money.
    pub money: Money,
}

/// The honest answer about a payment. `repeats` is whether its facilitator settled it, and says so again.
pub fn honest(chain: &Chain, payment: usize, repeats: bool) -> Answer {
    let (words, money) = match () {
        () if chain.is_spent(payment) && repeats => (Words::Settled, Money::Stays),
        () if chain.is_spent(payment) => (Words::Used, Money::Stays),
        () if chain.takes(payment) => (Words::Settled, Money::Moves),
        () if chain.rich_from.is_none_or(|from| from > chain.head()) => (Words::Poor, Money::Stays),
        () => (Words::Expired, Money::Stays),
    };
    Answer { words, money }
}

/// Every other one.
pub fn faulty(chain: &Chain, payment: usize) -> Vec<Answer> {
    let mut answers = vec![];
    let moves: &[Money] = match chain.takes(payment) && !chain.is_pending(payment) {
        true => &[Money::Stays, Money::Moves, Money::Sent],
        false => &[Money::Stays],
    };
    for money in moves {
        for words in [Words::Used, Words::Poor, Words::Pending, Words::Broken, Words::Reset] {
            answers.push(Answer { words, money: *money });
        }
    }
    // What these say is believed, so they are never said of what was sent.
    if !chain.is_under_way(payment) {
        for words in [Words::Bytes, Words::Throttled, Words::Unreachable] {
            answers.push(Answer { words, money: Money::Stays });
        }
    }
    answers
}

/// The answer as it comes.
pub fn outcome(words: Words, payment: usize) -> Outcome {
    let transaction = hex::encode(&Chain::transaction(payment));
    let refused = |code: &str, transaction: &str| {
        answered(
            200,
            json!({
                "success": false,
                "errorReason": code,
                "transaction": transaction,
                "network": NETWORK,
                "payer": hex::encode(&payer_of(payment)),
            })
            .to_string(),
        )
    };
    match words {
        Words::Settled => answered(
            200,
            json!({
                "success": true,
                "transaction": transaction,
                "network": NETWORK,
                "payer": hex::encode(&payer_of(payment)),
            })
            .to_string(),
        ),
        Words::Used => refused("invalid_exact_evm_nonce_already_used", ""),
        Words::Poor => refused("invalid_exact_evm_insufficient_balance", ""),
        Words::Expired => refused("invalid_exact_evm_payload_authorization_valid_before", ""),
        Words::Bytes => refused("invalid_exact_evm_recipient_mismatch", ""),
        Words::Pending => refused("settlement_pending", &transaction),
        Words::Broken => answered(500, "Internal Server Error".into()),
        Words::Throttled => answered(429, "Too Many Requests".into()),
        Words::Reset => Outcome::Lost("reset".into()),
        Words::Unreachable => Outcome::NotSent("refused".into()),
    }
}

/// The answer to a `/verify`.
pub fn valid(payment: usize) -> Outcome {
    let payer = hex::encode(&payer_of(payment));
    answered(200, json!({ "isValid": true, "payer": payer }).to_string())
}

fn answered(status: u16, body: String) -> Outcome {
    Outcome::Answered { status, body: body.into_bytes(), location: None, extensions: None }
}
