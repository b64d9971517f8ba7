//! A bucket behind an S3 API.
//!
//! Requests are signed in their query string, where CloudFront signs them in a header; S3 makes no
//! difference. A server that tells what is missing (404, to whoever may list the bucket) is not taken at
//! its word: what CloudFront would be told is decided elsewhere.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use rusty_s3::{S3Action as _, UrlStyle};

use super::exchange::{Answer, Object, Refusal, Request, Unreachable, whole_seconds};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::key::key_of_uri;

/// What S3 stores for an object that came without a type.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// CloudFront's own limit for the answer of an origin.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html#DownloadDistValuesOriginResponseTimeout>
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a signature is good for; it is used at once.
const SIGNATURE_LIFE: Duration = Duration::from_secs(300);

/// A bucket behind an S3 API: `s3+http://127.0.0.1:PORT/BUCKET` or `s3+https://HOST/BUCKET`, with a
/// prefix after the bucket if all keys have one. Plain HTTP is for this machine alone.
///
/// ```
/// let url: edge_local::S3Url = "s3+http://127.0.0.1:9000/shop/priced".parse().unwrap();
/// assert_eq!(url.to_string(), "s3+http://127.0.0.1:9000/shop/priced");
/// assert!("s3+http://example.com/shop".parse::<edge_local::S3Url>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Url {
    endpoint: Url,
    bucket: String,
    prefix: String,
}

/// Text that is no [`S3Url`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text} is no S3 location: {reason}; write s3+http://127.0.0.1:PORT/BUCKET[/PREFIX], or s3+https://HOST/BUCKET[/PREFIX]"
)]
pub struct InvalidS3Url {
    text: String,
    reason: &'static str,
}

impl FromStr for S3Url {
    type Err = InvalidS3Url;

    fn from_str(text: &str) -> Result<Self, InvalidS3Url> {
        let invalid = |reason| InvalidS3Url { text: text.to_owned(), reason };
        let url = text.strip_prefix("s3+").ok_or_else(|| invalid("it does not begin with s3+"))?;
        let url: Url = url.parse().map_err(|_| invalid("it is no URL"))?;
        let host = url.host_str().ok_or_else(|| invalid("it has no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_here => {}
            _ => return Err(invalid("plain HTTP goes to this machine only")),
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(invalid("it holds more than a host and a path"));
        }
        let path = percent_decode_str(url.path().trim_matches('/')).decode_utf8();
        let path = path.map_err(|_| invalid("its path is not UTF-8"))?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((&path, ""));
        if bucket.is_empty() {
            return Err(invalid("it names no bucket"));
        }
        let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
        let mut endpoint = url;
        endpoint.set_path("");
        Ok(Self { endpoint, bucket, prefix })
    }
}

impl fmt::Display for S3Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3+{}{}", self.endpoint, self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// A bucket, and a client to ask it with.
#[derive(Debug)]
pub(crate) struct S3 {
    bucket: rusty_s3::Bucket,
    client: reqwest::Client,
    credentials: Option<rusty_s3::Credentials>,
    prefix: String,
}

impl S3 {
    /// A bucket that is asked with signed requests, or with plain ones if there are no credentials.
    pub(crate) fn new(url: &S3Url, credentials: Option<&Credentials>) -> Result<Self, Error> {
        let region = credentials.map_or(Credentials::DEFAULT_REGION, |own| own.region.as_str());
        let bucket = rusty_s3::Bucket::new(
            url.endpoint.clone(),
            UrlStyle::Path,
            url.bucket.clone(),
            region.to_owned(),
        )
        .map_err(|why| Error::OriginNotAsked { url: url.to_string(), why: why.to_string() })?;
        let credentials = credentials.map(|own| match &own.session_token {
            Some(token) => rusty_s3::Credentials::new_with_token(
                &own.access_key_id,
                &own.secret_access_key,
                token,
            ),
            None => rusty_s3::Credentials::new(&own.access_key_id, &own.secret_access_key),
        });
        let client = crate::buyer::client()?;
        Ok(Self { bucket, client, credentials, prefix: url.prefix.clone() })
    }

    /// `GET`; `None` if there is no such object.
    pub(super) async fn get(&self, request: &Request) -> Option<Answer> {
        let Ok(mut key) = key_of_uri(&request.uri) else {
            return Some(Answer::Refused(Refusal::invalid_uri()));
        };
        if !self.prefix.is_empty() {
            key = format!("{}/{key}", self.prefix);
        }
        if !can_be_asked_for(&key) {
            return None;
        }
        let url = self.signed(&key, &request.query);
        let mut get = self.client.get(url).timeout(RESPONSE_TIMEOUT);
        for (name, value) in &request.headers {
            get = get.header(name, value);
        }
        if let Some(etag) = &request.if_none_match {
            get = get.header("if-none-match", etag);
        }
        match self.answer(get).await {
            Ok(answer) => answer,
            Err(error) => Some(Answer::Unreachable(Unreachable {
                timed_out: error.is_timeout(),
                // Without the URL, which holds a signature.
                reason: chain(&error.without_url()),
            })),
        }
    }

    fn signed(&self, key: &str, query: &str) -> Url {
        let mut action = self.bucket.get_object(self.credentials.as_ref(), key);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            action.query_mut().insert(decoded(name), decoded(value));
        }
        action.sign(SIGNATURE_LIFE)
    }

    async fn answer(&self, get: reqwest::RequestBuilder) -> reqwest::Result<Option<Answer>> {
        let response = get.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?;
        Ok(Some(match status {
            StatusCode::OK => Answer::Found(object(&headers, body)),
            StatusCode::NOT_MODIFIED => Answer::NotModified,
            StatusCode::NOT_FOUND if is_missing_key(&body) => return Ok(None),
            status if status.as_u16() >= 300 => {
                let location = headers.get("location").filter(|_| status.is_redirection());
                let location = location.and_then(|value| Some(value.to_str().ok()?.to_owned()));
                Answer::Refused(Refusal { status, location, body })
            }
            status => Answer::Unreachable(Unreachable {
                timed_out: false,
                reason: format!("it answered {status}, which no bucket answers to a GET"),
            }),
        }))
    }
}

/// Whether a 404 is about a key and not about the bucket.
fn is_missing_key(body: &bytes::Bytes) -> bool {
    let (status, body) = (StatusCode::NOT_FOUND, body.clone());
    let refusal = Refusal { status, location: None, body };
    refusal.code() != Some("NoSuchBucket")
}

/// Whether a URL can name the key: clients resolve dot segments, so keys with such segments, and the
/// empty one, cannot be asked for. S3 itself could hold them; nothing of this project publishes them.
fn can_be_asked_for(key: &str) -> bool {
    !key.is_empty() && !key.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn object(headers: &HeaderMap, body: bytes::Bytes) -> Object {
    let text = |name: &str| {
        headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let date = |name: &str| httpdate::parse_http_date(&text(name)?).ok();
    let now = SystemTime::now();
    // A date that cannot be read has passed, says RFC 9111.
    let expires_in = text("expires").map(|_| {
        let expires = date("expires").unwrap_or(SystemTime::UNIX_EPOCH);
        expires.duration_since(date("date").unwrap_or(now)).unwrap_or_default()
    });
    let others = headers.iter().filter(|(name, _)| is_passed_on(name.as_str()));
    Object {
        body,
        etag: text("etag").unwrap_or_default(),
        last_modified: whole_seconds(date("last-modified").unwrap_or(now)),
        content_type: text("content-type").unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
        cache_control: text("cache-control"),
        expires_in,
        headers: others
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
    }
}

/// Headers that CloudFront passes on and that [`Object`] has no field for.
fn is_passed_on(name: &str) -> bool {
    match name {
        "content-disposition" | "content-encoding" | "content-language" | "expires" => true,
        // They name one request to S3, and CloudFront keeps them.
        "x-amz-request-id" | "x-amz-id-2" => false,
        name => name.starts_with("x-amz-") || name.starts_with("access-control-") || name == "vary",
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        for text in [
            "s3+http://127.0.0.1:9000/shop",
            "s3+http://localhost:9000/shop/a/b",
            "s3+http://[::1]:9000/shop",
            "s3+https://s3.us-east-1.amazonaws.com/shop/priced",
        ] {
            assert_eq!(text.parse::<S3Url>().unwrap().to_string(), text);
        }
        for text in [
            "http://127.0.0.1/shop",
            "s3+http://192.0.2.1/shop",
            "s3+ftp://127.0.0.1/shop",
            "s3+http://127.0.0.1/",
            "s3+http://127.0.0.1/shop?x=y",
            "s3+http://key:secret@127.0.0.1/shop",
            "shop",
        ] {
            assert!(text.parse::<S3Url>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_and_their_urls() {
        let url = "s3+http://127.0.0.1:9000/shop".parse().unwrap();
        let s3 = S3::new(&url, None).unwrap();
        for (key, path) in [
            ("a b+c", "/shop/a%20b%2Bc"),
            ("%70", "/shop/%2570"),
            ("/a", "/shop//a"),
            ("a//b", "/shop/a//b"),
            ("ü?#", "/shop/%C3%BC%3F%23"),
        ] {
            assert!(can_be_asked_for(key));
            assert_eq!(s3.signed(key, "").path(), path, "{key}");
        }
        for key in ["", "..", "a/../b", "./a", "a/."] {
            assert!(!can_be_asked_for(key), "{key:?}");
        }
        assert_eq!(s3.signed("a", "versionId=x%20y").query(), Some("versionId=x%20y"));
    }
}
