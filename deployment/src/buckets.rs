//! Buckets: whether they can be used, and whose their policy is.

use crate::Error;
use crate::control_plane::{BucketState, Caller, ControlPlane, Stack};
use crate::error::while_asking;
use crate::gates::Promised;
use crate::stacks::{live, parameter};

/// S3's rules, without dots, which TLS certificates do not cover.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(crate) fn check_name(option: &str, name: &str) -> Result<(), Error> {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let reserved =
        ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
            || ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"]
                .iter()
                .any(|suffix| name.ends_with(suffix));
    let ok = (3..=63).contains(&name.len())
        && name.chars().all(|c| end(c) || c == '-')
        && name.starts_with(end)
        && name.ends_with(end)
        && !reserved;
    match ok {
        true => Ok(()),
        false => Err(Error::BucketName { option: option.to_owned(), bucket: name.to_owned() }),
    }
}

pub(crate) async fn state(plane: &impl ControlPlane, name: &str) -> Result<BucketState, Error> {
    plane.bucket(name).await.map_err(while_asking(format!("looking for bucket {name}")))
}

/// Fails if a bucket of this name cannot be used; says whether it is there.
pub(crate) async fn usable(
    plane: &impl ControlPlane,
    name: &str,
    option: &str,
    mend: &str,
) -> Result<bool, Error> {
    check_name(option, name)?;
    let (bucket, mend) = (name.to_owned(), mend.to_owned());
    match state(plane, name).await? {
        BucketState::Free => Ok(false),
        BucketState::Ours => Ok(true),
        BucketState::Elsewhere => Err(Error::BucketElsewhere { bucket, mend }),
        BucketState::Taken => Err(Error::BucketTaken { bucket, mend }),
    }
}

/// `yes` if the stack makes the bucket, or has made it.
pub(crate) fn creates(stack: Option<&Stack>, key: &str, there: bool) -> String {
    let now = parameter(live(stack), key);
    match now {
        "" if there => "no".to_owned(),
        "" => "yes".to_owned(),
        now => now.to_owned(),
    }
}

async fn policy(plane: &impl ControlPlane, bucket: &str) -> Result<Option<String>, Error> {
    plane
        .bucket_policy(bucket)
        .await
        .map_err(while_asking(format!("reading the policy of bucket {bucket}")))
}

/// What lets CloudFront read, and nobody in the clear.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
fn statements(bucket: &str, account: &str, distribution: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": {{"Service": "cloudfront.amazonaws.com"}}, "Action": "s3:GetObject",
 "Resource": "arn:aws:s3:::{bucket}/*",
 "Condition": {{"StringEquals": {{"AWS:SourceArn": "arn:aws:cloudfront::{account}:distribution/{distribution}"}}}}}},
{{"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
 "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"], "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}"#
    )
}

/// The same, as they will be in a policy that its owner keeps.
pub(crate) fn promised(caller: &Caller, bucket: &str, distribution: &str) -> Promised {
    let text = statements(bucket, &caller.account, distribution);
    // What is written above is JSON.
    let statements = serde_json::from_str(&format!("[{text}]")).unwrap_or_default();
    Promised { bucket: bucket.to_owned(), statements }
}

/// Who keeps the policy of the content bucket, `stack` or `owner`: a bucket has one, which CloudFormation neither adds to
/// nor replaces. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
pub(crate) async fn plan_policy(
    plane: &impl ControlPlane,
    caller: &Caller,
    stack: Option<&Stack>,
    bucket: &str,
    creates: bool,
    wanted: &str,
    own: bool,
) -> Result<String, Error> {
    let made = parameter(live(stack), "ContentBucketName") == bucket
        && parameter(live(stack), "ContentPolicyBy") != "owner";
    let by = if own { "owner" } else { wanted };
    if made && by == "owner" {
        return Err(Error::PolicyIsTheStacks { bucket: bucket.to_owned() });
    }
    let by = if creates || by.is_empty() { "stack" } else { by };
    if creates || made || by != "stack" {
        return Ok(by.to_owned());
    }
    match policy(plane, bucket).await? {
        None => Ok(by.to_owned()),
        Some(policy) => Err(Error::HasPolicy {
            bucket: bucket.to_owned(),
            policy,
            statements: statements(bucket, &caller.account, "DISTRIBUTION_ID"),
        }),
    }
}

/// What the owner of a bucket's policy has to add to it still.
pub(crate) async fn missing_statements(
    plane: &impl ControlPlane,
    caller: &Caller,
    bucket: &str,
    distribution: &str,
    by: &str,
) -> Result<Option<String>, Error> {
    if by != "owner" {
        return Ok(None);
    }
    let named = format!("arn:aws:cloudfront::{}:distribution/{distribution}\"", caller.account);
    if policy(plane, bucket).await?.is_some_and(|policy| policy.contains(&named)) {
        return Ok(None);
    }
    Ok(Some(format!(
        "add these statements to the policy of bucket {bucket}; until then CloudFront may not read it, and content is answered 403\n{}",
        statements(bucket, &caller.account, distribution)
    )))
}
