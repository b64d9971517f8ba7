//! Time goes in a few long steps, each of which ends something.

use paywall_core::clock::Micros;
use paywall_core::limits;

/// When every history begins, in seconds.
pub const START: u64 = 1_800_000_000;
/// The second from which a payment of a scenario cannot be settled any more.
pub const ENDS: u64 = START + 300;
/// The same of a payment that is signed when all else is over.
pub const FRESH_ENDS: u64 = ENDS + limits::NODE_RELEASE_SECONDS + 600;
/// How long an invocation may take, in seconds.
pub const INVOCATION: u64 = 30;

/// A stretch of time in which nothing ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The beginning.
    Start,
    /// Leases taken at the start are over.
    LeasesOver,
    /// So are those taken since; a sale of the start may still be sent again.
    AllOver,
    /// The payments' windows are over.
    WindowOver,
    /// Whatever waits without a node is let go.
    Released,
    /// Whatever waits for a node, too.
    GivenUp,
    /// Leases taken since are over, too.
    Quiet,
}

impl Phase {
    /// The next one.
    pub fn next(self) -> Option<Phase> {
        match self {
            Phase::Start => Some(Phase::LeasesOver),
            Phase::LeasesOver => Some(Phase::AllOver),
            Phase::AllOver => Some(Phase::WindowOver),
            Phase::WindowOver => Some(Phase::Released),
            Phase::Released => Some(Phase::GivenUp),
            Phase::GivenUp => Some(Phase::Quiet),
            Phase::Quiet => None,
        }
    }

    /// What a clock shows.
    pub fn secs(self) -> u64 {
        match self {
            Phase::Start => START,
            Phase::LeasesOver => START + INVOCATION + 10,
            Phase::AllOver => START + 2 * INVOCATION + 15,
            Phase::WindowOver => ENDS + 10,
            Phase::Released => ENDS + limits::RELEASE_SECONDS + 1,
            Phase::Quiet => Phase::GivenUp.secs() + 2 * INVOCATION,
            Phase::GivenUp => ENDS + limits::NODE_RELEASE_SECONDS + 1,
        }
    }

    /// The same.
    pub fn now(self) -> Micros {
        Micros::from_secs(self.secs())
    }
}
