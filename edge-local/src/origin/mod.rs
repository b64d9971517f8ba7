//! The origin: a private S3 bucket, read as CloudFront reads one through origin access control.
//!
//! * [`exchange`] is what is asked and answered;
//! * [`folder`] takes a folder for the bucket;
//! * [`s3`] asks an S3 API, with signed requests;
//! * [`worst`] is what S3 says to a reader that is set up badly.
//!
//! It is always asked with `GET` and for the whole object, which stays in memory while it is served.
//! CloudFront's policy on the bucket is taken to allow `s3:GetObject` alone, as origin access control
//! is set up, so what is missing is 403 and not 404, but for [`Worst::Listed`].

mod exchange;
mod folder;
mod s3;
mod worst;

use std::path::{Path, PathBuf};

pub(crate) use exchange::{Answer, Object, Refusal, Request, Unreachable};
pub use folder::Metadata;
pub(crate) use folder::{Folder, Sealed};
pub(crate) use s3::S3;
pub use s3::{InvalidS3Url, S3Url};
pub use worst::Worst;

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
pub(crate) struct Origin {
    store: Store,
    worst: Option<Worst>,
}

/// Where it has its objects.
#[derive(Debug)]
pub(crate) enum Store {
    /// A folder.
    Folder(Folder),
    /// An S3 API.
    S3(Box<S3>),
}

impl Origin {
    /// A bucket, and how badly its reader is set up.
    pub(crate) fn new(store: Store, worst: Option<Worst>) -> Self {
        Self { store, worst }
    }

    /// Asks for an object.
    pub(crate) async fn get(&self, request: &Request) -> Answer {
        if let Some(answer) = self.worst.and_then(|worst| worst.instead(&request.uri)) {
            return Answer::Refused(answer);
        }
        let found = match &self.store {
            Store::Folder(folder) => {
                folder.get(&request.uri, request.if_none_match.as_deref()).await
            }
            Store::S3(s3) => s3.get(request).await,
        };
        found.unwrap_or_else(|| {
            let told = self.worst.and_then(|worst| worst.missing(&request.uri));
            Answer::Refused(told.unwrap_or_else(Refusal::access_denied))
        })
    }
}
