//! `CachePolicyId`, `OriginRequestPolicyId`, and the legacy `ForwardedValues`.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html>

use std::collections::BTreeSet;
use std::time::Duration;

use cloudfront::selection::Selection;

use super::node::{Node, Value};
use super::reader::Reader;
use super::reader::Treat::{NoEffect, Read};
use crate::behavior::{CachePolicy, Parts};

/// TTLs that CloudFront takes where none are given: default and largest.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-cachepolicy-cachepolicyconfig.html>
const DEFAULT_TTL: Duration = Duration::from_secs(86_400);
const MAX_TTL: Duration = Duration::from_secs(31_536_000);

/// The managed policies that are known here.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
fn managed(id: &str) -> Option<CachePolicy> {
    Some(match id {
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" => CachePolicy::caching_disabled(),
        // CachingOptimized, and the same for uncompressed objects.
        "658327ea-f89d-4fab-a63d-7e88639e58f6" | "b2884449-e4de-46a7-ac36-70bc7f1ddd6d" => {
            CachePolicy::caching_optimized()
        }
        _ => return None,
    })
}

/// The managed origin request policies that are known here.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>
fn managed_forwarding(id: &str) -> Option<Parts> {
    let all =
        || Parts { query: Selection::all(), cookies: Selection::all(), headers: Selection::all() };
    let headers = |names: &[&str]| Parts { headers: only(names), ..Parts::default() };
    Some(match id {
        "216adef6-5c7f-47e4-b989-5492eafa07d3" => all(),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf" => {
            headers(&["origin", "access-control-request-headers", "access-control-request-method"])
        }
        "b689b0a8-53d0-40ab-baf2-68738e2966ac" => {
            Parts { headers: Selection::AllBut(BTreeSet::from(["host".to_owned()])), ..all() }
        }
        "acba4595-bd28-49b8-b9fe-13317c0390fa" => headers(&["user-agent", "referer"]),
        _ => return None,
    })
}

/// The cache policy of a behavior.
pub(super) fn read(behavior: &Node, reader: &mut Reader<'_>) -> CachePolicy {
    if behavior.get("CachePolicyId").is_none_or(Node::is_off) {
        return legacy(behavior, reader);
    }
    let Some(config) = config(
        behavior,
        "CachePolicyId",
        "AWS::CloudFront::CachePolicy",
        "CachePolicyConfig",
        reader,
    ) else {
        let id = reader.text(behavior, "CachePolicyId").unwrap_or_default();
        return managed(&id).unwrap_or_else(|| {
            let what = format!("the policy {id} is not known here; declare it in the template, or use CachingOptimized");
            reader.refuse("CachePolicyId", behavior, &what);
            CachePolicy::caching_optimized()
        });
    };
    reader.check(&config, |property| match property {
        "DefaultTTL" | "MaxTTL" | "MinTTL" | "ParametersInCacheKeyAndForwardedToOrigin" => {
            Some(Read)
        }
        "Comment" | "Name" => Some(NoEffect),
        _ => None,
    });
    let key = match config.get("ParametersInCacheKeyAndForwardedToOrigin") {
        Some(node) => Parts {
            query: chosen(
                node,
                "QueryStringsConfig",
                "QueryStringBehavior",
                "QueryStrings",
                reader,
            ),
            cookies: chosen(node, "CookiesConfig", "CookieBehavior", "Cookies", reader),
            headers: lower_case(chosen(node, "HeadersConfig", "HeaderBehavior", "Headers", reader)),
        },
        None => Parts::default(),
    };
    ttls(&config, key, reader)
}

/// What a behavior forwards to the origin beyond its cache policy.
pub(super) fn forwarded(behavior: &Node, reader: &mut Reader<'_>) -> Parts {
    const NAME: &str = "OriginRequestPolicyId";
    if behavior.get(NAME).is_none_or(Node::is_off) {
        return Parts::default();
    }
    let Some(config) = config(
        behavior,
        NAME,
        "AWS::CloudFront::OriginRequestPolicy",
        "OriginRequestPolicyConfig",
        reader,
    ) else {
        let id = reader.text(behavior, NAME).unwrap_or_default();
        return managed_forwarding(&id).unwrap_or_else(|| {
            let what = format!("the policy {id} is not known here; declare it in the template");
            reader.refuse(NAME, behavior, &what);
            Parts::default()
        });
    };
    Parts {
        query: chosen(&config, "QueryStringsConfig", "QueryStringBehavior", "QueryStrings", reader),
        cookies: chosen(&config, "CookiesConfig", "CookieBehavior", "Cookies", reader),
        headers: lower_case(chosen(&config, "HeadersConfig", "HeaderBehavior", "Headers", reader)),
    }
}

/// The resolved configuration of a policy that the template declares.
pub(super) fn config(
    behavior: &Node,
    property: &str,
    kind: &str,
    config: &str,
    reader: &mut Reader<'_>,
) -> Option<Node> {
    let node = behavior.get(property)?;
    let Value::Resource(id) = &node.value else { return None };
    match reader.resolver.resource(id) {
        Some((found, Some(properties))) if found == kind => {
            reader.resolver.resolve(properties.get(config)?)
        }
        _ => {
            reader.wrong(node, format!("{property}: {id} is no {kind}"));
            None
        }
    }
}

fn ttls(node: &Node, key: Parts, reader: &mut Reader<'_>) -> CachePolicy {
    let min_ttl = reader.seconds(node, "MinTTL").unwrap_or_default();
    let default_ttl = reader.seconds(node, "DefaultTTL").unwrap_or(DEFAULT_TTL.max(min_ttl));
    let max_ttl = reader.seconds(node, "MaxTTL").unwrap_or(MAX_TTL.max(default_ttl));
    CachePolicy { min_ttl, default_ttl, max_ttl, key }
}

/// One part of a policy, such as `CookiesConfig`.
fn chosen(
    node: &Node,
    part: &str,
    behavior: &str,
    names: &str,
    reader: &mut Reader<'_>,
) -> Selection {
    let Some(node) = node.get(part) else { return Selection::Nothing };
    let Some(word) = reader.text(node, behavior) else { return Selection::Nothing };
    Selection::of(&word, || reader_texts(node, names)).unwrap_or_else(|| {
        reader.wrong(node, format!("{behavior}: {word} is unknown here"));
        Selection::Nothing
    })
}

/// The settings from before there were policies.
fn legacy(behavior: &Node, reader: &mut Reader<'_>) -> CachePolicy {
    let key = match behavior.get("ForwardedValues") {
        None => Parts::default(),
        Some(values) => {
            let cookies = values.get("Cookies");
            let forward = cookies.and_then(|cookies| cookies.get("Forward")).and_then(Node::text);
            let names = reader_texts(values, "QueryStringCacheKeys");
            let headers = reader_texts(values, "Headers");
            Parts {
                query: match (reader.is_true(values, "QueryString"), names.is_empty()) {
                    (false, _) => Selection::Nothing,
                    (true, true) => Selection::all(),
                    (true, false) => Selection::Only(names),
                },
                cookies: match (forward, cookies) {
                    (Some("all"), _) => Selection::all(),
                    (Some("whitelist"), Some(node)) => {
                        Selection::Only(reader_texts(node, "WhitelistedNames"))
                    }
                    _ => Selection::Nothing,
                },
                headers: match headers.contains("*") {
                    true => Selection::all(),
                    false => lower_case(Selection::Only(headers)),
                },
            }
        }
    };
    ttls(behavior, key, reader)
}

fn reader_texts(node: &Node, name: &str) -> BTreeSet<String> {
    let items = node.get(name).map_or(&[][..], Node::items);
    items.iter().filter_map(|item| item.text().map(str::to_owned)).collect()
}

fn only(names: &[&str]) -> Selection {
    Selection::Only(names.iter().map(|name| (*name).to_owned()).collect())
}

fn lower_case(selection: Selection) -> Selection {
    let lower = |names: BTreeSet<String>| names.iter().map(|name| name.to_lowercase()).collect();
    match selection {
        Selection::Nothing => Selection::Nothing,
        Selection::Only(names) => Selection::Only(lower(names)),
        Selection::AllBut(names) => Selection::AllBut(lower(names)),
    }
}
