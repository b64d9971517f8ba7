use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expected::LONGEST_CHANGE_SECONDS;
use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:shop-EdgeFunction-1A";
const VERSION: &str = "arn:aws:lambda:us-east-1:111122223333:function:shop-EdgeFunction-1A:7";
const ACL: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop-paywall/1";
const NOW: u64 = 1_800_000_000;

fn ours() -> Value {
    let on = |event: &str| json!({"EventType": event, "LambdaFunctionARN": VERSION, "IncludeBody": false});
    json!({"Quantity": 2, "Items": [on("viewer-request"), on("viewer-response")]})
}

fn behaviour(pattern: Option<&str>, origin: &str, functions: Value) -> Value {
    let mut behaviour = json!({
        "TargetOriginId": origin,
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": {"Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"], "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]}},
        "SmoothStreaming": false,
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "Compress": false,
        "LambdaFunctionAssociations": functions,
        "FunctionAssociations": {"Quantity": 0},
        "TrustedSigners": {"Enabled": false, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": false, "Quantity": 0},
    });
    if let Some(pattern) = pattern {
        behaviour["PathPattern"] = json!(pattern);
    }
    behaviour
}

fn origin(id: &str, bucket: &str) -> Value {
    json!({"Id": id, "DomainName": format!("{bucket}.s3.us-east-1.amazonaws.com"), "OriginPath": "",
        "OriginAccessControlId": "E2CONTROL", "S3OriginConfig": {"OriginAccessIdentity": ""}})
}

fn none() -> Value {
    json!({"Quantity": 0})
}

/// Somebody's distribution: an API of its own, what is for sale, assets, and the rest, which is for sale as well.
fn config() -> Value {
    json!({
        "CallerReference": "1", "Comment": "", "Enabled": true, "WebACLId": ACL, "DefaultRootObject": "",
        "ContinuousDeploymentPolicyId": "", "Aliases": none(), "PriceClass": "PriceClass_100",
        "Logging": {"Enabled": false, "IncludeCookies": false, "Bucket": "", "Prefix": ""},
        "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 403, "ErrorCachingMinTTL": 1, "ResponsePagePath": "", "ResponseCode": ""}]},
        "OriginGroups": none(),
        "Origins": {"Quantity": 2, "Items": [origin("content", "shop"), origin("free", "assets")]},
        "DefaultCacheBehavior": behaviour(None, "content", ours()),
        "CacheBehaviors": {"Quantity": 3, "Items": [
            behaviour(Some("/api/*"), "free", none()),
            behaviour(Some("premium/*"), "content", ours()),
            behaviour(Some("/assets/*"), "free", none()),
        ]},
    })
}

fn acl() -> Value {
    json!({"ARN": ACL, "Name": "shop-paywall", "DefaultAction": {"Allow": {}}, "Rules": [
        {"Name": "limit-payments", "Priority": 1, "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}},
            "VisibilityConfig": {"MetricName": "limit-payments", "SampledRequestsEnabled": true}},
        {"Name": "block-forged-waf-headers", "Priority": 0, "Action": {"Block": {}}, "Statement": {"ByteMatchStatement": {}}},
    ]})
}

fn expected() -> Expected {
    made_of(&config(), Some(&acl())).unwrap()
}

fn made_of(config: &Value, acl: Option<&Value>) -> Result<Expected, NotDeployed> {
    Expected::of(&Deployed {
        stack: "shop",
        distribution: "EDFDVBD6EXAMPLE",
        version: VERSION,
        guarded: &["default".to_owned(), "/premium/*".to_owned()],
        config,
        web_acl: acl,
        owned: None,
    })
}

fn codes(found: &[Finding]) -> Vec<&'static str> {
    found.iter().map(Finding::code).collect()
}

fn judged(expected: &Expected, config: Value, acl: Option<Value>) -> Vec<&'static str> {
    codes(&compare(
        expected,
        &Observed { at: NOW, config: Some(config), web_acl: acl, packages: BTreeMap::new() },
    ))
}

fn after(change: impl FnOnce(&mut Value)) -> Vec<&'static str> {
    let mut now = config();
    change(&mut now);
    judged(&expected(), now, Some(acl()))
}

fn put(items: &mut Value, at: usize, item: Value) {
    let list = items["Items"].as_array_mut().unwrap();
    list.insert(at, item);
    items["Quantity"] = json!(list.len());
}

fn cut(items: &mut Value, at: usize) {
    let list = items["Items"].as_array_mut().unwrap();
    list.remove(at);
    items["Quantity"] = json!(list.len());
}

fn functions(config: &mut Value, name: &str) -> Value {
    find(config, name)["LambdaFunctionAssociations"].take()
}

fn find<'a>(config: &'a mut Value, name: &str) -> &'a mut Value {
    if name == "default" {
        return &mut config["DefaultCacheBehavior"];
    }
    let items = config["CacheBehaviors"]["Items"].as_array_mut().unwrap();
    items.iter_mut().find(|item| item["PathPattern"] == name).unwrap()
}

/// A change of a distribution, and the codes of what must be found then.
type Case = (&'static str, fn(&mut Value), &'static [&'static str]);
type Harmless = (&'static str, fn(&mut Value));

#[test]
fn every_way_to_open_content_is_found() {
    let cases: &[Case] = &[
        (
            "the owner's next deployment",
            |c| {
                for name in ["default", "premium/*"] {
                    find(c, name)["LambdaFunctionAssociations"] = none();
                }
                c["WebACLId"] = json!("");
            },
            &[
                "association-removed",
                "association-removed",
                "association-removed",
                "association-removed",
                "web-acl-gone",
            ],
        ),
        (
            "no list of associations at all",
            |c| {
                find(c, "default").as_object_mut().unwrap().remove("LambdaFunctionAssociations");
            },
            &["association-removed", "association-removed"],
        ),
        (
            "viewer-request alone removed",
            |c| cut(&mut find(c, "default")["LambdaFunctionAssociations"], 0),
            &["association-removed"],
        ),
        (
            "viewer-response alone removed",
            |c| cut(&mut find(c, "premium/*")["LambdaFunctionAssociations"], 1),
            &["association-removed"],
        ),
        (
            "moved to origin-request, behind the cache",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["EventType"] =
                    json!("origin-request");
            },
            &["association-removed", "other-function"],
        ),
        (
            "another version",
            |c| {
                for at in 0..2 {
                    find(c, "default")["LambdaFunctionAssociations"]["Items"][at]["LambdaFunctionARN"] =
                        json!(format!("{FUNCTION}:6"));
                }
            },
            &["other-version", "other-version"],
        ),
        (
            "a version that was never deployed",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(format!("{FUNCTION}:8"));
            },
            &["other-version"],
        ),
        (
            "$LATEST",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(format!("{FUNCTION}:$LATEST"));
            },
            &["other-version"],
        ),
        (
            "no version",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(FUNCTION);
            },
            &["other-version"],
        ),
        (
            "an alias",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(format!("{FUNCTION}:live"));
            },
            &["other-version"],
        ),
        (
            "another function",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!("arn:aws:lambda:us-east-1:111122223333:function:open:7");
            },
            &["other-function"],
        ),
        (
            "a function whose name begins alike",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(format!("{FUNCTION}B:7"));
            },
            &["other-function"],
        ),
        (
            "the same name in another account",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
                    json!(VERSION.replace("111122223333", "444455556666"));
            },
            &["other-function"],
        ),
        (
            "a CloudFront Function in its place",
            |c| {
                let there = find(c, "default");
                there["LambdaFunctionAssociations"] = none();
                there["FunctionAssociations"] = json!({"Quantity": 1, "Items": [
                {"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::111122223333:function/open"}]});
            },
            &["other-function", "association-removed"],
        ),
        (
            "bodies for the function",
            |c| {
                find(c, "default")["LambdaFunctionAssociations"]["Items"][0]["IncludeBody"] =
                    json!(true);
            },
            &["includes-body"],
        ),
        (
            "a function that may send requests elsewhere",
            |c| {
                put(
                    &mut find(c, "default")["LambdaFunctionAssociations"],
                    0,
                    json!({"EventType": "origin-request", "LambdaFunctionARN": "arn:aws:lambda:us-east-1:111122223333:function:router:1"}),
                )
            },
            &["other-function"],
        ),
        (
            "the same on a behaviour that was free",
            |c| {
                find(c, "/assets/*")["FunctionAssociations"] = json!({"Quantity": 1, "Items": [
                {"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::111122223333:function/router"}]});
            },
            &["other-function"],
        ),
        (
            "a behaviour put before",
            |c| put(&mut c["CacheBehaviors"], 0, behaviour(Some("*.pdf"), "content", none())),
            &["behaviour-before"],
        ),
        (
            "one whose pattern seems to match nothing for sale",
            |c| {
                put(&mut c["CacheBehaviors"], 3, behaviour(Some("/%70remium/*"), "content", none()))
            },
            &["behaviour-before"],
        ),
        (
            "one with half of the function",
            |c| {
                let mut half = behaviour(Some("*.pdf"), "content", ours());
                cut(&mut half["LambdaFunctionAssociations"], 0);
                put(&mut c["CacheBehaviors"], 0, half);
            },
            &["behaviour-before"],
        ),
        (
            "the same pattern, without its slash and the function, before",
            |c| put(&mut c["CacheBehaviors"], 0, behaviour(Some("/premium/*"), "content", none())),
            &["association-removed", "association-removed"],
        ),
        (
            "a known free behaviour moved before",
            |c| {
                let items = c["CacheBehaviors"]["Items"].as_array_mut().unwrap();
                items.swap(1, 2);
            },
            &["behaviour-before"],
        ),
        ("a guarded behaviour gone", |c| cut(&mut c["CacheBehaviors"], 1), &["behaviour-gone"]),
        (
            "its pattern narrower",
            |c| find(c, "premium/*")["PathPattern"] = json!("premium/*/*"),
            &["behaviour-gone"],
        ),
        (
            "its pattern in capitals",
            |c| find(c, "premium/*")["PathPattern"] = json!("Premium/*"),
            &["behaviour-gone"],
        ),
        ("all behaviours gone", |c| c["CacheBehaviors"] = none(), &["behaviour-gone"]),
        (
            "the free behaviour leads to what is for sale",
            |c| find(c, "/assets/*")["TargetOriginId"] = json!("content"),
            &["origin-changed"],
        ),
        (
            "the free origin is the priced bucket",
            |c| {
                c["Origins"]["Items"][1]["DomainName"] = json!("shop.s3.us-east-1.amazonaws.com");
            },
            &["origin-changed", "origin-changed"],
        ),
        (
            "the free origin's path is gone",
            |c| c["Origins"]["Items"][1]["OriginPath"] = json!("/x"),
            &["origin-changed", "origin-changed"],
        ),
        (
            "an origin group behind the free behaviour",
            |c| {
                c["OriginGroups"] = json!({"Quantity": 1, "Items": [{"Id": "both", "FailoverCriteria": {},
                "Members": {"Quantity": 2, "Items": [{"OriginId": "free"}, {"OriginId": "content"}]}}]});
                find(c, "/assets/*")["TargetOriginId"] = json!("both");
            },
            &["origin-changed"],
        ),
        (
            "an origin group under the origin's own name",
            |c| {
                c["OriginGroups"] = json!({"Quantity": 1, "Items": [{"Id": "free", "FailoverCriteria": {},
                "Members": {"Quantity": 1, "Items": [{"OriginId": "content"}]}}]});
            },
            &["origin-changed", "origin-changed"],
        ),
        (
            "no signature for the bucket, which must be public then",
            |c| {
                c["Origins"]["Items"][0]["OriginAccessControlId"] = json!("");
            },
            &["origin-changed", "origin-changed"],
        ),
        (
            "a guarded behaviour that sells from elsewhere",
            |c| put(&mut c["CacheBehaviors"], 0, behaviour(Some("/x/*"), "free", ours())),
            &["origin-changed"],
        ),
        (
            "an error page that is for sale",
            |c| {
                c["CustomErrorResponses"]["Items"][0]["ResponsePagePath"] =
                    json!("/assets/%2e%2e/report.pdf");
                c["CustomErrorResponses"]["Items"][0]["ResponseCode"] = json!("200");
            },
            &["error-page"],
        ),
        (
            "another code's error page",
            |c| {
                put(
                    &mut c["CustomErrorResponses"],
                    0,
                    json!({"ErrorCode": 404, "ResponsePagePath": "/report.pdf", "ResponseCode": "200"}),
                )
            },
            &["error-page"],
        ),
        (
            "a default root object",
            |c| c["DefaultRootObject"] = json!("assets/report.pdf"),
            &["root-object"],
        ),
        (
            "a staging distribution",
            |c| c["ContinuousDeploymentPolicyId"] = json!("1f8b"),
            &["continuous-deployment"],
        ),
        ("tenants", |c| c["ConnectionMode"] = json!("tenant-only"), &["connection-mode"]),
        (
            "passes in the clear",
            |c| find(c, "default")["ViewerProtocolPolicy"] = json!("allow-all"),
            &["behaviour-changed"],
        ),
        (
            "passes in the log",
            |c| c["Logging"] = json!({"Enabled": true, "IncludeCookies": true}),
            &["cookies-logged"],
        ),
        (
            "paths that the viewer did not ask for",
            |c| find(c, "default")["SmoothStreaming"] = json!(true),
            &["behaviour-changed"],
        ),
        (
            "queries to S3",
            |c| find(c, "default")["OriginRequestPolicyId"] = json!("216adef6"),
            &["behaviour-changed"],
        ),
        (
            "writes",
            |c| put(&mut find(c, "default")["AllowedMethods"], 3, json!("PUT")),
            &["behaviour-changed"],
        ),
        ("disabled", |c| c["Enabled"] = json!(false), &["distribution-disabled"]),
        ("no web ACL", |c| c["WebACLId"] = json!(""), &["web-acl-gone"]),
        (
            "another web ACL",
            |c| c["WebACLId"] = json!(ACL.replace("shop", "open")),
            &["web-acl-other"],
        ),
        ("no configuration", |c| *c = json!({}), &["config-unreadable"]),
        (
            "an answer of another shape",
            |c| *c = json!({"ETag": "E", "DistributionConfig": c}),
            &["config-unreadable"],
        ),
        (
            "a list that was read in part",
            |c| c["CacheBehaviors"]["Quantity"] = json!(4),
            &["config-unreadable"],
        ),
        (
            "a behaviour whose origin is not there",
            |c| find(c, "/api/*")["TargetOriginId"] = json!("nowhere"),
            &["config-unreadable"],
        ),
    ];
    for (name, change, wanted) in cases {
        assert_eq!(after(change), *wanted, "{name}");
    }
}

#[test]
fn what_opens_nothing_is_no_finding() {
    let cases: &[Harmless] = &[
        ("nothing", |_| ()),
        ("associations in another order", |c| {
            find(c, "default")["LambdaFunctionAssociations"]["Items"]
                .as_array_mut()
                .unwrap()
                .reverse()
        }),
        ("methods in another order", |c| {
            find(c, "default")["AllowedMethods"]["Items"].as_array_mut().unwrap().reverse()
        }),
        ("a slash that CloudFront leaves out", |c| {
            find(c, "premium/*")["PathPattern"] = json!("/premium/*")
        }),
        ("a free behaviour gone", |c| cut(&mut c["CacheBehaviors"], 0)),
        ("a free behaviour moved back", |c| {
            c["CacheBehaviors"]["Items"].as_array_mut().unwrap().swap(0, 1)
        }),
        ("a free behaviour guarded", |c| {
            find(c, "/assets/*")["LambdaFunctionAssociations"] = ours()
        }),
        ("a new behaviour with the function", |c| {
            put(&mut c["CacheBehaviors"], 0, behaviour(Some("*.pdf"), "content", ours()))
        }),
        ("an error kept longer", |c| {
            c["CustomErrorResponses"]["Items"][0]["ErrorCachingMinTTL"] = json!(10)
        }),
        ("settings that decide nothing", |c| {
            c["Comment"] = json!("mine");
            c["PriceClass"] = json!("PriceClass_All");
            find(c, "default")["Compress"] = json!(true);
            c["SomethingNew"] = json!({"Quantity": 1});
        }),
        ("a free behaviour's cache policy", |c| {
            find(c, "/api/*")["CachePolicyId"] = json!("4135ea2d")
        }),
        ("an origin that no behaviour names", |c| put(&mut c["Origins"], 2, origin("new", "new"))),
        ("what CloudFront leaves out", |c| {
            for name in
                ["ContinuousDeploymentPolicyId", "DefaultRootObject", "OriginGroups", "Logging"]
            {
                c.as_object_mut().unwrap().remove(name);
            }
        }),
    ];
    for (name, change) in cases {
        assert_eq!(after(change), [""; 0], "{name}");
    }
}

#[test]
fn an_owners_new_version_of_a_function_that_was_there_is_the_owners_business() {
    let router = |version: u32| {
        let arn = format!("arn:aws:lambda:us-east-1:111122223333:function:router:{version}");
        json!({"Quantity": 1, "Items": [{"EventType": "origin-request", "LambdaFunctionARN": arn}]})
    };
    let mut before = config();
    find(&mut before, "/api/*")["LambdaFunctionAssociations"] = router(1);
    let expected = made_of(&before, Some(&acl())).unwrap();
    find(&mut before, "/api/*")["LambdaFunctionAssociations"] = router(2);
    assert_eq!(judged(&expected, before, Some(acl())), [""; 0]);
}

#[test]
fn a_configuration_of_25_behaviours() {
    let many = |first: &str| {
        let mut config = config();
        for number in 0..22 {
            let pattern = if number == 0 { first.to_owned() } else { format!("/{number}/*") };
            put(&mut config["CacheBehaviors"], 3, behaviour(Some(&pattern), "free", none()));
        }
        config
    };
    let expected = made_of(&many("/0/*"), Some(&acl())).unwrap();
    assert_eq!(judged(&expected, many("/0/*"), Some(acl())), [""; 0]);
    assert_eq!(judged(&expected, many("/00/*"), Some(acl())), ["behaviour-before"]);
}

#[test]
fn after_the_guarded_ones_only_default_may_be_open() {
    let mut before = config();
    functions(&mut before, "default");
    before["DefaultCacheBehavior"] = behaviour(None, "free", none());
    let deployed = Deployed {
        stack: "shop",
        distribution: "E",
        version: VERSION,
        guarded: &["premium/*".to_owned()],
        config: &before,
        web_acl: None,
        owned: None,
    };
    let expected = Expected::of(&deployed).unwrap();
    let mut now = before.clone();
    put(&mut now["CacheBehaviors"], 3, behaviour(Some("/new/*"), "content", none()));
    assert_eq!(judged(&expected, now, None), ["behaviour-open"]);
}

#[test]
fn rules_of_the_web_acl() {
    let cases: &[Case] = &[
        ("in another order of the list", |a| a["Rules"].as_array_mut().unwrap().reverse(), &[]),
        (
            "only shown otherwise",
            |a| a["Rules"][0]["VisibilityConfig"]["MetricName"] = json!("x"),
            &[],
        ),
        (
            "what was not said",
            |a| {
                a["Rules"][0]["Statement"]["RateBasedStatement"]["ScopeDownStatement"] = Value::Null
            },
            &[],
        ),
        ("no rules", |a| a["Rules"] = json!([]), &["web-acl-changed"]),
        (
            "a rule less",
            |a| {
                a["Rules"].as_array_mut().unwrap().pop();
            },
            &["web-acl-changed"],
        ),
        (
            "a rule that only counts",
            |a| a["Rules"][0]["Action"] = json!({"Count": {}}),
            &["web-acl-changed"],
        ),
        (
            "a limit that is none",
            |a| a["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] = json!(2_000_000_000),
            &["web-acl-changed"],
        ),
        (
            "a rule that lets all through first",
            |a| {
                a["Rules"].as_array_mut().unwrap().push(
            json!({"Name": "open", "Priority": 4, "Action": {"Allow": {}}, "Statement": {}}))
            },
            &["web-acl-changed"],
        ),
        ("another order", |a| a["Rules"][0]["Priority"] = json!(9), &["web-acl-changed"]),
        ("another default", |a| a["DefaultAction"] = json!({"Block": {}}), &["web-acl-changed"]),
        ("a rule without a name", |a| a["Rules"][0]["Name"] = Value::Null, &["web-acl-changed"]),
    ];
    for (name, change, wanted) in cases {
        let mut now = acl();
        change(&mut now);
        assert_eq!(judged(&expected(), config(), Some(now)), *wanted, "{name}");
    }
    assert_eq!(judged(&expected(), config(), None), ["web-acl-gone"]);
    // Of somebody else's web ACL the rules are not ours to judge.
    let others = made_of(&config(), None).unwrap();
    assert_eq!(judged(&others, config(), None), [""; 0]);
}

#[test]
fn no_distribution() {
    let found = compare(
        &expected(),
        &Observed { at: NOW, config: None, web_acl: None, packages: BTreeMap::new() },
    );
    assert_eq!(codes(&found), ["distribution-gone"]);
}

#[test]
fn a_deployment_under_way() {
    let newer = |version: &str| {
        let mut config = config();
        for at in 0..2 {
            find(&mut config, "default")["LambdaFunctionAssociations"]["Items"][at]["LambdaFunctionARN"] =
                json!(format!("{FUNCTION}:{version}"));
        }
        config
    };
    let changing = expected().changing(NOW);
    let at = |at: u64, config: Value, acl: Value| {
        codes(&compare(
            &changing,
            &Observed { at, config: Some(config), web_acl: Some(acl), packages: BTreeMap::new() },
        ))
    };
    let mut stricter = acl();
    stricter["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] = json!(50);
    assert_eq!(at(NOW + 60, newer("8"), stricter.clone()), [""; 0]);
    // Rolled back, half way, or not begun.
    assert_eq!(at(NOW + 60, config(), acl()), [""; 0]);
    for old in ["6", "$LATEST", "live"] {
        assert_eq!(at(NOW + 60, newer(old), acl()), ["other-version", "other-version"], "{old}");
    }
    // It does not excuse what opens content, and ends by itself.
    let mut open = newer("8");
    find(&mut open, "premium/*")["LambdaFunctionAssociations"] = none();
    assert_eq!(at(NOW + 60, open, acl()), ["association-removed", "association-removed"]);
    assert_eq!(
        at(NOW + LONGEST_CHANGE_SECONDS, newer("8"), acl()),
        ["other-version", "other-version"]
    );
    // Nor does a document that says it takes for ever.
    let for_ever = expected().changing(NOW + 10 * LONGEST_CHANGE_SECONDS);
    let found = compare(
        &for_ever,
        &Observed {
            at: NOW,
            config: Some(newer("8")),
            web_acl: Some(stricter),
            packages: BTreeMap::new(),
        },
    );
    assert_eq!(codes(&found), ["other-version", "other-version", "web-acl-changed"]);
}

#[test]
fn a_site_that_is_closed() {
    let shut = |enabled: bool| {
        let mut config = config();
        config["Enabled"] = json!(enabled);
        config
    };
    let found = |expected: &Expected, enabled: bool| judged(expected, shut(enabled), Some(acl()));
    let closed = made_of(&shut(false), Some(&acl())).unwrap().of_closed();
    assert_eq!(found(&closed, false), [""; 0]);
    assert_eq!(found(&closed, true), ["distribution-enabled"]);
    assert_eq!(found(&expected(), false), ["distribution-disabled"]);
    // Of somebody else's, which was disabled when the function was put on it, its owner decides.
    let owners = made_of(&shut(false), Some(&acl())).unwrap();
    assert_eq!((found(&owners, true), found(&owners, false)), (vec![], vec![]));
    // A deployment opens and closes.
    for (before, enabled) in [(closed.clone(), true), (expected(), false)] {
        assert_eq!(found(&before.changing(NOW), enabled), [""; 0]);
    }
    let read = Expected::read(&closed.to_json()).unwrap();
    assert_eq!((read.v, &read), (3, &closed));
    // Whoever does not know what is closed must not judge it.
    let mut document: Value = serde_json::from_slice(&closed.to_json()).unwrap();
    document["v"] = json!(1);
    assert!(Expected::read(document.to_string().as_bytes()).is_err());
    let mut document: Value = serde_json::from_slice(&expected().to_json()).unwrap();
    assert_eq!(document.get("closed"), None);
    document["v"] = json!(3);
    assert!(Expected::read(document.to_string().as_bytes()).is_err());
}

#[test]
fn the_document_is_read_as_it_was_written_or_not_at_all() {
    let expected = expected().changing(NOW);
    assert_eq!(Expected::read(&expected.to_json()).unwrap(), expected);
    let written: Value = serde_json::from_slice(&expected.to_json()).unwrap();
    for (change, says) in [
        (json!({"v": 0}), "its version is 0, and this is 3"),
        (json!({"v": 4, "more": true}), "its version is 4, and this is 3"),
        (json!({"v": 2}), "what it says of the site does not fit version 2"),
        (json!({"owned": {"by": "cdk", "code_sha256": []}}), "does not fit version 1"),
        (json!({"more": true}), "unknown field `more`"),
        (json!({"guarded": null}), "invalid type: null"),
    ] {
        let mut document = written.clone();
        for (name, value) in change.as_object().unwrap() {
            document[name] = value.clone();
        }
        let why = Expected::read(document.to_string().as_bytes()).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    for text in ["", "{}", "[]", "null", "{\"v\": 1}"] {
        assert!(Expected::read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn nothing_is_expected_of_what_was_not_deployed() {
    let lacks = |change: fn(&mut Value)| {
        let mut config = config();
        change(&mut config);
        made_of(&config, None).unwrap_err().to_string()
    };
    let why = lacks(|c| cut(&mut find(c, "default")["LambdaFunctionAssociations"], 1));
    assert_eq!(why, "behaviour default has no function on viewer-response");
    assert!(lacks(|c| c["CacheBehaviors"] = none()).contains("premium"));
    let mut other = config();
    other["WebACLId"] = json!("");
    assert!(
        made_of(&other, Some(&acl()))
            .unwrap_err()
            .to_string()
            .contains("has not the stack's web ACL")
    );
    for (version, guarded) in [
        (FUNCTION, "default"),
        ("arn:aws:lambda:eu-west-1:1:function:f:1", "default"),
        (VERSION, ""),
    ] {
        let guarded: Vec<_> =
            (!guarded.is_empty()).then(|| guarded.to_owned()).into_iter().collect();
        let deployed = Deployed {
            stack: "s",
            distribution: "E",
            version,
            guarded: &guarded,
            config: &config(),
            web_acl: None,
            owned: None,
        };
        Expected::of(&deployed).unwrap_err();
    }
}

#[test]
fn every_finding_says_what_and_what_to_do() {
    let found = compare(
        &expected(),
        &Observed { at: NOW, config: None, web_acl: None, packages: BTreeMap::new() },
    );
    assert_eq!(found[0].to_string(), "distribution-gone: there is no distribution EDFDVBD6EXAMPLE");
    assert!(found[0].mend(None).contains("deploy again"));
}

/// The same distribution, whose owner's code has the function.
fn owned(by: Owner) -> Expected {
    let owned = Owned { by, code_sha256: vec!["judged".to_owned()] };
    Expected::of(&Deployed {
        stack: "shop",
        distribution: "EDFDVBD6EXAMPLE",
        version: VERSION,
        guarded: &["default".to_owned(), "/premium/*".to_owned()],
        config: &config(),
        web_acl: Some(&acl()),
        owned: Some(&owned),
    })
    .unwrap()
}

#[test]
fn a_version_in_its_owners_code_is_known_by_its_package() {
    let eight = format!("{FUNCTION}:8");
    let mut next = config();
    for at in 0..2 {
        find(&mut next, "default")["LambdaFunctionAssociations"]["Items"][at]["LambdaFunctionARN"] =
            json!(eight);
    }
    assert_eq!(super::compare::other_versions(&owned(Owner::Cdk), &next), [eight.clone()].into());
    assert!(super::compare::other_versions(&expected(), &next).is_empty(), "nobody is asked");
    let of = |expected: &Expected, package: Option<&str>, config: &Value| {
        let packages = package.map(|package| (eight.clone(), package.to_owned()));
        let packages = packages.into_iter().collect();
        let config = Some(config.clone());
        codes(&compare(expected, &Observed { at: NOW, config, web_acl: Some(acl()), packages }))
    };
    let before = owned(Owner::Terraform);
    let other = ["other-version", "other-version"];
    assert_eq!(of(&before, Some("judged"), &next), [""; 0], "another version of the same package");
    assert_eq!(of(&before, Some("next"), &next), other);
    assert_eq!(of(&before, None, &next), other, "the version is gone");
    let told = before.clone().expecting("next");
    assert_eq!(of(&told, Some("next"), &next), [""; 0]);
    assert_eq!(of(&told, None, &config()), [""; 0], "not yet, or back");
    assert_eq!(of(&told.clone().expecting("later"), Some("next"), &next), other);
    assert_eq!(told.expecting("judged"), before, "nothing is to come any more");
    // A known package excuses nothing else, and no version of ours without a number.
    find(&mut next, "default")["LambdaFunctionAssociations"]["Items"][0]["IncludeBody"] =
        json!(true);
    assert_eq!(of(&before, Some("judged"), &next), ["includes-body"]);
    find(&mut next, "default")["LambdaFunctionAssociations"]["Items"][0]["LambdaFunctionARN"] =
        json!(format!("{FUNCTION}:live"));
    assert_eq!(of(&before, Some("judged"), &next), ["other-version"]);
    assert_eq!(Expected::read(&before.to_json()).unwrap(), before);
    // Who has no owner's code is told apart by a version that an earlier check refuses.
    let written: Value = serde_json::from_slice(&before.to_json()).unwrap();
    assert_eq!((&written["v"], &written["owned"]["by"]), (&json!(2), &json!("terraform")));
}

#[test]
fn what_is_found_is_mended_where_the_function_is() {
    let mut now = config();
    find(&mut now, "default")["LambdaFunctionAssociations"] = none();
    now["WebACLId"] = json!("");
    let observed =
        Observed { at: NOW, config: Some(now), web_acl: None, packages: BTreeMap::new() };
    let found = compare(&owned(Owner::Terraform), &observed);
    assert_eq!(codes(&found), ["association-removed", "association-removed", "web-acl-gone"]);
    for (owner, names, applies) in [
        (Owner::Terraform, ["lambda_function_association", "web_acl_id"], "`terraform apply`"),
        (Owner::Cdk, ["edgeLambdas", "webAclId"], "`cdk deploy`"),
    ] {
        let said = [&found[0], &found[2]].map(|finding| finding.mend(Some(owner)));
        for (said, name) in said.iter().zip(names) {
            assert!(said.contains(name) && said.contains(applies), "{said}");
            assert!(!said.contains("attach again") && !said.contains("deploy again"), "{said}");
        }
        assert_eq!(Owner::named(owner.name()), Some(owner));
    }
    assert!(found[0].mend(None).contains("attach again"));
}
