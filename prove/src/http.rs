//! The wire: HTTP/1.1, each request on a connection of its own, paths as they are written, nothing followed.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::tls::TlsConfig;

use crate::answer::{Answer, Ask, NoAnswer};
use crate::session::{Limits, Wire};

/// How this program names itself.
pub(crate) const AGENT: &str = concat!("paywall-prove/", env!("CARGO_PKG_VERSION"));

/// Asks over sockets.
#[derive(Debug)]
pub struct Http {
    agent: Agent,
    most: u64,
}

impl Http {
    /// A client within these limits.
    pub fn new(limits: &Limits) -> Http {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // What a proxy makes of a path is not what is to be found out.
            .proxy(None)
            .tls_config(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(limits.answer))
            .max_idle_connections(0)
            .max_response_header_size(256 * 1024)
            .input_buffer_size(256 * 1024)
            .output_buffer_size(256 * 1024)
            .accept(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .user_agent(AGENT)
            .build();
        Http { agent: config.into(), most: limits.body }
    }
}

impl Wire for Http {
    fn send(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        let failed = |why: &dyn std::fmt::Display| NoAnswer::Failed(why.to_string());
        let mut request = Request::builder().method(ask.method.clone()).uri(&ask.url);
        for (name, value) in &ask.headers {
            request = request.header(*name, value.as_str());
        }
        let has_body = ["POST", "PUT", "PATCH"].contains(&ask.method.as_str());
        let answer = match has_body {
            true => self.agent.run(request.body("").map_err(|why| failed(&why))?),
            false => self.agent.run(request.body(()).map_err(|why| failed(&why))?),
        };
        let mut answer = answer.map_err(|why| failed(&why))?;
        let mut body = Vec::new();
        let read = answer.body_mut().as_reader().take(self.most).read_to_end(&mut body);
        read.map_err(|why| failed(&why))?;
        Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_path_is_sent_as_it_is_written() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let targets = [
            "/a/../b",
            "/a/%2e%2e/b",
            "//a//b",
            "/a\\b",
            "/a%5cb;c",
            "/%zz%",
            "/a/",
            "/%00",
            "/a?b",
            "/A%c0%afb/.",
        ];
        let server = thread::spawn(move || {
            targets.map(|_| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut seen = Vec::new();
                while !seen.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    seen.push(byte[0]);
                }
                stream
                    .write_all(b"HTTP/1.1 301 Moved\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")
                    .unwrap();
                String::from_utf8(seen).unwrap()
            })
        });
        let mut http = Http::new(&Limits::default());
        for target in targets {
            let answer = http.send(&Ask::get("", format!("http://{address}{target}"))).unwrap();
            assert_eq!((answer.status, answer.header("location")), (301, "/x"));
        }
        for (target, seen) in targets.iter().zip(server.join().unwrap()) {
            assert!(seen.starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{target}: {seen}");
            assert!(seen.to_lowercase().contains("user-agent: paywall-prove/"), "{seen}");
            assert!(!seen.to_lowercase().contains("accept"), "{seen}");
        }
    }
}
