//! What was deployed, in S3, and AWS, asked.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::compare::{Observed, compare, other_versions};
use super::deployed::{Deployed, NotDeployed};
use super::expected::Expected;
use super::finding::Finding;
use super::owner::{Owned, Owner};
use crate::control_plane::{Answer, ControlPlane};

/// What a deployment made, as its flow knows it.
#[derive(Clone, Debug)]
pub struct Made<'a> {
    pub stack: &'a str,
    pub distribution: &'a str,
    /// The output `FunctionVersionArn`.
    pub version: &'a str,
    /// The path patterns, or `default`, that were given the function.
    pub guarded: &'a [String],
    /// The output `WebAclArn`, if the distribution was given it.
    pub web_acl: Option<&'a str>,
    /// The configuration that was judged and sent, where no stack made it: what came between is no part of it.
    pub config: Option<&'a Value>,
    /// Whose code has the function, if no stack of this tool's has it.
    pub owned: Option<&'a Owned>,
    /// It is a site of this tool's own that is to answer nobody yet.
    pub closed: bool,
}

/// What a check comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// None: all is as it was deployed.
    pub findings: Vec<Finding>,
    /// Whose code has the function, if it is known, and no stack of this tool's has it: there it is mended.
    pub owner: Option<Owner>,
}

/// Where a stack's document is, in the bucket of packages.
pub fn key(stack: &str) -> String {
    format!("{stack}/expected.json")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}

/// Writes what was deployed: right after each deployment, and before the stack that checks it.
///
/// # Errors
///
/// AWS's. The inner one: AWS has something else than was deployed, and nothing was written.
pub async fn record(
    aws: &impl ControlPlane,
    bucket: &str,
    made: &Made<'_>,
) -> Answer<Result<(), NotDeployed>> {
    match expected(aws, made).await? {
        Ok(expected) => write(aws, bucket, &expected).await.map(Ok),
        Err(why) => Ok(Err(why)),
    }
}

/// What is to be expected of what was deployed.
async fn expected(
    aws: &impl ControlPlane,
    made: &Made<'_>,
) -> Answer<Result<Expected, NotDeployed>> {
    let now = match made.config {
        Some(config) => Some(config.clone()),
        None => aws.configuration(made.distribution).await?.map(|now| now.config),
    };
    let web_acl = match made.web_acl {
        Some(arn) => aws.web_acl(arn).await?.map(|found| found.acl),
        None => None,
    };
    let gone = |what: &str| Ok(Err(NotDeployed::Unreadable(format!("there is no {what}"))));
    let Some(config) = &now else { return gone("such distribution") };
    if made.web_acl.is_some() && web_acl.is_none() {
        return gone("such web ACL");
    }
    let expected = Expected::of(&Deployed {
        stack: made.stack,
        distribution: made.distribution,
        version: made.version,
        guarded: made.guarded,
        config,
        web_acl: web_acl.as_ref(),
        owned: made.owned,
    });
    Ok(expected.map(|expected| if made.closed { expected.of_closed() } else { expected }))
}

async fn write(aws: &impl ControlPlane, bucket: &str, expected: &Expected) -> Answer<()> {
    let (key, document) = (key(&expected.stack), expected.to_json());
    aws.put_object(bucket, &key, "application/json", &document).await
}

/// What was deployed on a distribution, or why that is not known.
///
/// # Errors
///
/// S3's.
pub async fn read(
    aws: &impl ControlPlane,
    bucket: &str,
    key: &str,
    distribution: &str,
) -> Answer<Result<Expected, Finding>> {
    let of = format!("s3://{bucket}/{key}");
    let Some(document) = aws.get_object(bucket, key).await? else {
        return Ok(Err(Finding::ExpectedGone { of }));
    };
    Ok(match Expected::read(&document) {
        Err(why) => Err(Finding::ExpectedUnreadable { of, why }),
        Ok(expected) if expected.distribution != distribution => Err(Finding::ExpectedOfAnother {
            of,
            distribution: expected.distribution,
            wanted: distribution.to_owned(),
        }),
        Ok(expected) => Ok(expected),
    })
}

/// Says that a deployment begins, if one was made before: what it does is no finding. Ends by itself, or by [`record`].
///
/// # Errors
///
/// S3's.
pub async fn begin_change(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
) -> Answer<()> {
    match read(aws, bucket, &key(stack), distribution).await? {
        Ok(expected) => write(aws, bucket, &expected.changing(now())).await,
        // Nothing to say it in; the deployment writes it anew.
        Err(_) => Ok(()),
    }
}

/// Says that it is over, and that what is to stay is as before.
///
/// # Errors
///
/// S3's.
pub async fn end_change(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
) -> Answer<()> {
    match read(aws, bucket, &key(stack), distribution).await? {
        Ok(expected) => write(aws, bucket, &Expected { changing_until: None, ..expected }).await,
        Err(_) => Ok(()),
    }
}

/// Says which package its owner is to deploy next, if one was judged before: a version of it is no finding.
///
/// # Errors
///
/// S3's.
pub async fn expect_package(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
    code_sha256: &str,
) -> Answer<()> {
    match read(aws, bucket, &key(stack), distribution).await? {
        Ok(expected) => write(aws, bucket, &expected.expecting(code_sha256)).await,
        // Nothing is judged yet.
        Err(_) => Ok(()),
    }
}

/// Whether the document says what [`record`] would write.
///
/// # Errors
///
/// AWS's.
pub async fn is_recorded(aws: &impl ControlPlane, bucket: &str, made: &Made<'_>) -> Answer<bool> {
    let Ok(there) = read(aws, bucket, &key(made.stack), made.distribution).await? else {
        return Ok(false);
    };
    Ok(expected(aws, made).await?.is_ok_and(|expected| expected == there))
}

/// Whether the document is that of this version, and no deployment has begun since: else one ended before its end.
///
/// # Errors
///
/// S3's.
pub async fn is_settled(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
    version: &str,
) -> Answer<bool> {
    let document = read(aws, bucket, &key(stack), distribution).await?;
    Ok(document
        .is_ok_and(|expected| expected.version == version && expected.changing_until.is_none()))
}

/// Whether a deployment has begun that has not come to its end.
///
/// # Errors
///
/// S3's.
pub async fn is_changing(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
) -> Answer<bool> {
    let document = read(aws, bucket, &key(stack), distribution).await?;
    Ok(document.is_ok_and(|expected| expected.is_changing(now())))
}

/// Writes that the function has another version, and nothing else changed: who rolls back has no prices to judge a
/// configuration by. Where nothing was written before, nothing is.
///
/// # Errors
///
/// AWS's. The inner one: something else changed, and nothing was written.
pub async fn move_to(
    aws: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
    version: &str,
) -> Answer<Result<(), NotDeployed>> {
    let expected = match read(aws, bucket, &key(stack), distribution).await? {
        Ok(expected) => Expected { version: version.to_owned(), changing_until: None, ..expected },
        Err(Finding::ExpectedGone { .. }) => return Ok(Ok(())),
        Err(finding) => return Ok(Err(NotDeployed::Lacks(vec![finding]))),
    };
    let found = compare(&expected, &observe(aws, &expected).await?);
    match found.is_empty() {
        true => write(aws, bucket, &expected).await.map(Ok),
        false => Ok(Err(NotDeployed::Lacks(found))),
    }
}

/// What AWS has now.
///
/// # Errors
///
/// AWS's.
pub async fn observe(aws: &impl ControlPlane, expected: &Expected) -> Answer<Observed> {
    let config = aws.configuration(&expected.distribution).await?.map(|now| now.config);
    let web_acl = match expected.rules {
        Some(_) => aws.web_acl(&expected.config.web_acl).await?.map(|found| found.acl),
        None => None,
    };
    let mut packages = BTreeMap::new();
    for arn in config.iter().flat_map(|config| other_versions(expected, config)) {
        // One that is gone is no known one.
        if let Some(hash) = aws.code_sha256(&arn).await? {
            packages.insert(arn, hash);
        }
    }
    Ok(Observed { at: now(), config, web_acl, packages })
}

/// The whole check.
///
/// # Errors
///
/// AWS did not say. That is no answer, and must not pass for one.
pub async fn check(
    aws: &impl ControlPlane,
    bucket: &str,
    key: &str,
    distribution: &str,
) -> Answer<Checked> {
    match read(aws, bucket, key, distribution).await? {
        Ok(expected) => Ok(Checked {
            findings: compare(&expected, &observe(aws, &expected).await?),
            owner: expected.owner(),
        }),
        Err(finding) => Ok(Checked { findings: vec![finding], owner: None }),
    }
}
