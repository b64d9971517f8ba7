//! What a sealed site's behaviours must be like besides: the function is not asked about an origin's errors and
//! redirects, so nothing of them may name the object's place.

use std::collections::BTreeSet;

use cloudfront::store::{Store, region_of as region_asked};

use super::facts::{Fact, region_of};
use super::finding::{Finding, Kind};
use super::place::Place;
use super::policy::Policy;
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
            if region_asked(&origin.domain_name).is_none() {
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
            let Place { prefix, .. } = Place::of(origin);
            buckets.insert((bucket, prefix, region_asked(&origin.domain_name)));
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
    for (bucket, prefix, region) in buckets {
        policy(subject, &bucket, &prefix, &mut found);
        place(subject, &bucket, region.as_deref(), &mut found);
    }
    found
}

/// A reader who may list is told the key of what is missing; one whom the policy refuses an object may be told its ARN.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
fn policy(subject: &Subject<'_>, bucket: &str, prefix: &str, found: &mut Vec<Finding>) {
    let fact = Fact::BucketPolicy(bucket.to_owned());
    let Some(document) = subject.facts.get(&fact) else {
        return found.push(Finding::unknown(&fact, "s3:GetBucketPolicy"));
    };
    let policy = Policy::of(document, bucket, prefix, subject.id);
    if policy.lists() {
        found.push(Finding {
            kind: Kind::Listable,
            what: format!(
                "the policy of bucket {bucket} lets CloudFront list it: S3 then says the whole key of \
                 what is missing, and CloudFront hands that on"
            ),
            mend: "let it have s3:GetObject alone".into(),
        });
    }
    if let Some(statement) = policy.may_refuse() {
        found.push(Finding {
            kind: Kind::ObjectRefused,
            what: format!(
                "{statement} of the policy of bucket {bucket} may refuse CloudFront an object: who pays \
                 gets 403, in which S3 may say the whole key"
            ),
            mend: "take it out, or leave AWS's services out of it: \"Condition\": {\"Bool\": \
                   {\"aws:PrincipalIsAWSService\": \"false\"}}"
                .into(),
        });
    }
    if !policy.lets_read() {
        found.push(Finding {
            kind: Kind::NotReadable,
            what: format!(
                "no statement of the policy of bucket {bucket} lets distribution {} get what is below \
                 the seal: who pays gets 403, in which S3 may say the whole key",
                subject.id
            ),
            mend: format!(
                "add one: Allow, Principal {{\"Service\": \"cloudfront.amazonaws.com\"}}, Action \
                 s3:GetObject, Resource arn:aws:s3:::{bucket}/*, Condition {{\"StringEquals\": \
                 {{\"AWS:SourceArn\": \"arn:aws:cloudfront::ACCOUNT:distribution/{}\"}}}}",
                subject.id
            ),
        });
    }
}

/// A bucket that is asked in another Region than its own redirects.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
fn place(subject: &Subject<'_>, bucket: &str, asked: Option<&str>, found: &mut Vec<Finding>) {
    // Refused anyway.
    let Some(asked) = asked else { return };
    let fact = Fact::BucketLocation(bucket.to_owned());
    let Some(location) = subject.facts.get(&fact) else {
        return found.push(Finding::unknown(&fact, "s3:GetBucketLocation"));
    };
    let region = region_of(location);
    if region != asked {
        found.push(Finding {
            kind: Kind::OtherRegion,
            what: format!(
                "bucket {bucket} is asked in {asked} and lies in {region}: S3 redirects, and names the \
                 place of the object; who pays gets nothing"
            ),
            mend: format!("name {bucket}.s3.{region}.amazonaws.com as the origin's domain"),
        });
    }
}
