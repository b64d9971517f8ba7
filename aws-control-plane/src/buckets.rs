//! S3: buckets.

use deployment::control_plane::{Answer, BucketState, Failure, REGION};
use reqwest::Method;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::failure;
use crate::s3::Call;
use crate::xml::{self, Element};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html>
const ALL_FOUR: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

pub(crate) async fn state(aws: &Aws, name: &str) -> Answer<BucketState> {
    let asked = "s3 HeadBucket";
    let reply = aws.signer.reply(&Call::new(asked, Method::HEAD, name).ours(aws).await?).await?;
    let elsewhere = reply.header("x-amz-bucket-region").is_some_and(|place| place != aws.region());
    match reply.status() {
        404 => Ok(BucketState::Free),
        301 | 307 => Ok(BucketState::Elsewhere),
        // Regions that accounts must opt into refuse a signature for this one.
        400 if elsewhere => Ok(BucketState::Elsewhere),
        403 => Ok(BucketState::Taken),
        _ if reply.is_yes() => {
            // us-east-1 is the Region without a name.
            let place = location(aws, name).await?;
            let here = place.is_empty() || place == REGION;
            Ok(if here { BucketState::Ours } else { BucketState::Elsewhere })
        }
        _ => Err(reply.failure(asked)),
    }
}

pub(crate) async fn location(aws: &Aws, name: &str) -> Answer<String> {
    let asked = "s3 GetBucketLocation";
    let call = Call::new(asked, Method::GET, name).sub("location");
    let reply = aws.signer.ask(&call.ours(aws).await?).await?;
    Ok(document(asked, &reply.body)?.text)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub(crate) async fn own(aws: &Aws, prefix: &str) -> Answer<Vec<String>> {
    let asked = "s3 ListBuckets";
    let (mut names, mut next) = (Vec::new(), String::new());
    loop {
        let mut call = Call::new(asked, Method::GET, "").query("prefix", prefix);
        if !next.is_empty() {
            call = call.query("continuation-token", &next);
        }
        let reply = aws.signer.ask(&call.anybodys(aws)).await?;
        let page = document(asked, &reply.body)?;
        let buckets = page.child("Buckets").into_iter().flat_map(|list| list.all("Bucket"));
        let found = buckets.map(|bucket| bucket.text_of("Name").to_owned());
        // Looked at again: a service that knows no `prefix` would give all.
        names.extend(found.filter(|name| name.starts_with(prefix)));
        next = page.text_of("ContinuationToken").to_owned();
        if next.is_empty() {
            names.sort();
            return Ok(names);
        }
    }
}

pub(crate) async fn create(aws: &Aws, name: &str) -> Answer<()> {
    let body = match aws.region() {
        // The one that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        REGION => String::new(),
        region => wrapped(
            "CreateBucketConfiguration",
            &format!("<LocationConstraint>{}</LocationConstraint>", xml::escape(region)),
        ),
    };
    let call = Call::new("s3 CreateBucket", Method::PUT, name).body(body.as_bytes());
    aws.signer.ask(&call.anybodys(aws)).await.map(drop)
}

pub(crate) async fn close(aws: &Aws, name: &str) -> Answer<()> {
    let all: String = ALL_FOUR.iter().map(|one| format!("<{one}>true</{one}>")).collect();
    let body = wrapped("PublicAccessBlockConfiguration", &all);
    let call = Call::new("s3 PutPublicAccessBlock", Method::PUT, name).sub("publicAccessBlock");
    aws.signer.ask(&call.body(body.as_bytes()).ours(aws).await?).await.map(drop)
}

pub(crate) async fn delete(aws: &Aws, name: &str) -> Answer<()> {
    let call = Call::new("s3 DeleteBucket", Method::DELETE, name);
    aws.signer.ask(&call.ours(aws).await?).await.map(drop)
}

pub(crate) async fn policy(aws: &Aws, name: &str) -> Answer<Option<String>> {
    let asked = "s3 GetBucketPolicy";
    let call = Call::new(asked, Method::GET, name).sub("policy");
    let answer = aws.signer.ask(&call.ours(aws).await?).await;
    let Some(reply) = absent(answer, "NoSuchBucketPolicy")? else { return Ok(None) };
    let policy = String::from_utf8(reply.body);
    policy.map(Some).map_err(|error| failure::unreadable(asked, &error.to_string()))
}

pub(crate) async fn is_public(aws: &Aws, name: &str) -> Answer<Option<bool>> {
    let asked = "s3 GetBucketPolicyStatus";
    let call = Call::new(asked, Method::GET, name).sub("policyStatus");
    let answer = aws.signer.ask(&call.ours(aws).await?).await;
    let Some(reply) = absent(answer, "NoSuchBucketPolicy")? else { return Ok(None) };
    // `TRUE` in S3's own examples.
    let status = document(asked, &reply.body)?.text_of("IsPublic").to_lowercase();
    match status.as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(failure::unreadable(asked, "an answer without IsPublic")),
    }
}

pub(crate) async fn public_access_block(aws: &Aws, name: &str) -> Answer<Option<Value>> {
    let asked = "s3 GetPublicAccessBlock";
    let call = Call::new(asked, Method::GET, name).sub("publicAccessBlock");
    let answer = aws.signer.ask(&call.ours(aws).await?).await;
    let code = "NoSuchPublicAccessBlockConfiguration";
    let Some(reply) = absent(answer, code)? else { return Ok(None) };
    let told = document(asked, &reply.body)?;
    let truth = |child: &Element| match child.text.to_lowercase().as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::String(child.text.clone()),
    };
    let fields: serde_json::Map<String, Value> =
        told.children.iter().map(|child| (child.name.clone(), truth(child))).collect();
    Ok(Some(json!({ "PublicAccessBlockConfiguration": fields })))
}

/// `None` if S3 says, by this code, that there is none.
pub(crate) fn absent<T>(answer: Result<T, Failure>, code: &str) -> Answer<Option<T>> {
    match answer {
        Err(failure) if failure.code == code => Ok(None),
        answer => answer.map(Some),
    }
}

pub(crate) fn document(asked: &str, body: &[u8]) -> Answer<Element> {
    xml::parse(body).map_err(|error| failure::unreadable(asked, &error))
}

pub(crate) fn wrapped(root: &str, content: &str) -> String {
    format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{root}>")
}
