//! Whether payments that are none are refused.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_local::buyer::Wire;

use crate::answer::{Answer, Ask};
use crate::buyer::{Buyer, sign};
use crate::check::{Check, Finding, Judge, Probe, note, right, wrong};
use crate::error::Error;
use crate::known::Known;
use crate::sources::{ERRORS, Source, V2, V2_HTTP};
use crate::terms::reason;

use super::forgeries::{Bid, FORGERIES, Forgery, Worth};
use super::{sold, unpaid};

const SHOWS: &[&str] = &["payment-response", "x-payment-response", "content-type"];

pub(super) fn probes(known: &Known, buyer: &Buyer) -> Result<Vec<Probe>, Error> {
    let wires = known.terms.wires();
    let probe = |asks: Vec<Ask>, none: &str, checks| Probe {
        asks: if asks.is_empty() { Err(none.to_owned()) } else { Ok(asks) },
        checks,
    };
    let no_terms = "there are no terms to pay by";
    let garbage = wires.iter().flat_map(|wire| garbage(*wire, known)).collect();
    let what = "What is no payment is refused, and is no error of the server's.";
    let mut all =
        vec![probe(garbage, no_terms, vec![refusal("payment.garbage", what, V2_HTTP), REASON])];
    for Forgery { id, what, why, worth, forge } in FORGERIES {
        let mut asks = Vec::new();
        for wire in &wires {
            let Some((offer, key)) = buyer.forgeable(known, *wire) else { continue };
            for (label, draft) in forge(&Bid { offer: &offer, key, stray: buyer.stray() })? {
                let signed = sign(draft)?;
                let ask = Ask::get(format!("v{}, {label}", wire.number()), known.target.url());
                asks.push(ask.header(signed.header_name(), signed.header_value()));
            }
        }
        let check = match worth {
            Worth::Nothing => refusal(id, what, *why),
            Worth::ThePrice => Check {
                judge: Judge::Each(settled, "All were refused."),
                ..refusal(id, what, *why)
            },
        };
        all.push(probe(asks, "no offer is of an EIP-3009 token", vec![check]));
    }
    let huge = wires.iter().map(|wire| {
        let ask = Ask::get(format!("v{}, 64 KB", wire.number()), known.target.url());
        ask.header(header(*wire), "A".repeat(64 * 1024)).or_silence()
    });
    let what = "A payment of 64 KB is refused, or not read, and is no error of the server's.";
    let unread = Judge::Each(refused, "All were refused, or not read.");
    let size = Check { judge: unread, ..refusal("payment.size", what, ERRORS) };
    all.push(probe(huge.collect(), no_terms, vec![size]));
    Ok(all)
}

const REASON: Check = Check {
    id: "payment.reason",
    what: "Each refusal says why.",
    why: V2,
    shows: SHOWS,
    judge: Judge::Each(told, "Every refusal gives a reason."),
};

fn refusal(id: &'static str, what: &'static str, why: Source) -> Check {
    Check { id, what, why, shows: SHOWS, judge: Judge::Each(refused, "All were refused.") }
}

fn header(wire: Wire) -> &'static str {
    match wire {
        Wire::V1 => "X-PAYMENT",
        Wire::V2 => "PAYMENT-SIGNATURE",
    }
}

fn garbage(wire: Wire, known: &Known) -> Vec<Ask> {
    let base64 = |text: &str| BASE64_STANDARD.encode(text);
    let version = wire.number();
    [
        ("no base64", "%%%".to_owned()),
        ("no JSON", base64("not JSON")),
        ("a list", base64("[]")),
        ("null", base64("null")),
        ("nothing in it", base64("{}")),
        ("a version and nothing more", base64(&format!("{{\"x402Version\":{version}}}"))),
        ("other types", base64(&format!("{{\"x402Version\":{version},\"scheme\":1,\"network\":[],\"accepted\":\"\",\"payload\":[1]}}"))),
    ]
    .into_iter()
    .map(|(label, value)| Ask::get(format!("v{version}, {label}"), known.target.url()).header(header(wire), value))
    .collect()
}

fn refused(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match answer.status {
        200..300 => {
            wrong(format!("{}: {} with {} bytes", ask.label, answer.status, answer.body.len()))
        }
        300..400 => note(format!("{}: {}", ask.label, answer.status)),
        // By HTTP it is for what a server cannot do, not for what a client does wrong.
        501 => wrong(format!("{}: 501", ask.label)),
        _ => unpaid::same(known, ask, answer),
    }
}

/// Of a payment that is worth its price all the same: a seller may settle it.
fn settled(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    let settled = sold::receipt_of(answer)
        .is_some_and(|receipt| receipt.is_ok_and(|json| json["success"] == true));
    match answer.is_success() && settled {
        true => note(format!("{}: it was settled all the same", ask.label)),
        false => refused(known, ask, answer),
    }
}

fn told(_: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match reason(answer) {
        Some(_) => right(""),
        None if answer.is_success() || answer.status >= 500 => right(""),
        None => note(format!("{}: {} without a reason", ask.label, answer.status)),
    }
}
