//! Payments that are not what is asked, each signed and well-formed but for one thing.

use edge_local::buyer::{Draft, Key, Offer, Wire};
use edge_local::facilitator::eip3009::{Address, U256};
use serde_json::Value;

use crate::buyer::draft;
use crate::error::Error;
use crate::sources::{EIP3009, EXACT, Source, V2};

/// An hour, in seconds: no clock is that wrong.
const HOUR: u64 = 3600;

/// What a forger knows.
pub(super) struct Bid<'a> {
    pub(super) offer: &'a Offer,
    pub(super) key: &'a Key,
    /// Somebody else's.
    pub(super) stray: &'a Key,
}

/// Each with what is wrong with it.
type Drafts = Result<Vec<(&'static str, Draft)>, Error>;

/// What the seller would get by such a payment.
pub(super) enum Worth {
    Nothing,
    /// What was asked: only its wrapping is wrong.
    ThePrice,
}

/// Payments of one kind, each with what is wrong with it.
pub(super) struct Forgery {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) why: Source,
    pub(super) worth: Worth,
    pub(super) forge: fn(&Bid<'_>) -> Drafts,
}

pub(super) const FORGERIES: &[Forgery] = &[
    Forgery {
        id: "payment.version",
        what: "A payment of another version of x402 is refused.",
        why: V2,
        worth: Worth::ThePrice,
        forge: version,
    },
    Forgery {
        id: "payment.terms",
        what: "A payment on a network, or in a scheme, that is not offered is refused.",
        why: V2,
        worth: Worth::ThePrice,
        forge: terms,
    },
    Forgery {
        id: "payment.asset",
        what: "A payment in another token is refused.",
        why: EXACT,
        worth: Worth::Nothing,
        forge: asset,
    },
    Forgery {
        id: "payment.amount",
        what: "A payment of less than the price is refused.",
        why: EXACT,
        worth: Worth::Nothing,
        forge: amount,
    },
    Forgery {
        id: "payment.payee",
        what: "A payment to somebody else is refused.",
        why: EXACT,
        worth: Worth::Nothing,
        forge: payee,
    },
    Forgery {
        id: "payment.time",
        what: "A payment that is no longer or not yet valid is refused.",
        why: EIP3009,
        worth: Worth::Nothing,
        forge: time,
    },
    Forgery {
        id: "payment.signature",
        what: "A payment that its payer did not sign is refused.",
        why: EXACT,
        worth: Worth::Nothing,
        forge: signature,
    },
];

/// Changes what a payment of v2 says it accepted; one of v1 does not say.
fn accepting(draft: Draft, name: &'static str, value: impl Into<Value>) -> Draft {
    let value = value.into();
    draft.tamper(move |json| {
        if let Some(accepted) = json.get_mut("accepted") {
            accepted[name] = value;
        }
    })
}

fn version(bid: &Bid<'_>) -> Drafts {
    let draft = || draft(bid.offer, bid.key);
    Ok(vec![
        ("version 99", draft()?.tamper(|json| json["x402Version"] = 99.into())),
        ("version \"two\"", draft()?.tamper(|json| json["x402Version"] = "two".into())),
    ])
}

fn terms(bid: &Bid<'_>) -> Drafts {
    let draft = || draft(bid.offer, bid.key);
    let change = |name: &'static str, value: &'static str| {
        move |json: &mut Value| {
            let place = if json["accepted"].is_object() { &mut json["accepted"] } else { json };
            place[name] = value.into();
        }
    };
    Ok(vec![
        (
            "another network",
            draft()?.chain_id(31_337).tamper(change(
                "network",
                if bid.offer.wire == Wire::V1 { "peaq" } else { "eip155:31337" },
            )),
        ),
        ("another scheme", draft()?.tamper(change("scheme", "x402-prove"))),
    ])
}

fn asset(bid: &Bid<'_>) -> Drafts {
    let other = Address::repeat_byte(0x42);
    let draft = || Ok(draft(bid.offer, bid.key)?.token(other));
    Ok(vec![
        ("another token is signed", draft()?),
        ("another token is signed and said", accepting(draft()?, "asset", other.to_string())),
    ])
}

fn amount(bid: &Bid<'_>) -> Drafts {
    let less = bid.offer.amount.saturating_sub(U256::from(1));
    let draft = |value| Ok(draft(bid.offer, bid.key)?.value(value));
    Ok(vec![
        ("one unit less", draft(less)?),
        ("one unit less, and said so", accepting(draft(less)?, "amount", less.to_string())),
        ("nothing", accepting(draft(U256::ZERO)?, "amount", "0")),
    ])
}

fn payee(bid: &Bid<'_>) -> Drafts {
    // To oneself: if it were taken, nothing would be lost.
    let own = bid.key.address();
    let draft = || Ok(draft(bid.offer, bid.key)?.to(own));
    Ok(vec![
        ("another payee", draft()?),
        ("another payee, and said so", accepting(draft()?, "payTo", own.to_string())),
    ])
}

fn time(bid: &Bid<'_>) -> Drafts {
    let now = jiff::Timestamp::now().as_second().unsigned_abs();
    let draft = || draft(bid.offer, bid.key);
    Ok(vec![
        ("no longer valid", draft()?.valid_after(now - 2 * HOUR).valid_before(now - HOUR)),
        ("not yet valid", draft()?.valid_after(now + HOUR).valid_before(now + 2 * HOUR)),
    ])
}

fn signature(bid: &Bid<'_>) -> Drafts {
    let own = || draft(bid.offer, bid.key);
    let payer = bid.key.address();
    let stray = draft(bid.offer, bid.stray)?.from(if payer == bid.stray.address() {
        Address::repeat_byte(0x24)
    } else {
        payer
    });
    Ok(vec![
        ("signed by somebody else", stray),
        (
            "a bit of the signature turned",
            own()?.reshape(|mut bytes| {
                bytes[40] ^= 1;
                bytes
            }),
        ),
        ("no signature", own()?.reshape(|_| Vec::new())),
        ("a signature of zeros", own()?.reshape(|bytes| vec![0; bytes.len()])),
    ])
}
