//! What was observed of a payment at a store: raw, without a judgement.

use std::collections::BTreeSet;

/// In place of a network: the object was served for another payment of the payer.
pub const ANOTHER: u8 = u8::MAX;

/// What the look of a request was worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Looked {
    /// There was none, or the node was silent or behind.
    #[default]
    Blind,
    /// The node knew what the chain knew: it was unspent.
    Unspent,
    /// The same: it was spent.
    Spent,
}

/// A payment at a store.
#[derive(Clone, Debug, Default, Hash)]
pub struct Fact {
    /// Who held it open for which facilitator, at some time.
    pub opened: BTreeSet<(String, String)>,
    /// That it was sent from here, and what the look before was worth.
    pub sent: Option<Looked>,
    /// That a facilitator took it up when it was asked from here.
    pub taken_up: bool,
    /// That its buyer was told that nothing was paid.
    pub told_unpaid: bool,
    /// That its buyer was told 402 after it had been opened.
    pub told_refused: bool,
    /// Its grants: for which object, to which network.
    pub grants: BTreeSet<(u8, u8)>,
    /// That its receipt is in an alarm.
    pub alarm: bool,
    /// That a false refusal was believed which the token, or nobody, could have contradicted.
    pub excused: bool,
}
