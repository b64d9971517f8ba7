//! A web ACL's rules, as they are kept and compared.
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::switch_rule::is_switch;
use paywall_core::waf::VOUCHED;

/// The name under which the default action is kept. Rules' names have no spaces.
pub(super) const DEFAULT_ACTION: &str = "the default action";

/// AWS's rule group, and what its labels begin with.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html>
const BOT_CONTROL: &str = "AWSManagedRulesBotControlRuleSet";
const LABELS: &str = "awswaf:managed:aws:bot-control:";

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

/// Why the web ACL vouches for whom it should not, whatever was deployed: without Bot Control before it, nobody has a label,
/// and everybody would read free. With its own actions, Bot Control blocks agents before they are asked to pay.
pub(super) fn vouches_wrongly(acl: &Value) -> Option<String> {
    let rules = acl["Rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let inserts = |rule: &&Value| {
        let actions = rule["Action"].as_object().into_iter().flat_map(|action| action.values());
        let headers =
            actions.flat_map(|it| it["CustomRequestHandling"]["InsertHeaders"].as_array());
        headers.flatten().any(|header| header["Name"] == VOUCHED)
    };
    let vouching: Vec<_> = rules.iter().filter(inserts).collect();
    let said = |rule: &Value, why: &str| {
        Some(format!(
            "{} vouches for readers, and {why}",
            rule["Name"].as_str().unwrap_or_default()
        ))
    };
    for rule in &vouching {
        let unlabelled =
            &rule["Statement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"];
        let labels = |one: &Value| {
            let it = &one["LabelMatchStatement"];
            it["Scope"] == "NAMESPACE" && it["Key"] == LABELS
        };
        if !unlabelled.as_array().is_some_and(|any| any.iter().any(labels)) {
            return said(rule, "not only for whom Bot Control has no label");
        }
        let group =
            |one: &&Value| one["Statement"]["ManagedRuleGroupStatement"]["Name"] == BOT_CONTROL;
        let Some(bots) = rules.iter().find(group) else {
            return said(rule, "Bot Control is not there");
        };
        let group = &bots["Statement"]["ManagedRuleGroupStatement"];
        let version = group["Version"].as_str().and_then(|it| it.strip_prefix("Version_"));
        let version = version.and_then(|it| it.split('.').next()?.parse::<u32>().ok());
        if bots["Priority"].as_u64() >= rule["Priority"].as_u64() {
            return said(rule, "Bot Control comes after it");
        }
        if version.is_none_or(|version| version < 4) {
            return said(rule, "Bot Control is not pinned to version 4.0 or newer");
        }
        if bots["OverrideAction"]["Count"].is_null() {
            return said(rule, "Bot Control does not only count: it blocks agents");
        }
        if !group["ScopeDownStatement"].is_null() {
            return said(rule, "Bot Control looks at some requests only");
        }
    }
    None
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

#[cfg(test)]
#[path = "web_acl_tests.rs"]
mod tests;
