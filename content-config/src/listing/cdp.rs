//! The Bazaar of Coinbase's Developer Platform, which AWS's AgentCore Gateway and agentic.market show as well: the
//! 25 checks of its validator by their names, and what its facilitator wants beside them.
//!
//! * <https://docs.cdp.coinbase.com/x402/validate-endpoint>; the names:
//!   <https://github.com/x402-foundation/x402/issues/2112>
//! * networks: <https://docs.cdp.coinbase.com/x402/network-support>

use http::Uri;
use serde_json::Value;

use super::answer::{Answer, text};
use super::check::{Check, Wrong, ours, unless};
use super::libraries;
use crate::{address, networks, solana, tokens, web_url};

/// The networks that it settles on, of October 2026.
const NETWORKS: &[&str] = &[
    "eip155:8453",
    "eip155:137",
    "eip155:42161",
    "eip155:143",
    "eip155:480",
    "eip155:84532",
    "eip155:4801",
    "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
    "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
];

/// The least that it lists, atomic units of USDC: $0.001.
const LEAST: u128 = 1_000;

/// The longest description, characters; over it every payment is answered 400:
/// <https://github.com/x402-foundation/x402/issues/2832>.
const MAX_DESCRIPTION: usize = 500;

pub(super) fn checks(answer: &Answer) -> Vec<Check> {
    let mut checks = validator(answer);
    checks.extend(beside(answer));
    checks
}

/// What the validator looks at, in its order.
fn validator(answer: &Answer) -> Vec<Check> {
    let Answer { url, required, body, .. } = answer;
    let bazaar = &required["extensions"]["bazaar"];
    let info = &bazaar["info"];
    let there = |value: &Value, name: &str| ours(!value.is_null(), format!("`{name}` is missing"));
    let method = text(&info["input"]["method"]);
    let mut checks = vec![
        Check::required("url_valid", reachable(url)),
        Check::required(
            "url_https",
            unless(
                url.starts_with("https://"),
                format!("{url} is not https"),
                "write the distribution's URL first in `urls` of [site]",
            ),
        ),
        Check::online("endpoint_reachable"),
        Check::online("returns_402"),
        Check::required("valid_json", ours(body.is_object(), "the body is no JSON object")),
        Check::required(
            "x402_version",
            ours(required["x402Version"] == 2, "`x402Version` is not the number 2"),
        ),
        Check::required("payment_required_header", there(required, "PAYMENT-REQUIRED")),
        Check::required("has_accepts", there(answer.offer(), "accepts")),
    ];
    checks.extend(offer(answer.offer()));
    checks.extend([
        Check::required("has_resource", there(&required["resource"]["url"], "resource.url")),
        Check::required("has_bazaar_extension", there(bazaar, "extensions.bazaar")),
        Check::required("bazaar.info", there(info, "info")),
        Check::required("bazaar.info.input", there(&info["input"], "info.input")),
        Check::required(
            "bazaar.info.input.type",
            ours(info["input"]["type"] == "http", "`info.input.type` is not `http`"),
        ),
        Check::required("bazaar.info.input.method", there(&info["input"]["method"], "method")),
        Check::required(
            "bazaar.info.input.method.matches_request",
            ours(method == "GET", format!("asked by GET, it says {method:?}")),
        ),
        Check::advised("bazaar.info.output", there(&info["output"], "info.output")),
        Check::advised(
            "bazaar.info.output.example",
            unless(
                !info["output"]["example"].is_null(),
                "no sample: the row does not show what an answer is like",
                "add `sample = { ... }` or `sample_file = \"...\"` to the rule, at most 200 bytes of JSON, made up: all see it",
            ),
        ),
        Check::required("bazaar.schema", there(&bazaar["schema"], "schema")),
        Check::required(
            "parse",
            unless(
                libraries::read(answer),
                "x402's own libraries do not read it",
                "see below what they refuse",
            ),
        ),
    ]);
    checks
}

fn reachable(url: &str) -> Wrong {
    let whole = url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some());
    unless(
        whole && web_url::is_public(url),
        format!("{url} is this machine's, an address, or no URL: nobody reaches it by its name"),
        "write the distribution's URL first in `urls` of [site]",
    )
}

fn offer(offer: &Value) -> Vec<Check> {
    let network = text(&offer["network"]);
    let scheme = text(&offer["scheme"]);
    let amount = text(&offer["amount"]);
    let units: Option<u128> = amount.parse().ok();
    vec![
        Check::required(
            "accepts[0].scheme",
            ours(["exact", "upto"].contains(&scheme), format!("the scheme is {scheme:?}")),
        ),
        Check::required(
            "accepts[0].network",
            unless(
                NETWORKS.contains(&network),
                format!("it does not settle on {network}"),
                "put a token of Base, Polygon, Arbitrum, Monad, World or Solana first in `accept`",
            ),
        ),
        asset(network, text(&offer["asset"])),
        Check::required(
            "accepts[0].amount",
            unless(
                units.is_some_and(|units| units >= LEAST),
                format!("{amount} atomic units are less than {LEAST}, $0.001"),
                "ask for $0.001 or more",
            ),
        ),
        Check::required("accepts[0].payTo", pay_to(network, text(&offer["payTo"]))),
        Check::required(
            "accepts[0].maxTimeoutSeconds",
            ours(
                offer["maxTimeoutSeconds"].as_u64().is_some_and(|seconds| seconds > 0),
                "`maxTimeoutSeconds` is no positive number",
            ),
        ),
    ]
}

/// USDC; where its contract is not known here, that is said.
fn asset(network: &str, asset: &str) -> Check {
    const NAME: &str = "accepts[0].asset";
    let chain = networks::find(network).map_or_else(String::new, |chain| chain.name);
    let usdc = tokens::find(&format!("{chain}/usdc"));
    let help = "put `network/usdc` first in `accept`";
    match usdc {
        Some(usdc) => Check::required(
            NAME,
            unless(usdc.address == asset, format!("{asset} is not USDC on {chain}"), help),
        ),
        None => Check::advised(
            NAME,
            unless(
                false,
                format!("it lists USDC, whose contract on {network} is not known here"),
                help,
            ),
        ),
    }
}

fn pay_to(network: &str, pay_to: &str) -> Wrong {
    let fits = match network.split_once(':') {
        Some(("eip155", _)) => address::parse(pay_to).is_ok(),
        Some(("solana", _)) => solana::is_account(pay_to),
        _ => !pay_to.is_empty(),
    };
    unless(fits, format!("{pay_to:?} is no address of {network}"), "correct `pay_to`")
}

/// What its facilitator wants to hear, and what readers of its lists leave out.
fn beside(answer: &Answer) -> Vec<Check> {
    let Answer { required, settle, .. } = answer;
    let description = text(&required["resource"]["description"]);
    let long = description.chars().count();
    vec![
        Check::required(
            "resource.description",
            unless(
                long <= MAX_DESCRIPTION,
                format!("{long} characters: over {MAX_DESCRIPTION} it refuses every payment"),
                "shorten `description` of the rule",
            ),
        ),
        Check::advised(
            "description for AgentKit",
            unless(
                !description.trim().is_empty(),
                "no description: search finds nothing in it, and agents built on AgentKit leave it out",
                "add `description = \"...\"` to the rule",
            ),
        ),
        Check::advised(
            "resource.serviceName",
            unless(
                !required["resource"]["serviceName"].is_null(),
                "no name: rows of one shop are not shown as one",
                "add `name = \"...\"` to [site], at most 32 characters",
            ),
        ),
        Check::advised(
            "resource.tags",
            unless(
                !required["resource"]["tags"].is_null(),
                "no tags: nobody who filters by one finds it",
                "add `tags = [\"...\"]` to [site], at most five",
            ),
        ),
        Check::required("/settle: resource and extensions", libraries::extracted(settle)),
    ]
}
