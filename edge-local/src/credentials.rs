//! AWS credentials: for an S3 origin, and for a function whose store is S3.

use std::{env, fmt};

/// Credentials as AWS issues them, with the Region that requests are signed for.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, with temporary ones.
    pub session_token: Option<String>,
    /// `AWS_REGION`, or `AWS_DEFAULT_REGION`, or [`Self::DEFAULT_REGION`].
    pub region: String,
}

impl Credentials {
    /// Where a bucket is if nothing says otherwise.
    pub const DEFAULT_REGION: &'static str = "us-east-1";

    /// Credentials in the default Region.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            region: Self::DEFAULT_REGION.to_owned(),
        }
    }

    /// Those in the environment, if they are there.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
    pub fn from_env() -> Option<Self> {
        let get = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let region = get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION"));
        Some(Self {
            access_key_id: get("AWS_ACCESS_KEY_ID")?,
            secret_access_key: get("AWS_SECRET_ACCESS_KEY")?,
            session_token: get("AWS_SESSION_TOKEN"),
            region: region.unwrap_or_else(|| Self::DEFAULT_REGION.to_owned()),
        })
    }

    /// As variables of an environment, without the Region, which a function has of its own.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut variables = vec![
            variable("AWS_ACCESS_KEY_ID", &self.access_key_id),
            variable("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
        ];
        variables.extend(self.session_token.iter().map(|own| variable("AWS_SESSION_TOKEN", own)));
        variables
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} in {})", self.access_key_id, self.region)
    }
}
