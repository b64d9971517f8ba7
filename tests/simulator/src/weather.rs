//! How bad things are in one history: every kind of fault is off, rare or common.
//!
//! Few kinds at a time find more than all kinds always do (swarm testing, Groce and others, 2012).

use crate::choices::Choices;

/// Rates, in permille.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// A facilitator's connection is refused.
    pub refused: u32,
    /// A request is lost on its way.
    pub request_lost: u32,
    /// A request arrives long after its sender gave up.
    pub request_late: u32,
    /// An answer is lost on its way.
    pub answer_lost: u32,
    /// An answer is not what it should be: a proxy's page, another payment's receipt.
    pub garbled: u32,
    /// A facilitator answers before the transaction is in a block.
    pub pending: u32,
    /// A transaction takes long.
    pub slow_block: u32,
    /// A transaction is sent and never mined.
    pub dropped: u32,
    /// The node does not answer, or is behind.
    pub node: u32,
    /// The store does not answer, or answers late.
    pub store: u32,
    /// A sandbox dies.
    pub death: u32,
    /// A sandbox stands still for a while, and then goes on.
    pub freeze: u32,
}

impl Weather {
    /// Clear skies.
    pub const CLEAR: Self = Self {
        refused: 0,
        request_lost: 0,
        request_late: 0,
        answer_lost: 0,
        garbled: 0,
        pending: 0,
        slow_block: 0,
        dropped: 0,
        node: 0,
        store: 0,
        death: 0,
        freeze: 0,
    };

    /// What the choices make of it.
    pub fn choose(choices: &Choices, mortal: bool) -> Self {
        let rate = || choices.one_of(&[0, 0, 60, 400]);
        let seldom = || choices.one_of(&[0, 0, 10, 60]);
        Weather {
            refused: rate(),
            request_lost: rate(),
            request_late: rate(),
            answer_lost: rate(),
            garbled: rate(),
            pending: rate(),
            slow_block: rate(),
            dropped: rate(),
            node: rate(),
            store: rate(),
            // A sandbox that stands still is killed at its deadline, as good as always.
            death: if mortal { seldom() } else { 0 },
            freeze: if mortal { seldom() } else { 0 },
        }
    }
}
