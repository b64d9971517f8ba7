//! Whether who pays is served, once for each payment, with a receipt.

use edge_local::buyer::{Signed, Wire};

use crate::answer::Ask;
use crate::buyer::{Buyer, honest};
use crate::check::{Check, Judge, Probe};
use crate::error::Error;
use crate::known::Known;
use crate::sources::{CORS, ETAG, EXACT, RANGES, REPLAYS, STORING, V1_HTTP, V2_HTTP};

use super::{cors, sold};

const RECEIPT: &[&str] = &["payment-response", "x-payment-response"];

pub(super) fn probes(
    known: &Known,
    buyer: &Buyer,
    other: Option<&str>,
) -> Result<Vec<Probe>, Error> {
    let url = known.target.url();
    let none =
        if buyer.can_pay() { "no offer may be paid with this key" } else { "no key was given" };
    let mut all = Vec::new();
    for wire in known.terms.wires() {
        let asks = match buyer.payable(known, wire) {
            None => Err(none.to_owned()),
            Some((offer, key)) => {
                let signed = honest(&offer, key)?;
                let bought = paying(&signed, "a purchase", &url).header("Origin", cors::ORIGIN);
                let again = paying(&signed, "the same payment again", &url);
                let mut asks = vec![bought.paying(), again];
                if let Some(other) = other {
                    asks.push(paying(&signed, "the same payment elsewhere", other));
                    asks.push(paying(&naming(signed, other), "the same, naming it", other));
                }
                Ok(asks)
            }
        };
        let (mut checks, shown) = checks(wire);
        if other.is_none() && asks.is_ok() {
            let none = Err("no other priced URL was named with --other".to_owned());
            all.push(Probe { asks, checks });
            all.push(Probe { asks: none, checks: vec![shown] });
        } else {
            checks.push(shown);
            all.push(Probe { asks, checks });
        }
    }
    let wire = known.terms.wires().into_iter().find_map(|wire| buyer.payable(known, wire));
    let asks = match wire {
        None => Err(none.to_owned()),
        Some((offer, key)) => Ok(vec![
            paying(&honest(&offer, key)?, "a purchase of ten bytes", &url)
                .header("Range", "bytes=0-9"),
        ]),
    };
    all.push(Probe {
        asks,
        checks: vec![Check {
            id: "purchase.range",
            what: "Who pays for a part gets that part, or the whole.",
            why: RANGES,
            shows: &["content-range", "payment-response", "x-payment-response"],
            judge: Judge::These(&[0], sold::ranged),
        }],
    });
    Ok(all)
}

/// The same payment, made to say that it is for this resource, which its signature does not cover.
fn naming(mut signed: Signed, url: &str) -> Signed {
    if signed.json["resource"].is_object() {
        signed.json["resource"]["url"] = url.into();
    }
    signed
}

fn paying(signed: &Signed, label: &str, url: &str) -> Ask {
    let label = format!("v{}, {label}", signed.wire.number());
    Ask::get(label, url).header(signed.header_name(), signed.header_value())
}

/// What a payment and the same again show; and what the same elsewhere does.
fn checks(wire: Wire) -> (Vec<Check>, Check) {
    let v1 = wire == Wire::V1;
    let http = if v1 { V1_HTTP } else { V2_HTTP };
    let check = |ids: [&'static str; 2], what, why, shows, judge| Check {
        id: ids[usize::from(v1)],
        what,
        why,
        shows,
        judge,
    };
    let receipt = if v1 { sold::receipt_v1 } else { sold::receipt_v2 };
    let paid = vec![
        check(
            ["purchase.v2", "purchase.v1"],
            "Who pays what is asked gets the content.",
            http,
            RECEIPT,
            Judge::These(&[0], sold::served),
        ),
        check(
            ["purchase.v2.receipt", "purchase.v1.receipt"],
            "The content comes with a receipt: success, transaction, network, payer.",
            http,
            RECEIPT,
            Judge::These(&[0], receipt),
        ),
        check(
            ["purchase.v2.cache", "purchase.v1.cache"],
            "No shared cache keeps what one buyer paid for.",
            STORING,
            &["cache-control", "vary"],
            Judge::These(&[0], sold::kept),
        ),
        check(
            ["purchase.v2.cors", "purchase.v1.cors"],
            "A page of another origin can read what it bought.",
            CORS,
            &["access-control-allow-origin", "access-control-expose-headers"],
            Judge::These(&[0], sold::readable),
        ),
        check(
            ["purchase.v2.again", "purchase.v1.again"],
            "The same payment again is not charged again: it is refused, or opens the same.",
            REPLAYS,
            RECEIPT,
            Judge::These(&[0, 1], sold::again),
        ),
        check(
            ["purchase.v2.etag", "purchase.v1.etag"],
            "A refusal does not bear the content's ETag.",
            ETAG,
            &["etag"],
            Judge::These(&[0, 1], sold::etag),
        ),
    ];
    let shown = check(
        ["purchase.v2.elsewhere", "purchase.v1.elsewhere"],
        "A payment that was used opens nothing else.",
        EXACT,
        RECEIPT,
        Judge::These(&[0, 2, 3], sold::elsewhere),
    );
    (paid, shown)
}
