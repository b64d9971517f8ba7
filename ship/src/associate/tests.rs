use super::*;

const OURS: &str = "arn:aws:lambda:us-east-1:111122223333:function:edge:7";

/// The configuration with the function on, and what changed.
fn on(mut config: Value, paths: &[&str]) -> Result<(Value, Vec<String>), Error> {
    let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
    let changes = put_on(&mut config, &OURS.parse().unwrap(), &paths, "")?;
    Ok((config, changes))
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
    let (after, changes) = on(config(), &[]).unwrap();
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
    let (after, changes) = on(config(), &["premium/*", "*.jpg"]).unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(after["CacheBehaviors"]["Items"][1]["LambdaFunctionAssociations"]["Quantity"], 3);
}

#[test]
fn a_second_time_changes_nothing_and_a_new_version_all() {
    let (once, _) = on(config(), &["*.jpg"]).unwrap();
    let (twice, changes) = on(once.clone(), &[]).unwrap();
    assert_eq!((&twice, changes), (&once, vec![]));
    let mut newer = once;
    let version = OURS.replace(":7", ":8").parse().unwrap();
    let changes = put_on(&mut newer, &version, &[], "").unwrap();
    assert_eq!(changes.len(), 1);
    assert!(!newer.to_string().contains("edge:7"));
}

#[test]
fn taken_off() {
    let (mut off, _) = on(config(), &["default", "/premium/*"]).unwrap();
    let changes = take_off(&mut off, &OURS.parse().unwrap(), "").unwrap();
    assert_eq!(changes.len(), 2);
    assert!(!off.to_string().contains("function:edge"));
    assert!(off.to_string().contains("function:resize"));
}

#[test]
fn refused() {
    let refusal = |config: Value, path: &[&str]| on(config, path).unwrap_err().to_string();
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
    let (on, _) = on(config(), &["*.jpg"]).unwrap();
    assert!(refusal(on, &["default"]).contains("not among the --path"));
}

#[test]
fn what_is_refused_stays_as_it_was() {
    let mut refused = config();
    let paths = ["*.jpg".to_owned(), "/vip/*".to_owned()];
    put_on(&mut refused, &OURS.parse().unwrap(), &paths, "").unwrap_err();
    assert_eq!(refused, config());
}

#[test]
fn a_web_acl_goes_where_there_is_none() {
    let function: FunctionVersion = OURS.parse().unwrap();
    let mut config = config();
    put_on(&mut config, &function, &[], "arn:acl").unwrap();
    assert_eq!(config["WebACLId"], "arn:acl");
    assert_eq!(put_on(&mut config, &function, &[], "arn:acl").unwrap(), Vec::<String>::new());
    take_off(&mut config, &function, "arn:acl").unwrap();
    assert_eq!(config["WebACLId"], "");
    config["WebACLId"] = json!("arn:other");
    put_on(&mut config, &function, &[], "arn:acl").unwrap();
    assert_eq!(config["WebACLId"], "arn:other");
    take_off(&mut config, &function, "arn:acl").unwrap();
    assert_eq!(config["WebACLId"], "arn:other");
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
