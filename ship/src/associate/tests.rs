use super::*;

const OURS: &str = "arn:aws:lambda:us-east-1:111122223333:function:edge:7";

fn arguments(path: &[&str]) -> Arguments {
    Arguments {
        config: PathBuf::new(),
        function: OURS.parse().unwrap(),
        path: path.iter().map(ToString::to_string).collect(),
        web_acl: String::new(),
        remove: false,
        output: PathBuf::new(),
    }
}

fn config() -> Value {
    json!({
        "Kept": {"Quantity": 0},
        "WebACLId": "",
        "DefaultCacheBehavior": {"TargetOriginId": "o"},
        "CacheBehaviors": {"Quantity": 2, "Items": [
            {"PathPattern": "*.jpg"},
            {"PathPattern": "/premium/*", "LambdaFunctionAssociations": {"Quantity": 1, "Items": [
                {"LambdaFunctionARN": "arn:aws:lambda:us-east-1:111122223333:function:resize:1",
                 "EventType": "origin-response", "IncludeBody": false}]}},
        ]},
    })
}

#[test]
fn the_default_behaviour_alone() {
    let (after, changes) = edit(config(), &arguments(&[])).unwrap();
    assert_eq!(changes, [format!("default: {OURS} on viewer-request and viewer-response")]);
    let on = &after["DefaultCacheBehavior"]["LambdaFunctionAssociations"];
    assert_eq!(on["Quantity"], 2);
    assert_eq!(on["Items"][1]["EventType"], "viewer-response");
    let mut rest = after.clone();
    rest["DefaultCacheBehavior"].as_object_mut().unwrap().remove("LambdaFunctionAssociations");
    assert_eq!(rest, config());
}

#[test]
fn named_behaviours_keep_their_other_functions() {
    let (after, changes) = edit(config(), &arguments(&["premium/*", "*.jpg"])).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(after["CacheBehaviors"]["Items"][1]["LambdaFunctionAssociations"]["Quantity"], 3);
}

#[test]
fn a_second_time_changes_nothing_and_a_new_version_all() {
    let (once, _) = edit(config(), &arguments(&["*.jpg"])).unwrap();
    let (twice, changes) = edit(once.clone(), &arguments(&[])).unwrap();
    assert_eq!((&twice, changes), (&once, vec![]));
    let newer = Arguments { function: OURS.replace(":7", ":8").parse().unwrap(), ..arguments(&[]) };
    let (newer, changes) = edit(once, &newer).unwrap();
    assert_eq!(changes.len(), 1);
    assert!(!newer.to_string().contains("edge:7"));
}

#[test]
fn taken_off() {
    let (on, _) = edit(config(), &arguments(&["default", "/premium/*"])).unwrap();
    let (off, changes) = edit(on, &Arguments { remove: true, ..arguments(&[]) }).unwrap();
    assert_eq!(changes.len(), 2);
    assert!(!off.to_string().contains("function:edge"));
    assert!(off.to_string().contains("function:resize"));
}

#[test]
fn refused() {
    let refusal =
        |config: Value, path: &[&str]| edit(config, &arguments(path)).unwrap_err().to_string();
    assert!(refusal(config(), &["/vip/*"]).contains("there are: "));
    let mut conflict = config();
    conflict["DefaultCacheBehavior"]["FunctionAssociations"] = json!({"Quantity": 1, "Items": [
        {"FunctionARN": "arn:aws:cloudfront::111122223333:function/rewrite", "EventType": "viewer-request"}]});
    assert!(refusal(conflict, &[]).starts_with("function-conflict: default"));
    let mut conflict = config();
    conflict["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = json!({"Quantity": 1, "Items": [
        {"LambdaFunctionARN": "arn:aws:lambda:us-east-1:111122223333:function:login:3",
         "EventType": "viewer-response"}]});
    assert!(refusal(conflict, &[]).contains("function:login:3 on viewer-response"));
    let (on, _) = edit(config(), &arguments(&["*.jpg"])).unwrap();
    assert!(refusal(on, &["default"]).contains("not among the --path"));
}

#[test]
fn a_web_acl_goes_where_there_is_none() {
    let with = |remove| Arguments { web_acl: "arn:acl".into(), remove, ..arguments(&[]) };
    let (on, _) = edit(config(), &with(false)).unwrap();
    assert_eq!(on["WebACLId"], "arn:acl");
    assert_eq!(edit(on.clone(), &with(false)).unwrap().1, Vec::<String>::new());
    assert_eq!(edit(on, &with(true)).unwrap().0["WebACLId"], "");
    let mut other = config();
    other["WebACLId"] = json!("arn:other");
    for remove in [false, true] {
        assert_eq!(edit(other.clone(), &with(remove)).unwrap().0["WebACLId"], "arn:other");
    }
}

#[test]
fn only_numbered_versions_of_us_east_1() {
    for (arn, says) in [
        (OURS.replace(":7", ":$LATEST"), "numbered version"),
        (OURS.replace(":7", ":live"), "numbered version"),
        (OURS.replace("us-east-1", "eu-west-1"), "us-east-1"),
        (OURS.trim_end_matches(":7").to_owned(), "numbered version"),
        ("edge".to_owned(), "not the ARN"),
    ] {
        let error = arn.parse::<FunctionVersion>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
