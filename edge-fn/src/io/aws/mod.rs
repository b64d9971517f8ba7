//! AWS's services, as far as the function needs them: records in S3, secrets in SSM.

pub mod s3;
pub mod sigv4;
pub mod ssm;

use std::env;
use std::fmt;

/// Who the function is to AWS.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id of the access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The token of a role's session; access keys of users have none.
    pub session_token: Option<String>,
}

/// There is no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoIdentity;

impl Identity {
    /// From the variables that Lambda sets for the function's role, and that every AWS tool knows.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
    pub fn from_env() -> Result<Self, NoIdentity> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Ok(Identity {
            access_key_id: variable("AWS_ACCESS_KEY_ID").ok_or(NoIdentity)?,
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY").ok_or(NoIdentity)?,
            session_token: variable("AWS_SESSION_TOKEN"),
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.access_key_id)
    }
}

impl fmt::Display for NoIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: Lambda sets them for the \
             function's role; locally, set them for the S3 server",
        )
    }
}

impl std::error::Error for NoIdentity {}

/// The code of an error answer: `<Code>` of S3's XML, or the end of `__type` of SSM's JSON.
fn error_code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let after = |text: &str, start: &str, end: char| {
        let (_, rest) = text.split_once(start)?;
        let code = rest.split(end).next()?.rsplit('#').next()?;
        Some(code.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>())
    };
    after(&text, "<Code>", '<').or_else(|| after(&text, "\"__type\":\"", '"')).unwrap_or_default()
}
