//! The record of what was published: the ETags that the bucket gave.
//!
//! They are the MD5 of the bytes unless the bucket encrypts with KMS keys. The record is a manifest
//! with digests; a line counts while the bytes are still those that it tells of.

use std::collections::HashMap;

use super::{Found, manifest};
use crate::report::Problem;

/// The published objects by key.
#[derive(Default)]
pub(crate) struct Published(HashMap<String, Found>);

impl Published {
    /// Reads a record.
    pub(crate) fn parse(text: &str) -> (Self, Vec<Problem>) {
        let (found, problems) = manifest::parse(text);
        (Published(found.into_iter().map(|found| (found.key.clone(), found)).collect()), problems)
    }

    /// Gives an object the ETag that it was published with, if its bytes are the same.
    pub(crate) fn correct(&self, object: &mut Found) {
        let same = |known: &&Found| {
            known.size == object.size && known.sha256.is_some() && known.sha256 == object.sha256
        };
        if let Some(known) = self.0.get(&object.key).filter(same) {
            object.etag.clone_from(&known.etag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(sha256: Option<&str>) -> Found {
        Found {
            key: "a".to_owned(),
            size: 1,
            mime_type: "x/y".to_owned(),
            etag: "\"md5\"".to_owned(),
            sha256: sha256.map(str::to_owned),
            parts: None,
            line: None,
        }
    }

    #[test]
    fn a_line_counts_while_the_bytes_are_the_same() {
        const SAME: &str = "3/1gIbsr1bCvZ2KQgJ7DpTGR3YHH9wpLKGiKNiGCmG8=";
        let text = format!(r#"{{"key":"a","size":1,"etag":"kms","sha256":"{SAME}"}}"#);
        let (published, problems) = Published::parse(&text);
        assert!(problems.is_empty());
        for (sha256, etag) in
            [(Some(SAME), "\"kms\""), (Some("other"), "\"md5\""), (None, "\"md5\"")]
        {
            let mut object = object(sha256);
            published.correct(&mut object);
            assert_eq!(object.etag, etag, "{sha256:?}");
        }
        let (undated, _) = Published::parse(r#"{"key":"a","size":1,"etag":"kms"}"#);
        let mut object = object(None);
        undated.correct(&mut object);
        assert_eq!(object.etag, "\"md5\"", "without a digest nothing is known of the bytes");
    }
}
