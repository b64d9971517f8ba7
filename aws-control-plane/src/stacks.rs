//! CloudFormation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudformation::types::{
    self, Capability, ChangeSetStatus, ChangeSetType, Parameter, StackEvent, StackResource, Tag,
    TemplateStage,
};
use deployment::control_plane::{Answer, ChangeSet, Failure, Stack, StackChange};

use crate::aws::Aws;
use crate::failure;

const DESCRIBE: &str = "cloudformation DescribeStacks";
/// As many reasons as somebody reads.
const REASONS: usize = 12;

pub(crate) async fn one(aws: &Aws, name: &str) -> Answer<Option<Stack>> {
    let answer = aws.cloudformation.describe_stacks().stack_name(name).send().await;
    match answer.map_err(failure::sdk(DESCRIBE)) {
        Ok(answer) => Ok(answer.stacks().first().map(stack)),
        Err(failure) if does_not_exist(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// CloudFormation has no code for it: `ValidationError`, `Stack with id NAME does not exist`.
fn does_not_exist(failure: &Failure) -> bool {
    failure.code == "ValidationError" && failure.message.contains("does not exist")
}

pub(crate) async fn all(aws: &Aws) -> Answer<Vec<Stack>> {
    let mut pages = aws.cloudformation.describe_stacks().into_paginator().send();
    let mut stacks = Vec::new();
    while let Some(page) = pages.next().await {
        stacks.extend(page.map_err(failure::sdk(DESCRIBE))?.stacks().iter().map(stack));
    }
    Ok(stacks)
}

fn stack(told: &types::Stack) -> Stack {
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let pairs = |pairs: &mut dyn Iterator<Item = (Option<&str>, Option<&str>)>| {
        pairs.map(|(key, value)| (owned(key), owned(value))).collect::<BTreeMap<_, _>>()
    };
    let outputs = told.outputs().iter().map(|one| (one.output_key(), one.output_value()));
    let tags = told.tags().iter().map(|one| (one.key(), one.value()));
    let parameters = told.parameters().iter();
    Stack {
        name: owned(told.stack_name()),
        status: owned(told.stack_status().map(types::StackStatus::as_str)),
        parameters: pairs(&mut parameters.map(|one| (one.parameter_key(), one.parameter_value()))),
        outputs: pairs(&mut { outputs }),
        tags: pairs(&mut { tags }),
    }
}

pub(crate) async fn failures(aws: &Aws, name: &str) -> Answer<Vec<String>> {
    let mut pages =
        aws.cloudformation.describe_stack_events().stack_name(name).into_paginator().send();
    let mut reasons = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failure::sdk("cloudformation DescribeStackEvents"))?;
        for event in page.stack_events() {
            reasons.extend(reason(event));
            // The newest come first, and what failed before this began is over.
            if reasons.len() == REASONS || (began(event) && !reasons.is_empty()) {
                return Ok(reasons);
            }
        }
    }
    Ok(reasons)
}

/// Why something failed by itself.
fn reason(event: &StackEvent) -> Option<String> {
    let failed = event.resource_status()?.as_str().contains("FAILED");
    let why = event.resource_status_reason().filter(|why| failed && !why.contains("cancelled"))?;
    Some(format!("{} {why}", event.logical_resource_id().unwrap_or_default()))
}

/// Whether a creation, an update or a deletion of the stack itself began here.
fn began(event: &StackEvent) -> bool {
    let status = event.resource_status().map_or("", types::ResourceStatus::as_str);
    event.logical_resource_id() == event.stack_name()
        && event.resource_status_reason() == Some("User Initiated")
        && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS")
}

pub(crate) async fn template(aws: &Aws, name: &str) -> Answer<String> {
    let request = aws.cloudformation.get_template().stack_name(name);
    let answer = request.template_stage(TemplateStage::Original).send().await;
    let answer = answer.map_err(failure::sdk("cloudformation GetTemplate"))?;
    Ok(answer.template_body().unwrap_or_default().to_owned())
}

pub(crate) async fn of(aws: &Aws, physical_id: &str) -> Answer<Option<String>> {
    let request = aws.cloudformation.describe_stack_resources().physical_resource_id(physical_id);
    match request.send().await.map_err(failure::sdk("cloudformation DescribeStackResources")) {
        Ok(answer) => {
            // A monitoring subscription has the id of its distribution.
            let made = |one: &&StackResource| {
                one.physical_resource_id() == Some(physical_id)
                    && one.resource_type() == Some("AWS::CloudFront::Distribution")
            };
            let maker = answer.stack_resources().iter().find(made);
            Ok(maker.and_then(|one| one.stack_name()).map(str::to_owned))
        }
        Err(failure) if does_not_exist(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

pub(crate) async fn create_change_set(aws: &Aws, change: &StackChange) -> Answer<String> {
    let asked = "cloudformation CreateChangeSet";
    let mut parameters: Vec<_> = change
        .parameters
        .iter()
        .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build())
        .collect();
    for key in kept(aws, change).await? {
        parameters.push(Parameter::builder().parameter_key(key).use_previous_value(true).build());
    }
    // An empty list removes all; none at all would keep them.
    let tags = change.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let kind = if change.creates { ChangeSetType::Create } else { ChangeSetType::Update };
    let request = aws
        .cloudformation
        .create_change_set()
        .stack_name(&change.stack)
        .change_set_name(unique_name())
        .change_set_type(kind)
        .template_body(&change.template)
        .capabilities(Capability::CapabilityIam)
        .set_parameters(Some(parameters))
        .set_tags(Some(tags.collect()));
    let answer = request.send().await.map_err(failure::sdk(asked))?;
    let id = answer.id().ok_or_else(|| failure::unreadable(asked, "an answer without an id"))?;
    Ok(id.to_owned())
}

/// The parameters that keep their values: those that the template has, the stack has, and nobody named. One that is not
/// named at all would fall back to the template's default.
async fn kept(aws: &Aws, change: &StackChange) -> Answer<Vec<String>> {
    if change.creates {
        return Ok(Vec::new());
    }
    let Some(now) = one(aws, &change.stack).await? else { return Ok(Vec::new()) };
    let unnamed: BTreeSet<_> =
        now.parameters.into_keys().filter(|key| !change.parameters.contains_key(key)).collect();
    if unnamed.is_empty() {
        return Ok(Vec::new());
    }
    let request = aws.cloudformation.get_template_summary().template_body(&change.template);
    let answer = request.send().await.map_err(failure::sdk("cloudformation GetTemplateSummary"))?;
    let declared = answer.parameters().iter().filter_map(|one| one.parameter_key());
    Ok(declared.filter(|key| unnamed.contains(*key)).map(str::to_owned).collect())
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html>
fn unique_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("x402-{}-{:08x}", now.as_millis(), fastrand::u32(..))
}

pub(crate) async fn change_set(aws: &Aws, stack: &str, id: &str) -> Answer<ChangeSet> {
    let request = aws.cloudformation.describe_change_set().stack_name(stack).change_set_name(id);
    let answer = request.send().await.map_err(failure::sdk("cloudformation DescribeChangeSet"))?;
    let why = answer.status_reason().unwrap_or_default();
    Ok(match answer.status() {
        Some(ChangeSetStatus::CreateComplete) => ChangeSet::Ready,
        Some(ChangeSetStatus::CreatePending | ChangeSetStatus::CreateInProgress) => {
            ChangeSet::Pending
        }
        Some(ChangeSetStatus::Failed) if is_empty(why) => ChangeSet::Empty,
        Some(ChangeSetStatus::Failed) => ChangeSet::Failed(why.to_owned()),
        other => {
            let status = other.map_or("without a status", ChangeSetStatus::as_str);
            ChangeSet::Failed(format!("{status} {why}").trim_end().to_owned())
        }
    })
}

/// What `aws cloudformation deploy` looks for, too:
/// <https://github.com/aws/aws-cli/blob/develop/awscli/customizations/cloudformation/deployer.py>
fn is_empty(why: &str) -> bool {
    why.contains("The submitted information didn't contain changes")
        || why.contains("No updates are to be performed")
}

pub(crate) async fn execute_change_set(aws: &Aws, stack: &str, id: &str) -> Answer<()> {
    let request = aws.cloudformation.execute_change_set().stack_name(stack).change_set_name(id);
    request.send().await.map(drop).map_err(failure::sdk("cloudformation ExecuteChangeSet"))
}

pub(crate) async fn delete_change_set(aws: &Aws, stack: &str, id: &str) -> Answer<()> {
    let request = aws.cloudformation.delete_change_set().stack_name(stack).change_set_name(id);
    request.send().await.map(drop).map_err(failure::sdk("cloudformation DeleteChangeSet"))
}

pub(crate) async fn delete(aws: &Aws, name: &str) -> Answer<()> {
    let request = aws.cloudformation.delete_stack().stack_name(name);
    request.send().await.map(drop).map_err(failure::sdk("cloudformation DeleteStack"))
}
