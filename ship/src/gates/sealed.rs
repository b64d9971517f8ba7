//! What a sealed site's behaviours must be like besides: the function is not asked about an origin's errors and
//! redirects, so nothing of them may name the object's place.

use std::collections::BTreeSet;

use cloudfront::store::{Store, region_of};
use serde_json::Value;

use super::facts::Fact;
use super::finding::{Finding, Kind};
use super::place::Place;
use super::subject::Subject;

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut buckets = BTreeSet::new();
    for behaviour in subject.gated() {
        let name = behaviour.name();
        for origin in subject.distribution.origins_of(behaviour) {
            let bucket = match Place::of(origin).store {
                Store::Bucket(bucket) => bucket,
                Store::SomeBucket => {
                    found.push(Finding {
                        kind: Kind::GlobalEndpoint,
                        what: format!(
                            "{name} fetches from {}, which does not say from which bucket: what it tells of \
                             an object's place cannot be looked at",
                            origin.domain_name
                        ),
                        mend: "name BUCKET.s3.REGION.amazonaws.com".into(),
                    });
                    continue;
                }
                // Refused anyway.
                Store::Website(_) | Store::Elsewhere => continue,
            };
            if region_of(&origin.domain_name).is_none() {
                found.push(Finding {
                    kind: Kind::GlobalEndpoint,
                    what: format!(
                        "{name} fetches from {}: where the bucket is in another Region, S3 redirects, and \
                         names the place of the object",
                        origin.domain_name
                    ),
                    mend: format!("name {bucket}.s3.REGION.amazonaws.com, with the bucket's Region"),
                });
            }
            if origin.origin_access_control_id.as_deref().unwrap_or_default().is_empty() {
                found.push(Finding {
                    kind: Kind::NoAccessControl,
                    what: format!("{name} asks bucket {bucket} without an origin access control"),
                    mend: "give the origin one that always signs, and the bucket a policy that lets this \
                           distribution alone get objects"
                        .into(),
                });
            }
            buckets.insert(bucket);
        }
        let events = behaviour.lambda_function_associations.items.iter();
        for other in events.filter(|association| association.event_type.starts_with("origin-")) {
            found.push(Finding {
                kind: Kind::SealShown,
                what: format!(
                    "{name} runs {} on {}, where it sees the place of the object",
                    other.arn, other.event_type
                ),
                mend: "take it from this behaviour".into(),
            });
        }
    }
    for bucket in buckets {
        listing(subject, bucket, &mut found);
    }
    found
}

/// A reader who may list is told the key of what is missing; one who may not is not.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
fn listing(subject: &Subject<'_>, bucket: String, found: &mut Vec<Finding>) {
    let fact = Fact::BucketPolicy(bucket.clone());
    let statements = match subject.facts.get(&fact) {
        None => return found.push(Finding::unknown(&fact, "s3:GetBucketPolicy")),
        Some(policy) => list(&policy["Statement"]),
    };
    if statements.iter().any(|statement| lists_for_viewers(statement)) {
        found.push(Finding {
            kind: Kind::Listable,
            what: format!(
                "the policy of bucket {bucket} lets CloudFront list it: S3 then says the whole key of \
                 what is missing, and CloudFront hands that on"
            ),
            mend: "let it have s3:GetObject alone".into(),
        });
    }
}

/// Whether a statement of a policy lets CloudFront, or anybody, list. Conditions are not weighed.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>
fn lists_for_viewers(statement: &Value) -> bool {
    if statement["Effect"] != "Allow" {
        return false;
    }
    let who = [&statement["Principal"], &statement["NotPrincipal"]];
    let who = who.map(Value::to_string).concat().to_ascii_lowercase();
    let viewers =
        who.contains("cloudfront") || who.contains("\"*\"") || who.contains("canonicaluser");
    let denied = list(&statement["NotAction"]);
    let allowed = list(&statement["Action"]);
    let lists = |action: &&Value| {
        let action = action.as_str().unwrap_or("*").to_ascii_lowercase();
        matches(&action, "s3:listbucket") || matches(&action, "s3:listbucketversions")
    };
    viewers && (allowed.iter().any(lists) || (!denied.is_empty() && !denied.iter().any(lists)))
}

/// A value of a policy that may be a list or stand alone.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// `*` stands for any characters, `?` for one.
fn matches(pattern: &str, action: &str) -> bool {
    cloudfront::path_pattern::PathPattern::new(pattern).matches(&format!("/{action}"))
}
