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
    let origin = |id: &str, domain: &str, path: &str| json!({"Id": id, "DomainName": domain, "OriginPath": path, "OriginAccessControlId": "E327GJI25M56DG"});
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

#[test]
fn an_object_is_fetched_where_its_path_leads() {
    let from = |config: &Value| {
        let all = fetched(config, &OURS.parse().unwrap(), KEYS.into_iter()).unwrap();
        let said = |from: Result<Folder, String>| match from {
            Ok(Folder { bucket, region, prefix }) => {
                format!("{bucket} {} {prefix}", region.unwrap_or_default())
            }
            Err(domain) => format!("? {domain}"),
        };
        all.into_iter().map(|one| (said(one.from), one.keys)).collect::<Vec<_>>()
    };
    let shop = "shop us-east-1 ".to_owned();
    assert_eq!(from(&shop_with(&[])), [(shop.clone(), KEYS.to_vec())]);
    let apart = |origin: &str, gated| more("/premium/*", behaviour(origin, gated));
    let [picture, premium] = KEYS.map(|key| vec![key]);
    assert_eq!(
        from(&apart("pages", true)),
        [("pages us-east-1 ".to_owned(), premium.clone()), (shop.clone(), picture.clone())]
    );
    assert_eq!(
        from(&apart("shop-free", true)),
        [(shop.clone(), picture.clone()), ("shop us-east-1 free/".to_owned(), premium.clone())]
    );
    // Of what it is not asked, nothing is sold.
    assert_eq!(from(&apart("pages", false)), [(shop.clone(), picture.clone())]);
    // A server, and a path that S3 may read in another way, are not known to have anything.
    for (origin, domain) in [("server", "www.example.com"), ("gone", "gone")] {
        let unknown = (format!("? {domain}"), premium.clone());
        assert_eq!(from(&apart(origin, true)), [(shop.clone(), picture.clone()), unknown]);
    }
    let escaped = shop_with(&[("OriginPath", "/fr%65e")]);
    let unknown = "? shop.s3.us-east-1.amazonaws.com".to_owned();
    assert_eq!(from(&escaped), [(unknown, KEYS.to_vec())]);
    let global = shop_with(&[("DomainName", "shop.s3.amazonaws.com")]);
    assert_eq!(from(&global), [("shop  ".to_owned(), KEYS.to_vec())]);
    // Of a group, the first is asked.
    let mut group = apart("both", true);
    group["OriginGroups"] = json!({"Quantity": 1, "Items": [
        {"Id": "both", "Members": {"Quantity": 2, "Items": [{"OriginId": "pages"}, {"OriginId": "shop"}]}}]});
    assert_eq!(from(&group), [("pages us-east-1 ".to_owned(), premium), (shop, picture)]);
}

/// The shop, with its origin changed.
fn shop_with(changes: &[(&str, &str)]) -> Value {
    let mut shop = shop();
    for (name, value) in changes {
        shop["Origins"]["Items"][0][*name] = json!(value);
    }
    shop
}

/// What AWS says of a tight shop.
fn facts() -> Facts {
    let none = |headers: Value| {
        json!({"HeadersConfig": headers, "CookiesConfig": {"CookieBehavior": "none"},
               "QueryStringsConfig": {"QueryStringBehavior": "none"}})
    };
    let keyed = json!({"HeaderBehavior": "whitelist", "Headers": {"Items": ["Payment-Signature"]}});
    let mut viewer = none(json!({"HeaderBehavior": "allViewer"}));
    viewer["CookiesConfig"]["CookieBehavior"] = json!("all");
    viewer["QueryStringsConfig"]["QueryStringBehavior"] = json!("all");
    let mut facts = Facts::from([
        (
            Fact::CachePolicy(OPTIMIZED.to_owned()),
            json!({"CachePolicy": {"CachePolicyConfig": {
                "ParametersInCacheKeyAndForwardedToOrigin": none(json!({"HeaderBehavior": "none"}))}}}),
        ),
        (
            Fact::CachePolicy("keyed".to_owned()),
            json!({"CachePolicy": {"CachePolicyConfig": {
                "ParametersInCacheKeyAndForwardedToOrigin": none(keyed)}}}),
        ),
        (
            Fact::OriginRequestPolicy("all-viewer".to_owned()),
            json!({"OriginRequestPolicy": {"OriginRequestPolicyConfig": viewer}}),
        ),
        (Fact::Distributions, json!({"DistributionList": {"Quantity": 0}})),
    ]);
    for bucket in ["shop", "pages"] {
        facts.insert(
            Fact::PolicyStatus(bucket.to_owned()),
            json!({"PolicyStatus": {"IsPublic": false}}),
        );
        facts.insert(Fact::PublicAccessBlock(bucket.to_owned()), block(true, true));
    }
    facts
}

fn block(ignores_acls: bool, restricts: bool) -> Value {
    json!({"PublicAccessBlockConfiguration": {
        "IgnorePublicAcls": ignores_acls, "RestrictPublicBuckets": restricts}})
}

fn kinds_with(config: &Value, facts: &Facts) -> Vec<&'static str> {
    let distribution = read(config).unwrap();
    let function = OURS.parse().unwrap();
    let found = find("EDFDVBD6EXAMPLE", &distribution, &function, facts, &KEYS, false);
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
    let mut facts = facts();
    let mut other = shop();
    other["DefaultCacheBehavior"] = behaviour("shop", false);
    for (id, enabled, expected) in [
        ("E2OTHER", true, &["other-distribution"][..]),
        ("E2OTHER", false, &[]),
        ("EDFDVBD6EXAMPLE", true, &[]),
    ] {
        other["Id"] = json!(id);
        other["Enabled"] = json!(enabled);
        let list = json!({"DistributionList": {"Quantity": 1, "Items": [other]}});
        facts.insert(Fact::Distributions, list);
        assert_eq!(kinds_with(&shop(), &facts), expected, "{id} {enabled}");
    }
}

#[test]
fn public_buckets() {
    let mut facts = facts();
    let status = Fact::PolicyStatus("shop".to_owned());
    let blocks = Fact::PublicAccessBlock("shop".to_owned());
    let public = |is: bool| json!({"PolicyStatus": {"IsPublic": is}});
    facts.insert(status.clone(), public(true));
    // Restricted: the public policy counts for nothing.
    assert_eq!(kinds_with(&shop(), &facts), Vec::<&str>::new());
    facts.insert(blocks.clone(), block(true, false));
    assert_eq!(kinds_with(&shop(), &facts), ["public-bucket"]);
    facts.insert(status, public(false));
    facts.insert(blocks, block(false, false));
    assert_eq!(kinds_with(&shop(), &facts), ["public-bucket"]);
}

#[test]
fn what_aws_does_not_say_is_refused() {
    let missing = [
        Fact::PolicyStatus("shop".to_owned()),
        Fact::PublicAccessBlock("shop".to_owned()),
        Fact::Distributions,
        Fact::CachePolicy(OPTIMIZED.to_owned()),
    ];
    for fact in missing {
        let mut facts = facts();
        facts.remove(&fact).unwrap();
        assert_eq!(kinds_with(&shop(), &facts), ["unknown-fact"], "{fact}");
    }
}

#[test]
fn what_is_no_answer_of_awss_is_named() {
    let mut facts = facts();
    facts.insert(Fact::Distributions, json!({"DistributionList": 1}));
    let distribution = read(&shop()).unwrap();
    let error = find("E", &distribution, &OURS.parse().unwrap(), &facts, &KEYS, false).unwrap_err();
    assert!(error.to_string().starts_with("distributions all: not an answer of AWS's"), "{error}");
}

/// With the objects of the sample.
fn judged(config: &Value) -> Verdict {
    let sample = std::path::Path::new("..").join(content_config::SAMPLE);
    let compiled = content_config::compile(&sample).unwrap_or_else(|report| panic!("{report}"));
    let mut facts = facts();
    facts.extend(
        grants(json!("s3:GetObject")).map(|policy| (Fact::BucketPolicy("shop".to_owned()), policy)),
    );
    facts.insert(Fact::BucketLocation("shop".to_owned()), located(json!(null)));
    judge(config, "EDFDVBD6EXAMPLE", &OURS.parse().unwrap(), &facts, &compiled).unwrap()
}

#[test]
fn verdicts() {
    let answer = json!({"ETag": "E", "DistributionConfig": shop()});
    for config in [shop(), answer] {
        let Verdict { findings, refused, summary } = judged(&config);
        assert_eq!((findings, refused), (vec![], 0));
        assert!(summary.starts_with("every way to "), "{summary}");
        assert!(summary.ends_with("leads past the function, which 1 behaviour names"), "{summary}");
    }
    let mut config = more("/x/*", behaviour("server", false));
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = json!("allow-all");
    let Verdict { findings, refused, summary } = judged(&config);
    assert_eq!((findings.len(), refused), (2, 1));
    assert!(findings[0].starts_with("refused  plain-http: "), "{findings:?}");
    assert!(findings[1].starts_with("note     unseen: "), "{findings:?}");
    assert!(summary.starts_with("1 of these must change"), "{summary}");
    assert!(needed(&json!({}), false).unwrap_err().to_string().contains("DefaultCacheBehavior"));
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
    let distribution = read(&config).unwrap();
    let error =
        find("E", &distribution, &OURS.parse().unwrap(), &facts(), &KEYS, false).unwrap_err();
    assert!(error.to_string().contains("no behaviour has the function"));
}

#[test]
fn the_facts_that_are_needed() {
    let lines: Vec<_> = needed(&shop(), false).unwrap().iter().map(ToString::to_string).collect();
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

/// Those of a sealed site, with the bucket's policy.
fn kinds_sealed(config: &Value, policy: Option<Value>) -> Vec<&'static str> {
    let mut facts = facts();
    facts.extend(policy.map(|policy| (Fact::BucketPolicy("shop".to_owned()), policy)));
    facts.insert(Fact::BucketLocation("shop".to_owned()), located(json!(null)));
    let distribution = read(config).unwrap();
    let function = OURS.parse().unwrap();
    let found = find("EDFDVBD6EXAMPLE", &distribution, &function, &facts, &KEYS, true);
    found.unwrap().iter().map(|finding| finding.kind.name()).collect()
}

fn located(region: Value) -> Value {
    json!({"LocationConstraint": region})
}

/// What AWS's page grants to CloudFront:
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
fn grants(action: Value) -> Option<Value> {
    Some(json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": action,
        "Resource": "arn:aws:s3:::shop/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"}}}}))
}

#[test]
fn a_sealed_shop_needs_an_origin_that_tells_nothing() {
    let tight = || grants(json!("s3:GetObject"));
    assert_eq!(kinds_sealed(&shop(), tight()), Vec::<&str>::new());
    let mut open = shop();
    open["Origins"]["Items"][0]["OriginAccessControlId"] = json!("");
    assert_eq!(kinds_sealed(&open, tight()), ["no-access-control"]);
    assert_eq!(kinds_sealed(&shop(), None), ["unknown-fact"]);
    assert_eq!(kinds_sealed(&shop(), Some(json!({}))), ["not-readable"]);

    let mut global = shop();
    global["Origins"]["Items"][0]["DomainName"] = json!("shop.s3.amazonaws.com");
    assert_eq!(kinds_sealed(&global, tight()), ["global-endpoint"]);

    global["Origins"]["Items"][0]["DomainName"] =
        json!("a-111122223333.s3-accesspoint.us-east-1.amazonaws.com");
    assert!(kinds_sealed(&global, tight()).contains(&"global-endpoint"));

    let mut watched = shop();
    let late = json!({"LambdaFunctionARN": "arn:other", "EventType": "origin-response"});
    let events = &mut watched["DefaultCacheBehavior"]["LambdaFunctionAssociations"]["Items"];
    events.as_array_mut().unwrap().push(late);
    assert_eq!(kinds_sealed(&watched, tight()), ["seal-shown", "origin-function"]);
}

#[test]
fn a_sealed_bucket_is_listed_by_nobody_who_hands_it_on() {
    for action in [
        json!(["s3:GetObject", "s3:ListBucket"]),
        json!("s3:*"),
        json!(["S3:get*", "S3:list*"]),
        json!("*"),
    ] {
        assert_eq!(kinds_sealed(&shop(), grants(action.clone())), ["listable"], "{action}");
    }
    for (statement, listable) in [
        (json!({"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket"}), true),
        (json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "NotAction": "s3:GetObject"}), true),
        (
            json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"]}, "Action": "s3:List*"}),
            true,
        ),
        (json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "NotAction": "s3:*"}), false),
        (json!({"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket"}), false),
        (
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/seller"}, "Action": "s3:*"}),
            false,
        ),
    ] {
        let found = kinds_sealed(&shop(), beside(statement.clone()));
        assert_eq!(found == ["listable"], listable, "{statement}: {found:?}");
    }
}

/// A policy that lets CloudFront read, with one more statement.
fn beside(statement: Value) -> Option<Value> {
    let reads = grants(json!("s3:GetObject"))?["Statement"].take();
    Some(json!({"Statement": [statement, reads]}))
}

#[test]
fn a_sealed_bucket_refuses_its_reader_nothing() {
    let deny = |more: Value| {
        let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"]});
        for (key, value) in more.as_object().unwrap() {
            statement[key] = value.clone();
        }
        statement
    };
    let on =
        |operator: &str, key: &str, value: Value| json!({"Condition": {operator: {key: value}}});
    let below = |place: &str| json!({"Resource": format!("arn:aws:s3:::shop{place}")});
    let seal = "a".repeat(26);
    let this = "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE";
    for (more, refused) in [
        (json!({}), true),
        // As this project's template has it.
        (on("Bool", "aws:SecureTransport", json!("false")), false),
        (on("Bool", "aws:SecureTransport", json!(false)), false),
        (on("Bool", "aws:SecureTransport", json!("true")), true),
        (on("NumericLessThan", "s3:TlsVersion", json!("1.2")), false),
        (on("NumericLessThan", "s3:TlsVersion", json!(1.2)), false),
        (on("BoolIfExists", "aws:PrincipalIsAWSService", json!("false")), false),
        (on("StringNotEquals", "AWS:SourceArn", json!(this)), false),
        (on("ArnNotLike", "aws:SourceArn", json!([this, "arn:x"])), false),
        (
            on("StringNotEquals", "aws:SourceArn", json!("arn:aws:cloudfront::1:distribution/E2")),
            true,
        ),
        (on("StringEquals", "aws:SourceArn", json!(this)), true),
        (on("NotIpAddress", "aws:SourceIp", json!("192.0.2.0/24")), true),
        (json!({"Action": "s3:PutObject"}), false),
        (json!({"Action": "s3:GetObject"}), true),
        (json!({"Principal": {"AWS": "arn:aws:iam::111122223333:role/seller"}}), false),
        (
            json!({"Principal": null, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}),
            true,
        ),
        (
            json!({"Principal": null, "NotPrincipal": {"Service": "cloudfront.amazonaws.com"}}),
            false,
        ),
        // What lies below no seal, and what may.
        (below(""), false),
        (below("/private/*"), false),
        (below("/index.html"), false),
        (below("-logs/*"), false),
        (below("/priv*"), true),
        (below("/*/2026/*"), true),
        (below(&format!("/{seal}/reports/*")), true),
        (below("/${aws:username}/*"), true),
        (json!({"Resource": "*"}), true),
        (json!({"Resource": null, "NotResource": "arn:aws:s3:::other/*"}), true),
    ] {
        let found = kinds_sealed(&shop(), beside(deny(more.clone())));
        let expected = if refused { &["object-refused"][..] } else { &[] };
        assert_eq!(found, expected, "{more}");
    }
}

#[test]
fn a_sealed_bucket_lets_the_distribution_read() {
    let granting = |more: Value| {
        let mut policy = grants(json!("s3:GetObject")).unwrap();
        for (key, value) in more.as_object().unwrap() {
            policy["Statement"][key] = value.clone();
        }
        Some(policy)
    };
    let from = |arn: &str| json!({"Condition": {"StringLike": {"aws:SourceArn": arn}}});
    for (more, reads) in [
        (json!({}), true),
        (from("arn:aws:cloudfront::111122223333:distribution/*"), true),
        (from("arn:aws:cloudfront::111122223333:distribution/E2OTHER"), false),
        (
            json!({"Condition": {"StringNotEquals": {"aws:SourceArn": "arn:aws:cloudfront::1:distribution/E2"}}}),
            true,
        ),
        (json!({"Resource": "arn:aws:s3:::shop/free/*"}), false),
        (json!({"Resource": "arn:aws:s3:::other/*"}), false),
        (json!({"Action": "s3:PutObject"}), false),
        (json!({"Principal": {"Service": "logging.s3.amazonaws.com"}}), false),
        (json!({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}), false),
    ] {
        let expected = if reads { &[][..] } else { &["not-readable"] };
        assert_eq!(kinds_sealed(&shop(), granting(more.clone())), expected, "{more}");
    }
}

#[test]
fn a_sealed_bucket_is_asked_in_its_region() {
    for (asked, location, right) in [
        ("us-east-1", json!(null), true),
        ("us-east-1", json!("us-east-1"), true),
        ("us-east-1", json!("eu-central-1"), false),
        ("eu-central-1", json!("eu-central-1"), true),
        ("eu-west-1", json!("EU"), true),
        ("eu-west-1", json!(null), false),
    ] {
        let mut config = shop();
        config["Origins"]["Items"][0]["DomainName"] =
            json!(format!("shop.s3.{asked}.amazonaws.com"));
        let mut facts = Facts::from([
            (Fact::BucketPolicy("shop".to_owned()), grants(json!("s3:GetObject")).unwrap()),
            (Fact::BucketLocation("shop".to_owned()), located(location.clone())),
        ]);
        let found = |facts: &Facts| {
            tellers(&config, "EDFDVBD6EXAMPLE", &OURS.parse().unwrap(), facts).unwrap()
        };
        let whats: Vec<_> = found(&facts).iter().map(Finding::what).collect();
        assert_eq!(whats.is_empty(), right, "{asked} {location}: {whats:?}");
        assert!(right || whats[0].starts_with("other-region: "), "{whats:?}");
        facts.remove(&Fact::BucketLocation("shop".to_owned()));
        assert!(found(&facts)[0].what().starts_with("unknown-fact: "));
    }
}

#[test]
fn where_the_function_s_objects_are_fetched_from() {
    let mut config = more("/free/*", behaviour("shop-free", true));
    config["Origins"]["Items"][1]["DomainName"] = json!("shop.s3.eu-west-1.amazonaws.com");
    let found = shelves(&config, &OURS.parse().unwrap()).unwrap();
    let found: Vec<_> = found.iter().map(|it| [&*it.bucket, &*it.region, &*it.prefix]).collect();
    assert_eq!(found, [["shop", "eu-west-1", "free/"], ["shop", "us-east-1", ""]]);
    assert!(
        shelves(&more("/a/*", behaviour("pages", false)), &OURS.parse().unwrap()).unwrap().len()
            == 1
    );
}
