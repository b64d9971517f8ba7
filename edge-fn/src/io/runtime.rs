//! The Lambda Runtime API: polls for events, and hands in answers.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! One event at a time and nothing beside it, so a blocking client is enough. `lambda_runtime`
//! does the same on an asynchronous executor, for a tenth of the package; see `docs/size.md`.

use std::convert::Infallible;
use std::{env, fmt};

use serde::Serialize;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::{Response, StatusCode};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::TcpConnector;

use paywall_core::clock::Micros;
use paywall_core::limits;

/// Host and port of the Runtime API.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const ADDRESS: &str = "AWS_LAMBDA_RUNTIME_API";

/// A client of the Runtime API.
#[derive(Debug)]
pub struct RuntimeApi {
    agent: Agent,
    /// The URL up to the part that names the call, with a slash at its end.
    base: String,
}

/// Why an event has no answer, or the function cannot start, as the Runtime API takes it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror>
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A category, `Runtime.Reason`.
    pub error_type: &'static str,
    /// What an operator reads.
    pub error_message: String,
}

/// An event to answer.
struct Invocation {
    id: String,
    /// `None` if the platform named none.
    deadline: Option<Micros>,
    event: Vec<u8>,
}

/// Why the function can serve no more. The platform starts another sandbox.
#[derive(Debug)]
pub enum Ended {
    /// There is no Runtime API.
    NotInLambda,
    /// It could not be reached, or answered what is not HTTP.
    Broken(&'static str, ureq::Error),
    /// It said that something is wrong.
    Refused(&'static str, StatusCode),
    /// It handed out an event without an id, so the answer cannot be handed in.
    NoRequestId,
}

impl RuntimeApi {
    /// The one that the environment names.
    pub fn from_env() -> Result<Self, Ended> {
        env::var(ADDRESS).map(|address| Self::at(&address)).map_err(|_| Ended::NotInLambda)
    }

    /// The one at a host and port.
    pub fn at(address: &str) -> Self {
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("x402-edge-paywall/", env!("CARGO_PKG_VERSION")))
            .build();
        // It is on loopback, in the clear. There is no time limit: a sandbox is frozen while it
        // waits for an event.
        let agent = Agent::with_parts(config, TcpConnector::default(), DefaultResolver::default());
        RuntimeApi { agent, base: format!("http://{address}/2018-06-01/runtime/") }
    }

    /// Answers events until the platform ends the sandbox, or something is wrong with it.
    pub fn serve(
        &self,
        mut answer: impl FnMut(&[u8], Micros) -> Result<Vec<u8>, Failure>,
    ) -> Result<Infallible, Ended> {
        loop {
            let Invocation { id, deadline, event } = self.next()?;
            // Without a deadline nothing says how long a settlement may take, so none is begun.
            let answer = deadline.ok_or_else(no_deadline).and_then(|at| answer(&event, at));
            let failure = match answer {
                Ok(answer) => {
                    let status = self.post(&format!("invocation/{id}/response"), &answer, None)?;
                    if status.is_success() {
                        continue;
                    }
                    Failure {
                        error_type: "Runtime.AnswerRefused",
                        error_message: format!("the Runtime API answered {status} to the answer"),
                    }
                }
                Err(failure) => failure,
            };
            self.report(&format!("invocation/{id}/error"), &failure)?;
        }
    }

    /// Says that the function cannot start.
    pub fn cannot_start(&self, failure: &Failure) -> Result<(), Ended> {
        self.report("init/error", failure)
    }

    fn next(&self) -> Result<Invocation, Ended> {
        const CALL: &str = "invocation/next";
        let broken = |error| Ended::Broken(CALL, error);
        let mut answer = self.agent.get(format!("{}{CALL}", self.base)).call().map_err(broken)?;
        if answer.status() != StatusCode::OK {
            return Err(Ended::Refused(CALL, answer.status()));
        }
        let id = header(&answer, "lambda-runtime-aws-request-id").ok_or(Ended::NoRequestId)?;
        let deadline = header(&answer, "lambda-runtime-deadline-ms");
        let deadline = deadline.and_then(|millis| millis.parse().ok()).map(Micros::from_millis);
        let body = answer.body_mut().with_config().limit(limits::EVENT_BYTES);
        Ok(Invocation { id, deadline, event: body.read_to_vec().map_err(broken)? })
    }

    fn report(&self, path: &str, failure: &Failure) -> Result<(), Ended> {
        eprintln!("{}: {}", failure.error_type, failure.error_message);
        let body = serde_json::to_vec(failure).unwrap_or_default();
        // If this is refused, the platform knows of the failure already.
        self.post(path, &body, Some(failure.error_type)).map(drop)
    }

    fn post(&self, path: &str, body: &[u8], kind: Option<&str>) -> Result<StatusCode, Ended> {
        const CALL: &str = "posting an answer";
        let mut post =
            self.agent.post(format!("{}{path}", self.base)).content_type("application/json");
        if let Some(kind) = kind {
            post = post.header("lambda-runtime-function-error-type", kind);
        }
        let mut answer = post.send(body).map_err(|error| Ended::Broken(CALL, error))?;
        // Read to its end, so that the connection serves the next call.
        let _ = answer.body_mut().read_to_vec();
        match answer.status() {
            // "Container error. Non-recoverable state. Runtime should exit promptly."
            status if status.is_server_error() => Err(Ended::Refused(CALL, status)),
            status => Ok(status),
        }
    }
}

fn header<B>(answer: &Response<B>, name: &str) -> Option<String> {
    answer.headers().get(name)?.to_str().ok().map(str::to_owned)
}

fn no_deadline() -> Failure {
    Failure {
        error_type: "Runtime.NoDeadline",
        error_message: "the Runtime API named no deadline for this event".into(),
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::NotInLambda => write!(
                f,
                "{ADDRESS} is not set: this program runs in AWS Lambda; to try it on this machine, \
                 start it through edge-local"
            ),
            Ended::Broken(call, error) => write!(f, "the Runtime API failed at {call}: {error}"),
            Ended::Refused(call, status) => {
                write!(f, "the Runtime API answered {status} to {call}")
            }
            Ended::NoRequestId => {
                write!(
                    f,
                    "the Runtime API handed out an event without Lambda-Runtime-Aws-Request-Id"
                )
            }
        }
    }
}

impl std::error::Error for Ended {}
