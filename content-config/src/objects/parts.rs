//! How an object comes to S3: at once, or in parts, of which its ETag tells.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

/// The biggest object that is sent or copied at once: S3's 5 GB, counted in the smaller way.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
const AT_ONCE: u64 = 5_000_000_000;

/// A part: few enough of them make up 50 GB, and one is soon sent again. Another size is another ETag of all that is
/// published in parts.
const PART: u64 = 64 * MIB;

/// S3 takes so many parts of 5 MiB to 5 GiB, the last one as small as it is, and objects of 48.8 TiB.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const MOST_PARTS: u64 = 10_000;

const MIB: u64 = 1_024 * 1_024;

/// Which objects come in parts, and in which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    at_once: u64,
    part: u64,
}

/// An object that comes in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InParts {
    /// Of each part but the last.
    pub bytes: u64,
    /// The SHA-256 of each, in base64.
    pub sha256: Vec<String>,
    /// What S3 says in `x-amz-checksum-sha256` of all of them: the SHA-256 of theirs, and their number.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
    pub sha256_of_all: String,
}

impl Default for Parts {
    fn default() -> Self {
        Parts { at_once: AT_ONCE, part: PART }
    }
}

impl Parts {
    /// Has objects come in parts that otherwise come at once, in parts of this size, so that tests end soon.
    #[must_use]
    pub fn above(bytes: u64) -> Self {
        Parts { at_once: bytes, part: bytes }
    }

    /// How big each part but the last is; `None` of an object that comes at once.
    #[must_use]
    pub fn of(self, object: u64) -> Option<u64> {
        let fitting = object.div_ceil(MOST_PARTS);
        let part = if fitting > self.part { fitting.next_multiple_of(MIB) } else { self.part };
        (object > self.at_once).then_some(part)
    }
}

/// The digests of an object's parts, as its bytes come.
pub(crate) struct Hashed {
    part: u64,
    /// Still missing in this one.
    left: u64,
    md5: Md5,
    sha256: Sha256,
    /// Of those that are whole.
    md5s: Vec<u8>,
    sha256s: Vec<[u8; 32]>,
}

impl Hashed {
    pub(crate) fn new(part: u64) -> Self {
        let (md5, sha256) = (Md5::new(), Sha256::new());
        Hashed { part, left: part, md5, sha256, md5s: Vec::new(), sha256s: Vec::new() }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let most = usize::try_from(self.left).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(most));
            self.md5.update(now);
            self.sha256.update(now);
            self.left -= now.len() as u64;
            bytes = later;
            if self.left == 0 {
                self.end_part();
            }
        }
    }

    fn end_part(&mut self) {
        self.md5s.extend_from_slice(&self.md5.finalize_reset());
        self.sha256s.push(self.sha256.finalize_reset().into());
        self.left = self.part;
    }

    /// The ETag without quotes, and the parts. S3's is the MD5 of the parts' MD5s, a dash, and their number; where KMS
    /// encrypts, another.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
    pub(crate) fn finish(mut self) -> (String, InParts) {
        if self.left < self.part {
            self.end_part();
        }
        let count = self.sha256s.len();
        let md5 = Md5::digest(&self.md5s);
        let digits: String = md5.iter().map(|byte| format!("{byte:02x}")).collect();
        let all = STANDARD.encode(Sha256::digest(self.sha256s.concat()));
        let sha256 = self.sha256s.iter().map(|digest| STANDARD.encode(digest)).collect();
        let parts = InParts { bytes: self.part, sha256, sha256_of_all: format!("{all}-{count}") };
        (format!("{digits}-{count}"), parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1_024 * MIB;

    #[test]
    fn parts_are_as_s3_takes_them() {
        let parts = Parts::default();
        assert_eq!((parts.of(0), parts.of(AT_ONCE)), (None, None));
        for object in [
            AT_ONCE + 1,
            50_000_000_000,
            MOST_PARTS * PART,
            MOST_PARTS * PART + 1,
            // S3's 48.8 TiB.
            488 * 1_024 * GIB / 10,
        ] {
            let part = parts.of(object).unwrap();
            assert!((5 * MIB..=5 * GIB).contains(&part), "{object}: {part}");
            assert!(object.div_ceil(part) <= MOST_PARTS, "{object}: {part}");
        }
        assert_eq!(parts.of(50_000_000_000), Some(PART), "what is on sale has parts of one size");
        let small = Parts::above(5 * MIB);
        assert_eq!((small.of(5 * MIB), small.of(5 * MIB + 1)), (None, Some(5 * MIB)));
    }

    #[test]
    fn what_s3_says_of_parts() {
        // Of "abc", "def" and "g", by Python's `hashlib`.
        for step in 1..=7 {
            let mut hashed = Hashed::new(3);
            b"abcdefg".chunks(step).for_each(|bytes| hashed.update(bytes));
            let (etag, parts) = hashed.finish();
            assert_eq!(etag, "d322b115ece92a45e0909788b142235c-3");
            assert_eq!(parts.sha256_of_all, "6o5/08Ympx17ang4QPRop+CVQg3Nw8ubuxpbJ0N0Cvw=-3");
            let first = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
            assert_eq!((parts.bytes, parts.sha256.len(), parts.sha256[0].as_str()), (3, 3, first));
        }
        let mut whole = Hashed::new(3);
        whole.update(b"abcdef");
        assert!(whole.finish().0.ends_with("-2"), "no empty part at the end");
    }
}
