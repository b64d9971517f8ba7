//! What the chain shows of a payment whose outcome is not known: a machine that asks and hears.
//!
//! | trip | asked | ends if |
//! | --- | --- | --- |
//! | 1 | `eth_chainId`, `eth_blockNumber` | it is another chain |
//! | 2 | `authorizationState` and the block, [`limits::PAID_BLOCKS`] and `confirmations` deep | it is unspent |
//! | (3) | blocks, for one stamped before the sending, where nobody had looked | |
//! | 4 to 15 | `eth_getLogs` from there on, a range and its last block a trip | it was cancelled |
//! | 16 | `eth_getTransactionReceipt`, `eth_getBlockByNumber` | |
//!
//! Two depths, since a wrong "paid" costs the seller one object and a wrong "not paid" costs the buyer
//! money. An answer that is missing, malformed or contradicts another is no evidence.

use super::order::transfer;
use super::record::{Look, Open};
use crate::clock::Micros;
use crate::limits;
use crate::node::{self, At, Block, Question, Said};
use crate::scheme::spending::{self, CANCELED, Paired, Spending, Transfer, USED};

/// So many blocks are searched for logs at once. Nodes allow from 10 (Alchemy, free) to 10,000:
/// <https://www.alchemy.com/docs/chains/ethereum/ethereum-api-endpoints/eth-get-logs>.
const RANGE_BLOCKS: u64 = 1_000;

/// A range that a node refuses is cut to a tenth, and not below this many blocks.
const LEAST_RANGE_BLOCKS: u64 = 10;

/// Where nobody looked, the search begins at a block stamped this many seconds before the sending.
const BEFORE_SECONDS: u64 = 120;

/// So many blocks back at first, to find it; then twice as many.
const FIRST_STEP_BLOCKS: u64 = 64;

/// What is sought.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sought {
    /// The EIP-155 chain.
    pub chain_id: u64,
    /// The transfer.
    pub transfer: Transfer,
    /// The second from which the token takes it no more.
    pub ends: u64,
    /// Where it was seen unspent.
    pub look: Option<Look>,
    /// Up to which block it was searched.
    pub searched: Option<u64>,
    /// When it was written that it is about to be sent.
    pub sent_at: Micros,
    /// How deep a block must be to stay.
    pub confirmations: u64,
}

impl Sought {
    /// The transfer of an open payment; `None` if its scheme makes none that a chain shows.
    pub fn of(open: &Open, confirmations: u64) -> Option<Self> {
        let (chain_id, transfer) = transfer(&open.mark, &open.bill)?;
        let &Open { ends, look, searched, sent_at, .. } = open;
        Some(Sought { chain_id, transfer, ends, look, searched, sent_at, confirmations })
    }
}

/// What the chain shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The money moved as it should.
    Paid {
        /// By this transaction, ...
        transaction: [u8; 32],
        /// ... in a block stamped with this second.
        time: u64,
    },
    /// It did not, and never will.
    Never,
    /// Neither, as yet.
    Unknown {
        /// For the log.
        why: String,
        /// Where it was seen unspent just now.
        look: Option<Look>,
        /// Up to which block it was searched.
        searched: Option<u64>,
    },
}

/// A search under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    sought: Sought,
    stage: Stage,
    /// The last blocks that count as paid, and as staying.
    paid: u64,
    stays: u64,
    asked: u32,
    searched: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Head,
    States,
    Start { at: u64, step: u64 },
    Logs { from: u64, range: u64 },
    Receipt(Spending),
}

impl Search {
    /// Begins.
    pub fn new(sought: Sought) -> Self {
        let searched = sought.searched;
        Search { sought, stage: Stage::Head, paid: 0, stays: 0, asked: 0, searched }
    }

    /// Begins again where a search stopped.
    #[must_use]
    pub fn again(&self, searched: Option<u64>) -> Self {
        Search::new(Sought { searched, ..self.sought.clone() })
    }

    /// Up to which block it was searched before.
    pub fn searched_before(&self) -> Option<u64> {
        self.sought.searched
    }

    /// What to ask the node.
    pub fn questions(&self) -> Vec<Question> {
        let authorization = self.sought.transfer.authorization;
        let state = |height| Question::State(authorization, At::Number(height));
        match self.stage {
            Stage::Head => vec![Question::ChainId, Question::BlockNumber],
            Stage::States => vec![
                state(self.paid),
                Question::Block(self.paid),
                state(self.stays),
                Question::Block(self.stays),
            ],
            Stage::Start { at, .. } => vec![Question::Block(at)],
            Stage::Logs { from, range } => {
                let to = self.to(from, range);
                vec![Question::Logs(authorization, [USED, CANCELED], from, to), Question::Block(to)]
            }
            Stage::Receipt(spending) => {
                vec![Question::Receipt(spending.transaction), Question::Block(spending.block)]
            }
        }
    }

    /// Takes the answers: what was found, or nothing as yet.
    pub fn hear(&mut self, said: &Said, now: Micros) -> Option<Finding> {
        match self.step(said, now) {
            Ok(finding) => finding,
            Err(why) => Some(self.unknown(why, None)),
        }
    }

    fn step(&mut self, said: &Said, now: Micros) -> Result<Option<Finding>, String> {
        let answers = said.as_ref()?.as_slice();
        match (self.stage, answers) {
            (Stage::Head, [chain, height]) => {
                node::chain_id(chain, self.sought.chain_id)?;
                let head = node::block_number(height)?;
                // A block itself is the first confirmation.
                let depth = |blocks: u64| head.checked_sub(blocks.max(1) - 1);
                self.paid = depth(limits::PAID_BLOCKS).ok_or("the chain is not deep enough yet")?;
                let stays = self.sought.confirmations.max(limits::PAID_BLOCKS);
                self.stays = depth(stays).ok_or("the chain is not deep enough yet")?;
                self.stage = Stage::States;
                Ok(None)
            }
            (Stage::States, [paid, paid_block, stays, stays_block]) => {
                let (spent, block) = (node::is_spent(paid)?, node::block(paid_block, self.paid)?);
                let (stays, last) = (node::is_spent(stays)?, node::block(stays_block, self.stays)?);
                if spent {
                    self.begin(&block);
                    return Ok(None);
                }
                // "Not valid from this second on": a block stamped so takes it no more.
                if !stays && last.time >= self.sought.ends {
                    return Ok(Some(Finding::Never));
                }
                let look = Look { block: self.paid, at: now };
                Ok(Some(self.unknown("its nonce is unspent as yet".into(), Some(look))))
            }
            (Stage::Start { at, step }, [block]) => {
                let block = node::block(block, at)?;
                let early = block.time + BEFORE_SECONDS < self.sought.sent_at.secs();
                self.asked += 1;
                match early || at == 0 {
                    true => self.stage = Stage::Logs { from: at, range: RANGE_BLOCKS },
                    false if self.asked >= limits::LOG_ASKS => {
                        return Err("the block of its sending was not found".into());
                    }
                    false => {
                        let at = at.saturating_sub(step);
                        self.stage = Stage::Start { at, step: step * 2 };
                    }
                }
                Ok(None)
            }
            (Stage::Logs { from, range }, [logs, block]) => self.logs(from, range, logs, block),
            (Stage::Receipt(spending), [receipt, block]) => {
                let block = node::block(block, spending.block)?;
                let receipt = receipt.as_ref().map_err(|error| error.why.clone())?;
                match spending::pair(receipt, &spending, &block, &self.sought.transfer)? {
                    Paired::Expected => Ok(Some(Finding::Paid {
                        transaction: spending.transaction,
                        time: block.time,
                    })),
                    Paired::Other => self.spent_otherwise(&spending),
                }
            }
            _ => Err("the node does not answer each question".into()),
        }
    }

    fn begin(&mut self, paid: &Block) {
        let behind = |height: u64| height.saturating_sub(self.sought.confirmations);
        let from = match (self.searched, self.sought.look) {
            (Some(searched), _) => Some(searched + 1),
            (None, Some(look)) => Some(behind(look.block)),
            (None, None) => None,
        };
        self.stage = match from {
            Some(from) => Stage::Logs { from: from.min(self.paid), range: RANGE_BLOCKS },
            None => {
                let at = paid.number.saturating_sub(FIRST_STEP_BLOCKS);
                Stage::Start { at, step: FIRST_STEP_BLOCKS * 2 }
            }
        };
    }

    fn logs(
        &mut self,
        from: u64,
        range: u64,
        logs: &node::Answer,
        block: &node::Answer,
    ) -> Result<Option<Finding>, String> {
        self.asked += 1;
        let to = self.to(from, range);
        let logs = match logs {
            Ok(logs) => logs,
            Err(_) if range > LEAST_RANGE_BLOCKS && self.asked < limits::LOG_ASKS => {
                self.stage = Stage::Logs { from, range: range / 10 };
                return Ok(None);
            }
            Err(error) => return Err(error.why.clone()),
        };
        node::block(block, to)?;
        let authorization = self.sought.transfer.authorization;
        if let Some(spending) = spending::spending(logs, &authorization, from..=to)? {
            if spending.cancels {
                return self.spent_otherwise(&spending);
            }
            self.stage = Stage::Receipt(spending);
            return Ok(None);
        }
        // What a reorganisation may still change is searched again.
        if to <= self.stays {
            self.searched = Some(to);
        }
        if to == self.paid {
            return Err("its nonce is spent, and no log says how".into());
        }
        if self.asked >= limits::LOG_ASKS {
            return Err("its nonce is spent, and the search goes on".into());
        }
        self.stage = Stage::Logs { from: to + 1, range };
        Ok(None)
    }

    fn spent_otherwise(&self, spending: &Spending) -> Result<Option<Finding>, String> {
        match spending.block <= self.stays {
            true => Ok(Some(Finding::Never)),
            false => Err("its nonce is spent otherwise, and not deep enough yet".into()),
        }
    }

    fn to(&self, from: u64, range: u64) -> u64 {
        self.paid.min(from.saturating_add(range - 1))
    }

    fn unknown(&self, why: String, look: Option<Look>) -> Finding {
        Finding::Unknown { why, look, searched: self.searched }
    }
}
