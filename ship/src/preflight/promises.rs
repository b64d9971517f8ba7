//! Which promises a price table does not keep in full.
//!
//! P1, P2, P3, P6, P7 and P8 hold with any table. P5 needs a store that all sandboxes share, P4 such a
//! store and a look at the chain besides.

use std::fmt;

use price_table::{Network, Offer, Redemptions, Table, Terms};

use super::offers::offers;

/// A promise that some tables weaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Promise {
    /// Nobody pays twice.
    #[value(name = "P4")]
    P4,
    /// One payment, one object.
    #[value(name = "P5")]
    P5,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Promise::P4 => "P4 (nobody pays twice)",
            Promise::P5 => "P5 (one payment, one object)",
        })
    }
}

/// The promises that a table weakens on some networks, each with the reason.
pub(crate) fn weakened(table: &Table, on: fn(&Network) -> bool) -> Vec<(Promise, String)> {
    let offers: Vec<_> = offers(table).filter(|offer| on(&offer.network)).collect();
    if offers.is_empty() {
        return Vec::new();
    }
    if table.redemptions == Redemptions::Memory {
        let mend = "write [redemptions] store = \"s3\"";
        return vec![
            (Promise::P4, format!("sales are remembered inside one sandbox only: {mend}")),
            (
                Promise::P5,
                format!(
                    "between sandboxes only the chain keeps a payment from being used twice: {mend}"
                ),
            ),
        ];
    }
    let named = |list: Vec<&Network>| {
        let mut names: Vec<_> = list.iter().map(|network| network.caip2.as_ref()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    };
    let (evm, other): (Vec<&Offer>, Vec<&Offer>) =
        offers.iter().copied().partition(|offer| matches!(offer.terms, Terms::Evm(_)));
    let blind: Vec<_> =
        evm.iter().map(|offer| &offer.network).filter(|network| network.rpc.is_none()).collect();
    let mut weak = Vec::new();
    if !blind.is_empty() {
        let networks = named(blind);
        weak.push((
            Promise::P4,
            format!(
                "a settlement that stays unknown is not looked up on {networks}: give [rpc] a URL"
            ),
        ));
    }
    if !other.is_empty() {
        let networks = named(other.iter().map(|offer| &offer.network).collect());
        weak.push((
            Promise::P4,
            format!(
                "payments on {networks} are judged by the facilitator alone: no [rpc] can help"
            ),
        ));
    }
    weak
}
