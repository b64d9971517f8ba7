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
/// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudfront.BehaviorOptions.html#edgelambdas>
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_distribution>
pub(crate) fn lines(version: &str) -> String {
    let each = |line: &dyn Fn(&str, &str) -> String| {
        [("viewer-request", "VIEWER_REQUEST"), ("viewer-response", "VIEWER_RESPONSE")]
            .map(|(event, name)| line(event, name))
            .join("\n")
    };
    let template =
        each(&|event, _| format!("    - {{ EventType: {event}, LambdaFunctionARN: {version} }}"));
    let construct = each(&|_, name| {
        format!(
            "    {{ eventType: cloudfront.LambdaEdgeEventType.{name}, functionVersion: paywall }},"
        )
    });
    let terraform = each(&|event, _| {
        format!(
            "  lambda_function_association {{\n    event_type = \"{event}\"\n    lambda_arn = \"{version}\"\n  }}"
        )
    });
    format!(
        "CloudFormation, in each guarded behaviour:\n  LambdaFunctionAssociations:\n{template}\n\
         CDK, in each guarded behaviour:\n  edgeLambdas: [ // paywall = lambda.Version.fromVersionArn(stack, 'Paywall', '{version}')\n{construct}\n  ]\n\
         Terraform, in each guarded behaviour:\n{terraform}\n\
         or the function as well: infra/README.md, \"Where its owner keeps it\""
    )
}

#[cfg(test)]
mod tests {
    use super::lines;

    const ARN: &str = "arn:aws:lambda:us-east-1:111122223333:function:shop-EdgeFunction-EXAMPLE:7";
    const EXAMPLE: &str = include_str!("../../infra/terraform/examples/attach/main.tf");
    const README: &str = include_str!("../../infra/terraform/README.md");

    /// Without the columns in which Terraform aligns.
    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn terraforms_lines_are_those_of_the_example() {
        let said = lines("ARN");
        let (_, after) = said.split_once("Terraform, in each guarded behaviour:\n").unwrap();
        let (blocks, _) = after.split_once("\nor the function").unwrap();
        let wanted = squeezed(&blocks.replace("\"ARN\"", "module.paywall.function_version_arn"));
        assert!(squeezed(EXAMPLE).contains(&wanted), "{wanted}");
        assert!(squeezed(README).contains(&wanted), "{wanted}");
    }

    #[test]
    fn each_way_names_the_version_and_both_events() {
        let said = lines(ARN);
        for way in ["CloudFormation, ", "CDK, ", "Terraform, "] {
            let (_, after) = said.split_once(way).unwrap();
            let lines: Vec<_> =
                after.lines().skip(1).take_while(|line| line.starts_with(' ')).collect();
            let text = lines.join("\n").to_lowercase().replace('_', "-");
            for part in [&ARN.to_lowercase().replace('_', "-"), "viewer-request", "viewer-response"]
            {
                assert!(text.contains(part), "{way}{part}");
            }
        }
        assert!(include_str!("../../infra/README.md").contains("\n## Where its owner keeps it\n"));
    }
}
