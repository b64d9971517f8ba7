//! Whether anything but the function leads to priced objects: asks AWS what the check must know.

use content_config::Compiled;
use next_step::Outcome;
use serde_json::{Value, json};
use ship::gates::{Fact, Facts, FunctionVersion, judge, needed};

use crate::control_plane::{Answer, ControlPlane};

/// What AWS does not say is left out, and the check refuses it by name.
async fn facts(plane: &impl ControlPlane, config: &Value, sealed: bool) -> Outcome<Facts> {
    let mut facts = Facts::new();
    for fact in needed(config, sealed)? {
        let answer = ask(plane, &fact).await;
        facts.extend(answer.ok().map(|answer| (fact, answer)));
    }
    Ok(facts)
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
        Fact::PublicAccessBlock(bucket) => {
            let open = json!({ "PublicAccessBlockConfiguration": { "IgnorePublicAcls": false, "RestrictPublicBuckets": false } });
            Ok(plane.public_access_block(bucket).await?.unwrap_or(open))
        }
    }
}

/// Prints the findings; `false` if one is a refusal.
pub(crate) async fn hold(
    plane: &impl ControlPlane,
    config: &Value,
    id: &str,
    function: &FunctionVersion,
    compiled: &Compiled,
) -> Outcome<bool> {
    let facts = facts(plane, config, compiled.table().site.sealed).await?;
    let verdict = judge(config, id, function, &facts, compiled)?;
    for finding in &verdict.findings {
        println!("{finding}");
    }
    if verdict.refused == 0 {
        println!("{}", verdict.summary);
    }
    Ok(verdict.refused == 0)
}
