//! The Lambda Runtime API, by AWS's client of it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! Events are answered on the thread that asks for them: the API hands out none before the last one's
//! answer, so nothing waits for that thread. What the client does where the API is not as it should be is
//! in `docs/runtime.md`, and in `tests/runtime_api.rs`.

use std::error::Error;
use std::{env, future};

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use paywall_core::clock::Micros;
use serde_json::value::RawValue;

/// Host and port of the Runtime API.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const ADDRESS: &str = "AWS_LAMBDA_RUNTIME_API";

/// Answers an event, JSON for JSON, by a deadline.
pub trait Answer: Fn(&RawValue, Micros) -> Result<Box<RawValue>, Diagnostic> {}
impl<F: Fn(&RawValue, Micros) -> Result<Box<RawValue>, Diagnostic>> Answer for F {}

/// Answers events until the platform ends the sandbox, or something is wrong with it.
pub fn serve(answer: impl Answer) -> Result<(), Box<dyn Error + Send + Sync>> {
    let executor = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| {
        future::ready(answer(&event.payload, Micros::from_millis(event.context.deadline)))
    });
    // Not `lambda_runtime::run`: that adds a layer of tracing.
    executor.block_on(Runtime::new(handler).run())
}

/// The Runtime API's address.
pub fn address() -> Result<String, String> {
    env::var(ADDRESS).ok().filter(|address| !address.is_empty()).ok_or_else(|| {
        format!(
            "{ADDRESS} is not set: this program runs in AWS Lambda; to try it on this machine, start it \
             through edge-local"
        )
    })
}

/// Says that the function cannot start, which AWS's client has no call for.
pub fn cannot_start(address: &str, why: &Diagnostic) -> Result<(), ureq::Error> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent = ureq::Agent::with_parts(
        config,
        ureq::unversioned::transport::TcpConnector::default(),
        ureq::unversioned::resolver::DefaultResolver::default(),
    );
    let post = agent.post(format!("http://{address}/2018-06-01/runtime/init/error"));
    let post = post.header("lambda-runtime-function-error-type", &why.error_type);
    // If this is refused, the platform learns it from the end of the process.
    post.content_type("application/json")
        .send(serde_json::to_vec(why).unwrap_or_default())
        .map(drop)
}
