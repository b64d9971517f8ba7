//! What the function's log says of payments: the last word on each, and the strongest.
//!
//! Lines come at best effort, and may come twice, in any order, or never:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html>. So no sum of money rests on
//! them where there is a store, and a row that rests on a line alone says so.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use paywall_core::hex;
use paywall_core::log::{Line, Unread};
use paywall_core::purchase::PaymentId;

use crate::lines;

/// How a payment ended, by the log. A later value outweighs an earlier one, whenever it was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Nobody knew.
    Unknown,
    /// It settled, could not be recorded, and its payer did not get the object.
    NotGranted,
    /// It settled, and opened its object.
    Sold,
}

/// What the log says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// How it ended.
    pub said: Said,
    /// The line's own word.
    pub outcome: String,
    /// The second in which the line was printed, if it bears one.
    pub at: Option<u64>,
    /// The id of the site.
    pub site: String,
    /// The object's key.
    pub object: String,
    /// Who paid.
    pub payer: String,
    /// Atomic units of the price.
    pub amount: u128,
    /// The token, in lower case.
    pub asset: String,
    /// The CAIP-2 name.
    pub network: String,
    /// The transaction.
    pub transaction: Option<String>,
    /// The base URL of the facilitator that said that it settled.
    pub facilitator: Option<String>,
}

/// Lines, by their payments.
#[derive(Debug, Default)]
pub struct Logs {
    payments: BTreeMap<String, (PaymentId, Logged)>,
    /// Lines of the function.
    pub lines: usize,
    /// The numbers of lines that look like the function's and cannot be read, and why.
    pub unreadable: Vec<(usize, Unread)>,
}

impl Logs {
    /// Reads a log, in any order. A line may begin with its time, and anything else, as `aws logs tail` prints it.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn read(&mut self, log: impl BufRead) -> io::Result<()> {
        lines::each(log, |read| match read {
            Ok((line, time)) => {
                self.lines += 1;
                self.take(&line, time.and_then(|it| u64::try_from(it.as_second()).ok()));
            }
            Err(unreadable) => self.unreadable.push(unreadable),
        })
    }

    /// Takes a line, and the second in which it was printed.
    pub fn take(&mut self, line: &Line, at: Option<u64>) {
        let Some(payment) = &line.payment else { return };
        let Some(id) = payment_of(payment) else { return };
        let said = match (line.outcome.as_str(), line.status) {
            // `resent`: it was sold before, by a line that may be lost.
            ("settled" | "resolved" | "resent", None) => Said::Sold,
            (_, Some(_)) if line.unrecorded.is_some() => Said::NotGranted,
            ("settlement_unknown" | "payment_unproven" | "payment_given_up", Some(_)) => {
                Said::Unknown
            }
            _ => return,
        };
        let Ok(amount) = payment.amount.parse() else { return };
        let receipt = line.unrecorded.as_ref().map(|receipt| receipt.transaction().to_owned());
        let logged = Logged {
            said,
            outcome: line.outcome.as_str().to_owned(),
            at,
            site: line.site.clone(),
            object: line.object.clone().unwrap_or_default(),
            payer: payment.payer.clone().unwrap_or_default(),
            amount,
            asset: payment.asset.to_ascii_lowercase(),
            network: payment.network.clone(),
            transaction: line.transaction.clone().or(receipt),
            facilitator: line.facilitator.clone(),
        };
        let there = self.payments.entry(id.to_string()).or_insert_with(|| (id, logged.clone()));
        // The same set of lines says the same in any order.
        let weight = |it: &Logged| (it.said, std::cmp::Reverse(it.at), it.outcome.clone());
        if weight(&logged) > weight(&there.1) {
            there.1 = logged;
        }
    }

    /// What they say of a payment.
    pub fn of(&self, payment: &PaymentId) -> Option<&Logged> {
        self.payments.get(&payment.to_string()).map(|(_, logged)| logged)
    }

    /// All of which they say something.
    pub fn payments(&self) -> impl Iterator<Item = &(PaymentId, Logged)> {
        self.payments.values()
    }
}

/// What tells a payment from others; only EIP-3009's has that in the log.
fn payment_of(payment: &paywall_core::log::Payment) -> Option<PaymentId> {
    Some(PaymentId::Eip3009 {
        chain_id: payment.network.strip_prefix("eip155:")?.parse().ok()?,
        asset: hex::decode_array(&payment.asset)?,
        from: hex::decode_array(payment.payer.as_deref()?)?,
        nonce: hex::decode_array(payment.nonce.as_deref()?)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(outcome: &str, status: Option<u16>) -> Value {
        json!({
            "v": 1, "requestId": "r", "site": "shop", "event": "viewer-request", "outcome": outcome, "status": status,
            "object": "a.json", "payer": format!("0x{}", "11".repeat(20)), "nonce": format!("0x{}", "22".repeat(32)),
            "amount": "10000", "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "network": "eip155:84532",
        })
    }

    fn said(lines: &[&Value]) -> Option<(Said, Option<u64>)> {
        let mut logs = Logs::default();
        let text: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(n, line)| format!("2026-11-28T00:00:0{n}Z us-east-1 [abc] {line}\n"))
            .collect();
        logs.read(text.concat().as_bytes()).unwrap();
        assert_eq!((logs.lines, logs.unreadable.len()), (lines.len(), 0));
        let all: Vec<_> = logs.payments().collect();
        all.first().map(|(id, logged)| {
            assert_eq!(logs.of(id), Some(logged));
            (logged.said, logged.at.map(|at| at % 60))
        })
    }

    #[test]
    fn the_strongest_word_counts_whenever_it_comes() {
        let (unknown, sold) = (line("settlement_unknown", Some(503)), line("settled", None));
        assert_eq!(said(&[&unknown]), Some((Said::Unknown, Some(0))));
        assert_eq!(said(&[&unknown, &sold]), Some((Said::Sold, Some(1))));
        assert_eq!(said(&[&sold, &unknown]), Some((Said::Sold, Some(0))));
        // One that comes twice counts once, and from its first time on.
        assert_eq!(said(&[&sold, &sold]), Some((Said::Sold, Some(0))));
        let mut unrecorded = line("settlement_unknown", Some(503));
        unrecorded["unrecorded"] =
            json!({"transaction": "0x1", "network": "eip155:84532", "payer": "0x2"});
        assert_eq!(said(&[&unknown, &unrecorded]), Some((Said::NotGranted, Some(1))));
    }

    #[test]
    fn what_says_nothing_of_money_is_left_out() {
        for (outcome, status) in
            [("owned", None), ("free", None), ("insufficient_balance", Some(402))]
        {
            assert_eq!(said(&[&line(outcome, status)]), None, "{outcome}");
        }
        let mut logs = Logs::default();
        logs.read(
            "START\n{\"outcome\": \"settled\", \n{\"v\": 9, \"outcome\": \"settled\"}\n{}\n"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!((logs.lines, logs.unreadable.len()), (0, 2));
    }
}
