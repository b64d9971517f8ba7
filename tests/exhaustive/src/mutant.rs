//! Rules broken on purpose, from outside: each must be found.

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Bindings are not written.
    NoBinding,
    /// A payment is bound once an object, not once.
    BindingPerObject,
    /// A record is created over one that is there.
    CreateOverwrites,
    /// A record is replaced whatever its version.
    ReplaceAnyVersion,
    /// Whoever reads an open payment takes itself for its holder.
    AnyHolder,
    /// The look says "unspent" whatever the chain says.
    LookIsBlind,
    /// A payment opens for every network.
    AnyOrigin,
    /// A refusal that a settled payment could produce is believed unseen.
    RefusalUnseen,
    /// The nonce is read a block before the money.
    NonceOfEarlierBlock,
    /// A connection that broke is taken for one that never was.
    UnsentAfterBytes,
    /// A payment that is taken over and not bound yet is dropped.
    DropUnbound,
    /// What was paid, and not shown to be for this, holds nobody.
    UnprovenLetsGo,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 12] = [
        Mutant::NoBinding,
        Mutant::BindingPerObject,
        Mutant::CreateOverwrites,
        Mutant::ReplaceAnyVersion,
        Mutant::AnyHolder,
        Mutant::LookIsBlind,
        Mutant::AnyOrigin,
        Mutant::RefusalUnseen,
        Mutant::NonceOfEarlierBlock,
        Mutant::UnsentAfterBytes,
        Mutant::DropUnbound,
        Mutant::UnprovenLetsGo,
    ];
}

impl Mutant {
    /// A world in which it is found.
    pub fn world(self) -> &'static str {
        match self {
            Mutant::BindingPerObject => "objects",
            Mutant::ReplaceAnyVersion => "skew-payments",
            Mutant::LookIsBlind => "sisters",
            Mutant::AnyOrigin => "onlooker",
            Mutant::DropUnbound => "skew-twice",
            Mutant::UnprovenLetsGo => "held",
            Mutant::NoBinding
            | Mutant::CreateOverwrites
            | Mutant::AnyHolder
            | Mutant::RefusalUnseen
            | Mutant::UnsentAfterBytes
            | Mutant::NonceOfEarlierBlock => "twice",
        }
    }
}
