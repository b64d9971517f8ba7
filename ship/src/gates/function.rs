//! The function, as behaviours name it.

use std::str::FromStr;

use super::distribution::Behaviour;
use crate::error::Error;

/// The ARN of one version of a function: what Lambda@Edge takes.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionVersion {
    /// The ARN without the version.
    function: String,
    version: u64,
}

impl FromStr for FunctionVersion {
    type Err = Error;

    fn from_str(arn: &str) -> Result<Self, Self::Err> {
        let none = || Error::NotAVersion { arn: arn.to_owned() };
        let (function, version) = arn.rsplit_once(':').ok_or_else(none)?;
        let Ok(version) = version.parse() else {
            return Err(Error::NotNumbered { arn: arn.to_owned() });
        };
        let parts: Vec<&str> = function.split(':').collect();
        if parts.len() != 7 || parts[2] != "lambda" || parts[5] != "function" {
            return Err(none());
        }
        if parts[3] != "us-east-1" {
            return Err(Error::OtherRegion { arn: arn.to_owned() });
        }
        Ok(FunctionVersion { function: function.to_owned(), version })
    }
}

impl FunctionVersion {
    /// The whole ARN.
    pub fn arn(&self) -> String {
        format!("{}:{}", self.function, self.version)
    }

    /// Whether an association names this function, in whichever version.
    pub fn is(&self, arn: &str) -> bool {
        arn.rsplit_once(':').is_some_and(|(function, _)| function == self.function)
    }

    /// Whether every request under a behaviour passes the function.
    pub(crate) fn gates(&self, behaviour: &Behaviour) -> bool {
        let mut associations = behaviour.lambda_function_associations.items.iter();
        associations.any(|a| a.event_type == "viewer-request" && self.is(&a.arn))
    }
}
