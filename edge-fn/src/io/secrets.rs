//! Keys, and proofs for facilitators: from a file, from SSM, or, locally, from the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use price_table::Table;
use site_secrets::{Demands, Document, Inline, Parameter};

use super::auth::Credentials;
use super::aws::{Identity, ssm};
use super::http::Http;
use paywall_core::clock::Micros;
use paywall_core::{handover, pass};

/// The secrets, ready for use.
pub struct Secrets {
    /// Keys of the hand-over header.
    pub handover: handover::Keys,
    /// Keys of passes.
    pub pass: pass::Keys,
    /// Proofs for facilitators.
    pub credentials: Credentials,
    /// URLs of nodes, by CAIP-2 name. They may hold keys, and are not printed.
    pub rpc: BTreeMap<String, String>,
    /// What the operator must mend; some facilitators cannot be asked until then.
    pub problems: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// Where the secrets are.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// Here.
    Known(Inline),
    /// In SSM.
    Ssm(Parameter),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Known(_) => f.write_str("Known(..)"),
            Source::Ssm(parameter) => parameter.fmt(f),
        }
    }
}

impl From<Document> for Source {
    fn from(document: Document) -> Self {
        match document {
            Document::Inline(secrets) => Source::Known(secrets),
            Document::Ssm(parameter) => Source::Ssm(parameter),
        }
    }
}

impl Source {
    /// The secrets, if they are here.
    pub fn known(&self) -> Option<&Inline> {
        match self {
            Source::Known(secrets) => Some(secrets),
            Source::Ssm(_) => None,
        }
    }

    /// Gets the secrets, from SSM in at most `timeout`; or says why there are none.
    pub fn load(
        &self,
        table: &Table,
        http: &Http,
        now: Micros,
        timeout: Duration,
    ) -> Result<Secrets, String> {
        let parameter = match self {
            Source::Known(secrets) => return Ok(Secrets::new(secrets, table)),
            Source::Ssm(parameter) => parameter,
        };
        let identity = Identity::from_env().map_err(|error| error.to_string())?;
        let endpoint = ssm::endpoint_from_env();
        let client = ssm::Client { http, identity: &identity, endpoint: endpoint.as_deref() };
        let text = client.get_parameter(parameter, now, timeout)?;
        Secrets::parse(&text, table)
            .map_err(|why| format!("SSM parameter {}: {why}", parameter.name))
    }
}

impl Secrets {
    /// Those of a parameter's text, if it is of the table's site.
    pub fn parse(text: &str, table: &Table) -> Result<Self, String> {
        match Document::parse(text) {
            Ok(Document::Inline(secrets)) => match Demands::of(table).other_site(&secrets) {
                None => Ok(Secrets::new(&secrets, table)),
                Some(why) => Err(why),
            },
            Ok(Document::Ssm(_)) => Err("points to another parameter".into()),
            Err(problem) => Err(problem.to_string()),
        }
    }

    /// Makes them ready. What cannot be used is among the problems.
    pub fn new(secrets: &Inline, table: &Table) -> Self {
        const CHECKED: &str = "a document's keys are lists of 64 digits each";
        let mut credentials = Credentials::read(&secrets.facilitators);
        let mut problems: Vec<_> = credentials.problems().map(str::to_owned).collect();
        let demands = Demands::of(table);
        for (url, why) in demands.unproven(secrets) {
            credentials.fail(url, why);
        }
        problems.extend(demands.missing(secrets));
        Secrets {
            handover: handover::Keys::parse(&secrets.handover.join("\n")).expect(CHECKED),
            pass: pass::Keys::parse(&secrets.pass.join("\n")).expect(CHECKED),
            credentials,
            rpc: secrets.rpc.clone(),
            problems,
        }
    }
}
