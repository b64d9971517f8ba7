//! Calls to facilitators, over connections that are kept between invocations.
//!
//! Whether a byte of the request went out decides whether a payment may have been submitted, and
//! error kinds do not tell that apart. So the outermost layer of a connection, above TLS, is a
//! `Witness` that notes the first byte of HTTP that is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};

use crate::facilitator::{Call, Endpoint, Outcome};
use crate::limits;

/// Connections idle for longer are not used again: Node's servers, which many facilitators are,
/// close theirs after 5 seconds. <https://nodejs.org/api/http.html#serverkeepalivetimeout>
const MAX_IDLE: Duration = Duration::from_secs(4);

/// The client.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    sent: Arc<AtomicBool>,
}

impl Default for Http {
    fn default() -> Self {
        let sent = Arc::new(AtomicBool::new(false));
        let config = Config::builder()
            // A failure's body says what failed.
            .http_status_as_error(false)
            // A redirected POST would be sent twice, the second time to somebody else.
            .max_redirects(0)
            .proxy(None)
            .max_idle_age(MAX_IDLE)
            .max_idle_connections(4)
            .user_agent(concat!("x402-edge-paywall/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector = DefaultConnector::default().chain(WitnessConnector(sent.clone()));
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Http { agent, sent }
    }
}

impl Http {
    /// POSTs the call's JSON, and says how that ended.
    pub fn post(&self, call: &Call) -> Outcome {
        let path = match call.endpoint {
            Endpoint::Verify => "verify",
            Endpoint::Settle => "settle",
        };
        let uri = format!("{}/{path}", call.facilitator);
        if !is_safe(&uri) {
            return Outcome::NotSent("a facilitator must be https, or on loopback".into());
        }
        self.sent.store(false, Ordering::SeqCst);
        self.exchange(&uri, call).unwrap_or_else(|error| match self.sent.load(Ordering::SeqCst) {
            true => Outcome::Lost(error.to_string()),
            false => Outcome::NotSent(error.to_string()),
        })
    }

    fn exchange(&self, uri: &str, call: &Call) -> Result<Outcome, ureq::Error> {
        let mut answer = self
            .agent
            .post(uri)
            .config()
            .timeout_global(Some(Duration::from_millis(call.timeout_ms)))
            .build()
            .content_type("application/json")
            .header("accept", "application/json")
            .send(call.body.as_str())?;
        let body = answer.body_mut().with_config();
        Ok(Outcome::Answered(body.limit(limits::FACILITATOR_ANSWER_BYTES).read_to_vec()?))
    }
}

/// Payments do not travel in the clear. Loopback is for `edge-local`.
fn is_safe(uri: &str) -> bool {
    let Ok(uri) = uri.parse::<Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => matches!(host, "127.0.0.1" | "[::1]" | "localhost"),
        _ => false,
    }
}

#[derive(Debug)]
struct WitnessConnector(Arc<AtomicBool>);

impl<In: Transport> Connector<In> for WitnessConnector {
    type Out = Witness<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Witness<In>>, ureq::Error> {
        Ok(chained.map(|inner| Witness { inner, sent: self.0.clone() }))
    }
}

/// Notes that bytes of HTTP were handed to the connection.
#[derive(Debug)]
struct Witness<T> {
    inner: T,
    sent: Arc<AtomicBool>,
}

impl<T: Transport> Transport for Witness<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.sent.store(true, Ordering::SeqCst);
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
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
