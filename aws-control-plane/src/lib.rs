//! The control plane that asks AWS: CloudFormation, CloudFront, Lambda, WAF and STS by AWS's SDK; S3, Systems Manager and
//! CloudWatch, of which a few calls are needed only, by signed requests.
//!
//! CloudFront's configurations pass through as they are, without the SDK's types, which know only what there was when they
//! were made: see `xml_json.rs`.

mod account;
mod alarms;
mod buckets;
mod capture;
mod control_plane;
mod credentials;
mod distributions;
mod failure;
mod functions;
mod http;
mod objects;
mod parameters;
mod reply;
mod s3;
mod signed;
mod stacks;
mod web_acl;
mod xml;
mod xml_json;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudfront::config::SharedCredentialsProvider;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use deployment::control_plane::REGION;
use tokio::sync::OnceCell;

use signed::Signer;

/// How often a call is made at most, if `AWS_MAX_ATTEMPTS` says nothing: deployments poll, and what they are in the middle
/// of is not given up soon.
const ATTEMPTS: u32 = 6;
const CONNECT: Duration = Duration::from_secs(10);
/// Until the first byte, and between any two.
const READ: Duration = Duration::from_secs(60);

/// AWS, as the environment's credentials see it.
#[derive(Clone)]
pub struct Aws {
    config: SdkConfig,
    cloudformation: aws_sdk_cloudformation::Client,
    cloudfront: aws_sdk_cloudfront::Client,
    lambda: aws_sdk_lambda::Client,
    sts: aws_sdk_sts::Client,
    wafv2: aws_sdk_wafv2::Client,
    signer: Signer,
    /// Whose the credentials are, once it was asked.
    account: Arc<OnceCell<String>>,
}

impl Aws {
    /// By what `aws` would use: variables, a profile, single sign-on, a process, or the machine's role; in [`REGION`].
    /// Asks nobody anything yet.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
    pub async fn from_environment() -> Aws {
        let attempts = std::env::var("AWS_MAX_ATTEMPTS").ok().and_then(|value| value.parse().ok());
        let attempts = attempts.filter(|attempts| *attempts > 0).unwrap_or(ATTEMPTS);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build();
        let config = aws_config::from_env()
            .region(Region::from_static(REGION))
            .http_client(http::client())
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(timeouts)
            .load()
            .await;
        let provider = credentials::Held::new(config.credentials_provider());
        let provider = SharedCredentialsProvider::new(provider);
        Aws::new(config.into_builder().credentials_provider(provider).build(), Arc::default())
    }

    fn new(config: SdkConfig, account: Arc<OnceCell<String>>) -> Aws {
        Aws {
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            cloudfront: aws_sdk_cloudfront::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            wafv2: aws_sdk_wafv2::Client::new(&config),
            signer: Signer::new(&config),
            account,
            config,
        }
    }

    fn region(&self) -> &str {
        self.config.region().map_or(REGION, Region::as_ref)
    }

    fn elsewhere(&self, region: &str) -> Aws {
        let region = Region::new(region.to_owned());
        Aws::new(self.config.to_builder().region(region).build(), Arc::clone(&self.account))
    }
}

/// Without what it signs with.
impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("region", &self.region()).finish_non_exhaustive()
    }
}
