//! One account in one Region: the SDK's clients, and who signs what the SDK does not ask.

use std::fmt;
use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudfront::config::SharedCredentialsProvider;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use deployment::control_plane::REGION;
use tokio::sync::OnceCell;

use crate::patience::{ATTEMPTS, CONNECT, READ};
use crate::signed::Signer;
use crate::{credentials, http};

/// AWS, as the environment's credentials see it.
#[derive(Clone)]
pub struct Aws {
    pub(crate) config: SdkConfig,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) cloudfront: aws_sdk_cloudfront::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) signer: Signer,
    /// Whose the credentials are, once it was asked.
    pub(crate) account: Arc<OnceCell<String>>,
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
            signer: Signer::new(&config),
            account,
            config,
        }
    }

    pub(crate) fn region(&self) -> &str {
        self.config.region().map_or(REGION, Region::as_ref)
    }

    pub(crate) fn elsewhere(&self, region: &str) -> Aws {
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
