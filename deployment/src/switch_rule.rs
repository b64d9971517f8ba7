//! The one rule of a web ACL that is a switch: it counts every request, and inserts the switch's header.
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html>

use paywall_core::waf::SWITCH;
use serde_json::{Value, json};

/// What the rule's name begins with; the site's id follows.
const PREFIX: &str = "x402-switch-";

/// Why a web ACL takes no switch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// Another site's is in it, and there is one header for both.
    OtherSite(String),
    /// This rule ends the matter before.
    LetThrough(String),
}

/// The rule's name.
pub(crate) fn name(site: &str) -> String {
    format!("{PREFIX}{site}")
}

/// Whether a rule is a switch, whosever, and does nothing else: then it changes nothing but by a value that only the function
/// can judge.
pub(crate) fn is_switch(rule: &Value) -> bool {
    let named = rule["Name"].as_str().and_then(|name| name.strip_prefix(PREFIX));
    let (Some(site), Some(priority)) = (named, rule["Priority"].as_u64()) else { return false };
    value_of(rule).is_some_and(|value| {
        let ours = rule_of(site, priority, value);
        ["Statement", "Action"].iter().all(|key| ours[*key] == rule[*key])
    })
}

/// The header's value.
pub(crate) fn value_of(rule: &Value) -> Option<&str> {
    let inserted = &rule["Action"]["Count"]["CustomRequestHandling"]["InsertHeaders"];
    inserted[0]["Value"].as_str()
}

/// The site's rule of a web ACL.
pub(crate) fn find<'a>(acl: &'a Value, site: &str) -> Option<&'a Value> {
    rules(acl).iter().find(|rule| rule["Name"] == *name(site))
}

fn rules(acl: &Value) -> &[Value] {
    acl["Rules"].as_array().map_or(&[], Vec::as_slice)
}

/// Puts the site's switch into a web ACL, in place of an earlier one; without a value, takes it out. All else stays.
pub(crate) fn put(acl: &mut Value, site: &str, value: Option<&str>) -> Result<(), NoPlace> {
    let (own, mut kept) = (name(site), rules(acl).to_vec());
    kept.retain(|rule| rule["Name"] != *own);
    if let Some(value) = value {
        if let Some(other) = kept.iter().find(|rule| is_switch(rule)) {
            let other = other["Name"].as_str().unwrap_or_default();
            return Err(NoPlace::OtherSite(other.trim_start_matches(PREFIX).to_owned()));
        }
        let number = |rule: &Value| rule["Priority"].as_u64().unwrap_or_default();
        // After the first rule, which blocks what viewers forge, as soon as a number is free.
        let first = kept.iter().map(number).min().unwrap_or_default();
        let taken = |at: &u64| kept.iter().any(|rule| number(rule) == *at);
        let at = (first + 1..).find(|at| !taken(at)).unwrap_or(first + 1);
        let ends = |rule: &&Value| !rule["Action"]["Allow"].is_null() && number(rule) < at;
        if let Some(rule) = kept.iter().find(ends) {
            return Err(NoPlace::LetThrough(rule["Name"].as_str().unwrap_or_default().to_owned()));
        }
        kept.push(rule_of(site, at, value));
    }
    acl["Rules"] = kept.into();
    Ok(())
}

/// Its requests are not sampled: samples show what is inserted.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_SampledHTTPRequest.html>
fn rule_of(site: &str, priority: u64, value: &str) -> Value {
    let name = name(site);
    json!({
        "Name": name,
        "Priority": priority,
        // Every request has a path.
        "Statement": { "SizeConstraintStatement": {
            "FieldToMatch": { "UriPath": {} },
            "ComparisonOperator": "GE",
            "Size": 0,
            "TextTransformations": [{ "Priority": 0, "Type": "NONE" }],
        } },
        "Action": { "Count": { "CustomRequestHandling": {
            "InsertHeaders": [{ "Name": SWITCH, "Value": value }],
        } } },
        "VisibilityConfig": {
            "SampledRequestsEnabled": false,
            "CloudWatchMetricsEnabled": true,
            "MetricName": name,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl() -> Value {
        let rule = |name: &str, priority: u64, action: &str| json!({ "Name": name, "Priority": priority, "Action": { action: {} } });
        json!({ "Name": "a", "Rules": [rule("later", 7, "Block"), rule("forged", 0, "Block"), rule("limit", 1, "Block")] })
    }

    #[test]
    fn it_comes_and_goes_and_all_else_stays() {
        let before = acl();
        let mut now = before.clone();
        for value in ["one", "two"] {
            assert_eq!(put(&mut now, "shop", Some(value)), Ok(()));
            let rule = find(&now, "shop").unwrap();
            assert!(is_switch(rule));
            assert_eq!((value_of(rule), rule["Priority"].as_u64()), (Some(value), Some(2)));
            assert_eq!(now["Rules"].as_array().unwrap().len(), 4);
        }
        assert_eq!(put(&mut now, "shop", None), Ok(()));
        assert_eq!(now, before);
        assert_eq!(put(&mut now, "shop", None), Ok(()));
        assert_eq!(now, before);
    }

    #[test]
    fn one_site_of_a_web_acl_has_one() {
        let mut now = acl();
        put(&mut now, "shop", Some("one")).unwrap();
        let same = now.clone();
        assert_eq!(put(&mut now, "sister", Some("two")), Err(NoPlace::OtherSite("shop".into())));
        assert_eq!(put(&mut now, "sister", None), Ok(()));
        assert_eq!(now, same);
    }

    #[test]
    fn what_lets_requests_through_before_is_named() {
        let mut now = acl();
        now["Rules"][2]["Action"] = json!({ "Allow": {} });
        let same = now.clone();
        assert_eq!(put(&mut now, "shop", Some("v")), Err(NoPlace::LetThrough("limit".into())));
        assert_eq!(now, same);
        now["Rules"][2]["Priority"] = 8.into();
        assert_eq!(put(&mut now, "shop", Some("v")), Ok(()));
    }

    #[test]
    fn what_does_more_is_no_switch() {
        let mut now = acl();
        put(&mut now, "shop", Some("v")).unwrap();
        let rule = find(&now, "shop").unwrap();
        for (pointer, other) in [
            ("/Action", json!({ "Allow": rule["Action"]["Count"] })),
            ("/Name", json!("x402-other")),
            ("/Statement/SizeConstraintStatement/Size", json!(1)),
            ("/Action/Count/CustomRequestHandling/InsertHeaders/0/Name", json!("x402-vouched")),
            ("/Action/Count/CustomRequestHandling/InsertHeaders/0/Value", json!(null)),
        ] {
            let mut changed = rule.clone();
            *changed.pointer_mut(pointer).unwrap() = other;
            assert!(!is_switch(&changed), "{pointer}");
        }
        let mut more = rule.clone();
        let list = &mut more["Action"]["Count"]["CustomRequestHandling"]["InsertHeaders"];
        list.as_array_mut().unwrap().push(json!({ "Name": "a", "Value": "b" }));
        assert!(!is_switch(&more));
        assert!(!acl()["Rules"].as_array().unwrap().iter().any(is_switch));
    }
}
