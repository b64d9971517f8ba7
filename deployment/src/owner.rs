//! Who else writes a distribution's configuration: CDK, CloudFormation or Terraform undo an association at their next
//! deployment, and everything is free.

use crate::Error;
use crate::control_plane::{ControlPlane, Distribution};
use crate::error::while_asking;

/// The owner of a distribution, as people name it, if one is found.
///
/// CloudFormation tags what it makes, in whatever Region its stack is; a stack of this Region is asked for by the
/// distribution as well, since tags can be taken off. Terraform and Pulumi leave what their users let them: a tag that names
/// them. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>
pub(crate) async fn find(
    plane: &impl ControlPlane,
    distribution: &Distribution,
) -> Result<Option<String>, Error> {
    let id = &distribution.id;
    let tags = plane.distribution_tags(&distribution.arn).await;
    let tags = tags.map_err(while_asking(format!("asking for the tags of distribution {id}")))?;
    if let Some(stack) = tags.get("aws:cloudformation:stack-name") {
        return Ok(Some(stack.clone()));
    }
    let stack = plane
        .stack_of(id)
        .await
        .map_err(while_asking(format!("asking which stack made distribution {id}")))?;
    if stack.is_some() {
        return Ok(stack);
    }
    let names = |tool: &&&str| {
        tags.iter()
            .any(|(key, value)| format!("{key}={value}").to_ascii_lowercase().contains(**tool))
    };
    Ok(["terraform", "opentofu", "pulumi"].iter().find(names).map(|tool| (*tool).to_owned()))
}

/// What the owner's code has to say, so that its next deployment leaves the function where it is.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-lambdafunctionassociation.html>
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_distribution>
pub(crate) fn lines(version: &str) -> String {
    format!(
        "CloudFormation and CDK, in each guarded behaviour:\n  LambdaFunctionAssociations:\n    - {{ EventType: viewer-request, LambdaFunctionARN: {version} }}\n    - {{ EventType: viewer-response, LambdaFunctionARN: {version} }}\n\
         Terraform, in each guarded behaviour:\n  lambda_function_association {{\n    event_type = \"viewer-request\"\n    lambda_arn = \"{version}\"\n  }}\n  lambda_function_association {{\n    event_type = \"viewer-response\"\n    lambda_arn = \"{version}\"\n  }}"
    )
}
