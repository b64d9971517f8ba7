//! Whole files: what is read, and what stops the reading.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cloudfront::selection::Selection;
use http::{Method, StatusCode};

use super::*;
use crate::behavior::CachePolicy;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/template/testdata").join(name)
}

fn settings(parameters: &[(&str, &str)]) -> Settings {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings { parameters: pairs.collect(), ..Settings::default() }
}

fn only(name: &str) -> Selection {
    Selection::Only([name.to_owned()].into())
}

/// The text of a file with one piece of it replaced, read.
fn edited(name: &str, from: &str, to: &str, settings: &Settings) -> Result<Template, Error> {
    let source = std::fs::read_to_string(testdata(name)).unwrap();
    assert!(source.contains(from), "{name} has no {from}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, source.replacen(from, to, 1)).unwrap();
    read(&path, settings)
}

#[test]
fn a_template() {
    let read = read(&testdata("shop.yaml"), &settings(&[("FreeBucketName", "gratis")])).unwrap();
    let config = read.config;
    let patterns: Vec<&str> = config.behaviors.iter().map(|(p, _)| p.as_str()).collect();
    assert_eq!(patterns, ["/errors/*", "/free/*"], "in the template's order");
    assert_eq!(config.default_root_object.as_deref(), Some("index.html"));

    let priced = &config.default_behavior;
    let origin = priced.origin.as_ref().unwrap();
    assert_eq!((origin.id.as_str(), origin.path.as_str()), ("priced", "/priced"));
    assert!(priced.viewer_request && priced.viewer_response);
    assert_eq!(priced.allowed_methods, [Method::GET, Method::HEAD, Method::OPTIONS]);
    assert_eq!(priced.cache_policy.min_ttl, CachePolicy::caching_optimized().min_ttl);
    assert!(priced.forwarded.headers.has("origin") && !priced.forwarded.headers.has("referer"));
    let headers = &priced.response_headers;
    assert_eq!(headers.remove, ["x-amz-version-id"]);
    let set: Vec<_> = headers.set.iter().map(|h| (&*h.name, &*h.value, h.overrides)).collect();
    assert_eq!(
        set,
        [
            ("x-shop", "open", true),
            ("strict-transport-security", "max-age=60; includeSubDomains", true),
            ("x-xss-protection", "1; mode=block", false),
        ]
    );
    assert_eq!(headers.cors.as_ref().unwrap().allow_origins, ["*"]);

    let (_, pages) = &config.behaviors[0];
    let pages_origin = pages.origin.as_ref().unwrap();
    assert_eq!(pages_origin.bucket, origin.bucket, "two spellings of one bucket");
    assert_eq!(pages_origin.path, "");
    assert!(!pages.viewer_request && !pages.viewer_response);
    assert_eq!(pages.allowed_methods, [Method::GET, Method::HEAD], "CloudFront's default");
    let policy = &pages.cache_policy;
    assert_eq!(
        [policy.min_ttl, policy.default_ttl, policy.max_ttl].map(|t| t.as_secs()),
        [2, 60, 3600]
    );
    assert_eq!((&policy.key.query, &policy.key.headers), (&only("v"), &only("origin")));
    assert_eq!(policy.key.cookies, Selection::all());

    let (_, free) = &config.behaviors[1];
    assert_eq!(free.origin.as_ref().unwrap().bucket, "gratis");
    assert_eq!(free.cache_policy.max_ttl, Duration::ZERO);
    assert_eq!(free.response_headers.set.len(), 5);

    let missing = config.error_page(StatusCode::FORBIDDEN).unwrap();
    assert_eq!(missing.caching_min_ttl, Duration::from_secs(1));
    assert_eq!(missing.page.as_ref().unwrap().status, StatusCode::NOT_FOUND);
    assert!(config.error_page(StatusCode::SERVICE_UNAVAILABLE).unwrap().page.is_none());

    let notes = read.notes.join("\n");
    for said in ["Compress:", "ViewerProtocolPolicy:", "WebACLId:"] {
        assert!(notes.contains(said), "{notes}");
    }
}

#[test]
fn what_a_condition_leaves_out_is_not_there() {
    let config = read(&testdata("shop.yaml"), &settings(&[])).unwrap().config;
    assert_eq!(config.behaviors.len(), 1);
    assert!(config.origins().all(|origin| origin.bucket == "<BucketName>"), "{config:?}");
}

#[test]
fn what_the_aws_cli_prints() {
    let named = Settings { function_name: Some("x402-edge".to_owned()), ..Settings::default() };
    let config = read(&testdata("awscli.json"), &named).unwrap().config;
    let (pattern, premium) = &config.behaviors[0];
    assert_eq!(pattern.as_str(), "/premium/*");
    assert!(premium.viewer_request && !premium.viewer_response);
    assert_eq!(premium.allowed_methods.len(), 3);
    let rest = &config.default_behavior;
    assert!(!rest.viewer_request);
    assert_eq!(rest.origin.as_ref().unwrap().bucket, "amzn-s3-demo-bucket");
    assert_eq!(rest.cache_policy.key.query, Selection::all());
    assert_eq!(rest.cache_policy.key.cookies, only("session"));
    assert_eq!(rest.cache_policy.key.headers, only("origin"));
    assert_eq!(config.default_root_object, None);
}

/// The template with an origin group behind its default behavior.
fn grouped(group: &str) -> Result<Template, Error> {
    let from = "        DefaultCacheBehavior:\n          TargetOriginId: priced";
    let to = format!(
        "        OriginGroups: {{ Quantity: 1, Items: [{{ Id: both, {group} }}] }}\n        DefaultCacheBehavior:\n          TargetOriginId: both"
    );
    edited("shop.yaml", from, &to, &settings(&[]))
}

#[test]
fn an_origin_group() {
    let config = grouped("FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [403, 500] } }, Members: { Quantity: 2, Items: [{ OriginId: pages }, { OriginId: priced }] }").unwrap().config;
    let behavior = &config.default_behavior;
    assert_eq!(behavior.origin.as_ref().unwrap().id, "pages");
    let failover = behavior.failover.as_ref().unwrap();
    assert_eq!(failover.origin.as_ref().unwrap().path, "/priced");
    let statuses = [StatusCode::FORBIDDEN, StatusCode::INTERNAL_SERVER_ERROR];
    assert_eq!(failover.statuses, statuses.into());
    assert_eq!(config.origins().filter(|origin| origin.id == "priced").count(), 1);
    assert!(config.behaviors.iter().all(|(_, behavior)| behavior.failover.is_none()));

    let named = Settings { function_name: Some("x402-edge".to_owned()), ..Settings::default() };
    let from = "\"OriginGroups\": { \"Quantity\": 0 },\n        \"DefaultCacheBehavior\": {\n            \"TargetOriginId\": \"bucket\",";
    let to = r#""OriginGroups": { "Quantity": 1, "Items": [{
        "Id": "both",
        "FailoverCriteria": { "StatusCodes": { "Quantity": 1, "Items": [404] } },
        "Members": { "Quantity": 2, "Items": [{ "OriginId": "bucket" }, { "OriginId": "bucket" }] },
        "SelectionCriteria": "default"
    }] }, "DefaultCacheBehavior": { "TargetOriginId": "both","#;
    let config = edited("awscli.json", from, to, &named).unwrap().config;
    let failover = config.default_behavior.failover.unwrap();
    assert_eq!(failover.statuses, [StatusCode::NOT_FOUND].into());
}

#[test]
fn an_origin_group_that_is_wrong() {
    const STATUSES: &str = "FailoverCriteria: { StatusCodes: { Quantity: 1, Items: [500] } }";
    const BOTH: &str =
        "Members: { Quantity: 2, Items: [{ OriginId: pages }, { OriginId: priced }] }";
    for (group, said) in [
        (
            format!("{STATUSES}, Members: {{ Items: [{{ OriginId: pages }}] }}"),
            "two origins, not 1",
        ),
        (
            format!(
                "{STATUSES}, Members: {{ Items: [{{ OriginId: pages }}, {{ OriginId: no }}] }}"
            ),
            "OriginId: there is no origin no",
        ),
        (
            format!(
                "{STATUSES}, Members: {{ Items: [{{ OriginId: pages }}, {{ OriginId: both }}] }}"
            ),
            "OriginId: there is no origin both",
        ),
        (BOTH.to_owned(), "FailoverCriteria is missing"),
        (format!("{BOTH}, FailoverCriteria: {{ StatusCodes: {{ Items: [200] }} }}"), "400 or more"),
        (format!("{BOTH}, FailoverCriteria: {{ StatusCodes: {{ Items: [] }} }}"), "400 or more"),
        (format!("{STATUSES}, {BOTH}, Weights: 1"), "Weights: it is unknown here"),
    ] {
        let error = grouped(&group).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[test]
fn the_template_of_this_project() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/site.yaml");
    let config = read(&site, &settings(&[])).unwrap().config;
    assert!(config.all_behaviors().all(|behavior| behavior.viewer_request), "nothing is ungated");

    let free = [("FreePathPattern", "/assets/*"), ("FreeBucketName", "assets")];
    let config = read(&site, &settings(&free)).unwrap().config;
    let (pattern, assets) = &config.behaviors[0];
    assert_eq!((pattern.as_str(), assets.viewer_request), ("/assets/*", false));
    let priced = config.default_behavior.origin.as_ref().unwrap();
    assert_ne!(assets.origin.as_ref().unwrap().bucket, priced.bucket, "free content is elsewhere");
}

/// Each piece of a template that is not emulated: its name, and a place for it.
const NOT_EMULATED: [(&str, &str, &str); 13] = [
    (
        "FunctionAssociations",
        "          Compress: true",
        "          FunctionAssociations: [{EventType: viewer-request, FunctionARN: x}]",
    ),
    ("TrustedKeyGroups", "          Compress: true", "          TrustedKeyGroups: [k]"),
    ("FieldLevelEncryptionId", "          Compress: true", "          FieldLevelEncryptionId: f"),
    ("GrpcConfig", "          Compress: true", "          GrpcConfig: {Enabled: true}"),
    (
        "SelectionCriteria",
        "        DefaultCacheBehavior:\n          TargetOriginId: priced",
        "        OriginGroups:\n          Quantity: 1\n          Items:\n            - { Id: both, SelectionCriteria: media-quality-score, FailoverCriteria: { StatusCodes: { Quantity: 1, Items: [500] } }, Members: { Quantity: 2, Items: [{ OriginId: pages }, { OriginId: priced }] } }\n        DefaultCacheBehavior:\n          TargetOriginId: both",
    ),
    ("NewThing", "          Compress: true", "          NewThing: 1"),
    (
        "Restrictions",
        "        HttpVersion: http2and3",
        "        Restrictions: {GeoRestriction: {RestrictionType: whitelist, Locations: [DE]}}",
    ),
    ("Enabled", "        Enabled: true", "        Enabled: false"),
    (
        "CustomOriginConfig",
        "            S3OriginConfig: {}",
        "            CustomOriginConfig: {OriginProtocolPolicy: https-only}",
    ),
    (
        "OriginAccessControlId",
        "            OriginAccessControlId: !GetAtt AccessControl.Id\n            S3OriginConfig: {}",
        "            S3OriginConfig: {}",
    ),
    ("LambdaFunctionAssociations", "EventType: viewer-response", "EventType: origin-request"),
    (
        "CachePolicyId",
        "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "08627262-05a9-4f76-9ded-b50ca2e3a84f",
    ),
    (
        "IncludeBody",
        "LambdaFunctionARN: !Ref FunctionVersion }",
        "LambdaFunctionARN: !Ref FunctionVersion, IncludeBody: true }",
    ),
];

#[test]
fn what_is_not_emulated_is_named_and_stops_it() {
    for (name, from, to) in NOT_EMULATED {
        let error = edited("shop.yaml", from, to, &settings(&[])).unwrap_err();
        let Error::NotEmulated { problems, .. } = &error else { panic!("{error}") };
        let named = problems.0.iter().find(|problem| problem.message.starts_with(name));
        let named = named.unwrap_or_else(|| panic!("{name} is not named: {error}"));
        let line = std::fs::read_to_string(testdata("shop.yaml")).unwrap();
        let line = line[..line.find(from).unwrap()].lines().count() + 1;
        assert!(named.line.abs_diff(line) < 8, "{name} is at {line}: {error}");
        assert!(error.to_string().contains(&format!("--ignore {name}")), "{error}");

        let mut accepted = settings(&[]);
        accepted.ignore.insert(name.to_owned());
        let read = edited("shop.yaml", from, to, &accepted).unwrap();
        assert!(read.notes.iter().any(|note| note.starts_with(name)), "{:?}", read.notes);
    }
}

#[test]
fn what_is_ignored_does_not_run_and_does_not_serve() {
    let mut accepted = settings(&[]);
    accepted
        .ignore
        .extend(["CustomOriginConfig".to_owned(), "LambdaFunctionAssociations".to_owned()]);
    let from = "            S3OriginConfig: {}";
    let to = "            CustomOriginConfig: {OriginProtocolPolicy: https-only}";
    accepted.ignore.remove("LambdaFunctionAssociations");
    let read = edited("shop.yaml", from, to, &accepted).unwrap();
    assert_eq!(read.config.default_behavior.origin, None);
    accepted.ignore = ["LambdaFunctionAssociations".to_owned()].into();
    let read =
        edited("shop.yaml", "EventType: viewer-response", "EventType: origin-response", &accepted);
    assert!(!read.unwrap().config.default_behavior.viewer_response);
}

#[test]
fn what_is_wrong_is_told_all_at_once() {
    for (name, from, to, said) in [
        ("shop.yaml", "TargetOriginId: priced", "TargetOriginId: nowhere", "no origin nowhere"),
        ("shop.yaml", "MinTTL: 2", "MinTTL: !Ref BucketName", "--parameter BucketName=VALUE"),
        ("shop.yaml", "!Ref Keyed", "!Ref Security", "Security is no AWS::CloudFront::CachePolicy"),
        (
            "shop.yaml",
            "TargetOriginId: priced",
            "TargetOriginId: !ImportValue x",
            "Fn::ImportValue",
        ),
        ("shop.yaml", "ErrorCode: 503", "ErrorCode: none", "should be a number"),
        ("shop.yaml", "AWS::CloudFront::Distribution\n", "AWS::CloudFront::Other\n", "declares no"),
        ("shop.yaml", "OriginPath: !Sub '/${Prefix}'", "OriginPath: priced", "begins with a slash"),
        ("shop.yaml", "CacheBehaviors:", "CacheBehaviors: [", "neither YAML nor JSON"),
        ("awscli.json", "DistributionConfig", "Other", "neither `Resources`"),
        ("awscli.json", "viewer-request", "viewer-request", "--function-name"),
    ] {
        let error = edited(name, from, to, &settings(&[])).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
    let mut wrong = settings(&[("Nobody", "x")]);
    wrong.ignore.insert("Nothing".to_owned());
    let error = read(&testdata("shop.yaml"), &wrong).unwrap_err().to_string();
    assert!(error.contains("--parameter Nobody=") && error.contains("--ignore Nothing"), "{error}");
    let error = read(Path::new("no/such/file"), &wrong).unwrap_err().to_string();
    assert!(error.contains("cannot read no/such/file"), "{error}");
}
