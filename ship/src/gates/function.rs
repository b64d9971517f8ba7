//! The function, as behaviours name it.

use std::str::FromStr;

use anyhow::bail;

use super::distribution::Behaviour;

/// The ARN of one version of a function: what Lambda@Edge takes.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionVersion {
    /// The ARN without the version.
    function: String,
    version: u64,
}

impl FromStr for FunctionVersion {
    type Err = anyhow::Error;

    fn from_str(arn: &str) -> Result<Self, Self::Err> {
        let Some((function, version)) = arn.rsplit_once(':') else {
            bail!("{arn:?} is not the ARN of a function's version");
        };
        let parts: Vec<&str> = function.split(':').collect();
        let is_function = parts.len() == 7 && parts[2] == "lambda" && parts[5] == "function";
        let Ok(version) = version.parse() else {
            bail!("{arn}: Lambda@Edge takes a numbered version, and neither $LATEST nor an alias");
        };
        if !is_function {
            bail!("{arn:?} is not the ARN of a function's version");
        }
        if parts[3] != "us-east-1" {
            bail!("{arn}: Lambda@Edge takes functions of us-east-1 only");
        }
        Ok(FunctionVersion { function: function.to_owned(), version })
    }
}

impl FunctionVersion {
    pub(crate) fn arn(&self) -> String {
        format!("{}:{}", self.function, self.version)
    }

    /// Whether an association names this function, in whichever version.
    pub(crate) fn is(&self, arn: &str) -> bool {
        arn.rsplit_once(':').is_some_and(|(function, _)| function == self.function)
    }

    /// Whether every request under a behaviour passes the function.
    pub(crate) fn gates(&self, behaviour: &Behaviour) -> bool {
        let mut associations = behaviour.lambda_function_associations.items.iter();
        associations.any(|a| a.event_type == "viewer-request" && self.is(&a.arn))
    }
}
