//! How the answers to a purchase are judged: the purchase's own first, then the same payment's again or elsewhere.

use edge_local::buyer::Wire;
use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Finding, not_tried, note, right, wrong};
use crate::known::Known;
use crate::terms::{decode, reason};

use super::{cors, storing};

/// Why a payment came to nothing. That a payer has no money is not the seller's fault.
fn unsold(answer: &Answer) -> Finding {
    let why = reason(answer).unwrap_or_else(|| "no reason is said".to_owned());
    match why.contains("insufficient") {
        true => not_tried(format!("the payer's money does not suffice: {why}")),
        false => {
            // Some facilitators tell all that their node said.
            let why: String = why.chars().take(200).collect();
            wrong(format!("paid, and answered {}: {why}", answer.status))
        }
    }
}

/// Judges what follows a purchase, if it was one.
fn after(answers: &[&Answer], judge: impl Fn(&Answer, &Answer) -> Finding) -> Finding {
    match answers {
        [bought, ..] if bought.status != 200 => not_tried("the purchase did not succeed"),
        [bought, rest @ ..] => judge(bought, rest.first().unwrap_or(bought)),
        [] => not_tried("nothing was bought"),
    }
}

/// The receipt of an answer, if it has one: its JSON, or what is wrong with it.
pub(super) fn receipt_of(answer: &Answer) -> Option<Result<Value, String>> {
    let header =
        answer.headers.get("payment-response").or_else(|| answer.headers.get("x-payment-response"));
    Some(decode(header?.as_bytes()))
}

pub(super) fn served(_: &Known, answers: &[&Answer]) -> Finding {
    match answers {
        [answer] if answer.status == 200 => {
            right(format!("Paid, and {} bytes came.", answer.body.len()))
        }
        [answer] => unsold(answer),
        _ => not_tried("nothing was bought"),
    }
}

pub(super) fn receipt_v1(known: &Known, answers: &[&Answer]) -> Finding {
    after(answers, |answer, _| receipt(Wire::V1, known, answer))
}

pub(super) fn receipt_v2(known: &Known, answers: &[&Answer]) -> Finding {
    after(answers, |answer, _| receipt(Wire::V2, known, answer))
}

fn receipt(wire: Wire, known: &Known, answer: &Answer) -> Finding {
    let json = match receipt_of(answer) {
        None => return wrong("there is no receipt"),
        Some(Err(why)) => return wrong(format!("the receipt is {why}")),
        Some(Ok(json)) => json,
    };
    let named = json["network"].as_str().unwrap_or_default();
    let chain = |network: &str| Wire::V1.chain_id(network).or_else(|| Wire::V2.chain_id(network));
    let offers = known.terms.offers();
    let networks = offers.iter().filter(|(of, ..)| *of == wire);
    let mut networks = networks.filter_map(|(_, _, offer)| offer["network"].as_str());
    let offered = networks.clone().any(|network| network == named);
    // What an earlier purchase paid for may come with that one's receipt, of the other version.
    let same_chain =
        chain(named).is_some() && networks.any(|network| chain(network) == chain(named));
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    let payer = known.payer.as_deref().unwrap_or_default();
    match () {
        () if json["success"] != true => {
            wrong(format!("the receipt's success is {}", json["success"]))
        }
        () if text("transaction").is_empty() => wrong("the receipt names no transaction"),
        () if !offered && !same_chain => {
            wrong(format!("the receipt's network, {}, was not offered", json["network"]))
        }
        () if !["", payer].iter().any(|whose| text("payer").eq_ignore_ascii_case(whose)) => {
            wrong(format!("the receipt's payer is {}, and {payer} paid", json["payer"]))
        }
        () if !offered => note("The receipt names the network as the other version of x402 does."),
        () if text("payer").is_empty() => note("The receipt does not name the payer."),
        () => right(format!("The receipt is of transaction {}.", text("transaction"))),
    }
}

pub(super) fn kept(_: &Known, answers: &[&Answer]) -> Finding {
    after(answers, |answer, _| {
        let forbids = |directive| answer.lists("cache-control", directive);
        match () {
            () if ["private", "no-store", "no-cache"].into_iter().any(forbids) => {
                right("Shared caches do not keep it.")
            }
            () if storing::by_payment(answer) => right("Vary names the payment."),
            () if storing::keeps(answer) => {
                wrong("shared caches may keep it, and give it to who did not pay")
            }
            () => note(
                "Cache-Control says neither private nor no-store, and some shared caches keep what says nothing.",
            ),
        }
    })
}

pub(super) fn readable(_: &Known, answers: &[&Answer]) -> Finding {
    after(answers, |answer, _| cors::receipt(answer))
}

pub(super) fn again(_: &Known, answers: &[&Answer]) -> Finding {
    let transaction = |answer: &Answer| {
        let json = receipt_of(answer)?.ok()?;
        json["transaction"].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    after(answers, |bought, second| match second.status {
        200..300 => match (transaction(bought), transaction(second)) {
            (Some(first), Some(second)) if first != second => {
                wrong("the same payment again: another transaction")
            }
            _ => right(format!(
                "The same payment again: {}, and no other transaction.",
                second.status
            )),
        },
        503 if second.headers.contains_key("retry-after") => {
            note("The same payment again: 503, asked to come back.")
        }
        status @ 500.. => wrong(format!("the same payment again: {status}: not handled")),
        status => right(format!("The same payment again: {status}.")),
    })
}

pub(super) fn etag(_: &Known, answers: &[&Answer]) -> Finding {
    after(answers, |bought, second| {
        let tag = second.header("etag");
        match !second.is_success() && !tag.is_empty() && tag == bought.header("etag") {
            true => wrong(format!("a {} bears the content's ETag", second.status)),
            false => right("No refusal bore it."),
        }
    })
}

pub(super) fn elsewhere(_: &Known, answers: &[&Answer]) -> Finding {
    let [bought, elsewhere @ ..] = answers else { return not_tried("nothing was bought") };
    if bought.status != 200 {
        return not_tried("the purchase did not succeed");
    }
    let each = elsewhere.iter().map(|answer| match answer.status {
        200..300 => wrong("a payment that was used opened another URL"),
        503 if answer.headers.contains_key("retry-after") => {
            note("Elsewhere: 503, asked to come back.")
        }
        status @ 500.. => wrong(format!("elsewhere: {status}: not handled")),
        status => right(format!("Elsewhere: {status}.")),
    });
    each.max_by_key(|finding| finding.verdict).unwrap_or_else(|| not_tried("it was not asked"))
}

pub(super) fn ranged(known: &Known, answers: &[&Answer]) -> Finding {
    let (Some(bought), [answer]) = (&known.bought, answers) else {
        return not_tried("nothing was bought");
    };
    let part = bought.body.get(..10).unwrap_or(&bought.body);
    match answer.status {
        206 if answer.body != part => wrong("206 with other bytes than the content begins with"),
        206 if receipt_of(answer).is_none() => wrong("206 with the part, and no receipt"),
        206 => right("206 with the part, and a receipt."),
        200 => right("200 with the whole."),
        _ => unsold(answer),
    }
}
