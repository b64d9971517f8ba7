//! Every method at least once, in the order of a deployment.

use std::collections::BTreeMap;

use aws_control_plane::Aws;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deployment::control_plane::{
    BucketState, ChangeSet, ControlPlane, Kind, LogGroup, StackChange,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::template::template;

const BUCKET: &str = "try-the-control-plane";
/// A key that wants care.
const KEY: &str = "ü +&/code.zip";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(super) async fn every_one() {
    let aws = Aws::from_environment().await;
    let caller = aws.caller().await.unwrap();
    assert_eq!(caller.account, "111122223333");
    assert!(caller.arn.starts_with("arn:aws:"), "{caller:?}");
    let credentials = aws.credentials().await.unwrap();
    assert_eq!((credentials.access_key_id.as_str(), credentials.session_token), ("test", None));
    assert!(!format!("{aws:?}").contains("test"));

    buckets(&aws).await;
    parameters(&aws).await;
    let outputs = stack(&aws).await;
    distribution(&aws, &outputs["Distribution"]).await;
    web_acl(&aws, &outputs["Acl"]).await;
    let gone = outputs["Acl"].replace("/try/", "/other/").replace('0', "1");
    assert_eq!(aws.web_acl(&gone).await.unwrap(), None);
    alarms(&aws, &outputs["Alarm"]).await;
    logs(&aws.in_region("eu-west-1")).await;
    assert_eq!(aws.unreserved_concurrency().await.unwrap(), 1000);
    assert_eq!(aws.in_region("eu-west-1").unreserved_concurrency().await.unwrap(), 1000);
    taken_down(&aws, &outputs["FunctionName"]).await;
}

async fn buckets(aws: &Aws) {
    assert_eq!(aws.bucket(BUCKET).await.unwrap(), BucketState::Free);
    aws.create_bucket(BUCKET).await.unwrap();
    assert_eq!(aws.bucket(BUCKET).await.unwrap(), BucketState::Ours);
    assert_eq!(aws.own_buckets("try-the").await.unwrap(), [BUCKET]);
    assert_eq!(aws.own_buckets("try-another").await.unwrap(), Vec::<String>::new());
    assert_eq!(aws.public_access_block(BUCKET).await.unwrap(), None);
    aws.close_bucket(BUCKET).await.unwrap();
    let closed = aws.public_access_block(BUCKET).await.unwrap().unwrap();
    let all = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true,
        "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    assert_eq!(closed, json!({ "PublicAccessBlockConfiguration": all }));
    assert_eq!(aws.bucket_policy(BUCKET).await.unwrap(), None);
    assert_eq!(aws.bucket_is_public(BUCKET).await.unwrap(), None);

    let elsewhere = aws.in_region("eu-west-1");
    elsewhere.create_bucket("try-elsewhere").await.unwrap();
    assert_eq!(aws.bucket("try-elsewhere").await.unwrap(), BucketState::Elsewhere);
    elsewhere.delete_bucket("try-elsewhere").await.unwrap();

    assert_eq!(aws.get_object(BUCKET, KEY).await.unwrap(), None);
    assert!(!aws.has_object(BUCKET, KEY).await.unwrap());
    aws.put_object(BUCKET, KEY, "application/zip", b"bytes").await.unwrap();
    assert_eq!(aws.get_object(BUCKET, KEY).await.unwrap().unwrap(), b"bytes");
    assert!(aws.has_object(BUCKET, KEY).await.unwrap());
    let keys: Vec<_> = (0..5).map(|n| format!("many/{n} <&>+ü")).collect();
    for key in &keys {
        aws.put_object(BUCKET, key, "text/plain", b"").await.unwrap();
    }
    let found = aws.objects(BUCKET, "many/").await.unwrap();
    assert_eq!(
        found.iter().map(|object| &object.key).collect::<Vec<_>>(),
        keys.iter().collect::<Vec<_>>()
    );
    assert!(found[0].modified.starts_with("20"), "{found:?}");
    aws.delete_objects(BUCKET, &keys).await.unwrap();
    assert_eq!(aws.objects(BUCKET, "many/").await.unwrap(), []);
    let dots = aws.get_object(BUCKET, "a/../b").await.unwrap_err();
    assert!(dots.message.contains("has no URL of its own"), "{dots}");
    let missing = aws.get_object("no-such-bucket", "a").await.unwrap_err();
    assert_eq!(missing.code, "NoSuchBucket");
}

async fn parameters(aws: &Aws) {
    let name = "/x402/try";
    assert!(aws.parameter(name).await.unwrap().is_none());
    assert_eq!(aws.parameter_key(name).await.unwrap(), None);
    assert_eq!(aws.put_parameter(name, "ö 1", None, false).await.unwrap(), 1);
    let again = aws.put_parameter(name, "ö 2", None, false).await.unwrap_err();
    assert_eq!(again.code, "ParameterAlreadyExists");
    assert_eq!(aws.put_parameter(name, "ö 2", Some("alias/aws/ssm"), true).await.unwrap(), 2);
    let now = aws.parameter(name).await.unwrap().unwrap();
    assert_eq!((now.version, now.value.as_str()), (2, "ö 2"));
    assert!(now.written.starts_with("20") && now.written.ends_with('Z'), "{}", now.written);
    assert_eq!(aws.parameter(&format!("{name}:1")).await.unwrap().unwrap().value, "ö 1");
    assert!(aws.parameter(&format!("{name}:9")).await.unwrap().is_none());
    assert_eq!(aws.parameter_key(name).await.unwrap().as_deref(), Some("alias/aws/ssm"));
    aws.delete_parameter(name).await.unwrap();
    assert_eq!(aws.delete_parameter(name).await.unwrap_err().code, "ParameterNotFound");
}

async fn stack(aws: &Aws) -> BTreeMap<String, String> {
    let zip = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    aws.put_object(BUCKET, KEY, "application/zip", &zip).await.unwrap();
    let sha256 = STANDARD.encode(Sha256::digest(&zip));

    assert_eq!(aws.stack("try").await.unwrap(), None);
    let mut change = StackChange {
        stack: "try".to_owned(),
        creates: true,
        template: template(BUCKET, &sha256, false),
        parameters: map(&[("First", "1"), ("Second", "2 = zwei")]),
        tags: map(&[("x402-stack", "try"), ("mine", "a b")]),
    };
    assert_eq!(changed(aws, &change).await, ChangeSet::Ready);
    let made = aws.stack("try").await.unwrap().unwrap();
    let failures = aws.stack_failures("try").await.unwrap();
    assert_eq!(made.status, "CREATE_COMPLETE", "{failures:?}");
    assert_eq!((&made.parameters, &made.tags), (&change.parameters, &change.tags));
    assert_eq!(aws.stacks().await.unwrap(), std::slice::from_ref(&made));
    let template_now = aws.stack_template("try").await.unwrap();
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(parsed(&template_now), parsed(&change.template));

    // What is not named keeps its value; tags that are not named go.
    change.creates = false;
    change.template = template(BUCKET, &sha256, true);
    change.parameters = map(&[("First", "changed")]);
    change.tags = map(&[]);
    assert_eq!(changed(aws, &change).await, ChangeSet::Ready);
    let updated = aws.stack("try").await.unwrap().unwrap();
    assert_eq!(updated.status, "UPDATE_COMPLETE");
    assert_eq!(updated.parameters, map(&[("First", "changed"), ("Second", "2 = zwei")]));
    assert_eq!(updated.tags, map(&[]));

    // Nothing to change.
    let id = aws.create_change_set(&change).await.unwrap();
    assert_eq!(aws.change_set("try", &id).await.unwrap(), ChangeSet::Empty);
    aws.delete_change_set("try", &id).await.unwrap();
    updated.outputs
}

async fn changed(aws: &Aws, change: &StackChange) -> ChangeSet {
    let id = aws.create_change_set(change).await.unwrap();
    let state = aws.change_set(&change.stack, &id).await.unwrap();
    aws.execute_change_set(&change.stack, &id).await.unwrap();
    state
}

async fn distribution(aws: &Aws, id: &str) {
    assert_eq!(aws.distribution("E0000000000000").await.unwrap(), None);
    assert_eq!(aws.configuration("E0000000000000").await.unwrap(), None);
    let one = aws.distribution(id).await.unwrap().unwrap();
    assert_eq!((one.id.as_str(), one.aliases.len(), one.functions.len()), (id, 1, 1));
    assert!(one.functions[0].starts_with("arn:aws:lambda:us-east-1:111122223333:function:"));
    assert!(one.domain.ends_with(".cloudfront.net"), "{one:?}");
    let listed = aws.distributions().await.unwrap();
    assert_eq!(listed[0].functions, one.functions);
    assert_eq!((&listed[0].arn, &listed[0].domain), (&one.arn, &one.domain));
    let list = aws.distribution_list().await.unwrap();
    assert_eq!(list["DistributionList"]["Items"][0]["Id"], json!(id));

    // Two changes under one ETag: the second one is refused.
    let before = aws.configuration(id).await.unwrap().unwrap();
    assert_eq!(before.config["Comment"], json!("1"));
    let mut wanted = before.config.clone();
    wanted["Comment"] = json!("a <b> & \"ü\"");
    wanted["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = json!({"Quantity": 0});
    aws.update_distribution(id, &before.etag, &wanted).await.unwrap();
    let after = aws.configuration(id).await.unwrap().unwrap();
    assert_eq!(after.config, wanted);
    assert_ne!(after.etag, before.etag);
    let stale = aws.update_distribution(id, &before.etag, &wanted).await.unwrap_err();
    assert_eq!(stale.code, "PreconditionFailed");
    wanted["New"] = json!({"Items": ["a"]});
    let unknown = aws.update_distribution(id, &after.etag, &wanted).await.unwrap_err();
    assert!(unknown.message.contains("the items of New"), "{unknown}");

    let policy = aws.cache_policy("658327ea-f89d-4fab-a63d-7e88639e58f6").await.unwrap();
    assert_eq!(policy["CachePolicy"]["CachePolicyConfig"]["MinTTL"], json!(1));
    let policy = aws.origin_request_policy("216adef6-5c7f-47e4-b989-5492eafa07d3").await.unwrap();
    let config = &policy["OriginRequestPolicy"]["OriginRequestPolicyConfig"];
    assert_eq!(config["CookiesConfig"]["CookieBehavior"], json!("all"));
    assert_eq!(aws.distribution_tags(&one.arn).await.unwrap(), map(&[]));
    assert_eq!(aws.additional_metrics(id).await.unwrap(), Some(true));
    assert_eq!(aws.additional_metrics("E0000000000000").await.unwrap(), None);
    aws.invalidate(id, &["/*".to_owned()]).await.unwrap();
    assert_eq!(aws.stack_of("nobody-made-this").await.unwrap(), None);
    assert_eq!(aws.stack_of(id).await.unwrap().as_deref(), Some("try"));
}

async fn web_acl(aws: &Aws, arn: &str) {
    let found = aws.web_acl(arn).await.unwrap().unwrap();
    assert_eq!((&found.acl["Name"], &found.acl["Rules"]), (&json!("try"), &json!([])));
    let visible = json!({ "SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "one" });
    let mut acl = found.acl.clone();
    acl["Rules"] = json!([{
        "Name": "one", "Priority": 0, "Action": { "Count": {} }, "VisibilityConfig": visible,
        // Of a kind that nobody knows yet.
        "Statement": { "LaterStatement": { "SearchString": "YQ==", "Size": 1 } },
    }]);
    aws.update_web_acl(arn, &found.lock, &acl).await.unwrap();
    let now = aws.web_acl(arn).await.unwrap().unwrap();
    // Moto says null of what AWS leaves out.
    let mut rule = now.acl["Rules"][0].clone();
    rule.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(json!([rule]), acl["Rules"]);
    // Somebody was first.
    let late = aws.update_web_acl(arn, &found.lock, &found.acl).await.unwrap_err();
    assert_eq!((late.code.as_str(), late.kind), ("WAFOptimisticLockException", Kind::Refused));
    let regional = arn.replace(":global/", ":regional/");
    assert!(aws.update_web_acl(&regional, &now.lock, &acl).await.is_err());
}

async fn alarms(aws: &Aws, alarm: &str) {
    assert_eq!(aws.ringing("try-").await.unwrap(), Vec::<String>::new());
    let url = std::env::var("AWS_ENDPOINT_URL").unwrap();
    let form = format!(
        "Action=SetAlarmState&Version=2010-08-01&AlarmName={alarm}&StateValue=ALARM&StateReason=try"
    );
    let signed = "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0";
    let request = reqwest::Client::new().post(url).header("authorization", signed);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    request.send().await.unwrap().error_for_status().unwrap();
    assert_eq!(aws.ringing("try-").await.unwrap(), [alarm]);
    assert_eq!(aws.ringing("other-").await.unwrap(), Vec::<String>::new());
}

async fn logs(aws: &Aws) {
    assert_eq!(aws.region(), "eu-west-1");
    assert_eq!(aws.log_group("/x402/try").await.unwrap(), None);
    for name in ["/x402/try-other", "/x402/try"] {
        made_log_group(name).await;
    }
    let endless = LogGroup { retention_days: None };
    assert_eq!(aws.log_group("/x402/try").await.unwrap(), Some(endless));
    aws.keep_log("/x402/try", 30).await.unwrap();
    let kept = LogGroup { retention_days: Some(30) };
    assert_eq!(aws.log_group("/x402/try").await.unwrap(), Some(kept));
    assert_eq!(aws.log_group("/x402/try-other").await.unwrap(), Some(endless));
    let missing = aws.keep_log("/x402/none", 30).await.unwrap_err();
    assert_eq!(missing.code, "ResourceNotFoundException");
}

/// As Lambda makes it.
async fn made_log_group(name: &str) {
    let url = std::env::var("AWS_ENDPOINT_URL").unwrap();
    let signed = "AWS4-HMAC-SHA256 Credential=test/20240101/eu-west-1/logs/aws4_request, SignedHeaders=host, Signature=0";
    let request = reqwest::Client::new().post(url).header("authorization", signed);
    let request = request
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "Logs_20140328.CreateLogGroup")
        .body(json!({ "logGroupName": name }).to_string());
    request.send().await.unwrap().error_for_status().unwrap();
}

async fn taken_down(aws: &Aws, function: &str) {
    let functions = aws.functions().await.unwrap();
    let ours = functions.iter().find(|one| one.name == function).unwrap();
    assert_eq!(ours.description, "of a try");
    aws.delete_stack("try").await.unwrap();
    assert_eq!(aws.stack("try").await.unwrap(), None);
    assert_eq!(aws.distribution_list().await.unwrap(), json!({"DistributionList": {"Items": []}}));
    aws.delete_function(function).await.unwrap();
    assert_eq!(aws.functions().await.unwrap(), []);
    let full = aws.delete_bucket(BUCKET).await.unwrap_err();
    assert_eq!(full.code, "BucketNotEmpty");
    aws.delete_objects(BUCKET, &[KEY.to_owned()]).await.unwrap();
    aws.delete_bucket(BUCKET).await.unwrap();
}
