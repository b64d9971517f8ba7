//! Whether anything but the function leads to priced objects: asks AWS what the check must know.

use std::collections::BTreeMap;

use content_config::Compiled;
use next_step::Outcome;
use serde_json::{Value, json};
use ship::gates::{Fact, Facts, Finding, FunctionVersion, judge, needed, region_of, tellers};

use crate::control_plane::{Answer, ControlPlane};

/// What AWS does not say is left out, and the check refuses it by name. Of a bucket its own Region is asked.
async fn facts<C: ControlPlane>(plane: &C, wanted: impl Iterator<Item = Fact>) -> Facts {
    let mut facts = Facts::new();
    let mut elsewhere: BTreeMap<String, Option<C>> = BTreeMap::new();
    for fact in wanted {
        let mut there = None;
        if let Some(bucket) = fact.bucket() {
            if !elsewhere.contains_key(bucket) {
                let located = ask(plane, &Fact::BucketLocation(bucket.to_owned())).await.ok();
                let region = located.as_ref().map(region_of).filter(|it| *it != plane.region());
                elsewhere.insert(bucket.to_owned(), region.map(|region| plane.in_region(region)));
            }
            // One Region knows where all buckets are.
            let own = elsewhere.get(bucket).and_then(Option::as_ref);
            there = own.filter(|_| !matches!(fact, Fact::BucketLocation(_)));
        }
        let answer = ask(there.unwrap_or(plane), &fact).await;
        facts.extend(answer.ok().map(|answer| (fact, answer)));
    }
    facts
}

async fn ask(plane: &impl ControlPlane, fact: &Fact) -> Answer<Value> {
    match fact {
        Fact::CachePolicy(id) => plane.cache_policy(id).await,
        Fact::OriginRequestPolicy(id) => plane.origin_request_policy(id).await,
        Fact::Distributions => plane.distribution_list().await,
        Fact::PolicyStatus(bucket) => {
            let public = plane.bucket_is_public(bucket).await?.unwrap_or(false);
            Ok(json!({ "PolicyStatus": { "IsPublic": public } }))
        }
        Fact::BucketPolicy(bucket) => {
            let policy = plane.bucket_policy(bucket).await?;
            // What cannot be read is not known to be harmless.
            Ok(policy.map_or(json!({}), |text| {
                serde_json::from_str(&text).unwrap_or(json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*" }] }))
            }))
        }
        Fact::BucketLocation(bucket) => {
            let location = plane.bucket_location(bucket).await?;
            Ok(json!({ "LocationConstraint": location }))
        }
        Fact::PublicAccessBlock(bucket) => {
            let open = json!({ "PublicAccessBlockConfiguration": { "IgnorePublicAcls": false, "RestrictPublicBuckets": false } });
            Ok(plane.public_access_block(bucket).await?.unwrap_or(open))
        }
    }
}

/// Statements that the owner of a bucket's policy is told to add. Before he has, nothing can be read, and that is told
/// elsewhere: the policy is judged as it will be.
pub(crate) struct Promised {
    pub(crate) bucket: String,
    pub(crate) statements: Vec<Value>,
}

impl Promised {
    fn keep(self, facts: &mut Facts) {
        let Some(policy) = facts.get_mut(&Fact::BucketPolicy(self.bucket)) else { return };
        let now = match policy["Statement"].take() {
            Value::Null => vec![],
            Value::Array(statements) => statements,
            one => vec![one],
        };
        policy["Statement"] = now.into_iter().chain(self.statements).collect();
    }
}

/// What S3 would tell the viewers of a sealed site of its objects' place, as all is now.
pub(crate) async fn told(
    plane: &impl ControlPlane,
    config: &Value,
    id: &str,
    function: &FunctionVersion,
) -> Outcome<Vec<Finding>> {
    let of_buckets = |fact: &Fact| matches!(fact, Fact::BucketPolicy(_) | Fact::BucketLocation(_));
    let facts = facts(plane, needed(config, true)?.into_iter().filter(of_buckets)).await;
    Ok(tellers(config, id, function, &facts)?)
}

/// Prints the findings; `false` if one is a refusal.
pub(crate) async fn hold(
    plane: &impl ControlPlane,
    config: &Value,
    id: &str,
    function: &FunctionVersion,
    compiled: &Compiled,
    promised: Option<Promised>,
) -> Outcome<bool> {
    let wanted = needed(config, compiled.table().site.sealed)?;
    let mut facts = facts(plane, wanted.into_iter()).await;
    if let Some(promised) = promised {
        promised.keep(&mut facts);
    }
    let verdict = judge(config, id, function, &facts, compiled)?;
    for finding in &verdict.findings {
        println!("{finding}");
    }
    if verdict.refused == 0 {
        println!("{}", verdict.summary);
    }
    Ok(verdict.refused == 0)
}
