//! WAF.

use aws_sdk_wafv2::types::Scope;
use deployment::control_plane::Answer;
use serde_json::Value;

use crate::aws::Aws;
use crate::capture::Capture;
use crate::failure;

/// AWS's own JSON is what `aws wafv2` prints: rules of kinds that the SDK does not know are kept.
pub(crate) async fn one(aws: &Aws, arn: &str) -> Answer<Option<Value>> {
    let (asked, seen) = ("wafv2 GetWebACL", Capture::default());
    let request = aws.wafv2.get_web_acl();
    let request = match in_parts(arn) {
        Some((name, id)) => request.name(name).id(id).scope(Scope::Cloudfront),
        None => request.arn(arn),
    };
    match request.customize().interceptor(seen.clone()).send().await.map_err(failure::sdk(asked)) {
        Ok(_) => {}
        Err(failure) if failure.code == "WAFNonexistentItemException" => return Ok(None),
        Err(failure) => return Err(failure),
    }
    let mut answer: Value = serde_json::from_slice(&seen.take())
        .map_err(|error| failure::unreadable(asked, &error.to_string()))?;
    Ok(answer.get_mut("WebACL").map(Value::take).filter(|acl| !acl.is_null()))
}

/// The name and the id in `arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/ID`: by these CloudFront's are found, which
/// belong to no Region. <https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACL.html>
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
