//! One request at a time, no redirect, and an end to each.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::tls::TlsConfig;

/// How long an answer may take, connecting included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest answer that is read, bytes: the longest list of what a facilitator settles that was
/// seen has 30 kB.
const MAX_BYTES: u64 = 1024 * 1024;

/// Asks.
#[derive(Debug)]
pub struct Client(Agent);

impl Default for Client {
    fn default() -> Self {
        Client::new()
    }
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it points, if it is a redirect.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// One that waits 10 s for an answer, and follows no redirect.
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = Config::builder()
            .http_status_as_error(false)
            // Where it leads is what is to be found out.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("content-config/", env!("CARGO_PKG_VERSION")))
            .build();
        Client(config.into())
    }

    /// The answer, or why there is none. `authorization` is the header of that name.
    pub(super) fn get(&self, url: &str, authorization: Option<&str>) -> Result<Answer, String> {
        let request = self.0.get(url).header("accept", "application/json");
        read(match authorization {
            None => request.call(),
            Some(value) => request.header("authorization", value).call(),
        })
    }

    /// The answer to JSON, or why there is none.
    pub(super) fn post(&self, url: &str, json: &serde_json::Value) -> Result<Answer, String> {
        let request = self.0.post(url).header("content-type", "application/json");
        read(request.send(json.to_string()))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    let location = location.map(str::to_owned);
    let body = answer.body_mut().with_config().limit(MAX_BYTES).read_to_vec();
    let body = body.map_err(|error| error.to_string())?;
    Ok(Answer { status: answer.status().as_u16(), location, body })
}
