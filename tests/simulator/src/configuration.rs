//! What the seller configured, and which promises go with it: section 8 of `design/money.md`.

use std::fmt;

/// Where records live, whether the chain is looked at, and who else sells for the payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The S3 store, shared by all sandboxes; or else the memory of each.
    pub shared: bool,
    /// A JSON-RPC node.
    pub rpc: bool,
    /// Whether another shop, with a store of its own, sells for the same payee.
    pub shared_pay_to: bool,
    /// One sandbox that lives on: what "inside one sandbox" means.
    pub single: bool,
}

impl Configuration {
    /// Memory.
    pub const M: Self = Self { shared: false, rpc: false, shared_pay_to: false, single: false };
    /// Memory and a node.
    pub const MR: Self = Self { rpc: true, ..Self::M };
    /// The S3 store.
    pub const S: Self = Self { shared: true, ..Self::M };
    /// The S3 store and a node: all promises.
    pub const SR: Self = Self { rpc: true, ..Self::S };
    /// Memory, in one sandbox that lives on.
    pub const ONE: Self = Self { single: true, ..Self::M };

    /// The same, beside another shop of the payee.
    pub const fn beside(self) -> Self {
        Self { shared_pay_to: true, ..self }
    }

    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ONE,
        Self::M,
        Self::MR,
        Self::S,
        Self::SR,
        Self::M.beside(),
        Self::MR.beside(),
        Self::S.beside(),
        Self::SR.beside(),
    ];

    /// What section 8 of the design claims for it. A store is the S3 store or the memory of one
    /// sandbox, so what holds "inside one sandbox" holds in each store.
    pub fn claims(self, promise: Promise) -> bool {
        match promise {
            Promise::OneSubjectInAll => (self.shared || self.single) && !self.shared_pay_to,
            Promise::ChargedOnceInAll => self.shared || self.single,
            Promise::Served => self.shared && self.rpc && !self.shared_pay_to,
            _ => true,
        }
    }

    /// Whether its counterexamples must be found: all that it does not claim.
    pub fn unclaimed(self) -> impl Iterator<Item = Promise> {
        Promise::ALL.into_iter().filter(move |promise| !self.claims(*promise))
    }
}

/// Declares the promises, each with its place in the design and its words.
macro_rules! promises {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:literal,)+) => {
        /// A promise of the design that a history can break.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Promise { $($(#[doc = $doc])+ $name,)+ }

        impl Promise {
            /// All of them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }
    };
}

promises! {
    /// The object priced is the object served.
    Priced = "P2, the object priced is the object served",
    /// What settles was asked for, and is published.
    Asked = "P3, nobody pays for nothing",
    /// No `/settle` leaves before binding and open payment are in the store.
    Written = "I1, what was not written was never sent",
    /// A second payment of an account is never sent before the first is sold or closed.
    OneOpen = "I2, at most one payment of an account is open",
    /// New, open, sold or closed.
    Path = "I3, a payment's path has one direction",
    /// A payment that was answered 402 is never sent again, and not paid.
    Refused = "I4 and I9, 402 is said only of what is not paid and never sent again",
    /// What was sent here and paid is sold, or on the refund list, or in an alarm line; and once.
    Books = "I5 and I12, the books balance",
    /// One transaction opens one subject in a store.
    OneSubject = "I6, one payment, one subject of its store",
    /// The same over all stores.
    OneSubjectInAll = "I6 and P5, one payment, one subject in all",
    /// A grant's transaction is a transfer for it.
    Paid = "P1 and I7, no pay, no content",
    /// Only who presented a payment first is served for it.
    Origin = "I8, no grant to another origin",
    /// When all is quiet, everybody can buy everything.
    Free = "I10, every lock ends",
    /// Nothing of one site opens anything of another.
    Sites = "I11, sites are apart",
    /// By one store, for one grant.
    ChargedOnce = "P4, nobody is charged twice by a store for one grant",
    /// The same over all stores of a site.
    ChargedOnceInAll = "P4, nobody is charged twice by a site for one grant",
    /// Not only listed.
    Served = "P4, who paid is served in the end",
    /// A transfer counts as this store's only if no answer to its sending spoke against that.
    Evidence = "2, evidence completes a sending that nothing contradicts",
    /// A healthy facilitator is asked, and all stay able to buy while others are refused.
    Asks = "4, a refusal for one payer keeps nobody else from its facilitator",
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = if self.shared { "S3" } else { "memory" };
        let rpc = if self.rpc { " with a node" } else { "" };
        let single = if self.single { ", one sandbox" } else { "" };
        let beside = if self.shared_pay_to { ", shared payee" } else { "" };
        write!(f, "{store}{rpc}{single}{beside}")
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
