use std::fs;

use serde_json::{Value, json};

use super::*;

const OURS: &str = "arn:aws:lambda:us-east-1:111122223333:function:edge:7";
const KEYS: [&str; 2] = ["pictures/a.jpg", "premium/b.pdf"];
const OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

fn behaviour(origin: &str, gated: bool) -> Value {
    let events = if gated { &["viewer-request", "viewer-response"][..] } else { &[] };
    let items: Vec<_> =
        events.iter().map(|e| json!({"LambdaFunctionARN": OURS, "EventType": e})).collect();
    json!({
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {"Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"]},
        "LambdaFunctionAssociations": {"Quantity": items.len(), "Items": items},
        "CachePolicyId": OPTIMIZED,
        "OriginRequestPolicyId": "",
    })
}

/// One bucket, all of it behind the function.
fn shop() -> Value {
    let origin = |id: &str, domain: &str, path: &str| json!({"Id": id, "DomainName": domain, "OriginPath": path});
    json!({
        "DefaultCacheBehavior": behaviour("shop", true),
        "CacheBehaviors": {"Quantity": 0},
        "Origins": {"Quantity": 4, "Items": [
            origin("shop", "shop.s3.us-east-1.amazonaws.com", ""),
            origin("shop-free", "shop.s3.us-east-1.amazonaws.com", "/free"),
            origin("shop-website", "shop.s3-website-us-east-1.amazonaws.com", ""),
            origin("pages", "pages.s3.us-east-1.amazonaws.com", ""),
            origin("server", "www.example.com", ""),
        ]},
        "OriginGroups": {"Quantity": 0},
        "CustomErrorResponses": {"Quantity": 0},
    })
}

fn more(pattern: &str, behaviour: Value) -> Value {
    let mut shop = shop();
    let mut behaviour = behaviour;
    behaviour["PathPattern"] = json!(pattern);
    shop["CacheBehaviors"] = json!({"Quantity": 1, "Items": [behaviour]});
    shop
}

/// A folder with what AWS says of a tight shop.
fn facts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: Value| {
        fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    let none = |headers: Value| {
        json!({"HeadersConfig": headers, "CookiesConfig": {"CookieBehavior": "none"},
               "QueryStringsConfig": {"QueryStringBehavior": "none"}})
    };
    write(
        &format!("cache-policy-{OPTIMIZED}.json"),
        json!({"CachePolicy": {"CachePolicyConfig": {
            "ParametersInCacheKeyAndForwardedToOrigin": none(json!({"HeaderBehavior": "none"}))}}}),
    );
    let keyed = json!({"HeaderBehavior": "whitelist", "Headers": {"Items": ["Payment-Signature"]}});
    write(
        "cache-policy-keyed.json",
        json!({"CachePolicy": {"CachePolicyConfig": {
            "ParametersInCacheKeyAndForwardedToOrigin": none(keyed)}}}),
    );
    let mut viewer = none(json!({"HeaderBehavior": "allViewer"}));
    viewer["CookiesConfig"]["CookieBehavior"] = json!("all");
    viewer["QueryStringsConfig"]["QueryStringBehavior"] = json!("all");
    write(
        "origin-request-policy-all-viewer.json",
        json!({"OriginRequestPolicy": {"OriginRequestPolicyConfig": viewer}}),
    );
    for bucket in ["shop", "pages"] {
        write(
            &format!("policy-status-{bucket}.json"),
            json!({"PolicyStatus": {"IsPublic": false}}),
        );
        write(
            &format!("public-access-block-{bucket}.json"),
            json!({"PublicAccessBlockConfiguration": {
                "IgnorePublicAcls": true, "RestrictPublicBuckets": true}}),
        );
    }
    write("distributions-all.json", json!({"DistributionList": {"Quantity": 0}}));
    folder
}

fn kinds_with(config: &Value, folder: &tempfile::TempDir) -> Vec<&'static str> {
    let distribution = serde_json::from_value(config.clone()).unwrap();
    let facts = Facts(folder.path().to_owned());
    let found = judge("EDFDVBD6EXAMPLE", &distribution, &OURS.parse().unwrap(), &facts, &KEYS);
    found.unwrap().iter().map(|finding| finding.kind.name()).collect()
}

fn kinds(config: &Value) -> Vec<&'static str> {
    kinds_with(config, &facts())
}

#[test]
fn a_tight_shop() {
    assert_eq!(kinds(&shop()), Vec::<&str>::new());
}

#[test]
fn behaviours_without_the_function() {
    for (origin, pattern, expected) in [
        ("shop", "*.jpg", &["ungated-behaviour", "not-routed"][..]),
        // A pattern that no priced key matches: S3 decodes what CloudFront did not match.
        ("shop", "/public/*", &["ungated-behaviour"]),
        ("shop-website", "/public/*", &["ungated-behaviour"]),
        ("shop-free", "/free/*", &[]),
        ("pages", "/about/*", &[]),
        ("pages", "/premium/*", &["not-routed"]),
        ("server", "/api/*", &["unseen"]),
    ] {
        assert_eq!(kinds(&more(pattern, behaviour(origin, false))), expected, "{origin} {pattern}");
    }
}

#[test]
fn a_path_alone_with_the_function() {
    let mut config = more("/premium/*", behaviour("shop", true));
    config["DefaultCacheBehavior"] = behaviour("shop", false);
    assert_eq!(kinds(&config), ["ungated-behaviour", "not-routed"]);
}

#[test]
fn the_function_on_another_event_gates_nothing() {
    let mut late = behaviour("shop", true);
    late["LambdaFunctionAssociations"]["Items"][0]["EventType"] = json!("origin-request");
    assert_eq!(kinds(&more("/public/*", late)), ["ungated-behaviour"]);
}

#[test]
fn origin_groups() {
    for (gated, members, expected) in [
        (true, ["shop", "pages"], &["origin-group"][..]),
        (false, ["pages", "shop"], &["origin-group"]),
        (false, ["pages", "shop-free"], &[]),
    ] {
        let mut config = more("/x/*", behaviour("group", gated));
        let members: Vec<_> = members.iter().map(|id| json!({"OriginId": id})).collect();
        config["OriginGroups"] = json!({"Quantity": 1, "Items": [
            {"Id": "group", "Members": {"Quantity": 2, "Items": members}}]});
        assert_eq!(kinds(&config), expected, "{gated}");
    }
}

#[test]
fn error_pages() {
    for (path, expected) in
        [("/errors/404.html", &["error-page"][..]), ("/about/404.html", &[]), ("", &[])]
    {
        let mut config = more("/about/*", behaviour("pages", false));
        config["CustomErrorResponses"] = json!({"Quantity": 1, "Items": [
            {"ErrorCode": 404, "ResponsePagePath": path, "ResponseCode": "200"}]});
        assert_eq!(kinds(&config), expected, "{path}");
    }
}

#[test]
fn a_staging_distribution() {
    let mut config = shop();
    config["ContinuousDeploymentPolicyId"] = json!("policy");
    assert_eq!(kinds(&config), ["continuous-deployment"]);
}

#[test]
fn other_distributions() {
    let folder = facts();
    let mut other = shop();
    other["DefaultCacheBehavior"] = behaviour("shop", false);
    for (id, enabled, expected) in [
        ("E2OTHER", true, &["other-distribution"][..]),
        ("E2OTHER", false, &[]),
        ("EDFDVBD6EXAMPLE", true, &[]),
    ] {
        other["Id"] = json!(id);
        other["Enabled"] = json!(enabled);
        let list = json!({"DistributionList": {"Quantity": 1, "Items": [other]}}).to_string();
        fs::write(folder.path().join("distributions-all.json"), list).unwrap();
        assert_eq!(kinds_with(&shop(), &folder), expected, "{id} {enabled}");
    }
}

#[test]
fn public_buckets() {
    let folder = facts();
    let say = |name: &str, value: Value| {
        fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    say("policy-status-shop.json", json!({"PolicyStatus": {"IsPublic": true}}));
    // Restricted: the public policy counts for nothing.
    assert_eq!(kinds_with(&shop(), &folder), Vec::<&str>::new());
    say(
        "public-access-block-shop.json",
        json!({"PublicAccessBlockConfiguration": {
            "IgnorePublicAcls": true, "RestrictPublicBuckets": false}}),
    );
    assert_eq!(kinds_with(&shop(), &folder), ["public-bucket"]);
    say("policy-status-shop.json", json!({"PolicyStatus": {"IsPublic": false}}));
    say(
        "public-access-block-shop.json",
        json!({"PublicAccessBlockConfiguration": {
            "IgnorePublicAcls": false, "RestrictPublicBuckets": false}}),
    );
    assert_eq!(kinds_with(&shop(), &folder), ["public-bucket"]);
}

#[test]
fn what_aws_does_not_say_is_refused() {
    let names = [
        "policy-status-shop.json".to_owned(),
        "public-access-block-shop.json".to_owned(),
        "distributions-all.json".to_owned(),
        format!("cache-policy-{OPTIMIZED}.json"),
    ];
    for name in names {
        let folder = facts();
        fs::remove_file(folder.path().join(&name)).unwrap();
        assert_eq!(kinds_with(&shop(), &folder), ["unknown-fact"], "{name}");
    }
}

#[test]
fn what_a_gated_behaviour_must_be_like() {
    let cases: [(&str, Value, &[&str]); 12] = [
        ("ViewerProtocolPolicy", json!("allow-all"), &["plain-http"]),
        ("AllowedMethods", json!({"Items": ["GET", "HEAD", "PUT"]}), &["write-methods"]),
        ("AllowedMethods", json!({"Items": ["GET", "HEAD"]}), &["no-options"]),
        ("SmoothStreaming", json!(true), &["smooth-streaming"]),
        ("TrustedKeyGroups", json!({"Enabled": true}), &["signed-urls"]),
        ("TrustedSigners", json!({"Enabled": true}), &["signed-urls"]),
        ("CachePolicyId", json!("keyed"), &["header-in-cache-key"]),
        (
            "OriginRequestPolicyId",
            json!("all-viewer"),
            &["query-forwarded", "cookies-forwarded", "header-forwarded"],
        ),
        ("ForwardedValues", json!({"QueryString": true}), &["query-forwarded"]),
        ("ForwardedValues", json!({"Cookies": {"Forward": "all"}}), &["cookies-forwarded"]),
        ("ForwardedValues", json!({"Headers": {"Items": ["x-payment"]}}), &["header-in-cache-key"]),
        ("TargetOriginId", json!("server"), &["not-a-bucket"]),
    ];
    for (field, value, expected) in cases {
        let mut config = shop();
        config["DefaultCacheBehavior"][field] = value;
        assert_eq!(kinds(&config), expected, "{field}");
    }
    let mut config = shop();
    config["DefaultCacheBehavior"]["TargetOriginId"] = json!("shop-website");
    assert_eq!(kinds(&config), ["website-origin"]);
}

#[test]
fn nothing_gated_is_an_error() {
    let mut config = shop();
    config["DefaultCacheBehavior"] = behaviour("shop", false);
    let distribution = serde_json::from_value(config).unwrap();
    let facts = Facts(facts().path().to_owned());
    let error = judge("E", &distribution, &OURS.parse().unwrap(), &facts, &KEYS).unwrap_err();
    assert!(error.to_string().contains("no behaviour has the function"));
}

#[test]
fn the_facts_that_are_needed() {
    let distribution = serde_json::from_value(shop()).unwrap();
    let lines: Vec<_> = facts::needed(&distribution).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            format!("cache-policy {OPTIMIZED}").as_str(),
            "policy-status pages",
            "policy-status shop",
            "public-access-block pages",
            "public-access-block shop",
            "distributions all",
        ]
    );
}
