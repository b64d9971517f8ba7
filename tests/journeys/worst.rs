//! S3 at its worst: what it tells of a sealed site's objects to a reader that is set up badly, CloudFront hands on. So
//! each such setting is refused before the function goes there.

use edge_local::{Options, Worst};
use serde_json::{Value, json};
use ship::gates::{Fact, Facts, FunctionVersion, judge};

use crate::shop::{FREE, Shop, Site};

const SEAL: &str = "worstworstworstworstworstt";
const BUCKET: &str = "shop";
const ID: &str = "EDFDVBD6EXAMPLE";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:edge:7";
const CACHE_POLICY: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// A sealed shop whose bucket is empty, so that whatever is asked of it is missing.
async fn shop(edit: impl FnOnce(&mut Options)) -> Shop {
    let empty = tempfile::tempdir().expect("a folder");
    Shop::of(Site::Sealed, |options| {
        let document = format!(r#"{{"site": "sample", "seal": "{SEAL}"}}"#);
        options.function = options.function.clone().with_seal(&document).expect("a file");
        options.content = empty.path().into();
        edit(options);
    })
    .await
}

/// Whether a viewer is told the seal: of an object that is free, so nobody need pay for it.
async fn is_told(shop: &Shop) -> bool {
    let answer = shop.get(FREE).await;
    assert_ne!(answer.status, 200);
    let headers =
        answer.headers.values().any(|value| value.to_str().is_ok_and(|it| it.contains(SEAL)));
    headers || String::from_utf8_lossy(&answer.body).contains(SEAL)
}

/// What AWS has of a site that is set up well.
struct Aws {
    config: Value,
    policy: Value,
    location: Value,
}

impl Aws {
    fn tight() -> Self {
        let event = |name: &str| json!({ "LambdaFunctionARN": FUNCTION, "EventType": name });
        let config = json!({
            "DefaultCacheBehavior": {
                "TargetOriginId": "content",
                "ViewerProtocolPolicy": "https-only",
                "AllowedMethods": { "Quantity": 3, "Items": ["GET", "HEAD", "OPTIONS"] },
                "LambdaFunctionAssociations": {
                    "Quantity": 2, "Items": [event("viewer-request"), event("viewer-response")],
                },
                "CachePolicyId": CACHE_POLICY,
            },
            "Origins": { "Quantity": 1, "Items": [{
                "Id": "content",
                "DomainName": format!("{BUCKET}.s3.us-east-1.amazonaws.com"),
                "OriginPath": "",
                "OriginAccessControlId": "E327GJI25M56DG",
            }] },
        });
        let policy = json!({ "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Action": ["s3:GetObject"],
            "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
            "Condition": { "StringEquals": {
                "AWS:SourceArn": format!("arn:aws:cloudfront::111122223333:distribution/{ID}"),
            } },
        }] });
        Aws { config, policy, location: json!({ "LocationConstraint": null }) }
    }

    /// The names of what is refused, as `attach` and `deploy` refuse it.
    fn refused(&self) -> Vec<String> {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
        let sample = content_config::compile(sample.as_ref()).expect("the sample has no errors");
        assert!(sample.table().site.sealed);
        let bucket = BUCKET.to_owned();
        let facts = Facts::from([
            (Fact::BucketPolicy(bucket.clone()), self.policy.clone()),
            (Fact::BucketLocation(bucket.clone()), self.location.clone()),
            (Fact::PolicyStatus(bucket.clone()), json!({ "PolicyStatus": { "IsPublic": false } })),
            (
                Fact::PublicAccessBlock(bucket),
                json!({ "PublicAccessBlockConfiguration": {
                    "IgnorePublicAcls": true, "RestrictPublicBuckets": true } }),
            ),
            (
                Fact::CachePolicy(CACHE_POLICY.to_owned()),
                json!({ "CachePolicy": { "CachePolicyConfig": {
                    "ParametersInCacheKeyAndForwardedToOrigin": {
                        "HeadersConfig": { "HeaderBehavior": "none" },
                        "CookiesConfig": { "CookieBehavior": "none" },
                        "QueryStringsConfig": { "QueryStringBehavior": "none" },
                    } } } }),
            ),
            (Fact::Distributions, json!({ "DistributionList": { "Quantity": 0 } })),
        ]);
        let function: FunctionVersion = FUNCTION.parse().expect("a version");
        let verdict = judge(&self.config, ID, &function, &facts, &sample).expect("it is judged");
        let refused = verdict.findings.iter().filter_map(|finding| {
            let (name, _) = finding.strip_prefix("refused  ")?.split_once(':')?;
            Some(name.to_owned())
        });
        refused.collect()
    }
}

/// How each comes about.
fn set_badly(worst: Worst) -> Vec<(Aws, &'static str)> {
    let with = |edit: fn(&mut Aws), name| {
        let mut aws = Aws::tight();
        edit(&mut aws);
        (aws, name)
    };
    let statements =
        |aws: &mut Aws| aws.policy["Statement"].as_array_mut().expect("a list").clone();
    match worst {
        Worst::Listed => vec![with(
            |aws| aws.policy["Statement"][0]["Action"] = json!(["s3:GetObject", "s3:ListBucket"]),
            "listable",
        )],
        Worst::Moved => vec![
            with(
                |aws| {
                    aws.config["Origins"]["Items"][0]["DomainName"] = json!("shop.s3.amazonaws.com")
                },
                "global-endpoint",
            ),
            with(
                |aws| {
                    aws.config["Origins"]["Items"][0]["DomainName"] =
                        json!("shop.s3-accelerate.amazonaws.com");
                },
                "global-endpoint",
            ),
        ],
        Worst::Elsewhere => vec![with(
            |aws| aws.location["LocationConstraint"] = json!("eu-central-1"),
            "other-region",
        )],
        Worst::Refused => {
            let mut denied = Aws::tight();
            let mut all = statements(&mut denied);
            all.push(json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::shop/*",
                "Condition": { "StringEquals": { "s3:ExistingObjectTag/sold": "no" } } }));
            denied.policy["Statement"] = json!(all);
            vec![
                (denied, "object-refused"),
                with(|aws| aws.policy["Statement"] = json!([]), "not-readable"),
            ]
        }
    }
}

#[tokio::test]
async fn what_s3_would_tell_at_its_worst_is_refused_first() {
    assert!(!is_told(&shop(|_| {}).await).await, "a reader that is set up well is told nothing");
    assert_eq!(Aws::tight().refused(), Vec::<String>::new());
    for worst in [Worst::Listed, Worst::Moved, Worst::Elsewhere, Worst::Refused] {
        let is_redirect = matches!(worst, Worst::Moved | Worst::Elsewhere);
        let edge = shop(|options| {
            options.worst = Some(worst);
            // Of a redirect the function takes out the header, where it is asked.
            options.distribution.default_behavior.viewer_response = !is_redirect;
        })
        .await;
        assert!(is_told(&edge).await, "{worst:?} tells nothing, so this test shows nothing");
        let lines = edge.edge.log_lines();
        assert!(lines.iter().any(|line| line.contains("the seal is in an answer")), "{worst:?}");
        if is_redirect {
            let whole = shop(|options| options.worst = Some(worst)).await;
            assert!(!is_told(&whole).await, "{worst:?}: viewer-response takes it out");
        }
        for (aws, name) in set_badly(worst) {
            assert_eq!(aws.refused(), [name], "{worst:?}");
        }
    }
}
