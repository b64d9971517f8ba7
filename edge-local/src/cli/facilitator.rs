//! Who settles payments for the function.

use std::net::IpAddr;
use std::str::FromStr;

use crate::error::Error;
use crate::facilitator::{Facilitator, Options};

/// The value of `--facilitator`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FacilitatorChoice {
    /// A ledger in memory, in this process.
    Embedded,
    /// A facilitator elsewhere.
    Url(String),
}

impl FromStr for FacilitatorChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let url: http::Uri = text.parse().map_err(|error| format!("not a URL: {error}"))?;
        let host = url.host().ok_or("a URL begins with https:// and a host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback =
            host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        match url.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback => {}
            _ => return Err("payments go over https:// (http:// to this machine only)".to_owned()),
        }
        Ok(Self::Url(text.trim_end_matches('/').to_owned()))
    }
}

/// A facilitator that is ready; an embedded one stops when this is dropped.
pub(super) enum Running {
    /// In this process.
    Embedded(Facilitator),
    /// Elsewhere.
    Url(String),
}

impl Running {
    /// Its base URL.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Embedded(facilitator) => facilitator.url(),
            Self::Url(url) => url.clone(),
        }
    }
}

/// Starts it, if it is ours to start.
pub(super) async fn start(choice: &FacilitatorChoice) -> Result<Running, Error> {
    match choice {
        FacilitatorChoice::Embedded => {
            let started = Facilitator::start(Options::default()).await;
            Ok(Running::Embedded(started.map_err(Error::not_started)?))
        }
        FacilitatorChoice::Url(url) => Ok(Running::Url(url.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        for (text, url) in [
            ("https://www.x402.org/facilitator/", "https://www.x402.org/facilitator"),
            ("http://127.0.0.1:4021", "http://127.0.0.1:4021"),
            ("http://[::1]:4021", "http://[::1]:4021"),
            ("http://localhost:4021", "http://localhost:4021"),
        ] {
            assert_eq!(text.parse(), Ok(FacilitatorChoice::Url(url.to_owned())), "{text}");
        }
        assert_eq!("embedded".parse(), Ok(FacilitatorChoice::Embedded));
        for text in ["http://x402.org", "ftp://127.0.0.1", "x402.org", "/facilitator", ""] {
            assert!(text.parse::<FacilitatorChoice>().is_err(), "{text}");
        }
    }
}
