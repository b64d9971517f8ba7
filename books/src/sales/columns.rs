//! The columns of every format, in their order.

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::PaymentId;
use paywall_core::subject::Kind;

use crate::entry::Entry;
use crate::moment::moment;
use crate::tokens::Tokens;

/// A column: its name, and its value where it is known. All values are texts: readers of JSON and
/// spreadsheets round big numbers.
type Column = (&'static str, fn(&Entry, &Tokens) -> Option<String>);

/// All of them.
pub(crate) const COLUMNS: [Column; 20] = [
    ("state", |entry, _| Some(entry.state.name().to_owned())),
    ("payer", |entry, _| Some(entry.payer.clone()).filter(|payer| !payer.is_empty())),
    ("amount", |entry, tokens| {
        tokens.decimal(entry.network.as_deref()?, entry.asset.as_deref()?, entry.amount?)
    }),
    ("token", |entry, tokens| {
        let symbol = tokens.symbol(entry.network.as_deref()?, entry.asset.as_deref()?);
        symbol.map(str::to_owned)
    }),
    ("atomicAmount", |entry, _| Some(entry.amount?.to_string())),
    ("asset", |entry, _| entry.asset.clone()),
    ("network", |entry, _| entry.network.clone()),
    ("payee", |entry, _| entry.payee.clone()),
    ("transaction", |entry, _| entry.transaction.clone()),
    ("onChain", |entry, _| Some(entry.on_chain?.name().to_owned())),
    ("site", |entry, _| entry.site.clone()),
    ("kind", |entry, _| Some(kind(entry.kind?).to_owned())),
    ("name", |entry, _| Some(entry.name.clone())),
    ("boundAt", |entry, _| entry.bound_at.map(Micros::secs).map(moment)),
    ("settledAt", |entry, _| entry.settled_at.map(Micros::secs).map(moment)),
    ("validBefore", |entry, _| entry.valid_before.map(moment)),
    ("facilitator", |entry, _| entry.facilitator.clone()),
    ("nonce", |entry, _| nonce(&entry.mark.as_ref()?.payment)),
    ("payment", |entry, _| Some(entry.mark.as_ref()?.payment.to_string())),
    ("why", |entry, _| Some(entry.why.clone())),
];

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Rule => "rule",
    }
}

fn nonce(payment: &PaymentId) -> Option<String> {
    match payment {
        PaymentId::Eip3009 { nonce, .. } => Some(hex::encode(nonce)),
        PaymentId::Opaque { .. } => None,
    }
}
