//! What goes wrong with S3, and how to mend it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use std::io;
use std::path::{Path, PathBuf};

use reqwest::Response;
use reqwest::header::HeaderMap;

use super::target::Target;
use super::xml::element;
use crate::error::Error;

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// S3 said no.
    #[error("S3 answered {status} {code}: {message}")]
    Refused { status: u16, code: String, message: String, region: Option<String> },
    /// There was no answer, or not all of it.
    #[error("S3 cannot be reached: {0}")]
    Unreachable(String),
    /// An answer that S3 does not give.
    #[error("this does not look like S3: {0}")]
    Unreadable(String),
    /// A copy would lose what S3 does not tell.
    #[error("{key:?} has metadata that no header can tell, so a copy by parts would lose them")]
    Untold { key: String },
    /// A file of the content.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    File { path: PathBuf, error: io::Error },
}

impl S3Error {
    pub(super) fn unreachable(error: reqwest::Error) -> Self {
        use std::error::Error as _;
        // The URL bears a signature, which is nobody else's business.
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        S3Error::Unreachable(text)
    }

    pub(super) fn file(path: &Path, error: io::Error) -> Self {
        S3Error::File { path: path.to_owned(), error }
    }

    /// Reads the answer to a request that failed. Answers to HEAD have no body, so their code is the
    /// status.
    pub(super) async fn read(answer: Response) -> Self {
        let status = answer.status();
        let region = region(answer.headers());
        let text = answer.text().await.unwrap_or_default();
        let code = element(&text, "Code").unwrap_or_else(|| status.as_str().to_owned());
        let message = element(&text, "Message")
            .unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned());
        let region = region.or_else(|| element(&text, "Region"));
        S3Error::Refused { status: status.as_u16(), code, message, region }
    }

    /// The text of an answer with 200, or the error in it.
    pub(super) fn in_text(text: String) -> Result<String, Self> {
        match element(&text, "Code") {
            Some(code) if text.contains("<Error>") => {
                let message = element(&text, "Message").unwrap_or_default();
                Err(S3Error::Refused { status: 200, code, message, region: None })
            }
            _ => Ok(text),
        }
    }

    /// An object that was listed a moment ago, and is gone.
    pub(super) fn moved(key: &str) -> Self {
        let (code, message) = ("NoSuchKey".to_owned(), format!("{key:?} is gone meanwhile"));
        S3Error::Refused { status: 404, code, message, region: None }
    }

    /// Whether another try may do.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            S3Error::Refused { status, code, .. } => {
                matches!(status, 429 | 500 | 502 | 503 | 504)
                    || matches!(
                        code.as_str(),
                        "RequestTimeout" | "InternalError" | "SlowDown" | "ServiceUnavailable"
                    )
            }
            S3Error::Unreachable(_) => true,
            S3Error::Unreadable(_) | S3Error::Untold { .. } | S3Error::File { .. } => false,
        }
    }

    /// With what to do about it. S3 names the object that it refuses, and with it the seal.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
    pub fn explain(self, target: &Target) -> Error {
        let advice = self.advice(target);
        Error::S3 { said: target.hiding_seal(self.to_string()), advice }
    }

    /// With this advice.
    pub fn advised(self, advice: String) -> Error {
        Error::S3 { said: self.to_string(), advice }
    }

    /// S3 says no more of a bucket of somebody else's than of one that may not be used.
    pub fn whose(target: &Target) -> String {
        let owner = target.owner.as_ref();
        owner.map_or(String::new(), |owner| format!("; and the bucket must be account {owner}'s"))
    }

    /// What to do about it.
    pub fn advice(&self, target: &Target) -> String {
        let Target { bucket, region, .. } = target;
        let S3Error::Refused { code, region: other, .. } = self else {
            return match self {
                S3Error::Unreachable(_) => {
                    format!(
                        "check the network, the region ({region}) and --endpoint-url; what is uploaded stays, run it again to go on"
                    )
                }
                S3Error::Untold { .. } => {
                    "store it anew with metadata of printable ASCII, or delete it, and run it again"
                        .to_owned()
                }
                S3Error::File { .. } => "check the file's permissions, and run it again".to_owned(),
                _ => "check --endpoint-url".to_owned(),
            };
        };
        if let Some(other) = other.as_ref().filter(|other| *other != region) {
            return format!("the bucket {bucket} is in {other}: add `--region {other}`");
        }
        match code.as_str() {
            "InvalidAccessKeyId" => "AWS does not know this access key: check AWS_ACCESS_KEY_ID, or the profile".to_owned(),
            "SignatureDoesNotMatch" => "the secret does not belong to the access key: check AWS_SECRET_ACCESS_KEY, or the profile".to_owned(),
            "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => "the session is over: log in again (`aws sso login`), and run it again to go on".to_owned(),
            "RequestTimeTooSkewed" => "this machine's clock is wrong: set it".to_owned(),
            "NoSuchBucket" => format!("there is no bucket {bucket}: check the name; `paywall status` shows the stack's `ContentBucketName`"),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
                format!("the bucket {bucket} is not in {region}: add `--region`; `aws s3api get-bucket-location --bucket {bucket}` tells which")
            }
            "AccessDenied" | "403" => format!(
                "these credentials may not do that in {bucket}: they need s3:ListBucket, s3:GetObject, s3:PutObject, with --delete s3:DeleteObject, and the use of the bucket's KMS key if it has one; for objects over 5 GB s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts and s3:AbortMultipartUpload; with --reseal, for objects that bear tags, s3:GetObjectTagging and s3:PutObjectTagging, the first for all over 5 GB{}",
                Self::whose(target)
            ),
            "PreconditionFailed" | "NoSuchKey" => {
                "the object changed meanwhile: run it again to go on".to_owned()
            }
            "NoSuchUpload" | "InvalidPart" => {
                "another run sends the same object, or has sent it: let one end, and run it again".to_owned()
            }
            "BadDigest" | "XAmzContentChecksumMismatch" | "XAmzContentSHA256Mismatch" | "InvalidRequest" => {
                "the file changed while it was read, or was damaged on its way: run it again".to_owned()
            }
            _ => "what is uploaded stays; run it again to go on".to_owned(),
        }
    }
}

fn region(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("x-amz-bucket-region")?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use price_table::Seal;

    use super::*;

    fn target() -> Target {
        Target {
            bucket: "shop".to_owned(),
            region: "us-east-1".to_owned(),
            prefix: String::new(),
            seal: None,
            endpoint: None,
            owner: None,
        }
    }

    fn refused(code: &str, region: Option<&str>) -> String {
        let target = target();
        let region = region.map(str::to_owned);
        let error =
            S3Error::Refused { status: 400, code: code.to_owned(), message: String::new(), region };
        error.advice(&target)
    }

    #[test]
    fn an_answer_may_begin_well_and_end_in_an_error() {
        let copied = "<CopyObjectResult><ETag>&quot;1&quot;</ETag></CopyObjectResult>";
        assert_eq!(S3Error::in_text(copied.to_owned()).unwrap(), copied);
        let failed = "<?xml version=\"1.0\"?>\n   <Error><Code>InternalError</Code><Message>m</Message></Error>";
        let error = S3Error::in_text(failed.to_owned()).unwrap_err();
        assert!(error.may_pass() && error.to_string().contains("InternalError: m"), "{error}");
    }

    #[test]
    fn a_wrong_region_names_the_right_one() {
        let advice = refused("AuthorizationHeaderMalformed", Some("eu-west-1"));
        assert!(advice.contains("`--region eu-west-1`"), "{advice}");
        let advice = refused("PermanentRedirect", None);
        assert!(advice.contains("get-bucket-location --bucket shop"), "{advice}");
        // The header stands in every answer.
        let advice = refused("AccessDenied", Some("us-east-1"));
        assert!(advice.contains("s3:PutObject"), "{advice}");
    }

    #[test]
    fn the_seal_is_not_told() {
        let seal = Seal::new([3; Seal::LENGTH]);
        let target = target().below(&seal);
        let message = format!(
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: s3:PutObject on resource: \
             \"arn:aws:s3:::shop/{}/a.txt\"",
            seal.as_str()
        );
        let code = "AccessDenied".to_owned();
        let error = S3Error::Refused { status: 403, code, message, region: None };
        let told = next_step::Told::from(error.explain(&target)).to_string();
        assert!(told.contains("shop/(seal)/a.txt") && !told.contains(seal.as_str()), "{told}");
    }
}
