//! What of a request goes on to the origin, and into the cache key.

use cloudfront::selection::Selection;
use serde::Deserialize;

use super::distribution::{Behaviour, List};
use super::facts::{Fact, Facts, known};
use crate::error::Error;

/// Headers with a payment, a pass, or what the function hands over to itself.
const OURS: [&str; 5] =
    ["payment-signature", "x-payment-signature", "x-payment", "x-payment-pass", "x-x402-handover"];

/// What a behaviour lets through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarding {
    pub(crate) queries: bool,
    pub(crate) cookies: bool,
    /// Those of [`OURS`] that reach the origin.
    pub(crate) headers: Vec<&'static str>,
    /// Those of [`OURS`] that the cache key holds.
    pub(crate) key_headers: Vec<&'static str>,
    /// Policies that could not be read.
    pub(crate) unknown: Vec<Fact>,
}

pub(crate) fn of(behaviour: &Behaviour, facts: &Facts) -> Result<Forwarding, Error> {
    let mut all = Forwarding::default();
    if let Some(id) = behaviour.cache_policy_id.as_ref().filter(|id| !id.is_empty()) {
        let fact = Fact::CachePolicy(id.clone());
        match known::<CachePolicyAnswer>(facts, &fact)? {
            Some(answer) => {
                // What is in the key goes to the origin too.
                let values = answer.cache_policy.cache_policy_config.parameters;
                all.key_headers = values.headers();
                all.add(&values);
            }
            None => all.unknown.push(fact),
        }
    }
    if let Some(id) = behaviour.origin_request_policy_id.as_ref().filter(|id| !id.is_empty()) {
        let fact = Fact::OriginRequestPolicy(id.clone());
        match known::<OriginRequestPolicyAnswer>(facts, &fact)? {
            Some(answer) => all.add(&answer.origin_request_policy.origin_request_policy_config),
            None => all.unknown.push(fact),
        }
    }
    if let Some(values) = &behaviour.forwarded_values {
        all.queries |= values.query_string;
        all.cookies |= !matches!(values.cookies.forward.as_str(), "none" | "");
        let listed = |name: &&str| {
            let mut headers = values.headers.items.iter();
            headers.any(|header| header == "*" || header.eq_ignore_ascii_case(name))
        };
        let headers: Vec<_> = OURS.into_iter().filter(listed).collect();
        all.key_headers.extend(&headers);
        all.headers.extend(headers);
    }
    Ok(all)
}

impl Forwarding {
    fn add(&mut self, values: &Values) {
        self.queries |= values.query_strings_config.query_string_behavior != "none";
        self.cookies |= values.cookies_config.cookie_behavior != "none";
        self.headers.extend(values.headers());
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CachePolicyAnswer {
    cache_policy: CachePolicy,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CachePolicy {
    cache_policy_config: CachePolicyConfig,
}

#[derive(Debug, Deserialize)]
struct CachePolicyConfig {
    #[serde(rename = "ParametersInCacheKeyAndForwardedToOrigin")]
    parameters: Values,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OriginRequestPolicyAnswer {
    origin_request_policy: OriginRequestPolicy,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OriginRequestPolicy {
    origin_request_policy_config: Values,
}

/// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginRequestPolicyConfig.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Values {
    headers_config: HeadersConfig,
    cookies_config: CookiesConfig,
    query_strings_config: QueryStringsConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HeadersConfig {
    header_behavior: String,
    #[serde(default)]
    headers: List<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CookiesConfig {
    cookie_behavior: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueryStringsConfig {
    query_string_behavior: String,
}

impl Values {
    /// Those of [`OURS`] that these let through. An unknown word lets all through.
    fn headers(&self) -> Vec<&'static str> {
        let HeadersConfig { header_behavior, headers } = &self.headers_config;
        let names = || headers.items.iter().map(|name| name.to_ascii_lowercase()).collect();
        let chosen = Selection::of(header_behavior, names).unwrap_or(Selection::all());
        OURS.into_iter().filter(|name| chosen.has(name)).collect()
    }
}
