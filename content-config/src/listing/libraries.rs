//! The libraries that buyers and facilitators read x402 with. What they refuse, nobody pays for or lists.
//!
//! * [`@x402/core`](https://www.npmjs.com/package/@x402/core) 2.27.0, `schemas`
//! * [`@x402/extensions`](https://www.npmjs.com/package/@x402/extensions) 2.27.0, `bazaar/facilitator`; as it is read
//!   from Python by [`x402`](https://pypi.org/project/x402/) 2.25.0

use serde_json::Value;

use super::answer::{Answer, text};
use super::check::{Check, Wrong, ours, unless};
use super::schema::mismatch;

/// The longest name, and the longest tag, characters; the most tags; the longest URL of an icon.
const MAX_WORD: usize = 32;
const MAX_TAGS: usize = 5;
const MAX_ICON: usize = 2_048;

pub(super) fn checks(answer: &Answer) -> Vec<Check> {
    let Answer { required, body, settle, .. } = answer;
    let resource = &required["resource"];
    let mut checks = vec![
        Check::required("PaymentRequired.x402Version", version(required)),
        Check::required("PaymentRequired.accepts", offers(&required["accepts"], "amount")),
        Check::required(
            "PaymentRequired.resource.url",
            ours(!text(&resource["url"]).is_empty(), "the 402 does not say what it is for"),
        ),
        Check::required("PaymentRequired.resource.serviceName", name(&resource["serviceName"])),
        Check::required("PaymentRequired.resource.tags", tags(&resource["tags"])),
        Check::required("PaymentRequired.resource.iconUrl", icon(&resource["iconUrl"])),
        Check::required("validateDiscoveryExtension", declared(&required["extensions"]["bazaar"])),
        Check::required("extractDiscoveryInfo", extracted(settle)),
        Check::required("extract_discovery_info (Python)", extracted_by_python(settle)),
    ];
    if body["x402Version"] == 1 && body["accepts"] != Value::Array(Vec::new()) {
        let v1 = offers(&body["accepts"], "maxAmountRequired");
        checks.push(Check::required("PaymentRequired of v1", v1));
        checks.push(Check::required("extractDiscoveryInfoV1", extracted_v1(&body["accepts"][0])));
    }
    checks
}

/// Whether all of it is read.
pub(super) fn read(answer: &Answer) -> bool {
    !super::check::refused(&checks(answer))
}

fn version(required: &Value) -> Wrong {
    ours(required["x402Version"] == 2, "the header's `x402Version` is not the number 2")
}

fn offers(accepts: &Value, amount: &str) -> Wrong {
    let all = accepts.as_array().map_or(&[][..], Vec::as_slice);
    let is_text = |value: &Value| !text(value).is_empty();
    let whole = |offer: &Value| {
        ["scheme", "network", amount, "asset", "payTo"].iter().all(|name| is_text(&offer[*name]))
            && offer["maxTimeoutSeconds"].as_f64().is_some_and(|seconds| seconds > 0.0)
    };
    let v1 = amount != "amount";
    let fits = all.iter().all(|offer| {
        let own = if v1 {
            is_text(&offer["resource"]) && offer["description"].is_string()
        } else {
            text(&offer["network"]).contains(':')
        };
        whole(offer) && own
    });
    ours(fits && !all.is_empty(), "an offer lacks something, or there is none")
}

fn name(name: &Value) -> Wrong {
    unless(
        name.is_null() || is_word(name),
        format!(
            "{name} is not 1 to {MAX_WORD} characters of printable ASCII: clients refuse the whole 402"
        ),
        "shorten `name` in [site]",
    )
}

fn tags(tags: &Value) -> Wrong {
    let all = tags.as_array();
    let fit = all.is_some_and(|all| all.len() <= MAX_TAGS && all.iter().all(is_word));
    unless(
        tags.is_null() || fit,
        format!(
            "{tags} are not at most {MAX_TAGS} words of 1 to {MAX_WORD} characters: clients refuse the whole 402"
        ),
        "shorten `tags` in [site]",
    )
}

fn icon(icon: &Value) -> Wrong {
    unless(
        icon.is_null() || icon.as_str().is_some_and(|url| url.chars().count() <= MAX_ICON),
        format!("the icon's URL is over {MAX_ICON} characters: clients refuse the whole 402"),
        "shorten `icon` in [site]",
    )
}

fn is_word(value: &Value) -> bool {
    let printable = |text: &str| text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    value.as_str().is_some_and(|text| (1..=MAX_WORD).contains(&text.len()) && printable(text))
}

/// `{info, schema}` of which the one matches the other.
pub(super) fn declared(bazaar: &Value) -> Wrong {
    match (bazaar.get("info"), bazaar.get("schema")) {
        (Some(info), Some(schema)) => {
            let why = mismatch(schema, info);
            ours(
                why.is_none(),
                format!("`info` does not match `schema`: {}", why.unwrap_or_default()),
            )
        }
        _ => ours(false, "`info` or `schema` is missing"),
    }
}

/// As TypeScript reads what a facilitator is sent.
pub(super) fn extracted(settle: &Value) -> Wrong {
    let bazaar = &settle["extensions"]["bazaar"];
    let input = &bazaar["info"]["input"];
    if text(&settle["resource"]["url"]).is_empty() {
        return ours(false, "facilitators are not told the object's URL");
    }
    declared(bazaar).or_else(|| {
        let asked = input["type"] == "http" && input["method"].is_string();
        ours(asked, "`info.input` does not say how the object is asked for")
    })
}

/// As Python reads it: of an input without a type it takes HTTP for granted, and not its method.
fn extracted_by_python(settle: &Value) -> Wrong {
    let mut bazaar = settle["extensions"]["bazaar"].clone();
    if !bazaar["info"]["input"]["method"].is_string() {
        return ours(false, "`info.input.method` is missing");
    }
    let input = &mut bazaar["info"]["input"];
    if input["type"].is_null() {
        input["type"] = "http".into();
    }
    declared(&bazaar)
}

fn extracted_v1(offer: &Value) -> Wrong {
    let input = &offer["outputSchema"]["input"];
    let asked = input["type"] == "http" && input["method"].is_string();
    ours(
        asked && input["discoverable"] != false,
        "`outputSchema` does not say how the object is asked for",
    )
}
