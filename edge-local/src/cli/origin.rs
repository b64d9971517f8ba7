//! Where objects come from, other than from the folder of `--content`.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;

use crate::{Bucket, Credentials, Worst};

/// Buckets and how to ask them.
#[derive(Debug, Args)]
pub struct OriginArgs {
    /// Bucket behind an S3 API, s3+http://127.0.0.1:PORT/BUCKET[/PREFIX], instead of a folder; or
    /// ID=URL or ID=DIR for another origin of the template. Requests are signed with
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    #[arg(long = "origin", value_name = "[ID=]URL")]
    origins: Vec<OriginArg>,

    /// Send requests to S3 APIs unsigned
    #[arg(long)]
    anonymous: bool,

    /// Answer as S3 answers a reader that is set up badly, and hand on what it says of a sealed site's objects, as
    /// CloudFront would
    #[arg(long, value_enum, value_name = "HOW", hide_short_help = true)]
    worst: Option<Worst>,
}

/// A value of `--origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OriginArg {
    /// The origin in the template; `None` is the one of the default behavior.
    id: Option<String>,
    bucket: Bucket,
}

impl FromStr for OriginArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, place) = match text.split_once('=') {
            Some((id, place)) => (Some(id.to_owned()), place),
            None => (None, text),
        };
        let bucket = if place.starts_with("s3+") {
            Bucket::S3(place.parse().map_err(|error| format!("{error}"))?)
        } else if id.is_some() {
            Bucket::Folder(place.into())
        } else {
            return Err("a folder is named by `--content DIR`, and a bucket by s3+http://127.0.0.1:PORT/BUCKET".to_owned());
        };
        Ok(Self { id, bucket })
    }
}

impl OriginArgs {
    /// The bucket behind the default behavior, if it is no folder.
    pub(super) fn main(&self) -> Option<Bucket> {
        let main = self.origins.iter().find(|origin| origin.id.is_none());
        main.map(|origin| origin.bucket.clone())
    }

    /// Other buckets by the ids of their origins.
    pub(super) fn others(&self) -> BTreeMap<String, Bucket> {
        let named = self.origins.iter();
        named.filter_map(|origin| Some((origin.id.clone()?, origin.bucket.clone()))).collect()
    }

    /// How the buckets' reader is set up badly.
    pub(super) fn worst(&self) -> Option<Worst> {
        self.worst
    }

    /// What requests are signed with.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        if self.anonymous { None } else { Credentials::from_env() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let parse = |text: &str| text.parse::<OriginArg>();
        let main = parse("s3+http://127.0.0.1:9000/shop").unwrap();
        assert_eq!((main.id, main.bucket.clone()), (None, main.bucket));
        let other = parse("free=s3+http://127.0.0.1:9000/free/x").unwrap();
        assert_eq!(other.id.as_deref(), Some("free"));
        assert!(matches!(other.bucket, Bucket::S3(_)));
        let folder = parse("free=some/folder").unwrap();
        assert_eq!(folder.bucket, Bucket::Folder("some/folder".into()));
        for text in ["some/folder", "free=s3+http://192.0.2.1/x", "s3+x", ""] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
