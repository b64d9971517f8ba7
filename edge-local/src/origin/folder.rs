//! A folder that acts as a bucket.
//!
//! An object's ETag is the one that `paywall publish` gives it, without SSE-KMS. There are no versions, and no headers but those of [`Metadata`]. Documents that are published with the files and are not
//! in the folder stand where no file does.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use content_config::{Document, Parts};
use http::StatusCode;
use price_table::Seal;

use super::exchange::{Answer, Object, Refusal, whole_seconds};
use crate::key::key_of_uri;

/// What a seller may store with an object, as `aws s3 cp --content-type --cache-control` does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `Content-Type`; by default it follows from the extension and the bytes.
    pub content_type: Option<String>,
    /// `Cache-Control`; by default there is none.
    pub cache_control: Option<String>,
}

/// A folder that acts as a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Folder(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    folder: PathBuf,
    seal: Option<Sealed>,
    /// By key.
    metadata: BTreeMap<String, Metadata>,
    /// By key.
    documents: BTreeMap<String, Document>,
    /// When the documents were written.
    opened: SystemTime,
}

/// What a sealed site's files are in the bucket.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// The distribution's origin path: empty, or with a slash at its start.
    pub(crate) path: String,
    /// The folder below it that they are all in.
    pub(crate) seal: Seal,
}

impl Sealed {
    /// The file that a key is of, if it is of one.
    fn file<'k>(&self, key: &'k str) -> Option<Cow<'k, str>> {
        let path = self.path.trim_start_matches('/');
        let below = key.strip_prefix(path)?;
        match path {
            "" => self.seal.strip_key(below).map(Cow::Borrowed),
            _ => Some(format!("{path}{}", self.seal.strip(below)?).into()),
        }
    }
}

impl Folder {
    /// Reads objects from `folder`; `metadata` is by key.
    pub(crate) fn new(
        folder: &Path,
        metadata: BTreeMap<String, Metadata>,
        seal: Option<Sealed>,
    ) -> io::Result<Self> {
        let (documents, opened) = (BTreeMap::new(), SystemTime::now());
        Ok(Self(Arc::new(Inner {
            folder: folder.canonicalize()?,
            seal,
            metadata,
            documents,
            opened,
        })))
    }

    /// The same bucket, with documents beside the files, by key.
    pub(crate) fn with(self, documents: BTreeMap<String, Document>) -> Self {
        Self(Arc::new(Inner { documents, ..Arc::unwrap_or_clone(self.0) }))
    }

    /// `GET uri`, on a thread where reading the disk holds up nobody; `None` if there is no such object.
    pub(super) async fn get(&self, uri: &str, if_none_match: Option<&str>) -> Option<Answer> {
        let (inner, uri) = (Arc::clone(&self.0), uri.to_owned());
        let if_none_match = if_none_match.map(str::to_owned);
        let read = move || inner.get(&uri, if_none_match.as_deref());
        // It fails only while the runtime is shutting down.
        let answer = tokio::task::spawn_blocking(read).await;
        answer.unwrap_or_else(|_| Some(Answer::Refused(internal_error())))
    }
}

impl Inner {
    fn get(&self, uri: &str, if_none_match: Option<&str>) -> Option<Answer> {
        let Ok(key) = key_of_uri(uri) else {
            return Some(Answer::Refused(Refusal::invalid_uri()));
        };
        match self.read(&key) {
            Ok(object) if if_none_match == Some(&object.etag) => Some(Answer::NotModified),
            Ok(object) => Some(Answer::Found(object)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => Some(Answer::Refused(internal_error())),
        }
    }

    fn read(&self, key: &str) -> io::Result<Object> {
        let file = match &self.seal {
            None => Some(Cow::Borrowed(key)),
            Some(seal) => seal.file(key),
        };
        let key = file.as_deref().ok_or(io::ErrorKind::NotFound)?;
        let (body, content_type, modified, made) = match (self.find(key), self.documents.get(key)) {
            (Ok(path), _) => {
                let body = fs::read(&path)?;
                // As `paywall publish` sends it.
                let content_type = content_config::content_type(key, &body);
                (body, content_type, fs::metadata(&path)?.modified()?, None)
            }
            (Err(_), Some(made)) => {
                (made.body.clone(), made.mime_type.to_owned(), self.opened, Some(made))
            }
            (Err(error), None) => return Err(error),
        };
        let body = Bytes::from(body);
        let metadata = self.metadata.get(key).cloned().unwrap_or_default();
        Ok(Object {
            etag: content_config::etag(&body, Parts::default()),
            last_modified: whole_seconds(modified),
            content_type: metadata.content_type.unwrap_or(content_type),
            cache_control: metadata
                .cache_control
                .or(made.and_then(|made| made.cache_control).map(str::to_owned)),
            expires_in: None,
            headers: made
                .and_then(|made| made.encoding)
                .map(|encoding| ("content-encoding".to_owned(), encoding.to_owned()))
                .into_iter()
                .collect(),
            body,
        })
    }

    /// The file with exactly this key. Every segment is looked up in the listing of its folder, so
    /// `..`, empty segments and other spellings that a file system would accept name nothing; a
    /// link that leads out of the folder names nothing either.
    fn find(&self, key: &str) -> io::Result<PathBuf> {
        let mut path = self.folder.clone();
        for segment in key.split('/') {
            let missing = || io::Error::from(io::ErrorKind::NotFound);
            if !path.is_dir() {
                return Err(missing());
            }
            let mut entries = fs::read_dir(&path)?;
            path = entries
                .find_map(|entry| {
                    let entry = entry.ok()?;
                    (entry.file_name() == segment).then(|| entry.path())
                })
                .ok_or_else(missing)?;
        }
        let file = path.canonicalize()?;
        if file.starts_with(&self.folder) && file.is_file() {
            Ok(file)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

fn internal_error() -> Refusal {
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalError",
        "We encountered an internal error. Please try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket() -> (tempfile::TempDir, Arc<Inner>) {
        let dir = tempfile::tempdir().unwrap();
        let bucket = dir.path().join("bucket");
        fs::create_dir_all(bucket.join("a")).unwrap();
        fs::write(bucket.join("a/hello.txt"), "hello").unwrap();
        fs::write(bucket.join("x y+z"), "odd").unwrap();
        fs::write(dir.path().join("secret.txt"), "secret").unwrap();
        let metadata = BTreeMap::from([(
            "x y+z".to_owned(),
            Metadata {
                content_type: Some("text/odd".into()),
                cache_control: Some("private".into()),
            },
        )]);
        let origin = Folder::new(&bucket, metadata, None).unwrap().0;
        (dir, origin)
    }

    fn found(answer: Option<Answer>) -> Object {
        match answer {
            Some(Answer::Found(object)) => object,
            other => panic!("not found: {other:?}"),
        }
    }

    #[test]
    fn an_object_has_the_headers_of_s3() {
        let (_dir, origin) = bucket();
        let object = found(origin.get("/a/hello.txt", None));
        assert_eq!(&object.body[..], b"hello");
        assert_eq!(object.etag, "\"5d41402abc4b2a76b9719d911017c592\"");
        assert_eq!(object.content_type, "text/plain; charset=utf-8");
        let again = origin.get("/a/hello.txt", Some(&object.etag));
        assert_eq!(again, Some(Answer::NotModified));

        let odd = found(origin.get("/x+y%2Bz", None));
        assert_eq!(
            (odd.content_type.as_str(), odd.cache_control.as_deref()),
            ("text/odd", Some("private"))
        );
    }

    #[test]
    fn nothing_outside_the_folder_is_an_object() {
        let (_dir, origin) = bucket();
        for uri in [
            "/",
            "/a",
            "/a/",
            "//a/hello.txt",
            "/a//hello.txt",
            "/a/./hello.txt",
            "/a/../a/hello.txt",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/A/hello.txt",
            "/a/hello.txt/",
            "/a%5chello.txt",
            "/a/hello.txt%00",
            "/x%20y%20z",
        ] {
            assert_eq!(origin.get(uri, None), None, "{uri}");
        }
    }

    #[test]
    fn a_sealed_bucket_has_its_files_below_the_seal_alone() {
        let (dir, _) = bucket();
        let seal = Seal::new([9; Seal::LENGTH]);
        let folder = dir.path().join("bucket");
        for (path, file, key) in
            [("", "a/hello.txt", "a/hello.txt"), ("/a", "a/hello.txt", "hello.txt")]
        {
            let sealed = Sealed { path: path.to_owned(), seal: seal.clone() };
            let origin = Folder::new(&folder, BTreeMap::new(), Some(sealed)).unwrap().0;
            found(origin.get(&format!("{path}/{}/{key}", seal.as_str()), None));
            for uri in [
                format!("/{file}"),
                format!("/{}x/{key}", seal.as_str()),
                format!("{path}/x/{}/{key}", seal.as_str()),
                format!("{path}/{0}/{0}/{key}", seal.as_str()),
                format!("{path}/{}", seal.as_str()),
            ] {
                assert_eq!(origin.get(&uri, None), None, "{uri}");
            }
        }
    }

    #[test]
    fn documents_stand_where_no_file_does() {
        let (dir, _) = bucket();
        let folder = dir.path().join("bucket");
        let document = |body: &str| Document {
            key: "llms.txt".into(),
            mime_type: "text/plain; charset=utf-8",
            encoding: Some("gzip"),
            cache_control: Some("max-age=1"),
            body: body.into(),
        };
        let documents = || BTreeMap::from([("a/llms.txt".to_owned(), document("made"))]);
        let seal = Seal::new([9; Seal::LENGTH]);
        let sealed = Some(Sealed { path: "/a".to_owned(), seal: seal.clone() });
        for (seal, uri) in
            [(None, "/a/llms.txt".to_owned()), (sealed, format!("/a/{}/llms.txt", seal.as_str()))]
        {
            let open = || Folder::new(&folder, BTreeMap::new(), seal.clone()).unwrap();
            assert_eq!(open().0.get(&uri, None), None, "{uri}");
            let object = found(open().with(documents()).0.get(&uri, None));
            assert_eq!(&object.body[..], b"made");
            assert_eq!(object.content_type, "text/plain; charset=utf-8");
            assert_eq!(object.cache_control.as_deref(), Some("max-age=1"));
            assert_eq!(object.headers, [("content-encoding".to_owned(), "gzip".to_owned())]);

            fs::write(folder.join("a/llms.txt"), "the seller's").unwrap();
            let object = found(open().with(documents()).0.get(&uri, None));
            assert_eq!(&object.body[..], b"the seller's");
            fs::remove_file(folder.join("a/llms.txt")).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_no_object() {
        let (dir, origin) = bucket();
        let link = dir.path().join("bucket/link.txt");
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), link).unwrap();
        assert_eq!(origin.get("/link.txt", None), None);
    }

    #[test]
    fn a_path_that_is_no_key_is_a_400() {
        let (_dir, origin) = bucket();
        let Some(Answer::Refused(refusal)) = origin.get("/%zz", None) else { panic!("found") };
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    }
}
