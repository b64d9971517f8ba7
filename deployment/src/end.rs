//! How a command ends, and what there is to know then: `--json` prints it.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};

use crate::Error;
use crate::check;
use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::open;
use crate::stacks::{live, output, parameter};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// All was done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// It was only to be shown.
    Planned,
    /// Whoever was asked said no.
    Declined,
    /// The edge is not that far yet: the same command goes on later.
    Later,
}

/// How a command ended, and what there is to know then.
#[derive(Debug)]
pub struct End {
    ended: Ended,
    facts: Value,
}

impl End {
    pub(crate) fn new(ended: Ended, facts: &impl Serialize) -> Self {
        // Texts and lists of them always are JSON.
        End { ended, facts: serde_json::to_value(facts).unwrap_or_default() }
    }

    /// What the program ends with: 0, 1 if it was declined, 3 if there is more to do later.
    pub fn code(&self) -> ExitCode {
        match self.ended {
            Ended::Done | Ended::Unchanged | Ended::Planned => ExitCode::SUCCESS,
            Ended::Declined => ExitCode::FAILURE,
            Ended::Later => ExitCode::from(3),
        }
    }

    /// One object: `outcome`, and the command's facts.
    pub fn json(&self) -> Value {
        let mut all = json!({ "outcome": self.ended });
        if let (Some(all), Value::Object(facts)) = (all.as_object_mut(), &self.facts) {
            all.extend(facts.clone());
        }
        all
    }
}

/// What there is to know of a stack's site. What it does not have is null.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    pub(crate) stack: String,
    /// What was done, or would be, in order.
    pub(crate) steps: Vec<String>,
    pub(crate) distribution: Option<String>,
    /// `d111111abcdef8.cloudfront.net`.
    pub(crate) domain: Option<String>,
    url: Option<String>,
    /// Its ARN, which ends in a number.
    function_version: Option<String>,
    /// Whether the stack's own site answers anybody.
    open: Option<bool>,
    buckets: Buckets,
    /// What `status` would tell.
    findings: Vec<Finding>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Buckets {
    content: Option<String>,
    packages: Option<String>,
    records: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Finding {
    code: &'static str,
    what: String,
    mend: String,
}

impl Facts {
    pub(crate) fn of(name: &str, stack: Option<&Stack>) -> Self {
        let stack = live(stack);
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let told = |key| text(output(stack, key));
        Facts {
            stack: name.to_owned(),
            distribution: told("DistributionId"),
            domain: told("DistributionDomainName"),
            url: told("SiteUrl"),
            function_version: told("FunctionVersionArn"),
            open: stack
                .filter(|stack| stack.parameters.contains_key("ContentBucketName"))
                .map(|stack| !open::is_closed(Some(stack))),
            buckets: Buckets {
                content: told("ContentBucketName"),
                packages: text(parameter(stack, "CodeBucketName")),
                records: told("RedemptionsBucketName"),
            },
            ..Facts::default()
        }
    }

    /// Of a distribution that is not the stack's.
    pub(crate) fn on(mut self, id: &str, domain: Option<String>) -> Self {
        self.distribution = Some(id.to_owned());
        self.domain = domain;
        self
    }

    pub(crate) fn doing(mut self, steps: &[String]) -> Self {
        self.steps = steps.to_vec();
        self
    }

    /// With what differs from what was deployed.
    pub(crate) async fn checked(mut self, plane: &impl ControlPlane) -> Result<Self, Error> {
        let (Some(bucket), Some(id)) = (&self.buckets.packages, &self.distribution) else {
            return Ok(self);
        };
        let found = check::check(plane, bucket, &check::key(&self.stack), id).await;
        let found = found.map_err(while_asking("comparing with what was deployed"))?;
        let told = |one: &check::Finding| Finding {
            code: one.code(),
            what: one.what(),
            mend: one.mend(found.owner),
        };
        self.findings = found.findings.iter().map(told).collect();
        Ok(self)
    }
}
