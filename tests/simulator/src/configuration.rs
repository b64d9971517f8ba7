//! What the seller configured, and which promises go with it.

use std::fmt;

/// Where claims live, and whether the chain is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The S3 store, shared by all sandboxes; or else the memory of each.
    pub shared: bool,
    /// A JSON-RPC node.
    pub rpc: bool,
    /// How many sandboxes there are.
    pub sandboxes: u32,
    /// Whether sandboxes die and lose their memory.
    pub mortal: bool,
}

/// A promise of the design that a history can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// No pay, no content.
    P1,
    /// The object priced is the object served.
    P2,
    /// Nobody pays for nothing: what settles was asked for, and is published.
    P3,
    /// Nobody pays twice.
    P4,
    /// Nobody pays twice, and who paid gets the object in the end.
    P4MadeGood,
    /// One payment, one object.
    P5,
}

impl Configuration {
    /// Memory, in one sandbox that lives on.
    pub const ONE: Self = Self { shared: false, rpc: false, sandboxes: 1, mortal: false };
    /// Memory.
    pub const M: Self = Self { shared: false, rpc: false, sandboxes: 3, mortal: true };
    /// Memory and a node.
    pub const MR: Self = Self { rpc: true, ..Self::M };
    /// The S3 store.
    pub const S: Self = Self { shared: true, ..Self::M };
    /// The S3 store and a node: all promises.
    pub const SR: Self = Self { rpc: true, ..Self::S };

    /// All of them.
    pub const ALL: [Self; 5] = [Self::ONE, Self::M, Self::MR, Self::S, Self::SR];

    /// What section 1 of the design claims for it.
    pub fn claims(self, promise: Promise) -> bool {
        match promise {
            Promise::P1 | Promise::P2 | Promise::P3 => true,
            Promise::P4 | Promise::P5 => self.shared || self == Self::ONE,
            Promise::P4MadeGood => self.shared && self.rpc,
        }
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = if self.shared { "S3" } else { "memory" };
        let rpc = if self.rpc { " with RPC" } else { "" };
        let one = if *self == Self::ONE { ", one sandbox" } else { "" };
        write!(f, "{store}{rpc}{one}")
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Promise::P1 => "P1, no pay, no content",
            Promise::P2 => "P2, the object priced is the object served",
            Promise::P3 => "P3, nobody pays for nothing",
            Promise::P4 => "P4, nobody pays twice",
            Promise::P4MadeGood => "P4, who paid is served in the end",
            Promise::P5 => "P5, one payment, one object",
        })
    }
}
