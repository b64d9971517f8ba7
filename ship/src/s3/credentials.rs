//! By whose leave S3 is asked.

use std::env;
use std::fmt;

use crate::error::Error;

/// Credentials of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// What temporary ones have.
    pub session_token: Option<String>,
}

/// Credentials, and whose the bucket must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub credentials: Credentials,
    /// The account's 12 digits. With it S3 refuses a bucket of somebody else's; without it whoever has a bucket of that
    /// name is asked. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    pub owner: Option<String>,
}

impl Credentials {
    /// From the environment, as the AWS CLI takes them and gives them:
    /// <https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html>
    ///
    /// # Errors
    ///
    /// There are none.
    pub fn from_environment() -> Result<Self, Error> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let (Some(access_key_id), Some(secret_access_key)) =
            (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"))
        else {
            return Err(Error::NoCredentials {});
        };
        let session_token = variable("AWS_SESSION_TOKEN");
        Ok(Credentials { access_key_id, secret_access_key, session_token })
    }

    pub(super) fn sign(&self) -> rusty_s3::Credentials {
        let (key, secret) = (self.access_key_id.as_str(), self.secret_access_key.as_str());
        match &self.session_token {
            Some(token) => rusty_s3::Credentials::new_with_token(key, secret, token),
            None => rusty_s3::Credentials::new(key, secret),
        }
    }
}

/// Without the secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish()
    }
}
