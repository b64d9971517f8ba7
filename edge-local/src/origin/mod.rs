//! The origin: a private S3 bucket, read as CloudFront reads one through origin access control.
//!
//! * [`folder`] takes a folder for the bucket;
//! * [`s3`] asks an S3 API, with signed requests.
//!
//! It is always asked with `GET` and for the whole object, which stays in memory while it is served.
//! CloudFront's policy on the bucket is taken to allow `s3:GetObject` alone, as origin access control
//! is set up, so what is missing is 403 and not 404.

mod folder;
mod s3;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;

pub use folder::Metadata;
pub(crate) use folder::{Folder, Sealed};
pub(crate) use s3::S3;
pub use s3::{InvalidS3Url, S3Url};

/// Where the objects of a bucket are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// In a folder: keys are paths of files.
    Folder(PathBuf),
    /// Behind an S3 API.
    S3(S3Url),
}

impl From<PathBuf> for Bucket {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<&Path> for Bucket {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl From<&PathBuf> for Bucket {
    fn from(folder: &PathBuf) -> Self {
        Self::Folder(folder.clone())
    }
}

impl From<&str> for Bucket {
    fn from(folder: &str) -> Self {
        Self::Folder(folder.into())
    }
}

impl From<S3Url> for Bucket {
    fn from(url: S3Url) -> Self {
        Self::S3(url)
    }
}

/// A bucket that can be asked.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A folder.
    Folder(Folder),
    /// An S3 API.
    S3(Box<S3>),
}

/// A `GET` of CloudFront.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The path, with the origin's own in front.
    pub uri: String,
    /// The forwarded part of the query string; S3 alone looks at it.
    pub query: String,
    /// Forwarded headers, name in lower case; S3 alone looks at them.
    pub headers: Vec<(String, String)>,
    /// `If-None-Match`, if the cache holds an older copy.
    pub if_none_match: Option<String>,
}

/// An object as the origin sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// The bytes.
    pub body: Bytes,
    /// `ETag`, with its quotes.
    pub etag: String,
    /// `Last-Modified`, in whole seconds.
    pub last_modified: SystemTime,
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`, if the object has one.
    pub cache_control: Option<String>,
    /// How long after the answer `Expires` lies, if the object has one.
    pub expires_in: Option<Duration>,
    /// Other headers, name in lower case: `x-amz-...`, `content-encoding` and so on.
    pub headers: Vec<(String, String)>,
}

/// What the origin answers to a `GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200.
    Found(Object),
    /// 304, to a request with the ETag that the object still has.
    NotModified,
    /// 4xx or 5xx.
    Refused(Refusal),
    /// No answer.
    Unreachable(Unreachable),
}

/// An error as S3 sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// 400 or more.
    pub status: StatusCode,
    /// S3's XML.
    pub body: Bytes,
}

/// Why the origin did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreachable {
    /// Whether it took too long.
    pub timed_out: bool,
    /// For the log.
    pub reason: String,
}

impl Refusal {
    /// An error with one of S3's codes.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Self { status, body: body.into() }
    }

    /// S3's code, if the body holds one.
    pub(crate) fn code(&self) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0)
    }

    /// What is missing, to somebody who may not list the bucket.
    fn access_denied() -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
    }

    /// A path that is no key.
    fn invalid_uri() -> Self {
        let message = "Couldn't parse the specified URI.";
        Self::new(StatusCode::BAD_REQUEST, "InvalidURI", message)
    }

    /// The answer to `OPTIONS` of a bucket without a CORS configuration.
    pub(crate) fn no_cors() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AccessForbidden",
            "CORSResponse: CORS is not enabled for this bucket.",
        )
    }
}

impl Origin {
    /// Asks for an object.
    pub(crate) async fn get(&self, request: &Request) -> Answer {
        match self {
            Self::Folder(folder) => {
                folder.get(&request.uri, request.if_none_match.as_deref()).await
            }
            Self::S3(s3) => s3.get(request).await,
        }
    }
}

/// HTTP dates have no fractions.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
