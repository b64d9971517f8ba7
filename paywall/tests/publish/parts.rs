//! What S3 keeps of objects that come in parts, and `s3s-fs` does not: which are begun, their parts' checksums, and what an
//! object has besides its bytes. Parts are refused as S3 refuses them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use sha2::{Digest as _, Sha256};

/// What a list has at once: little, so that lists have pages.
const PAGE: usize = 2;

/// What an object has besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) storage_class: Option<StorageClass>,
    pub(crate) encryption: Option<ServerSideEncryption>,
    pub(crate) kms_key: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) sha256_of_all: Option<String>,
    /// Metadata that no header tells.
    pub(crate) missing: Option<i32>,
}

impl Facts {
    pub(crate) fn of(input: &PutObjectInput) -> Self {
        Facts {
            storage_class: input.storage_class.clone(),
            encryption: input.server_side_encryption.clone(),
            kms_key: input.ssekms_key_id.clone(),
            tags: tags(input.tagging.as_deref()),
            ..Facts::default()
        }
    }
}

/// As a header has them.
fn tags(header: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(header.unwrap_or_default().as_bytes()).into_owned().collect()
}

#[derive(Default)]
pub(crate) struct Uploads {
    facts: Mutex<HashMap<String, Facts>>,
    begun: Mutex<BTreeMap<(String, String), Upload>>,
}

struct Upload {
    facts: Facts,
    since: SystemTime,
    checksum: Option<ChecksumAlgorithm>,
    parts: BTreeMap<i32, (ETag, String)>,
}

impl Uploads {
    pub(crate) fn facts(&self, key: &str) -> Facts {
        self.facts.lock().unwrap().get(key).cloned().unwrap_or_default()
    }

    pub(crate) fn set_facts(&self, key: &str, facts: Facts) {
        self.facts.lock().unwrap().insert(key.to_owned(), facts);
    }

    /// The keys of those that are begun, and how many parts each has.
    pub(crate) fn begun(&self) -> Vec<(String, usize)> {
        let begun = self.begun.lock().unwrap();
        begun.iter().map(|((key, _), upload)| (key.clone(), upload.parts.len())).collect()
    }

    pub(crate) fn begin(&self, input: &CreateMultipartUploadInput, id: &str) {
        let facts = Facts {
            storage_class: input.storage_class.clone(),
            encryption: input.server_side_encryption.clone(),
            kms_key: input.ssekms_key_id.clone(),
            tags: tags(input.tagging.as_deref()),
            ..Facts::default()
        };
        let checksum = input.checksum_algorithm.clone();
        let (since, parts) = (SystemTime::now(), BTreeMap::new());
        let upload = Upload { facts, since, checksum, parts };
        self.begun.lock().unwrap().insert((input.key.clone(), id.to_owned()), upload);
    }

    /// Takes a part of these bytes; gives its checksum.
    pub(crate) fn part(
        &self,
        (key, id): (&str, &str),
        number: i32,
        bytes: &[u8],
        said: Option<&str>,
    ) -> S3Result<String> {
        let sha256 = STANDARD.encode(Sha256::digest(bytes));
        let mut begun = self.begun.lock().unwrap();
        let upload = begun.get_mut(&(key.to_owned(), id.to_owned()));
        let upload = upload.ok_or_else(|| s3_error!(NoSuchUpload))?;
        if said.is_some_and(|said| said != sha256) {
            return Err(s3_error!(BadDigest));
        }
        let etag = ETag::Strong(md5(bytes));
        upload.parts.insert(number, (etag, sha256.clone()));
        Ok(sha256)
    }

    /// Whether the object can be put together from these parts. Gives the checksum of all.
    pub(crate) fn complete(
        &self,
        (key, id): (&str, &str),
        listed: &[CompletedPart],
    ) -> S3Result<()> {
        let mut begun = self.begun.lock().unwrap();
        let at = (key.to_owned(), id.to_owned());
        let upload = begun.get(&at).ok_or_else(|| s3_error!(NoSuchUpload))?;
        let mut all = Vec::new();
        for part in listed {
            let there = part.part_number.and_then(|number| upload.parts.get(&number));
            let (etag, sha256) = there.ok_or_else(|| s3_error!(InvalidPart))?;
            if upload.checksum.is_some() && part.checksum_sha256.is_none() {
                return Err(s3_error!(InvalidRequest, "the checksum of each part must be there"));
            }
            if part.e_tag.as_ref() != Some(etag) || part.checksum_sha256.as_ref() != Some(sha256) {
                return Err(s3_error!(InvalidPart));
            }
            all.extend(STANDARD.decode(sha256).unwrap());
        }
        let all = format!("{}-{}", STANDARD.encode(Sha256::digest(all)), listed.len());
        let facts = Facts { sha256_of_all: Some(all), ..upload.facts.clone() };
        begun.remove(&at);
        self.set_facts(key, facts);
        Ok(())
    }

    pub(crate) fn abort(&self, key: &str, id: &str) -> S3Result<()> {
        let removed = self.begun.lock().unwrap().remove(&(key.to_owned(), id.to_owned()));
        removed.map(drop).ok_or_else(|| s3_error!(NoSuchUpload))
    }

    pub(crate) fn parts(&self, input: &ListPartsInput) -> S3Result<ListPartsOutput> {
        let begun = self.begun.lock().unwrap();
        let upload = begun.get(&(input.key.clone(), input.upload_id.clone()));
        let upload = upload.ok_or_else(|| s3_error!(NoSuchUpload))?;
        let after = input.part_number_marker.unwrap_or_default();
        let mut parts: Vec<_> = upload
            .parts
            .range(after + 1..)
            .map(|(number, (etag, sha256))| Part {
                part_number: Some(*number),
                e_tag: Some(etag.clone()),
                checksum_sha256: upload.checksum.as_ref().map(|_| sha256.clone()),
                ..Part::default()
            })
            .collect();
        let more = parts.len() > PAGE;
        parts.truncate(PAGE);
        let next = parts.last().and_then(|part| part.part_number).filter(|_| more);
        Ok(ListPartsOutput {
            is_truncated: Some(more),
            next_part_number_marker: next,
            parts: Some(parts),
            ..ListPartsOutput::default()
        })
    }

    /// `encoded` writes a key as the client wants it.
    pub(crate) fn list(
        &self,
        input: &ListMultipartUploadsInput,
        encoded: impl Fn(&str) -> String,
    ) -> ListMultipartUploadsOutput {
        let begun = self.begun.lock().unwrap();
        let (after, id) = (input.key_marker.as_ref(), input.upload_id_marker.as_ref());
        let after = after.zip(id).map(|(key, id)| (key.clone(), id.clone()));
        let prefix = input.prefix.clone().unwrap_or_default();
        let fitting = begun.iter().filter(|((key, _), _)| key.starts_with(&prefix));
        let left: Vec<_> =
            fitting.filter(|(at, _)| after.as_ref().is_none_or(|after| *at > after)).collect();
        let page = &left[..left.len().min(PAGE)];
        let more = left.len() > PAGE;
        let next = page.last().filter(|_| more).map(|(at, _)| *at);
        let uploads = page.iter().map(|((key, id), upload)| MultipartUpload {
            key: Some(encoded(key)),
            upload_id: Some(id.clone()),
            initiated: Some(upload.since.into()),
            checksum_algorithm: upload.checksum.clone(),
            ..MultipartUpload::default()
        });
        ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            is_truncated: Some(more),
            next_key_marker: next.map(|(key, _)| encoded(key)),
            next_upload_id_marker: next.map(|(_, id)| id.clone()),
            ..ListMultipartUploadsOutput::default()
        }
    }
}

fn md5(bytes: &[u8]) -> String {
    use s3s::crypto::Checksum as _;
    let digest = s3s::crypto::Md5::checksum(bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
