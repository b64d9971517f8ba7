//! `associate`: a distribution's configuration with the function on some of its behaviours, or off all.
//!
//! It edits JSON and not types, so that nothing that CloudFront adds to a configuration gets lost.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::gates::function::FunctionVersion;

/// The events that the function needs.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html>
const EVENTS: [&str; 2] = ["viewer-request", "viewer-response"];

/// Puts the function on behaviours of a distribution's configuration.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What `aws cloudfront get-distribution-config` printed.
    config: PathBuf,
    /// The ARN of the function's version.
    #[arg(long, value_name = "ARN")]
    function: FunctionVersion,
    /// A behaviour's path pattern, or `default`; may be repeated. Without it: the behaviours that
    /// have the function already, or else the default one.
    #[arg(long, value_name = "PATTERN")]
    path: Vec<String>,
    /// The ARN of a web ACL, for a distribution that has none.
    #[arg(long, value_name = "ARN", default_value = "")]
    web_acl: String,
    /// Take the function, and that web ACL, off instead.
    #[arg(long)]
    remove: bool,
    /// Where to write the new configuration.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the new configuration and prints what changes: nothing, if it prints nothing.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let path = arguments.config.display();
    let text = fs::read(&arguments.config).with_context(|| format!("cannot read {path}"))?;
    let mut answer: Value = serde_json::from_slice(&text).with_context(|| format!("{path}"))?;
    let config = match answer.get_mut("DistributionConfig") {
        Some(config) => config.take(),
        None => answer,
    };
    let (config, changes) = edit(config, arguments)?;
    fs::write(&arguments.output, serde_json::to_vec_pretty(&config)?)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    for change in changes {
        println!("{change}");
    }
    Ok(ExitCode::SUCCESS)
}

fn edit(mut config: Value, arguments: &Arguments) -> anyhow::Result<(Value, Vec<String>)> {
    let mut changes = Vec::new();
    let mut known = Vec::new();
    let mut paths = arguments.path.clone();
    if paths.is_empty() {
        let all = behaviours(&mut config)?.into_iter();
        let have = all.filter(|(_, behaviour)| names(behaviour, &arguments.function));
        paths.extend(have.map(|(name, _)| name));
    }
    if paths.is_empty() {
        paths.push("default".to_owned());
    }
    for (name, behaviour) in behaviours(&mut config)? {
        if arguments.remove {
            if take_off(behaviour, &arguments.function) {
                changes.push(format!("{name}: without the function"));
            }
        } else if paths.iter().any(|path| same_pattern(path, &name)) {
            if put_on(&name, behaviour, &arguments.function)? {
                changes.push(format!(
                    "{name}: {} on {}",
                    arguments.function.arn(),
                    EVENTS.join(" and ")
                ));
            }
        } else if names(behaviour, &arguments.function) {
            bail!(
                "{name} has the function, and is not among the --path options: name it as well, or \
                 take the function off first (scripts/attach.sh --rollback)"
            );
        }
        known.push(name);
    }
    for path in paths.iter().filter(|_| !arguments.remove) {
        if !known.iter().any(|name| same_pattern(path, name)) {
            bail!("no behaviour has the path pattern {path:?}; there are: {}", known.join(", "));
        }
    }
    changes.extend(web_acl(&mut config, arguments));
    Ok((config, changes))
}

/// The web ACL is put where there is none, and taken only if it is ours.
fn web_acl(config: &mut Value, arguments: &Arguments) -> Option<String> {
    let now = config.get("WebACLId").and_then(Value::as_str).unwrap_or("").to_owned();
    let wanted = &arguments.web_acl;
    if wanted.is_empty() || arguments.remove == (now != *wanted) {
        return None;
    }
    if !arguments.remove && !now.is_empty() {
        return None;
    }
    config["WebACLId"] = json!(if arguments.remove { "" } else { wanted });
    Some(format!("web ACL: {}", if arguments.remove { "none" } else { wanted }))
}

fn same_pattern(path: &str, name: &str) -> bool {
    path.trim_start_matches('/') == name.trim_start_matches('/')
}

fn behaviours(config: &mut Value) -> anyhow::Result<Vec<(String, &mut Value)>> {
    let Some(config) = config.as_object_mut() else {
        bail!("not a distribution's configuration");
    };
    let mut found = Vec::new();
    for (key, value) in config {
        if key == "DefaultCacheBehavior" {
            found.push(("default".to_owned(), value));
        } else if key == "CacheBehaviors" {
            for item in value.get_mut("Items").and_then(Value::as_array_mut).into_iter().flatten() {
                let pattern = item.get("PathPattern").and_then(Value::as_str).unwrap_or("");
                found.push((pattern.to_owned(), item));
            }
        }
    }
    if !found.iter().any(|(name, _)| name == "default") {
        bail!("not a distribution's configuration: it has no DefaultCacheBehavior");
    }
    Ok(found)
}

fn items(behaviour: &Value, list: &str) -> Vec<Value> {
    let items = behaviour.get(list).and_then(|list| list.get("Items"));
    items.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn names(behaviour: &Value, function: &FunctionVersion) -> bool {
    let associations = items(behaviour, "LambdaFunctionAssociations");
    associations.iter().any(|a| function.is(text(a, "LambdaFunctionARN")))
}

fn set(behaviour: &mut Value, associations: Vec<Value>) {
    let quantity = associations.len();
    behaviour["LambdaFunctionAssociations"] = if quantity == 0 {
        json!({"Quantity": 0})
    } else {
        json!({"Quantity": quantity, "Items": associations})
    };
}

fn put_on(name: &str, behaviour: &mut Value, function: &FunctionVersion) -> anyhow::Result<bool> {
    // A behaviour takes one function an event; CloudFront Functions and Lambda@Edge do not mix there.
    for other in items(behaviour, "FunctionAssociations") {
        if text(&other, "EventType").starts_with("viewer-") {
            bail!(
                "function-conflict: {name} has the CloudFront Function {} on {}, and viewer events take \
                 either kind of function, not both: take it off first",
                text(&other, "FunctionARN"),
                text(&other, "EventType")
            );
        }
    }
    let before = items(behaviour, "LambdaFunctionAssociations");
    let mut after = Vec::new();
    for association in &before {
        let arn = text(association, "LambdaFunctionARN");
        let event = text(association, "EventType");
        if function.is(arn) {
            continue;
        }
        if EVENTS.contains(&event) {
            bail!(
                "function-conflict: {name} has {arn} on {event}, and an event takes one function: take \
                 it off first"
            );
        }
        after.push(association.clone());
    }
    after.extend(EVENTS.map(|event| {
        json!({"LambdaFunctionARN": function.arn(), "EventType": event, "IncludeBody": false})
    }));
    let sorted = |mut list: Vec<Value>| {
        list.sort_by_key(|a| text(a, "EventType").to_owned());
        list
    };
    let changed = sorted(before) != sorted(after.clone());
    set(behaviour, after);
    Ok(changed)
}

fn take_off(behaviour: &mut Value, function: &FunctionVersion) -> bool {
    let before = items(behaviour, "LambdaFunctionAssociations");
    let ours = |a: &Value| function.is(text(a, "LambdaFunctionARN"));
    let after: Vec<_> = before.iter().filter(|a| !ours(a)).cloned().collect();
    let changed = after.len() != before.len();
    if changed {
        set(behaviour, after);
    }
    changed
}

#[cfg(test)]
mod tests;
