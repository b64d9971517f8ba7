//! The client for facilitators, RPC endpoints and AWS, over connections that are kept between
//! invocations.
//!
//! Three things decide whether money is at stake, and are told apart: nothing was sent; something
//! was sent and no whole answer came; an answer came.

mod dial;
mod trace;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::config::Config;
pub use ureq::http::Method;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::TlsConfig;

use self::trace::Trace;
use super::tls;
use paywall_core::world::Phases;

/// The client. Calls may run in parallel, each on its own thread.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    connections: AtomicUsize,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// GET, POST or PUT.
    pub method: &'r Method,
    /// Absolute; `https`, or `http` on loopback.
    pub url: &'r str,
    /// Beside those that every request has.
    pub headers: &'r [(&'r str, &'r str)],
    /// Not sent with a GET.
    pub body: &'r [u8],
    /// For everything: DNS, connecting, TLS, writing, waiting and reading.
    pub timeout: Duration,
    /// For DNS, connecting and TLS, within `timeout`.
    pub connect_timeout: Duration,
    /// A longer answer, in bytes, is no answer.
    pub limit: u64,
    /// What may be done when a connection that was kept turns out to be gone.
    pub repeat: Repeat,
}

/// Whether a request may be sent a second time, on a new connection, when no byte of an answer came
/// on one that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Doing it twice is the same as doing it once.
    Safe,
    /// It moves money.
    Never,
}

/// How it ended.
#[derive(Debug)]
pub struct Exchange {
    /// What came of it.
    pub end: End,
    /// Where the time went; of the last attempt, if there were two.
    pub phases: Phases,
}

/// What came of a request.
#[derive(Debug)]
pub enum End {
    /// An answer was read to its end.
    Answered(Answer),
    /// Not one byte of the request went out. Holds why.
    NotSent(String),
    /// Bytes of the request went out, and no whole answer came back. Holds why.
    Lost(String),
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Default for Http {
    fn default() -> Self {
        let config = Config::builder()
            // A failure's body says what failed.
            .http_status_as_error(false)
            // A redirected POST would be sent twice, the second time to somebody else.
            .max_redirects(0)
            .tls_config(
                TlsConfig::builder().unversioned_rustls_crypto_provider(tls::provider()).build(),
            )
            .proxy(None)
            .max_idle_age(dial::MAX_IDLE)
            .max_idle_connections(8)
            .user_agent(concat!("x402-edge-paywall/", env!("CARGO_PKG_VERSION")))
            .build();
        let agent = Agent::with_parts(config, dial::connector(), dial::Later);
        Http { agent, connections: AtomicUsize::new(0) }
    }
}

impl Http {
    /// Sends the request, and says how that ended.
    pub fn send(&self, request: &Request<'_>) -> Exchange {
        if !is_safe(request.url) {
            let end = End::NotSent("a URL must be https, or http on loopback".into());
            return Exchange { end, phases: Phases::default() };
        }
        let began = Instant::now();
        let (exchange, trace) = self.attempt(request, Kept::Taken);
        let stale = matches!(exchange.end, End::Lost(_)) && !trace.answered() && !trace.connected();
        if !stale || request.repeat == Repeat::Never {
            return exchange;
        }
        let timeout = request.timeout.saturating_sub(began.elapsed());
        if timeout.is_zero() {
            return exchange;
        }
        self.attempt(&Request { timeout, ..*request }, Kept::Left).0
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    fn attempt(&self, request: &Request<'_>, kept: Kept) -> (Exchange, Trace) {
        Trace::begin();
        let answer = self.exchange(request, kept);
        let trace = Trace::current();
        if trace.connected() {
            self.connections.fetch_add(1, Ordering::Relaxed);
        }
        let end = match answer {
            Ok(answer) => End::Answered(answer),
            Err(error) if trace.sent() => End::Lost(error.to_string()),
            Err(error) => End::NotSent(error.to_string()),
        };
        (Exchange { end, phases: trace.phases() }, trace)
    }

    fn exchange(&self, request: &Request<'_>, kept: Kept) -> Result<Answer, ureq::Error> {
        let mut builder = ureq::http::Request::builder().method(request.method).uri(request.url);
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        let max_idle = match kept {
            Kept::Taken => dial::MAX_IDLE,
            Kept::Left => Duration::ZERO,
        };
        let mut answer = match *request.method {
            Method::GET => self.run(builder.body(())?, request, max_idle)?,
            _ => self.run(builder.body(request.body)?, request, max_idle)?,
        };
        let body = answer.body_mut().with_config().limit(request.limit).read_to_vec()?;
        let status = answer.status().as_u16();
        let headers = std::mem::take(answer.headers_mut());
        Ok(Answer { status, headers, body })
    }

    fn run(
        &self,
        message: ureq::http::Request<impl ureq::AsSendBody>,
        request: &Request<'_>,
        max_idle: Duration,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let message = self
            .agent
            .configure_request(message)
            .timeout_global(Some(request.timeout))
            .timeout_connect(Some(request.connect_timeout.min(request.timeout)))
            .max_idle_age(max_idle)
            .build();
        self.agent.run(message)
    }
}

/// What becomes of connections that were kept.
#[derive(Clone, Copy)]
enum Kept {
    Taken,
    Left,
}

/// Payments and secrets do not travel in the clear. Loopback is for `edge-local`.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => matches!(host, "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback() {
        for uri in [
            "https://f.example/settle",
            "http://127.0.0.1:1/settle",
            "http://[::1]:1/settle",
            "http://localhost/settle",
        ] {
            assert!(is_safe(uri), "{uri}");
        }
        for uri in [
            "http://f.example/settle",
            "http://127.0.0.1.evil.example/",
            "ftp://127.0.0.1/",
            "http://127.0.0.1@evil.example/",
            "/settle",
            "",
        ] {
            assert!(!is_safe(uri), "{uri}");
        }
    }
}
