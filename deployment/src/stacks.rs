//! CloudFormation stacks: what state they are in, changing them, deleting them.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::control_plane::{ChangeSet, ControlPlane, Stack, StackChange};
use crate::error::while_asking;
use crate::talk::begin;
use crate::{Error, version, wait};

/// What a change of a stack comes to.
pub(crate) enum Changed {
    Done,
    /// The reasons of what failed, a line each.
    Failed(String),
}

/// The name of a stack that need not be this tool's. Names stand in descriptions that are searched for.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>
pub(crate) fn any_name(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let ok = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain);
    match ok && name.len() <= 128 {
        true => Ok(name.to_owned()),
        false => Err("a stack's name is letters, digits and hyphens, a letter first".to_owned()),
    }
}

/// CloudFormation makes the function's name, `STACK-EdgeFunction-RANDOM`, and Lambda takes 64 characters; it cuts the rest
/// off STACK. 37 leave room for 13 random ones. A stack that has its name keeps it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html>
pub(crate) fn check_length(name: &str, live: Option<&Stack>) -> Result<(), Error> {
    match name.len() <= 37 || live.is_some() {
        true => Ok(()),
        false => Err(Error::StackNameLength { name: name.to_owned(), length: name.len() }),
    }
}

/// A stack if it has resources.
pub(crate) fn live(stack: Option<&Stack>) -> Option<&Stack> {
    let empty = ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"];
    stack.filter(|stack| !empty.contains(&stack.status.as_str()))
}

/// What a stack says of itself; nothing if there is none.
pub(crate) fn value<'s>(of: Option<&'s BTreeMap<String, String>>, key: &str) -> &'s str {
    of.and_then(|of| of.get(key)).map_or("", String::as_str)
}

pub(crate) fn output<'s>(stack: Option<&'s Stack>, key: &str) -> &'s str {
    value(stack.map(|stack| &stack.outputs), key)
}

pub(crate) fn parameter<'s>(stack: Option<&'s Stack>, key: &str) -> &'s str {
    value(stack.map(|stack| &stack.parameters), key)
}

pub(crate) fn tag<'s>(stack: Option<&'s Stack>, key: &str) -> &'s str {
    value(stack.map(|stack| &stack.tags), key)
}

pub(crate) async fn read(plane: &impl ControlPlane, name: &str) -> Result<Option<Stack>, Error> {
    plane.stack(name).await.map_err(while_asking(format!("asking for stack {name}")))
}

/// Whose part a stack is: that of a site, which is its own, or one beside it.
fn site_of(stack: &Stack) -> String {
    let site = tag(Some(stack), "x402-stack");
    if site.is_empty() { stack.name.clone() } else { site.to_owned() }
}

/// Fails unless the stack takes a change now.
pub(crate) async fn can_change(
    plane: &impl ControlPlane,
    stack: Option<&Stack>,
) -> Result<(), Error> {
    let Some(now) = stack else { return Ok(()) };
    let (stack, status, site) = (now.name.clone(), now.status.clone(), site_of(now));
    let takes = [
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "REVIEW_IN_PROGRESS",
        "ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
    ];
    let region = plane.region().to_owned();
    match status.as_str() {
        done if takes.contains(&done) => Ok(()),
        "DELETE_IN_PROGRESS" => Err(Error::StackGoing { stack, region }),
        "UPDATE_ROLLBACK_FAILED" => {
            let why = failures(plane, &stack).await;
            Err(Error::StackHalf { stack, status, region, why })
        }
        "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" | "UPDATE_FAILED" => {
            let why = failures(plane, &stack).await;
            Err(match site == stack {
                true => Error::StackStuck { stack, status, why },
                false => Error::PartStuck { stack, status, region, why },
            })
        }
        busy if busy.ends_with("_IN_PROGRESS") => Err(Error::StackBusy { stack, status, site }),
        _ => Err(Error::StackUnknown { stack, status }),
    }
}

/// The newest failures' reasons, a line each, as far as AWS tells.
pub(crate) async fn failures(plane: &impl ControlPlane, name: &str) -> String {
    plane.stack_failures(name).await.unwrap_or_default().join("\n")
}

/// A template's hash, as a tag has it.
pub(crate) fn template_sha256(template: &str) -> String {
    Sha256::digest(template).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a stack's tags say of its template.
pub(crate) fn tags_of(template: &str) -> [(String, String); 2] {
    [
        ("x402-template".to_owned(), template_sha256(template)),
        (version::OF_TEMPLATE.to_owned(), version::own()),
    ]
}

/// What CloudFormation shows of a parameter with `NoEcho`. What it is changes with the package or its secrets alone.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
const HIDDEN: &str = "****";

/// Whether a deployment would change nothing.
pub(crate) fn is_current(
    stack: Option<&Stack>,
    tags: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> bool {
    live(stack).is_some()
        && tags.iter().all(|(key, value)| tag(stack, key) == value)
        && wanted.iter().all(|(key, value)| {
            let now = parameter(stack, key);
            now == value || now == HIDDEN
        })
}

/// Another `Attempt` if a new version of the function is needed, so that Lambda publishes one even after an update that was
/// rolled back. `infra/README.md`, "Roll-out and roll-back".
pub(crate) fn plan_attempt(
    stack: Option<&Stack>,
    template: &str,
    wanted: &mut BTreeMap<String, String>,
) {
    const OF_A_VERSION: [&str; 5] =
        ["CodeSha256", "FunctionRuntime", "FunctionTimeout", "FunctionMemory", "SystemLogLevel"];
    if live(stack).is_none() {
        return;
    }
    let same = tag(stack, "x402-template") == template_sha256(template)
        && OF_A_VERSION
            .iter()
            .all(|key| wanted.get(*key).is_none_or(|value| parameter(stack, key) == value));
    if !same {
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string();
        wanted.insert("Attempt".to_owned(), now);
    }
}

/// Creates or updates a stack and waits. Tags that are not named would be removed, so the owner's own are named, too.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html>
pub(crate) async fn deploy(
    plane: &impl ControlPlane,
    name: &str,
    template: &str,
    parameters: &BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
) -> Result<Changed, Error> {
    let what = format!("deploying stack {name}");
    let mut now = read(plane, name).await?;
    let mut all: BTreeMap<_, _> = now
        .iter()
        .flat_map(|stack| stack.tags.clone())
        .filter(|(key, _)| !key.starts_with("x402-"))
        .collect();
    all.extend(tags);
    if now.as_ref().is_some_and(|stack| stack.status == "ROLLBACK_COMPLETE") {
        println!("removing what a failed creation left of stack {name}: an empty shell");
        if let Changed::Failed(why) = delete(plane, name).await? {
            return Ok(Changed::Failed(why));
        }
        now = None;
    }
    let creates = live(now.as_ref()).is_none();
    let site = value(Some(&all), "x402-stack").to_owned();
    let change = StackChange {
        stack: name.to_owned(),
        creates,
        template: template.to_owned(),
        parameters: parameters.clone(),
        tags: all,
    };
    let limit = wait::Limit::new();
    let id = plane.create_change_set(&change).await.map_err(while_asking(&*what))?;
    loop {
        match plane.change_set(name, &id).await.map_err(while_asking(&*what))? {
            ChangeSet::Pending if limit.is_over() => {
                return Err(Error::StackBusy {
                    stack: name.to_owned(),
                    status: "a change set".to_owned(),
                    site,
                });
            }
            ChangeSet::Pending => wait::moment(Duration::from_secs(3)).await,
            ChangeSet::Ready => break,
            ChangeSet::Empty => {
                plane.delete_change_set(name, &id).await.map_err(while_asking(&*what))?;
                return Ok(Changed::Done);
            }
            // Nothing was tried: what AWS said is all there is.
            ChangeSet::Failed(said) => return Err(Error::Refused { what, said }),
        }
    }
    plane.execute_change_set(name, &id).await.map_err(while_asking(&*what))?;
    let (limit, waiting) = (wait::Limit::new(), wait::Spinner::new(&format!("stack {name}")));
    loop {
        let status = read(plane, name).await?.map(|stack| stack.status).unwrap_or_default();
        waiting.say(&status);
        match status.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return Ok(Changed::Done),
            going if going.ends_with("_IN_PROGRESS") && !limit.is_over() => {
                wait::moment(Duration::from_secs(5)).await;
            }
            going if going.ends_with("_IN_PROGRESS") => {
                return Err(Error::StackBusy { stack: name.to_owned(), status, site });
            }
            _ => return Ok(Changed::Failed(failures(plane, name).await)),
        }
    }
}

/// Deletes a stack and waits.
pub(crate) async fn delete(plane: &impl ControlPlane, name: &str) -> Result<Changed, Error> {
    plane.delete_stack(name).await.map_err(while_asking(format!("deleting stack {name}")))?;
    let (limit, waiting) = (wait::Limit::new(), wait::Spinner::new(&format!("stack {name}")));
    loop {
        match read(plane, name).await? {
            None => return Ok(Changed::Done),
            Some(stack) if stack.status == "DELETE_COMPLETE" => return Ok(Changed::Done),
            Some(stack) if stack.status == "DELETE_IN_PROGRESS" && limit.is_over() => {
                let site = site_of(&stack);
                return Err(Error::StackBusy { stack: stack.name, status: stack.status, site });
            }
            Some(stack) if stack.status == "DELETE_IN_PROGRESS" => {
                waiting.say(&stack.status);
                wait::moment(Duration::from_secs(5)).await;
            }
            Some(_) => return Ok(Changed::Failed(failures(plane, name).await)),
        }
    }
}

/// The association is refused because of the function's timeout: accounts with the older quota have 5 s.
/// <https://github.com/awslabs/aws-cloudfront-extensions/issues/112>
pub(crate) fn timeout_refused(why: &str) -> bool {
    why.contains("function timeout is larger than the maximum allowed")
}

/// Why a stack is not what it should be, and how to go on.
pub(crate) async fn explain(plane: &impl ControlPlane, name: &str, why: String) -> Error {
    let now = match read(plane, name).await {
        Ok(now) => now,
        Err(error) => return error,
    };
    let (stack, status) =
        (name.to_owned(), now.as_ref().map(|stack| stack.status.clone()).unwrap_or_default());
    let lower = why.to_ascii_lowercase();
    if lower.contains("function code size is larger than the maximum allowed") {
        return Error::TooBig { why };
    } else if lower.contains("policy already exists") {
        return Error::PolicyThere { stack, why };
    } else if lower.contains("already exists") {
        return Error::AlreadyThere { stack, why };
    }
    match status.as_str() {
        "ROLLBACK_COMPLETE" => return Error::NotCreated { stack, status, why },
        "UPDATE_ROLLBACK_COMPLETE" => return Error::NotUpdated { stack, status, why },
        _ => {}
    }
    match can_change(plane, now.as_ref()).await {
        Err(error) => error,
        Ok(()) => Error::NotDeployed { stack, status, why },
    }
}

/// Whether a stack is none of this tool's: all of its templates that have a function take its package's hash, and what CDK
/// makes of one takes no parameters.
pub(crate) fn is_foreign(stack: Option<&Stack>) -> bool {
    live(stack).is_some_and(|stack| !stack.parameters.contains_key("CodeSha256"))
}

/// Fails if there is a stack of that name which is none of this tool's: a template of ours would take the place of its own.
pub(crate) fn check_own(stack: Option<&Stack>) -> Result<(), Error> {
    match stack.filter(|stack| is_foreign(Some(stack))) {
        Some(stack) => Err(Error::ForeignStack { stack: stack.name.clone() }),
        None => Ok(()),
    }
}

/// What the module of `infra/terraform` calls its function; CloudFormation puts chance at the end of a name.
pub(crate) fn of_terraform(name: &str) -> String {
    format!("{name}-paywall")
}

/// The functions that say that they are of this name, in whosever code they are.
/// `ListFunctions` gives descriptions: <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
pub(crate) async fn functions_of(
    plane: &impl ControlPlane,
    name: &str,
) -> Result<Vec<String>, Error> {
    let said = format!("x402 paywall of stack {name}");
    let all = plane.functions().await.map_err(while_asking("listing functions"))?;
    let ours = |description: &str| {
        description
            .strip_prefix(&said)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("; "))
    };
    Ok(all.into_iter().filter(|one| ours(&one.description)).map(|one| one.name).collect())
}

/// The functions of a stack, which outlive it: by what their description says, since their names may be cut. One that
/// Terraform made is its owner's.
pub(crate) async fn functions(
    plane: &impl ControlPlane,
    name: &str,
    stack: Option<&Stack>,
) -> Result<Vec<String>, Error> {
    let mut found = functions_of(plane, name).await?;
    found.retain(|function| *function != of_terraform(name));
    found.extend(Some(output(stack, "FunctionName").to_owned()).filter(|name| !name.is_empty()));
    found.sort();
    found.dedup();
    Ok(found)
}

/// Deletes a stack, and says so; what CloudFormation cannot delete is an error.
pub(crate) async fn take_down(plane: &impl ControlPlane, name: &str) -> Result<(), Error> {
    begin(&format!(
        "delete stack {name} in {} (a distribution takes many minutes)",
        plane.region()
    ));
    match delete(plane, name).await? {
        Changed::Done => Ok(()),
        Changed::Failed(why) => Err(Error::NotDeleted { stack: name.to_owned(), why }),
    }
}
