//! What a purchase asks of the outside, and what it hears.

use crate::facilitator::{Call, Outcome};
use crate::node::{NodeCall, Said};
use crate::store::{Ask, Failed, Reply};

/// What is asked of the outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Do all of this with records, at the same time; one answer an ask, in their order.
    Store {
        /// What.
        asks: Vec<Ask>,
        /// Milliseconds for all of it.
        timeout_ms: u64,
    },
    /// Ask a facilitator.
    Facilitator {
        /// What.
        call: Call,
        /// When not to.
        unless: Unless,
    },
    /// Ask nodes of a chain, at the same time; one answer a node.
    Node {
        /// What.
        calls: Vec<NodeCall>,
        /// Whether a sale waits for it only for a moment.
        look: bool,
    },
}

/// When a facilitator is not asked after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unless {
    /// It is asked.
    Never,
    /// While its breaker is open.
    BreakerOpen,
    /// When too many signatures were judged.
    BudgetSpent,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Of records.
    Store(Vec<Result<Reply, Failed>>),
    /// Of a facilitator.
    Facilitator(Outcome),
    /// Of nodes.
    Node(Vec<Said>),
    /// It was not asked: [`Unless`].
    Skipped,
}
