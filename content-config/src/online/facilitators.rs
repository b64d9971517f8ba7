//! Facilitators: whether each one answers where it is named, and settles what is offered.
//!
//! `GET /supported`: <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>

use std::collections::BTreeMap;

use price_table::challenge::SCHEME;
use price_table::{Auth, BodyVersion, Facilitator, Offer, Sale, Table};
use serde::Deserialize;

use super::finding::Finding;
use super::http::{Answer, Client};

/// What a facilitator settles.
#[derive(Deserialize)]
struct Supported {
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    x402_version: u64,
    scheme: String,
    network: String,
}

/// The `Authorization` header of a `GET` of a facilitator's URL, or why it cannot be made; `None` if its secret is not at
/// hand.
pub type Authorize<'a> = dyn Fn(&Facilitator, &str) -> Option<Result<String, String>> + 'a;

/// Asks each facilitator what it settles: without a secret, and with it where that is refused.
pub fn check(table: &Table, client: &Client, authorize: &Authorize<'_>) -> Vec<Finding> {
    let mut offers: BTreeMap<&str, (&Facilitator, Vec<&Offer>)> = BTreeMap::new();
    for rule in table.rules.iter() {
        let Sale::Priced { offers: own, .. } = &rule.sale else { continue };
        for offer in own.iter() {
            for facilitator in offer.facilitators.iter() {
                let (_, all) =
                    offers.entry(&facilitator.url).or_insert_with(|| (facilitator, Vec::new()));
                if all.iter().all(|known| known.network != offer.network) {
                    all.push(offer);
                }
            }
        }
    }
    let body = table.site.body;
    offers
        .into_values()
        .flat_map(|(facilitator, offers)| match supported(facilitator, client, authorize) {
            Ok((supported, of_key)) => {
                let mut findings = compare(facilitator, &supported, &offers, body);
                findings.extend(of_key);
                findings
            }
            Err(finding) => vec![*finding],
        })
        .collect()
}

/// What it settles, and what that says of its key.
fn supported(
    facilitator: &Facilitator,
    client: &Client,
    authorize: &Authorize<'_>,
) -> Result<(Supported, Option<Finding>), Box<Finding>> {
    let url = &facilitator.url;
    let place = format!("{url}/supported");
    let ask = |authorization: Option<&str>| {
        client.get(&place, authorization).map_err(|why| {
            Finding::error(format!("{url} does not answer: {why}"), "check the URL, and try again")
        })
    };
    let unasked = ask(None)?;
    let key = if facilitator.auth == Auth::None { None } else { authorize(facilitator, &place) };
    let (answer, of_key) = match (unasked.status, key) {
        (401 | 403, Some(Err(why))) => {
            let help = "put a key that can be used into the secrets: docs/secrets.md";
            return Err(Box::new(Finding::error(format!("{url} cannot be asked: {why}"), help)));
        }
        (401 | 403, Some(Ok(header))) => match ask(Some(&header))? {
            Answer { status: status @ (401 | 403), .. } => {
                return Err(Box::new(Finding::error(
                    format!("{url} does not take its key: it answers {status}"),
                    "ask its operator for another one, and put that into the secrets",
                )));
            }
            answer => (answer, Some(Finding::ok(format!("{url} takes its key")))),
        },
        (_, Some(_)) => {
            let message = format!("{url} says to everybody what it settles: its key is not tried");
            (unasked, Some(Finding::warning(message, "a purchase tries it")))
        }
        (_, None) => (unasked, None),
    };
    read(facilitator, answer).map(|supported| (supported, of_key))
}

fn read(facilitator: &Facilitator, answer: Answer) -> Result<Supported, Box<Finding>> {
    let url = &facilitator.url;
    let Answer { status, location, body } = answer;
    match status {
        200 => {}
        300..=399 => {
            let message = format!("{url} redirects, and nothing that carries a payment follows");
            let help = match location {
                Some(location) => format!("write its new URL: {}", base(url, &location)),
                None => format!("it answers {status} and names no new URL; ask its operator"),
            };
            return Err(Box::new(Finding::error(message, help)));
        }
        401 | 403 if facilitator.auth != Auth::None => {
            return Err(Box::new(Finding::warning(
                format!("{url} is not checked: it answers {status} without its secret"),
                "ask for its `/supported` with the secret yourself, before you deploy",
            )));
        }
        _ => {
            return Err(Box::new(Finding::error(
                format!("{url}/supported answers {status}"),
                "check the URL: `/supported`, `/verify` and `/settle` are added to it",
            )));
        }
    }
    serde_json::from_slice(&body).map_err(|error| {
        Box::new(Finding::error(
            format!("{url}/supported is not a list of kinds: {error}"),
            "check the URL: is this an x402 facilitator?",
        ))
    })
}

/// The URL to write, from where `/supported` of the old one leads.
fn base(old: &str, location: &str) -> String {
    let origin = old.find("://").map_or(old, |at| {
        let host = at + "://".len();
        old[host..].find('/').map_or(old, |slash| &old[..host + slash])
    });
    let absolute = match location.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None if location.starts_with('/') => format!("{origin}{location}"),
        None => location.to_owned(),
    };
    let absolute = absolute.trim_end_matches('/');
    absolute.strip_suffix("/supported").unwrap_or(absolute).to_owned()
}

fn compare(
    facilitator: &Facilitator,
    Supported { kinds }: &Supported,
    offers: &[&Offer],
    body: BodyVersion,
) -> Vec<Finding> {
    let url = &facilitator.url;
    let settles = |version: u64, network: &str| {
        kinds.iter().any(|kind| {
            let family = kind.network.strip_suffix('*');
            kind.x402_version == version
                && kind.scheme == SCHEME
                && (kind.network == network
                    || family.is_some_and(|family| network.starts_with(family)))
        })
    };
    let mut findings = Vec::new();
    for offer in offers {
        let network = &offer.network.caip2;
        if !settles(2, network) {
            let of_network = |kind: &&Kind| kind.network == *network;
            let instead: Vec<_> = kinds
                .iter()
                .filter(of_network)
                .map(|kind| format!("{} of x402 v{}", kind.scheme, kind.x402_version))
                .collect();
            let help = if instead.is_empty() {
                "name a facilitator that settles on this network, or leave its tokens out"
                    .to_owned()
            } else {
                format!("it settles there by {} only; name another", instead.join(", "))
            };
            findings.push(Finding::error(
                format!("{url} does not settle `{SCHEME}` of x402 v2 on {network}"),
                help,
            ));
        }
        if let (BodyVersion::V1, Some(v1)) = (body, &offer.network.v1)
            && !settles(1, v1)
        {
            findings.push(Finding::warning(
                format!(
                    "{url} does not settle `{SCHEME}` of x402 v1 on {v1}: v1 clients cannot pay"
                ),
                "name a facilitator that does, or write `body = \"v2\"` in [site]",
            ));
        }
    }
    if findings.is_empty() {
        let networks: Vec<_> = offers.iter().map(|offer| offer.network.caip2.as_ref()).collect();
        findings.push(Finding::ok(format!("{url} settles on {}", networks.join(", "))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn where_a_redirect_leads() {
        let old = "https://x402.org/facilitator";
        for (location, new) in [
            ("https://www.x402.org/facilitator/supported", "https://www.x402.org/facilitator"),
            ("//www.x402.org/facilitator/supported/", "https://www.x402.org/facilitator"),
            ("/v2/supported", "https://x402.org/v2"),
            ("https://elsewhere.example/", "https://elsewhere.example"),
        ] {
            assert_eq!(base(old, location), new);
        }
        assert_eq!(base("https://x402.org", "/v2/supported"), "https://x402.org/v2");
    }
}
