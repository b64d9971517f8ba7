//! The buyer's HTTP client, and what it says when there is no answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;

use crate::error::Error;

/// The largest answer read whole, in bytes: over what Lambda@Edge can generate, 40 KB.
/// Source: [Lambda@Edge quotas](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge).
const SMALL: usize = 1 << 18;

/// An HTTP client that follows no redirects, so that a payment goes where its buyer sent it.
///
/// # Errors
///
/// [`Error::NotStarted`].
pub fn client() -> Result<reqwest::Client, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::not_started)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        // Longer than Lambda@Edge may take to settle: 30 s at most.
        .read_timeout(Duration::from_secs(60))
        .user_agent(concat!("edge-local/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|why| Error::not_started(root_cause(&why)))
}

/// Reads the body of a 402 or a refusal.
pub(super) async fn small_body(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = next_chunk(&mut answer).await? {
        body.extend_from_slice(&chunk);
        if body.len() > SMALL {
            return Err(Error::AnswerTooBig { most: SMALL });
        }
    }
    Ok(body)
}

/// More of an answer's body.
pub(super) async fn next_chunk(answer: &mut Response) -> Result<Option<bytes::Bytes>, Error> {
    answer.chunk().await.map_err(|why| Error::BrokeOff { why: root_cause(&why) })
}

/// What the system says, without the layers that it went through.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
