//! WAF: as AWS's own JSON has it, which is what `aws wafv2` prints. The SDK's types know only what there was when they were made,
//! and a change that goes through them would take out of a web ACL what they do not know.
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateWebACL.html>

use deployment::control_plane::{Answer, WebAcl};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::failure;
use crate::json_call;
use crate::signed::Service;

/// What AWS tells of a web ACL, and takes in no change of it.
const TOLD: [&str; 8] = [
    "ARN",
    "Capacity",
    "LabelNamespace",
    "ManagedByFirewallManager",
    "Name",
    "PostProcessFirewallManagerRuleGroups",
    "PreProcessFirewallManagerRuleGroups",
    "RetrofittedByFirewallManager",
];

pub(crate) async fn one(aws: &Aws, arn: &str) -> Answer<Option<WebAcl>> {
    let asked = "wafv2 GetWebACL";
    let answer = match call(aws, asked, &named(arn).unwrap_or_else(|| json!({ "ARN": arn }))).await
    {
        Err(failure) if failure.code == "WAFNonexistentItemException" => return Ok(None),
        answer => answer?,
    };
    let lock = answer["LockToken"].as_str().unwrap_or_default().to_owned();
    let acl = answer["WebACL"].clone();
    Ok((!acl.is_null()).then_some(WebAcl { acl, lock }))
}

pub(crate) async fn update(aws: &Aws, arn: &str, lock: &str, acl: &Value) -> Answer<()> {
    let asked = "wafv2 UpdateWebACL";
    let Some(mut change) = named(arn) else {
        return Err(failure::unreadable(asked, &format!("{arn} is none of CloudFront's")));
    };
    for (key, value) in acl.as_object().into_iter().flatten() {
        // A description that there is none of is told as an empty one, which is refused.
        if !TOLD.contains(&key.as_str()) && !value.is_null() && value != "" {
            change[key] = value.clone();
        }
    }
    change["LockToken"] = lock.into();
    call(aws, asked, &change).await.map(drop)
}

/// By name and id CloudFront's are found, which belong to no Region.
fn named(arn: &str) -> Option<Value> {
    let (name, id) = in_parts(arn)?;
    Some(json!({ "Name": name, "Id": id, "Scope": "CLOUDFRONT" }))
}

async fn call(aws: &Aws, asked: &str, question: &Value) -> Answer<Value> {
    json_call::call(aws, Service::Waf, "AWSWAF_20190729", asked, question).await
}

/// The name and the id in `arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/ID`.
fn in_parts(arn: &str) -> Option<(&str, &str)> {
    arn.split_once(":global/webacl/")?.1.split_once('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_have_parts() {
        let arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/0d3f";
        assert_eq!(in_parts(arn), Some(("shop", "0d3f")));
        assert_eq!(
            in_parts("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/0d3f"),
            None
        );
    }
}
