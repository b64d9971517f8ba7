//! Engines that are broken on purpose: section 11's list. The engine's code is never touched: each one is
//! lied to about the world (`lies.rs`) or about its records (`desk.rs`), in such a way that it behaves as
//! one with that mistake would.

use crate::configuration::{Configuration, Promise};
use crate::weather::Leaning;

/// Declares the mutants: each with its mistake, where it is searched for, what the histories lean to, and
/// what catches it.
macro_rules! mutants {
    ($($(#[doc = $doc:literal])+
        $name:ident in $configuration:expr $(=> $leaning:ident)?, $($promise:ident)|+;)+) => {
        /// A mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        impl Mutant {
            /// All of them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// In which configuration it is caught.
            pub fn configuration(self) -> Configuration {
                match self { $(Self::$name => $configuration,)+ }
            }

            /// What its histories lean to; `None` where any do.
            pub fn leaning(self) -> Option<Leaning> {
                match self {
                    $($(Self::$name => Some(Leaning::$leaning),)?)+
                    _ => None,
                }
            }

            /// Which promises it breaks first.
            pub fn breaks(self) -> &'static [Promise] {
                match self { $(Self::$name => &[$(Promise::$promise),+],)+ }
            }
        }
    };
}

mutants! {
    /// No payment is bound.
    NoBinding in Configuration::S, OneSubject | OneSubjectInAll | Written;
    /// A payment is bound for each site apart.
    BindingPerSite in Configuration::S, OneSubject | OneSubjectInAll | Sites;
    /// One payer has an account for each way to sign.
    AccountBySignature in Configuration::SR => Races, ChargedOnce | OneOpen;
    /// The chain is not looked at before sending.
    NoLook in Configuration::MR.beside(), Paid | Evidence;
    /// A transfer counts for a payment that is presented, not only for one that was sent.
    EvidenceWithoutOpen in Configuration::MR.beside(), Paid | Evidence;
    /// A transfer counts if it is not more than 15 s older than the sending.
    EvidenceByClock in Configuration::SR.beside(), Paid;
    /// What an answer says against a payment's being ours does not count.
    ContradictionForgotten in Configuration::MR, Evidence;
    /// What was paid and not shown to be for this holds nobody: who signs anew pays each time.
    UnprovenLetsGo in Configuration::MR, ChargedOnce;
    /// A refused payment is not closed.
    RefusedNotClosed in Configuration::S, Refused | Path;
    /// "Nothing is known of it" is read long before it is said.
    StaleRead in Configuration::S, Refused | Written | OneSubject | Path | Books | ChargedOnce;
    /// Whoever meets 412 is the holder.
    HolderIgnored in Configuration::S, Written;
    /// A refusal is believed of a payment that somebody else may have sent.
    RefusalAfterTake in Configuration::SR, Refused | Books | Path;
    /// A redirect is followed, with the payment.
    RedirectFollowed in Configuration::S, Written;
    /// 303 counts as "not taken".
    SeeOtherNotTaken in Configuration::S, Books | Path | OneOpen | Refused;
    /// The next facilitator is asked although bytes went to the first.
    FailOverAfterBytes in Configuration::S, Books | Path | Refused | ChargedOnce;
    /// A payment is given up when its window closes.
    ReleaseWithoutSlack in Configuration::S, Path | ChargedOnce;
    /// A payment is given up soon although its node is silent.
    ReleaseNodeSilent in Configuration::SR, Path | ChargedOnce;
    /// A refusal is believed without a look at its reason.
    RefusalUnseen in Configuration::SR, Refused;
    /// An unspent nonce is taken for the reason of a refusal.
    LookTooEarly in Configuration::SR, Refused;
    /// A refusal is believed whatever text stands beside it.
    GuardLeftOut in Configuration::S, Refused;
    /// A refusal for one payer opens the breaker for everybody.
    BlockedOpensBreaker in Configuration::S => Blocked, Asks;
    /// What is open and not bound yet is dropped by who comes next.
    TakeDropsUnbound in Configuration::S => Races, Written | OneOpen | ChargedOnce | Books | Path;
    /// "Never" is said of blocks that may be replaced.
    NeverTooEarly in Configuration::SR => Reorgs, Books | Refused | Path;
    /// Who presents a payment is served, wherever from.
    OriginIgnored in Configuration::S, Origin;
    /// A public payment is taken for a fresh signature.
    FreshWithoutLook in Configuration::SR.beside() => Onlookers, Origin | Paid | Evidence;
    /// Passes and records do not name their site.
    SitesAlike in Configuration::S, Sites | OneSubject;
    /// A raised epoch ends what was never granted.
    EpochEndsUngranted in Configuration::SR => Onlookers, ChargedOnce | Path | Books | Served;
    /// A sale is granted again by whoever meets it while recording it.
    SoldTwice in Configuration::S, Books;
    /// Timed access under `independent`.
    IndependentTimed in Configuration::S, ChargedOnce;
    /// A fresh signature opens under `independent`, and waits there.
    FreshOpensIndependent in Configuration::S, Free | Origin | OneSubject;
    /// A packed sale is forgotten when its window closes.
    PackedForgotten in Configuration::S => Feeds, Path;
    /// Of a packed sale only the payment is kept, not the fresh signature that got it.
    PackedPaymentOnly in Configuration::SR => Feeds, Path | Refused;
    /// Nonce and money are read in two blocks.
    TwoBlocks in Configuration::SR, Refused;
    /// "Not valid yet" is believed without a node.
    ValidAfterBelieved in Configuration::S, Refused;
    /// What a settled payment could produce as well gives the payment back.
    NotTakenGivenBack in Configuration::S, Books | Path | OneOpen | Refused | ChargedOnce;
    /// What stays open under `independent` is not on the list.
    OpenLeftOffList in Configuration::S, Books;
    /// In which account a payment stands goes by the table, not by its binding.
    KindByTable in Configuration::S, Written | OneOpen | ChargedOnce | Books | Path;
    /// A payment whose outcome is not known is answered 402.
    UnknownIs402 in Configuration::SR, Refused;
    /// The books end payments by blocks that may be replaced.
    BooksShallow in Configuration::SR => Reorgs, Books | Refused | Path | ChargedOnce | Served;
    /// The books write over whatever is there by then.
    BooksOverwrite in Configuration::SR => Races, Path | Written | OneOpen | Books | ChargedOnce;
    /// Timed access counts from each time that it is granted.
    LifeFromGrant in Configuration::SR, Paid | Path;
}
