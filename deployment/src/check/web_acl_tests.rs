use super::*;

fn bots() -> Value {
    json!({ "Name": "bot-control", "Priority": 10, "OverrideAction": { "Count": {} }, "Statement": { "ManagedRuleGroupStatement": {
        "VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet", "Version": "Version_4.0",
        "ManagedRuleGroupConfigs": [{ "AWSManagedRulesBotControlRuleSet": { "InspectionLevel": "COMMON" } }],
    } } })
}

fn vouches() -> Value {
    json!({ "Name": "vouch-for-people", "Priority": 11,
        "Action": { "Count": { "CustomRequestHandling": { "InsertHeaders": [{ "Name": "x402-vouched", "Value": "v" }] } } },
        "Statement": { "NotStatement": { "Statement": { "OrStatement": { "Statements": [
            { "LabelMatchStatement": { "Scope": "NAMESPACE", "Key": "awswaf:managed:aws:bot-control:" } },
            { "SizeConstraintStatement": {} },
        ] } } } } })
}

fn wrong(rules: &[Value]) -> String {
    vouches_wrongly(&json!({ "Rules": rules })).unwrap_or_default()
}

#[test]
fn who_is_vouched_for_was_looked_at_by_bot_control_before() {
    assert_eq!(wrong(&[]), "");
    assert_eq!(wrong(&[vouches(), bots()]), "", "the list has no order");
    assert_eq!(wrong(&[bots()]), "", "nobody is vouched for");
    let lone = wrong(&[vouches()]);
    assert_eq!(lone, "vouch-for-people vouches for readers, and Bot Control is not there");
    let changes: &[(&str, Value, &str)] = &[
        ("/0/Priority", json!(11), "comes after it"),
        ("/0/Priority", json!(12), "comes after it"),
        ("/0/OverrideAction", json!({ "None": {} }), "does not only count"),
        (
            "/0/Statement/ManagedRuleGroupStatement/Version",
            json!("Version_3.2"),
            "not pinned to version 4.0",
        ),
        (
            "/0/Statement/ManagedRuleGroupStatement/Version",
            Value::Null,
            "not pinned to version 4.0",
        ),
        ("/0/Statement/ManagedRuleGroupStatement/Name", json!("Other"), "is not there"),
        (
            "/0/Statement/ManagedRuleGroupStatement/ScopeDownStatement",
            json!({ "a": 1 }),
            "some requests only",
        ),
        ("/1/Statement", json!({ "ByteMatchStatement": {} }), "not only for whom"),
        (
            "/1/Statement/NotStatement/Statement/OrStatement/Statements/0/LabelMatchStatement/Key",
            json!("awswaf:managed:aws:bot-control:bot:verified"),
            "not only for whom",
        ),
        ("/1/Action", json!({ "Allow": vouches()["Action"]["Count"] , "x": 1 }), ""),
    ];
    for (at, to, said) in changes {
        let mut rules = json!([bots(), vouches()]);
        let (parent, key) = at.rsplit_once('/').unwrap();
        match rules.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.insert(key.to_owned(), to.clone())),
            list => list[key.parse::<usize>().unwrap()] = to.clone(),
        }
        let why = wrong(rules.as_array().unwrap());
        assert!(why.contains(said) && why.is_empty() == said.is_empty(), "{at} {to}: {why}");
    }
    let mut newer = bots();
    newer["Statement"]["ManagedRuleGroupStatement"]["Version"] = json!("Version_12.1");
    assert_eq!(wrong(&[newer, vouches()]), "");
    // Another rule that lets all in, whatever its action.
    let mut all = vouches();
    all["Action"] = json!({ "Allow": vouches()["Action"]["Count"] });
    all["Statement"] = json!({ "GeoMatchStatement": {} });
    assert!(wrong(&[bots(), vouches(), all]).contains("not only"));
}
