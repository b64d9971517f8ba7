//! What deployments ask of AWS, and nothing of how: `aws-control-plane` is one that asks AWS itself.
//!
//! Each method is one call, or the pages of one, repeated where AWS asks for patience. Nothing is decided here.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Lambda@Edge functions, and a distribution's certificate and web ACL, live in this Region only.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>
pub const REGION: &str = "us-east-1";

/// A call that did not come to what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was asked, `cloudformation DescribeStacks`.
    pub asked: String,
    /// What to do about it depends on this alone.
    pub kind: Kind,
    /// AWS's code, `AccessDenied`; empty if AWS was not reached.
    pub code: String,
    /// What AWS, or the connection, says.
    pub message: String,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There are no credentials.
    NoCredentials,
    /// `AWS_PROFILE` names none.
    NoProfile,
    /// The credentials have expired.
    Expired,
    /// AWS does not know the credentials.
    Unknown,
    /// These credentials may not do that.
    Denied,
    /// AWS asked for patience until no tries were left.
    Throttled,
    /// There was no answer.
    Unreachable,
    /// Anything else: the code tells.
    Refused,
}

/// A call's result.
pub type Answer<T> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code.is_empty() {
            true => write!(f, "{}: {}", self.asked, self.message),
            false => write!(f, "{}: {}: {}", self.asked, self.code, self.message),
        }
    }
}

impl Failure {
    /// Whether AWS said this, in its code or its message.
    pub fn says(&self, text: &str) -> bool {
        self.code.contains(text) || self.message.contains(text)
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account's 12 digits.
    pub account: String,
    pub arn: String,
}

/// Credentials, for what speaks to S3 itself.
#[derive(Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// A CloudFormation stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    /// `CREATE_COMPLETE`.
    pub status: String,
    pub parameters: BTreeMap<String, String>,
    pub outputs: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
}

/// A change of a stack, or a new one.
#[derive(Clone, Debug)]
pub struct StackChange {
    pub stack: String,
    /// There is none yet.
    pub creates: bool,
    pub template: String,
    /// Those that a stack has already, and that are not named, keep their values if the template still has them.
    pub parameters: BTreeMap<String, String>,
    /// All of them: those that are not named are removed.
    pub tags: BTreeMap<String, String>,
}

/// What became of a change set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeSet {
    /// Being made.
    Pending,
    /// It can be executed.
    Ready,
    /// There is nothing to change.
    Empty,
    /// Why it could not be made.
    Failed(String),
}

/// A distribution, as lists have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    pub id: String,
    pub arn: String,
    /// `Deployed` or `InProgress`.
    pub status: String,
    /// `d111111abcdef8.cloudfront.net`.
    pub domain: String,
    pub aliases: Vec<String>,
    /// The ARNs of the functions that its behaviours name.
    pub functions: Vec<String>,
}

/// A distribution's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// What a change of it must name.
    pub etag: String,
    /// As `aws cloudfront get-distribution-config` has it, whole: what this tool does not know is kept.
    pub config: Value,
}

/// A web ACL.
#[derive(Clone, Debug, PartialEq)]
pub struct WebAcl {
    /// What `aws wafv2 get-web-acl` prints as `WebACL`, whole.
    pub acl: Value,
    /// What a change of it must name.
    pub lock: String,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub description: String,
}

/// A parameter of Systems Manager.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    pub version: u64,
    pub value: String,
    /// When it was written, as ISO 8601.
    pub written: String,
}

/// A group of CloudWatch Logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogGroup {
    /// After so many days lines are deleted; `None`: never.
    pub retention_days: Option<u32>,
}

/// Whose a bucket's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketState {
    Free,
    /// This account's, in [`REGION`].
    Ours,
    /// This account's, in another Region, or said to be elsewhere.
    Elsewhere,
    /// Another account's, or one that these credentials may not see.
    Taken,
}

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    /// ISO 8601.
    pub modified: String,
}

/// AWS, as one account in one Region sees it.
///
/// Every call to S3 names the account that the bucket must belong to: a name that was given up may be taken by another
/// account at any moment. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
#[allow(async_fn_in_trait, reason = "each future is awaited on the thread that made it")]
pub trait ControlPlane {
    /// The Region that is asked.
    fn region(&self) -> &str;
    /// The same account, seen in another Region.
    fn in_region(&self, region: &str) -> Self
    where
        Self: Sized;

    /// STS `GetCallerIdentity`: the first call, which finds wrong credentials.
    async fn caller(&self) -> Answer<Caller>;
    /// What signs.
    async fn credentials(&self) -> Answer<Credentials>;

    /// CloudFormation `DescribeStacks`; `None` if there is none of that name.
    async fn stack(&self, name: &str) -> Answer<Option<Stack>>;
    /// All of the account's in the Region.
    async fn stacks(&self) -> Answer<Vec<Stack>>;
    /// `DescribeStackEvents`: the reasons of the newest failures, `RESOURCE why`, without those that were only cancelled.
    async fn stack_failures(&self, name: &str) -> Answer<Vec<String>>;
    /// `GetTemplate`, as it was given.
    async fn stack_template(&self, name: &str) -> Answer<String>;
    /// `DescribeStackResources` by physical id: the stack of this Region that made a distribution, if one did.
    async fn stack_of(&self, distribution: &str) -> Answer<Option<String>>;
    /// `CreateChangeSet` with `CAPABILITY_IAM`; its id.
    async fn create_change_set(&self, change: &StackChange) -> Answer<String>;
    /// `DescribeChangeSet`.
    async fn change_set(&self, stack: &str, id: &str) -> Answer<ChangeSet>;
    async fn execute_change_set(&self, stack: &str, id: &str) -> Answer<()>;
    async fn delete_change_set(&self, stack: &str, id: &str) -> Answer<()>;
    async fn delete_stack(&self, name: &str) -> Answer<()>;

    /// CloudFront `ListDistributions`.
    async fn distributions(&self) -> Answer<Vec<Distribution>>;
    /// `GetDistribution`; `None` if there is none.
    async fn distribution(&self, id: &str) -> Answer<Option<Distribution>>;
    /// `GetDistributionConfig`; `None` if there is none.
    async fn configuration(&self, id: &str) -> Answer<Option<Configuration>>;
    /// `UpdateDistribution`, if it still is what `etag` names.
    async fn update_distribution(&self, id: &str, etag: &str, config: &Value) -> Answer<()>;
    /// What `aws cloudfront list-distributions` prints, whole.
    async fn distribution_list(&self) -> Answer<Value>;
    /// What `aws cloudfront get-cache-policy` prints.
    async fn cache_policy(&self, id: &str) -> Answer<Value>;
    /// What `aws cloudfront get-origin-request-policy` prints.
    async fn origin_request_policy(&self, id: &str) -> Answer<Value>;
    /// `ListTagsForResource` of a distribution.
    async fn distribution_tags(&self, arn: &str) -> Answer<BTreeMap<String, String>>;
    /// `GetMonitoringSubscription`: whether the additional metrics are on; `None` if nobody has said.
    async fn additional_metrics(&self, distribution: &str) -> Answer<Option<bool>>;
    /// `CreateInvalidation`.
    async fn invalidate(&self, distribution: &str, paths: &[String]) -> Answer<()>;

    /// Lambda `ListFunctions`.
    async fn functions(&self) -> Answer<Vec<Function>>;
    /// `GetFunctionConfiguration` of a version by its ARN: the hash of its package, in base64; `None` if there is none.
    async fn code_sha256(&self, version: &str) -> Answer<Option<String>>;
    async fn delete_function(&self, name: &str) -> Answer<()>;
    /// `GetAccountSettings`: how many executions fit in at once, without those that are reserved.
    async fn unreserved_concurrency(&self) -> Answer<u64>;

    /// WAF `GetWebACL` by its ARN; `None` if it is gone.
    async fn web_acl(&self, arn: &str) -> Answer<Option<WebAcl>>;
    /// `UpdateWebACL`, if it still is what `lock` names: what this tool does not know is kept.
    async fn update_web_acl(&self, arn: &str, lock: &str, acl: &Value) -> Answer<()>;

    /// The status that a site answers `GET` with, with one header. Nobody's credentials are sent.
    async fn status_of(&self, url: &str, name: &str, value: &str) -> Answer<u16>;

    /// Systems Manager `GetParameter`, decrypted; a name may end in `:VERSION`. `None` if there is none.
    async fn parameter(&self, name: &str) -> Answer<Option<Parameter>>;
    /// `DescribeParameters`: the key that a parameter is under, as it was given.
    async fn parameter_key(&self, name: &str) -> Answer<Option<String>>;
    /// `PutParameter` of a `SecureString`; its version. A first one must not replace another.
    async fn put_parameter(
        &self,
        name: &str,
        value: &str,
        key: Option<&str>,
        overwrite: bool,
    ) -> Answer<u64>;
    async fn delete_parameter(&self, name: &str) -> Answer<()>;

    /// CloudWatch `DescribeAlarms`: the names of those in alarm.
    async fn ringing(&self, prefix: &str) -> Answer<Vec<String>>;

    /// CloudWatch Logs `DescribeLogGroups`; `None` if there is none of that name.
    async fn log_group(&self, name: &str) -> Answer<Option<LogGroup>>;
    /// `PutRetentionPolicy`.
    async fn keep_log(&self, name: &str, days: u32) -> Answer<()>;

    /// S3 `ListBuckets`: this account's in every Region whose names begin so.
    async fn own_buckets(&self, prefix: &str) -> Answer<Vec<String>>;
    /// S3 `HeadBucket`, and `GetBucketLocation` of one that is ours.
    async fn bucket(&self, name: &str) -> Answer<BucketState>;
    /// `GetBucketLocation`: its `LocationConstraint`, empty for us-east-1.
    async fn bucket_location(&self, name: &str) -> Answer<String>;
    async fn create_bucket(&self, name: &str) -> Answer<()>;
    /// `PutPublicAccessBlock`, all four.
    async fn close_bucket(&self, name: &str) -> Answer<()>;
    async fn delete_bucket(&self, name: &str) -> Answer<()>;
    /// `GetBucketPolicy`; `None` if it has none.
    async fn bucket_policy(&self, name: &str) -> Answer<Option<String>>;
    /// `GetBucketPolicyStatus`: whether it is public; `None` if there is no policy.
    async fn bucket_is_public(&self, name: &str) -> Answer<Option<bool>>;
    /// `GetPublicAccessBlock` as `aws s3api get-public-access-block` prints it; `None` if there is none.
    async fn public_access_block(&self, name: &str) -> Answer<Option<Value>>;
    async fn get_object(&self, bucket: &str, key: &str) -> Answer<Option<Vec<u8>>>;
    async fn has_object(&self, bucket: &str, key: &str) -> Answer<bool>;
    async fn put_object(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        bytes: &[u8],
    ) -> Answer<()>;
    /// `ListObjectsV2`, every page.
    async fn objects(&self, bucket: &str, prefix: &str) -> Answer<Vec<Object>>;
    /// `DeleteObjects`; an object that stays is a failure.
    async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Answer<()>;
}
