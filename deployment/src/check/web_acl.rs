//! A web ACL's rules, as they are kept and compared.
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::switch_rule::is_switch;

/// The name under which the default action is kept. Rules' names have no spaces.
pub(super) const DEFAULT_ACTION: &str = "the default action";

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub(super) name: String,
    pub(super) priority: u64,
    /// `Block`.
    pub(super) action: String,
    /// Of the whole rule, but for what it only shows: a limit of a thousand times as much has the same name.
    pub(super) sha256: String,
}

/// The rules of what `aws wafv2 get-web-acl` has as `WebACL`, in their order, with the default action.
pub(super) fn rules(acl: &Value) -> Result<Vec<Rule>, String> {
    let rules = acl["Rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    // A switch comes and goes, and does nothing that its value does not prove: the function alarms while one is on.
    let lasting = rules.iter().filter(|rule| !is_switch(rule));
    let mut read = lasting.map(rule).collect::<Result<Vec<_>, _>>()?;
    read.sort_by_key(|rule| rule.priority);
    read.push(Rule {
        name: DEFAULT_ACTION.to_owned(),
        priority: u64::MAX,
        action: action(&acl["DefaultAction"]),
        sha256: sha256(&acl["DefaultAction"]),
    });
    Ok(read)
}

fn rule(rule: &Value) -> Result<Rule, String> {
    let (Some(name), Some(priority)) = (rule["Name"].as_str(), rule["Priority"].as_u64()) else {
        return Err("a rule has no name or priority".to_owned());
    };
    let mut kept = rule.clone();
    if let Some(kept) = kept.as_object_mut() {
        kept.remove("VisibilityConfig");
    }
    let is_group = rule["Action"].is_null();
    Ok(Rule {
        name: name.to_owned(),
        priority,
        action: action(&rule[if is_group { "OverrideAction" } else { "Action" }]),
        sha256: sha256(&kept),
    })
}

fn action(action: &Value) -> String {
    let names = action.as_object().map(|action| action.keys().cloned().collect::<Vec<_>>());
    names.unwrap_or_default().join(" ")
}

/// Of the canonical text: keys in order, nothing that is null or that was not said.
fn sha256(value: &Value) -> String {
    let digest = Sha256::digest(canonical(value).to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
            sorted.sort_by_key(|(name, _)| *name);
            let pair = |(name, value): (&String, &Value)| json!([name, canonical(value)]);
            Value::Array(sorted.into_iter().map(pair).collect())
        }
        Value::Array(items) => json!({"list": items.iter().map(canonical).collect::<Vec<_>>()}),
        other => other.clone(),
    }
}
