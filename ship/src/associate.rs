//! A distribution's configuration with the function on some of its behaviours, or off all.
//!
//! It edits JSON and not types, so that nothing that CloudFront adds to a configuration gets lost.

use serde_json::{Value, json};

use crate::error::Error;
use crate::gates::FunctionVersion;

/// The events that the function needs.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html>
const EVENTS: [&str; 2] = ["viewer-request", "viewer-response"];

/// Puts the function on behaviours of a distribution's configuration, named by their path patterns or `default`;
/// without any, on those that have it already, or else on the default one. `web_acl` is the ARN of a web ACL for a
/// distribution that has none, or empty. Gives what changes, a line each; none if nothing does.
///
/// # Errors
///
/// It cannot go there; `config` is as it was.
pub fn put_on(
    config: &mut Value,
    function: &FunctionVersion,
    paths: &[String],
    web_acl: &str,
) -> Result<Vec<String>, Error> {
    let mut new = config.clone();
    let (mut changes, mut known) = (Vec::new(), Vec::new());
    let mut paths = paths.to_vec();
    if paths.is_empty() {
        let all = behaviours(&mut new)?.into_iter();
        let have = all.filter(|(_, behaviour)| names(behaviour, function));
        paths.extend(have.map(|(name, _)| name));
    }
    if paths.is_empty() {
        paths.push("default".to_owned());
    }
    for (name, behaviour) in behaviours(&mut new)? {
        if paths.iter().any(|path| same_pattern(path, &name)) {
            if put_on_one(&name, behaviour, function)? {
                let events = EVENTS.join(" and ");
                changes.push(format!("{name}: {} on {events}", function.arn()));
            }
        } else if names(behaviour, function) {
            return Err(Error::NotAmongPaths { behaviour: name });
        }
        known.push(name);
    }
    for path in paths {
        if !known.iter().any(|name| same_pattern(&path, name)) {
            return Err(Error::NoSuchBehaviour { path, known: known.join(", ") });
        }
    }
    if !web_acl.is_empty() && web_acl_of(&new).is_empty() {
        new["WebACLId"] = json!(web_acl);
        changes.push(format!("web ACL: {web_acl}"));
    }
    *config = new;
    Ok(changes)
}

/// Takes the function off every behaviour, and the web ACL off if it is this one. Gives what changes, a line each.
///
/// # Errors
///
/// It is not a distribution's configuration.
pub fn take_off(
    config: &mut Value,
    function: &FunctionVersion,
    web_acl: &str,
) -> Result<Vec<String>, Error> {
    let mut changes = Vec::new();
    for (name, behaviour) in behaviours(config)? {
        if take_off_one(behaviour, function) {
            changes.push(format!("{name}: without the function"));
        }
    }
    if !web_acl.is_empty() && web_acl_of(config) == web_acl {
        config["WebACLId"] = json!("");
        changes.push("web ACL: none".to_owned());
    }
    Ok(changes)
}

fn web_acl_of(config: &Value) -> &str {
    text(config, "WebACLId")
}

fn same_pattern(path: &str, name: &str) -> bool {
    path.trim_start_matches('/') == name.trim_start_matches('/')
}

fn behaviours(config: &mut Value) -> Result<Vec<(String, &mut Value)>, Error> {
    let wrong = |why: &str| Error::NotADistribution { why: why.to_owned() };
    let Some(config) = config.as_object_mut() else {
        return Err(wrong("it is no object"));
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
        return Err(wrong("it has no DefaultCacheBehavior"));
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

fn put_on_one(
    name: &str,
    behaviour: &mut Value,
    function: &FunctionVersion,
) -> Result<bool, Error> {
    // A behaviour takes one function an event; CloudFront Functions and Lambda@Edge do not mix there.
    for other in items(behaviour, "FunctionAssociations") {
        if text(&other, "EventType").starts_with("viewer-") {
            return Err(Error::OtherKind {
                behaviour: name.to_owned(),
                function: text(&other, "FunctionARN").to_owned(),
                event: text(&other, "EventType").to_owned(),
            });
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
            return Err(Error::OtherFunction {
                behaviour: name.to_owned(),
                function: arn.to_owned(),
                event: event.to_owned(),
            });
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

fn take_off_one(behaviour: &mut Value, function: &FunctionVersion) -> bool {
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
