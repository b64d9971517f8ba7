//! Whether every offer has what its version demands.

use edge_local::buyer::Wire;
use serde_json::Value;

use crate::check::{Answered, Finding, not_tried, note, right, wrong};
use crate::known::Known;

fn each(known: &Known, all_right: &str, fault: impl Fn(Wire, &Value) -> Option<String>) -> Finding {
    let offers = known.terms.offers();
    if offers.is_empty() {
        return not_tried("there is no offer to read");
    }
    let faults: Vec<_> = offers
        .into_iter()
        .filter_map(|(wire, place, offer)| Some(format!("{place}: {}", fault(wire, offer)?)))
        .collect();
    if faults.is_empty() { right(all_right) } else { wrong(faults.join("; ")) }
}

fn has_text(json: &Value, name: &str) -> bool {
    json[name].as_str().is_some_and(|text| !text.is_empty())
}

pub(super) fn offers(known: &Known, _: &[Answered<'_>]) -> Finding {
    for wire in known.terms.wires() {
        if known
            .terms
            .json(wire)
            .is_none_or(|json| json["accepts"].as_array().is_none_or(Vec::is_empty))
        {
            return wrong(format!("v{}: there are no offers", wire.number()));
        }
    }
    each(known, "Every offer says how to pay whom.", |_, offer| {
        let missing: Vec<_> = ["scheme", "asset", "payTo"]
            .into_iter()
            .filter(|name| !has_text(offer, name))
            .collect();
        (!missing.is_empty()).then(|| format!("without {}", missing.join(", ")))
    })
}

pub(super) fn network(known: &Known, _: &[Answered<'_>]) -> Finding {
    each(known, "Every network is named as its version has it.", |wire, offer| {
        let Some(network) = offer["network"].as_str() else {
            return Some("without a network".to_owned());
        };
        // CAIP-2's letters of the namespace; some chains of x402 have longer references than it allows.
        let caip2 = network.split_once(':').is_some_and(|(space, reference)| {
            let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            !space.is_empty() && space.bytes().all(letter) && !reference.is_empty()
        });
        match wire {
            Wire::V2 => (!caip2).then(|| format!("{network:?} is no CAIP-2 name")),
            Wire::V1 => (network.is_empty() || network.contains(':')).then(|| {
                format!("{network:?} is no name of v1, and strict clients refuse the whole body")
            }),
        }
    })
}

pub(super) fn amount(known: &Known, _: &[Answered<'_>]) -> Finding {
    each(known, "Every amount is a whole number, as text.", |wire, offer| {
        let name = if wire == Wire::V1 { "maxAmountRequired" } else { "amount" };
        match offer[name].as_str() {
            Some(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => None,
            _ => Some(format!("{name} is {}", offer[name])),
        }
    })
}

pub(super) fn timeout(known: &Known, _: &[Answered<'_>]) -> Finding {
    each(known, "Every offer says for how long.", |_, offer| {
        let seconds = &offer["maxTimeoutSeconds"];
        let fine = seconds.as_f64().is_some_and(|seconds| seconds > 0.0);
        (!fine).then(|| format!("maxTimeoutSeconds is {seconds}"))
    })
}

pub(super) fn domain(known: &Known, _: &[Answered<'_>]) -> Finding {
    each(known, "What is signed is said.", |wire, offer| {
        let network = offer["network"].as_str().unwrap_or_default();
        let method = offer["extra"]["assetTransferMethod"].as_str().unwrap_or("eip3009");
        let signed =
            offer["scheme"] == "exact" && wire.chain_id(network).is_some() && method == "eip3009";
        let missing: Vec<_> = ["name", "version"]
            .into_iter()
            .filter(|name| !has_text(&offer["extra"], name))
            .collect();
        (signed && !missing.is_empty()).then(|| {
            format!(
                "without extra.{}: clients refuse it, or sign what cannot be settled",
                missing.join(", extra.")
            )
        })
    })
}

pub(super) fn body(known: &Known, _: &[Answered<'_>]) -> Finding {
    let Some(json) = &known.terms.v1 else {
        return note("There is no body of v1: clients of v1 alone cannot buy.");
    };
    let mut faults = Vec::new();
    if !json["error"].is_string() {
        faults.push("error is not text, which Python's client of v1 demands".to_owned());
    }
    let offers = known.terms.offers();
    for (_, place, offer) in offers.iter().filter(|(wire, ..)| *wire == Wire::V1) {
        for name in ["description", "mimeType"] {
            if !offer[name].is_string() {
                faults.push(format!("{place}: {name} is not text"));
            }
        }
    }
    if !faults.is_empty() {
        return wrong(faults.join("; "));
    }
    match offers.iter().any(|(_, _, offer)| offer.get("outputSchema").is_some_and(Value::is_null)) {
        true => note("outputSchema is null, which x402-fetch and x402-axios of v1 refuse."),
        false => right("Strict clients of v1 can read the body."),
    }
}
