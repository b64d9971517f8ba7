//! What a facilitator's answer is worth, by dialect.
//!
//! | file | what |
//! | --- | --- |
//! | `answer` | an answer taken apart, whatever its form |
//! | `class`, `cause` | what can be said of a code; why a payment was not taken up |
//! | `reference`, `cdp`, `x402_rs`, `solana` | the tables, a line a code |
//! | `revert` | words of a node |
//! | `shapes` | whole answers, and statuses without a code |
//! | `judge` | codes first, then words |
//! | `operator` | what the seller is told |
//!
//! # What is believed
//!
//! A hash is never a refusal, and on a second sending only success counts. A refusal is believed by its
//! [`Grounds`]. What is not in a table is [`Settlement::Unknown`], which costs a payer time and never
//! money. Codes are compared as a whole or by their beginning: parts of messages are the buyer's.

mod answer;
mod cause;
mod cdp;
mod class;
mod judge;
mod operator;
mod reference;
mod revert;
mod shapes;
mod solana;
mod x402_rs;

use price_table::{Dialect, Text};
use serde_json::{Value, json};

use self::answer::Answer;
pub(crate) use self::answer::cut;
use self::cause::Cause;
use self::class::Class;
use self::judge::Judged;
use crate::facilitator::{Endpoint, Outcome};
use crate::json::text;
use crate::log::{Mend, Words};
use crate::receipt::{self, Expected, Receipt};

/// What an answer of `/settle` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The money moved.
    Settled(Receipt),
    /// Nothing was submitted by this call, and none will be.
    Refused {
        /// The facilitator's code, for the buyer.
        code: String,
        /// What has to be seen before that is believed.
        grounds: Grounds,
    },
    /// Not taken up: the next facilitator may have the payment.
    NotTaken {
        /// Why, for the log.
        why: String,
        /// Whether only the seller can mend it, so that waiting does not help.
        mend: bool,
    },
    /// It may have moved.
    Unknown {
        /// Why that is not known, for the log.
        why: String,
        /// Whether it is an answer, no success, and does not say that it still waits. Silence, resets and
        /// failures of a server without a verdict do not contradict.
        contradicts: bool,
        /// The transaction that it named: where to look first, and never a proof.
        hint: Option<[u8; 32]>,
    },
}

/// What a refusal stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// S0: the bytes alone. Believed.
    Bytes,
    /// S1: the nonce was seen unused. Believed.
    Unused,
    /// S2: nothing was sent by this call, but a settled payment is answered alike. Believed with a node
    /// if the nonce is unspent and the transfer reverts; without, see [`Reader::believed_without_node`].
    Reason,
    /// About this payer: compliance, sanctions, blocked addresses. Believed with a node if the nonce is
    /// unspent, since no chain shows such a reason; without, at its word. It concerns no other payer.
    Payer,
}

/// Whether these bytes were sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Not by this store.
    First,
    /// They were: only success is believed, all else is unknown.
    Again,
}

/// What an answer of `/verify` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The payment is good.
    Valid,
    /// It is not, for a reason that a new payment cures. Holds the facilitator's code.
    Refused(String),
    /// The facilitator did not say, or refuses what it would refuse of every buyer. Holds why.
    Unavailable(String),
    /// It is not valid any more, or for a reason that is not known to come before submission: it may have
    /// been submitted earlier. Holds why, for the log.
    Unclear(String),
}

/// Reads the answers of one facilitator.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Whose way of answering it has.
    pub dialect: Dialect,
    /// Its base URL: some pages of proxies are known by host.
    pub url: &'a str,
    /// `refusals` of `content.toml`: codes that the seller vouches for, where this version does not know
    /// them. [`Grounds::Reason`], and believed without a node.
    pub vouched: &'a [Text],
}

impl Reader<'_> {
    /// Reads the end of a `/settle` call.
    pub fn settlement(
        &self,
        outcome: &Outcome,
        expected: &Expected,
        sending: Sending,
    ) -> Settlement {
        let silent =
            |why: &str| Settlement::Unknown { why: why.to_owned(), contradicts: false, hint: None };
        let answer = match (outcome, sending) {
            (Outcome::Answered { .. }, _) => parse(outcome),
            (Outcome::NotSent(why), Sending::First) => {
                return Settlement::NotTaken { why: why.clone(), mend: false };
            }
            (Outcome::NotSent(why) | Outcome::Lost(why), _) => return silent(why),
        };
        let Some(answer) = answer else { return silent("no answer") };
        if answer.json["success"] == true {
            return success(&answer, expected);
        }
        let judged = self.judge(Endpoint::Settle, &answer);
        let why = answer.in_short(&judged.code);
        let unknown = |why| Settlement::Unknown {
            why,
            contradicts: !shapes::may_still_settle(&answer, judged.is_listed()),
            hint: receipt::hint(&answer.json),
        };
        if answer.names_transaction() || sending == Sending::Again {
            return unknown(why);
        }
        if let Class::NotTaken(cause) = judged.class {
            return Settlement::NotTaken { why, mend: cause.wants_mending() };
        }
        match grounds(judged.class) {
            Some(grounds) => Settlement::Refused { code: cut(&judged.code), grounds },
            None => unknown(why),
        }
    }

    /// Reads the end of a `/verify` call. It is read-only, so no grounds are asked for.
    pub fn verification(&self, outcome: &Outcome, expected: &Expected) -> Verification {
        let answer = match outcome {
            Outcome::NotSent(why) | Outcome::Lost(why) => {
                return Verification::Unavailable(why.clone());
            }
            Outcome::Answered { .. } => parse(outcome),
        };
        let Some(answer) = answer else { return Verification::Unavailable("no answer".into()) };
        if answer.json["isValid"] == true {
            return match expected.contradiction(&answer.json) {
                None => Verification::Valid,
                Some(field) => Verification::Unavailable(format!("valid for another {field}")),
            };
        }
        let Judged { class, code } = self.judge(Endpoint::Verify, &answer);
        let is_verdict = answer.json["isValid"] == false;
        match class {
            // Compliance is told in the envelope, without a verdict.
            Class::Payer => Verification::Refused(cut(&code)),
            _ if !is_verdict => Verification::Unavailable(answer.in_short(&code)),
            Class::NotTaken(_) | Class::Trouble => {
                Verification::Unavailable(answer.in_short(&code))
            }
            Class::CatchAll => Verification::Unclear(cut(&code)),
            class if grounds(class).is_some() => Verification::Refused(cut(&code)),
            _ => match answer.names().chain(answer.words()).find_map(revert::of) {
                Some((code, _)) => Verification::Refused(code.to_owned()),
                None if code.is_empty() => Verification::Unclear("unknown_error".into()),
                None => Verification::Unclear(cut(&code)),
            },
        }
    }

    /// What of a call's end the seller must mend, or should know: which of all lines, and the line.
    pub fn operator(&self, endpoint: Endpoint, outcome: &Outcome) -> Option<(Mend, Words)> {
        let answer = parse(outcome)?;
        let judged = self.judge(endpoint, &answer);
        let (code, line) = operator::line(endpoint, &answer, &judged)?;
        Some((code, Words::at(self.url, &line)))
    }

    /// Whether a call ended in a way that says that the facilitator is out of order: nothing came back, or
    /// nothing that it would say itself, or it will have nothing to do with us, or has trouble of its own.
    /// What it says of one payer or one payment is none of that.
    pub fn is_out_of_order(&self, outcome: &Outcome) -> bool {
        let Some(answer) = parse(outcome) else { return true };
        let is_good = answer.json["success"] == true || answer.json["isValid"] == true;
        if is_good || answer.names_transaction() {
            return false;
        }
        // Either endpoint: their codes are the same.
        let judged = self.judge(Endpoint::Settle, &answer);
        match judged.class {
            Class::Trouble => true,
            Class::NotTaken(cause) => cause.is_for_all(),
            Class::Unlisted => {
                let is_gateway = matches!(answer.status, 502..=504) && !answer.has_verdict();
                !answer.is_object() || is_gateway
            }
            Class::Unknown => matches!(answer.status, 502..=504) && !answer.has_verdict(),
            _ => false,
        }
    }

    /// Whether a refusal on [`Grounds::Reason`] is believed where no node can show its reason.
    ///
    /// What our own knowledge contradicts is not: a signature that recovers here, or that `/verify` called
    /// valid, is not invalid; a window may have closed after the payment settled, and one that is not
    /// open yet frees itself. Nor is what a closed source says (CDP). What cannot be judged, the
    /// balance, is, in dialects whose source was read; and so is what the seller vouches for.
    pub fn believed_without_node(&self, code: &str) -> bool {
        if self.vouched.iter().any(|vouched| vouched == code) {
            return true;
        }
        matches!(judge::class(self.dialect, code), Some(Class::Balance | Class::GuardedBalance))
    }

    fn judge(&self, endpoint: Endpoint, answer: &Answer<'_>) -> Judged {
        let by_shape = shapes::of(self.dialect, self.url, answer);
        let judged = judge::judge(self.dialect, self.vouched, endpoint, answer);
        let by_status = || if judged.is_listed() { None } else { shapes::of_status(answer) };
        let cause: Option<Cause> = by_shape.or_else(by_status);
        match cause {
            Some(cause) => Judged { class: Class::NotTaken(cause), ..judged },
            None => judged,
        }
    }
}

fn parse(outcome: &Outcome) -> Option<Answer<'_>> {
    match outcome {
        Outcome::Answered { status, body, location, .. } => {
            Some(Answer::new(*status, location.as_deref(), body))
        }
        Outcome::NotSent(_) | Outcome::Lost(_) => None,
    }
}

fn success(answer: &Answer<'_>, expected: &Expected) -> Settlement {
    let why = match (expected.contradiction(&answer.json), receipt::transaction(&answer.json)) {
        (Some(field), _) => format!("success with another {field}"),
        (None, Err(what)) => format!("success with {what}"),
        (None, Ok(transaction)) => match Receipt::of(&answer.json, transaction, expected) {
            Some(receipt) => return Settlement::Settled(receipt),
            None => "success without a transaction hash".to_owned(),
        },
    };
    Settlement::Unknown { why, contradicts: false, hint: receipt::hint(&answer.json) }
}

fn grounds(class: Class) -> Option<Grounds> {
    match class {
        Class::Bytes => Some(Grounds::Bytes),
        Class::Unused => Some(Grounds::Unused),
        Class::Reason | Class::Balance | Class::CatchAll => Some(Grounds::Reason),
        Class::Payer => Some(Grounds::Payer),
        Class::Guarded
        | Class::GuardedBalance
        | Class::NotTaken(_)
        | Class::Trouble
        | Class::Unknown
        | Class::Opaque
        | Class::Unlisted => None,
    }
}

/// `SettlementResponse` of a payment that was refused.
pub fn refused_json(code: &str, expected: &Expected) -> String {
    text(&json!({
        "success": false,
        "errorReason": code,
        "transaction": "",
        "network": expected.network(),
        "payer": expected.payer.spelled(&Value::Null),
    }))
}
