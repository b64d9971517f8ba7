//! What each catalogue shows of an object, from what it is told.

use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, text};
use super::published::OpenApi;

/// A row of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    pub(crate) name: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) icon: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) price: String,
    pub(crate) url: String,
    pub(crate) sample: Option<Value>,
}

/// What a facilitator's catalogue has from `/settle`.
pub(super) fn by_facilitator(answer: &Answer) -> Shown {
    let resource = &answer.settle["resource"];
    let tags = resource["tags"].as_array().into_iter().flatten();
    Shown {
        name: some(&resource["serviceName"]),
        tags: tags.map(|tag| text(tag).to_owned()).collect(),
        icon: some(&resource["iconUrl"]),
        description: some(&resource["description"]),
        price: price(answer),
        url: text(&resource["url"]).to_owned(),
        sample: sample(&answer.settle),
    }
}

/// What x402scan and agentcash have from `openapi.json` and the 402.
pub(super) fn by_x402scan(answer: &Answer, openapi: &OpenApi, icon: Option<bool>) -> Shown {
    let document = openapi.document();
    let operation = openapi.operation(answer.path());
    let said = operation.map(|operation| &operation["description"]).and_then(some);
    Shown {
        name: document.and_then(|document| some(&document["info"]["title"])),
        tags: Vec::new(),
        icon: (icon == Some(true)).then(|| "the site's favicon".to_owned()),
        description: said.or_else(|| some(&answer.required["resource"]["description"])),
        price: operation.and_then(listed_price).unwrap_or_else(|| price(answer)),
        url: answer.url.clone(),
        sample: sample(&answer.required),
    }
}

fn some(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn sample(told: &Value) -> Option<Value> {
    told["extensions"]["bazaar"]["info"]["output"].get("example").cloned()
}

/// Every offer, as it stands in the 402.
fn price(answer: &Answer) -> String {
    let offers = answer.required["accepts"].as_array().into_iter().flatten().map(|offer| {
        let token =
            some(&offer["extra"]["name"]).unwrap_or_else(|| text(&offer["asset"]).to_owned());
        format!("{} atomic units of {token} on {}", text(&offer["amount"]), text(&offer["network"]))
    });
    offers.collect::<Vec<_>>().join(", or ")
}

fn listed_price(operation: &Value) -> Option<String> {
    let price = &operation["x-payment-info"]["price"];
    let currency = text(&price["currency"]);
    match (some(&price["amount"]), some(&price["min"]), some(&price["max"])) {
        (Some(amount), ..) => Some(format!("{amount} {currency}")),
        (None, Some(min), Some(max)) => Some(format!("{min} to {max} {currency}")),
        _ => None,
    }
}
