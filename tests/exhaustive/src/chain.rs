//! A chain with one token, and a node of it. Blocks come only by steps of the search.

use paywall_core::hex;
use paywall_core::node::{Answer, At, Authorization, NodeError, Question, Said, word};
use paywall_core::scheme::spending::{CANCELED, USED};
use serde_json::{Value, json};

use crate::time::{self, START};

/// The EIP-155 chain.
pub const CHAIN_ID: u64 = 84_532;
/// The token.
pub const TOKEN: [u8; 20] = [0xa5; 20];
/// Who sells.
pub const PAYEE: [u8; 20] = [0xee; 20];
/// What every object costs.
pub const PRICE: u128 = 1_000;
/// How deep a block must be to stay.
pub const CONFIRMATIONS: u64 = 3;

/// A payer has so many payments ...
pub const EACH: usize = 8;
/// ... and there are so many of all payers.
pub const PAYMENTS: usize = 2 * EACH;
/// A payer's payments from this one on are signed after everything else is over.
pub const FRESH: usize = 4;

/// The first block of a history. The ones before it are empty, and two seconds apart.
const FIRST: u64 = 1_000;
/// `Transfer(address,address,uint256)`, hashed.
const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/// What a nonce was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spend {
    /// The transfer, in this block.
    Paid(u64),
    /// Nothing: its payer took it back, in this block.
    Canceled(u64),
}

/// The chain.
#[derive(Clone, Debug, Hash)]
pub struct Chain {
    /// When each block from [`FIRST`] on was made, in seconds.
    times: Vec<u64>,
    /// What came of each payment's nonce.
    spends: [Option<Spend>; PAYMENTS],
    /// Which payments are broadcast, and may be mined.
    pending: [bool; PAYMENTS],
    /// The block from which on the payers have money; `None` while they have none.
    pub rich_from: Option<u64>,
}

impl Chain {
    /// One on which nothing has happened. `late` is how far its clock is behind, in seconds.
    pub fn new(late: u64, poor: bool) -> Self {
        Chain {
            times: vec![START - late],
            spends: [None; PAYMENTS],
            pending: [false; PAYMENTS],
            rich_from: (!poor).then_some(0),
        }
    }

    /// The newest block.
    pub fn head(&self) -> u64 {
        FIRST + self.times.len() as u64 - 1
    }

    /// Makes a block.
    pub fn block(&mut self, time: u64) {
        self.times.push(time);
        let last = self.time();
        // What comes too late is never mined: one state less.
        for payment in 0..PAYMENTS {
            self.pending[payment] &= last < ends(payment) && self.spends[payment].is_none();
        }
    }

    /// Whether another block would be news: something is not as deep yet as it can be.
    pub fn has_news(&self) -> bool {
        self.spends.iter().flatten().any(|spend| {
            let (Spend::Paid(block) | Spend::Canceled(block)) = spend;
            self.head() - block + 1 < CONFIRMATIONS
        })
    }

    /// When the newest block was made.
    pub fn time(&self) -> u64 {
        self.times.last().copied().unwrap_or_default()
    }

    /// Whether the token would take a payment in the next block.
    pub fn takes(&self, payment: usize) -> bool {
        self.spends[payment].is_none()
            && self.time() < ends(payment)
            && self.rich_from.is_some_and(|from| from <= self.head())
    }

    /// Whether its nonce is spent.
    pub fn is_spent(&self, payment: usize) -> bool {
        self.spends[payment].is_some()
    }

    /// Whether any nonce is.
    pub fn has_spends(&self) -> bool {
        self.spends.iter().any(Option::is_some)
    }

    /// Whether its money moved.
    pub fn is_paid(&self, payment: usize) -> bool {
        matches!(self.spends[payment], Some(Spend::Paid(_)))
    }

    /// Whether its money moved, or may yet.
    pub fn is_under_way(&self, payment: usize) -> bool {
        self.is_paid(payment) || self.pending[payment]
    }

    /// Whether it is broadcast and not mined.
    pub fn is_pending(&self, payment: usize) -> bool {
        self.pending[payment]
    }

    /// Broadcasts it.
    pub fn broadcast(&mut self, payment: usize) {
        self.pending[payment] = true;
    }

    /// Drops what is not mined.
    pub fn forget_pending(&mut self) {
        self.pending.fill(false);
    }

    /// Mines a block that spends its nonce.
    pub fn mine(&mut self, payment: usize, paid: bool) {
        let (block, time) = (self.head() + 1, self.time());
        self.spends[payment] = Some(if paid { Spend::Paid(block) } else { Spend::Canceled(block) });
        self.block(time);
    }

    /// The transaction of a payment.
    pub fn transaction(payment: usize) -> [u8; 32] {
        [0x80 + payment as u8; 32]
    }

    /// What a node says that is so many blocks behind.
    pub fn ask(&self, questions: &[Question], behind: u64) -> Said {
        let head = self.head() - behind;
        Ok(questions.iter().map(|question| self.answer(question, head)).collect())
    }

    fn answer(&self, question: &Question, head: u64) -> Answer {
        let at = |at: &At| match *at {
            At::Latest => Ok(head),
            At::Number(height) if height <= head => Ok(height),
            At::Number(height) => Err(NodeError::from(format!("no block {height}"))),
        };
        match question {
            Question::ChainId => Ok(number(CHAIN_ID)),
            Question::BlockNumber => Ok(number(head)),
            Question::Block(height) => {
                let height = at(&At::Number(*height))?;
                Ok(json!({
                    "number": number(height),
                    "hash": block_hash(height),
                    "timestamp": number(self.time_of(height)),
                }))
            }
            Question::State(authorization, height) => {
                let height = at(height)?;
                Ok(uint(u128::from(self.spent_by(payment(authorization), height))))
            }
            Question::Balance { at: height, .. } => {
                let rich = self.is_rich(at(height)?);
                Ok(uint(if rich { 1_000 * PRICE } else { 0 }))
            }
            Question::Call { data, at: height, .. } => {
                let height = at(height)?;
                let payment = usize::from(data[0]);
                let takes = !self.spent_by(payment, height)
                    && self.time_of(height) < ends(payment)
                    && self.is_rich(height);
                match takes {
                    true => Ok(json!("0x")),
                    false => Err(NodeError { why: "execution reverted".into(), reverted: true }),
                }
            }
            Question::Logs(authorization, _, first, last) => {
                at(&At::Number(*last))?;
                let payment = payment(authorization);
                let logs = match self.spends[payment] {
                    Some(Spend::Paid(block)) if (*first..=*last).contains(&block) => {
                        vec![spending_log(authorization, block, USED)]
                    }
                    Some(Spend::Canceled(block)) if (*first..=*last).contains(&block) => {
                        vec![spending_log(authorization, block, CANCELED)]
                    }
                    _ => vec![],
                };
                Ok(Value::Array(logs))
            }
            Question::Transfers { .. } => {
                Err(NodeError::from("only the books ask that".to_owned()))
            }
            Question::Receipt(transaction) => {
                let payment = usize::from(transaction[0] - 0x80);
                match self.spends.get(payment) {
                    Some(Some(Spend::Paid(block))) if *block <= head => {
                        Ok(receipt(payment, *block))
                    }
                    _ => Err(NodeError::from("no such transaction".to_owned())),
                }
            }
        }
    }

    fn spent_by(&self, payment: usize, height: u64) -> bool {
        self.spends[payment].is_some_and(|spend| {
            let (Spend::Paid(block) | Spend::Canceled(block)) = spend;
            block <= height
        })
    }

    fn is_rich(&self, height: u64) -> bool {
        self.rich_from.is_some_and(|from| from <= height)
    }

    fn time_of(&self, height: u64) -> u64 {
        match height.checked_sub(FIRST) {
            Some(after) => self.times[after as usize],
            None => self.times[0] - 2 * (FIRST - height),
        }
    }
}

/// The nonce that a payment has.
pub fn nonce(payment: usize) -> [u8; 32] {
    [payment as u8 + 1; 32]
}

fn payment(authorization: &Authorization) -> usize {
    usize::from(authorization.nonce[0]) - 1
}

fn number(number: u64) -> Value {
    json!(format!("0x{number:x}"))
}

fn uint(number: u128) -> Value {
    json!(format!("0x{number:064x}"))
}

fn block_hash(height: u64) -> Value {
    json!(format!("0x{height:064x}"))
}

fn log(topics: Value, data: &str, block: u64, payment: usize, index: u64) -> Value {
    json!({
        "address": hex::encode(&TOKEN),
        "topics": topics,
        "data": data,
        "blockNumber": number(block),
        "blockHash": block_hash(block),
        "transactionHash": hex::encode(&Chain::transaction(payment)),
        "logIndex": number(index),
        "removed": false,
    })
}

fn spending_log(of: &Authorization, block: u64, event: [u8; 32]) -> Value {
    let topics = json!([hex::encode(&event), hex::encode(&word(&of.from)), hex::encode(&of.nonce)]);
    log(topics, "0x", block, payment(of), 0)
}

fn receipt(payment: usize, block: u64) -> Value {
    // Payments of several payers have nonces of their own, so the nonce names the payer.
    let from = payer_of(payment);
    let of = Authorization { token: TOKEN, from, nonce: nonce(payment) };
    let topics = json!([TRANSFER, hex::encode(&word(&from)), hex::encode(&word(&PAYEE))]);
    let moved = log(topics, &format!("0x{PRICE:064x}"), block, payment, 1);
    json!({
        "transactionHash": hex::encode(&Chain::transaction(payment)),
        "blockNumber": number(block),
        "blockHash": block_hash(block),
        "status": "0x1",
        "logs": [spending_log(&of, block, USED), moved],
    })
}

/// Who signed a payment.
pub fn payer_of(payment: usize) -> [u8; 20] {
    [0xb0 + (payment / EACH) as u8; 20]
}

/// The second from which the token takes a payment no more.
pub fn ends(payment: usize) -> u64 {
    if payment % EACH >= FRESH { time::FRESH_ENDS } else { time::ENDS }
}
