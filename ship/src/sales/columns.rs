//! The columns of every format, in their order.

use jiff::Timestamp;
use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::PaymentId;
use paywall_core::subject::Kind;

use super::entry::Entry;
use super::tokens::Tokens;

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

/// A second since the epoch as RFC 3339 has it; some payments are valid for longer than there are
/// dates.
pub(crate) fn moment(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    timestamp.map_or_else(|| format!("second {seconds}"), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!(moment(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(moment(u64::MAX), format!("second {}", u64::MAX));
    }
}
