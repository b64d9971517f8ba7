//! x402scan, and agentcash, whose library it looks with: `openapi.json` first, then the 402 of each URL in it. Where
//! the library has a code for a finding, the check is called by it.
//!
//! * [`@agentcash/discovery`](https://www.npmjs.com/package/@agentcash/discovery) 1.7.5
//! * <https://github.com/Merit-Systems/x402scan/blob/main/docs/DISCOVERY.md>

use serde_json::Value;

use super::answer::{Answer, text};
use super::check::{Check, OURS, Wrong, ours, unless};
use super::published::OpenApi;
use crate::{favicon, web_url};

/// The networks that it registers: <https://github.com/Merit-Systems/x402scan/issues/1222>.
const NETWORKS: [&str; 2] = ["eip155:8453", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"];

/// The most bytes of headers that it reads, `HEADERS_OVERFLOW`: those of Node.js.
/// <https://nodejs.org/api/cli.html#--max-http-header-sizesize>
const MAX_HEADERS: usize = 16 * 1024;

/// How many copies of the challenge header a 402 carries.
const COPIES: usize = 2;

/// Over so many operations agents have no room for the document.
const MANY_ROUTES: usize = 40;

/// The longest guidance that is shown at once, characters.
const MAX_GUIDANCE: usize = 4_000;

/// What it says of the site as a whole, of whose objects so many are not in the document.
pub(super) fn of_site(openapi: &OpenApi, favicon: Option<bool>, left_out: usize) -> Vec<Check> {
    let mut checks = match openapi {
        OpenApi::Unreadable(why) => vec![Check::required(
            "OPENAPI_NOT_FOUND",
            unless(
                false,
                format!("/openapi.json: {why}; nothing is registered without it"),
                "take your own file away, and it is made from the table",
            ),
        )],
        OpenApi::Elsewhere => vec![Check::online("OPENAPI_NOT_FOUND")],
        OpenApi::Made(document) | OpenApi::Own(document) => of_document(document, mend(openapi)),
    };
    if openapi.document().is_some() {
        checks.push(Check::advised(
            "all objects in openapi.json",
            unless(
                left_out == 0,
                format!("objects that are not in it, and that nobody registers: {left_out}"),
                room(openapi),
            ),
        ));
    }
    checks.push(match favicon {
        Some(there) => Check::advised(
            "FAVICON_MISSING",
            unless(there, "no picture: the site is shown without one", favicon::HELP),
        ),
        None => Check::online("FAVICON_MISSING"),
    });
    checks
}

fn of_document(document: &Value, mend: &str) -> Vec<Check> {
    let info = &document["info"];
    let contact = &info["contact"];
    let routes = operations(document);
    let guidance = text(&info["x-guidance"]).chars().count();
    vec![
        Check::required("OPENAPI_NOT_FOUND", None),
        Check::required("OPENAPI_NO_ROUTES", unless(routes > 0, "/openapi.json has no path", mend)),
        Check::advised(
            "OPENAPI_CONTACT_MISSING",
            unless(
                ["email", "url"].iter().any(|name| !text(&contact[*name]).trim().is_empty()),
                "no contact: nobody is told of a fault, and an owner is verified by the e-mail address",
                "add `contact = \"shop@example.com\"` to [site]",
            ),
        ),
        Check::advised(
            "L2_ROUTE_COUNT_HIGH",
            unless(
                routes <= MANY_ROUTES,
                format!(
                    "/openapi.json has {routes} operations; over {MANY_ROUTES} agents have no room for it"
                ),
                "describe the best ones alone",
            ),
        ),
        Check::advised(
            "L4_GUIDANCE_MISSING",
            unless(guidance > 0, "/openapi.json does not say in words how to buy", mend),
        ),
        Check::advised(
            "L4_GUIDANCE_TOO_LONG",
            unless(
                guidance <= MAX_GUIDANCE,
                format!("{guidance} characters of guidance; {MAX_GUIDANCE} are shown at once"),
                mend,
            ),
        ),
    ]
}

/// Who mends the document.
fn mend(openapi: &OpenApi) -> &'static str {
    match openapi {
        OpenApi::Own(_) => {
            "mend it in your openapi.json, or take the file away: one is made from the table"
        }
        _ => OURS,
    }
}

/// Who chooses what is in the document.
fn room(openapi: &OpenApi) -> &'static str {
    match openapi {
        OpenApi::Own(_) => mend(openapi),
        _ => "it has the first ones of each rule; an openapi.json of your own can have others",
    }
}

fn operations(document: &Value) -> usize {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.filter_map(|(_, path)| path.as_object()).map(serde_json::Map::len).sum()
}

/// What it says of one object.
pub(super) fn checks(answer: &Answer, openapi: &OpenApi) -> Vec<Check> {
    let mut checks = of_402(answer);
    checks.extend(in_openapi(answer, openapi));
    checks
}

fn of_402(answer: &Answer) -> Vec<Check> {
    let Answer { url, required, header_bytes, .. } = answer;
    let accepts = required["accepts"].as_array().map_or(&[][..], Vec::as_slice);
    let networks: Vec<_> = accepts.iter().map(|offer| text(&offer["network"])).collect();
    let properties = &required["extensions"]["bazaar"]["schema"]["properties"];
    let input = &properties["input"]["properties"];
    let bytes = COPIES * header_bytes;
    vec![
        Check::required(
            "url",
            unless(
                url.starts_with("https://") && web_url::is_public(url),
                format!("{url} is not https, or this machine's: such URLs are not registered"),
                "write the distribution's URL first in `urls` of [site]",
            ),
        ),
        Check::required(
            "X402_VERSION_V1_NOT_SUPPORTED",
            ours(
                required["x402Version"] == 2,
                "the header speaks no x402 v2, and v1 alone is refused",
            ),
        ),
        Check::required("X402_ACCEPTS_EMPTY", ours(!accepts.is_empty(), "there is no offer")),
        Check::required("X402_ACCEPT_ENTRY_INVALID", accepts.iter().find_map(entry)),
        Check::required(
            "No supported networks",
            unless(
                networks.iter().any(|network| NETWORKS.contains(network)),
                format!(
                    "it registers what can be paid on Base or Solana, and this is paid on {}",
                    networks.join(", ")
                ),
                "accept a token of Base or Solana as well: `base/usdc` in `accept`",
            ),
        ),
        Check::required(
            "SCHEMA_INPUT_MISSING",
            ours(
                input["body"].is_object() || input["queryParams"].is_object(),
                "the extension's schema has no `queryParams`",
            ),
        ),
        Check::advised(
            "SCHEMA_OUTPUT_MISSING",
            ours(
                properties["output"]["properties"]["example"].is_object(),
                "the extension's schema has no `output.example`",
            ),
        ),
        Check::required("siwx", free(&required["extensions"])),
        Check::required(
            "HEADERS_OVERFLOW",
            unless(
                bytes <= MAX_HEADERS,
                format!("{bytes} bytes of headers; {MAX_HEADERS} are read"),
                "shorten the description, or accept fewer tokens",
            ),
        ),
    ]
}

fn entry(offer: &Value) -> Wrong {
    let units = text(&offer["amount"]);
    let whole = ["scheme", "asset", "payTo"].iter().all(|name| !text(&offer[*name]).is_empty())
        && text(&offer["network"]).split_once(':').is_some_and(|(_, of)| !of.is_empty())
        && !units.is_empty()
        && units.bytes().all(|digit| digit.is_ascii_digit())
        && offer["maxTimeoutSeconds"].as_f64().is_some_and(|seconds| seconds > 0.0);
    ours(whole, format!("an offer lacks something: {offer}"))
}

/// A sign-in beside an offer makes the library take the object for one that is free to who signs in.
fn free(extensions: &Value) -> Wrong {
    let other = ["api-key", "sign-in-with-x"].iter().find(|name| !extensions[**name].is_null());
    ours(other.is_none(), format!("{other:?} beside an offer hides the price"))
}

fn in_openapi(answer: &Answer, openapi: &OpenApi) -> Vec<Check> {
    let path = answer.path();
    const PATH: &str = "path in openapi.json";
    let missing = format!("{path} is not in /openapi.json, and nothing else is registered");
    match (openapi, openapi.operation(path)) {
        (OpenApi::Elsewhere | OpenApi::Unreadable(_), _) => vec![Check::online(PATH)],
        (_, Some(operation)) => of_operation(operation, PATH, mend(openapi)),
        (OpenApi::Own(_), None) => {
            vec![Check::required(PATH, unless(false, missing, mend(openapi)))]
        }
        (OpenApi::Made(_), None) => {
            vec![Check::advised(PATH, unless(false, missing, room(openapi)))]
        }
    }
}

fn of_operation(operation: &Value, name: &'static str, mend: &str) -> Vec<Check> {
    let payment = &operation["x-payment-info"];
    let parameters = operation["parameters"].as_array().is_some_and(|all| !all.is_empty());
    let content = operation["responses"]["200"]["content"].as_object();
    let described =
        content.is_some_and(|types| types.values().any(|kind| kind.get("schema").is_some()));
    vec![
        Check::required(name, None),
        Check::required(
            "L2_AUTH_MODE_MISSING",
            unless(
                payment.is_object() && operation["responses"].get("402").is_some(),
                "its operation has no `x-payment-info` or no response 402, and is skipped as free",
                mend,
            ),
        ),
        Check::advised(
            "L2_PRICE_MISSING_ON_PAID",
            unless(payment["price"].is_object(), "its operation says no price", mend),
        ),
        Check::advised(
            "L2_PROTOCOLS_MISSING_ON_PAID",
            unless(
                payment["protocols"].as_array().is_some_and(|all| !all.is_empty()),
                "its operation does not name x402",
                mend,
            ),
        ),
        Check::advised(
            "L3_INPUT_SCHEMA_MISSING",
            unless(
                parameters || operation["requestBody"].is_object(),
                "its operation has no parameter, and counts as one without a schema until the 402 is read",
                mend,
            ),
        ),
        Check::advised(
            "output schema in openapi.json",
            unless(described, "its operation has no schema of the answer", mend),
        ),
    ]
}
