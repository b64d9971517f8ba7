//! What S3 says to a reader that is set up at its worst: it names the place of the object. CloudFront hands that on.
//!
//! What AWS's pages leave open is taken for the worse here.

use http::StatusCode;

use super::exchange::Refusal;
use crate::key::key_of_uri;

/// How the reader of a bucket is set up badly.
///
/// * <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>: 404 and 403 for what is missing;
/// * <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>: 307;
/// * <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>: 301; no page shows a `Location` in it, and
///   none says that there is none;
/// * <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>: 403 that names the object, for
///   readers of the bucket's account; none says whether CloudFront is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Worst {
    /// It may list the bucket: what is missing is 404, with its key
    Listed,
    /// Its endpoint does not know the bucket's Region yet: 307, with the path in Location
    Moved,
    /// Its endpoint is another Region's: 301, with the path in Location
    Elsewhere,
    /// A policy refuses it the object: 403, with the object's ARN
    Refused,
}

/// As AWS's own examples call it.
const BUCKET: &str = "amzn-s3-demo-bucket";
const ENDPOINT: &str = "amzn-s3-demo-bucket.s3.eu-west-1.amazonaws.com";

impl Worst {
    /// What it is told in place of any answer.
    pub(super) fn instead(self, uri: &str) -> Option<Refusal> {
        let (status, code, message) = match self {
            Worst::Listed => return None,
            Worst::Refused => return Some(refused(&key_of_uri(uri).ok()?)),
            Worst::Moved => (
                StatusCode::TEMPORARY_REDIRECT,
                "TemporaryRedirect",
                "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future requests.",
            ),
            Worst::Elsewhere => (
                StatusCode::MOVED_PERMANENTLY,
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
            ),
        };
        let details = [("Endpoint", ENDPOINT), ("Bucket", BUCKET)];
        let location = Some(format!("https://{ENDPOINT}{uri}"));
        Some(Refusal { location, ..Refusal::detailed(status, code, message, &details) })
    }

    /// What it is told of a key that is not there.
    pub(super) fn missing(self, uri: &str) -> Option<Refusal> {
        let key = key_of_uri(uri).ok().filter(|_| self == Worst::Listed)?;
        let message = "The specified key does not exist.";
        Some(Refusal::detailed(StatusCode::NOT_FOUND, "NoSuchKey", message, &[("Key", &key)]))
    }
}

fn refused(key: &str) -> Refusal {
    let message = format!(
        "User: cloudfront.amazonaws.com is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::{BUCKET}/{key}\" with an explicit deny in a resource-based policy"
    );
    Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", &message)
}
