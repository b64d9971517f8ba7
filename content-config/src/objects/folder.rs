//! The objects of a folder: every file in it, by its path.
//!
//! Names that begin with a dot (`.DS_Store`, `.git`) are left out, except the folder `.well-known`
//! at the top (RFC 8615), which holds what is meant to be found. A symbolic link counts as what it
//! points to, if that is within the folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::kinds::{self, Utf8};
use super::parts::{Hashed, InParts, Parts};
use super::{Found, SPLIT, secrets, too_big, unsellable};
use crate::code::Code;
use crate::report::Problem;

/// <https://www.rfc-editor.org/rfc/rfc8615>
const WELL_KNOWN: &str = ".well-known";

/// Reads the folder, of which objects may come in parts. The problems have no place in the text yet.
pub(crate) fn scan(folder: &Path, parts: Parts) -> (Vec<Found>, Vec<Problem>) {
    let mut scan = Scan { parts, ..Scan::default() };
    match folder.canonicalize() {
        Ok(root) => {
            scan.ancestors.push(root.clone());
            scan.root = root;
            scan.folder(folder, "");
        }
        Err(error) => scan.unreadable(folder, &error),
    }
    scan.found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    (scan.found, scan.problems)
}

/// Whether a key is left out because a name in it begins with a dot.
#[cfg(any(feature = "cli", test))]
pub(crate) fn is_hidden(key: &str) -> bool {
    key.split('/').enumerate().any(|(depth, name)| hidden(depth, name))
}

fn hidden(depth: usize, name: &str) -> bool {
    name.starts_with('.') && !(depth == 0 && name == WELL_KNOWN)
}

#[derive(Default)]
struct Scan {
    root: PathBuf,
    /// The folders that lead to the one being read, as they really are.
    ancestors: Vec<PathBuf>,
    parts: Parts,
    found: Vec<Found>,
    problems: Vec<Problem>,
}

impl Scan {
    /// `prefix` is the key of the folder, with its slash.
    fn folder(&mut self, folder: &Path, prefix: &str) {
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        let depth = prefix.matches('/').count();
        let mut entries: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
        entries.sort_unstable();
        for path in entries {
            let name = path.file_name().unwrap_or_default();
            let Some(name) = name.to_str() else {
                let shown = format!("{prefix}{}", name.to_string_lossy());
                self.refuse(&shown, "its name is not UTF-8", "rename the file");
                continue;
            };
            if !hidden(depth, name) {
                self.entry(&path, format!("{prefix}{name}"));
            }
        }
    }

    fn entry(&mut self, path: &Path, key: String) {
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => return self.unreadable(path, &error),
        };
        if !real.starts_with(&self.root) {
            return self.bad_link(
                &key,
                "leads out of the content folder",
                "copy the file into the folder: what is outside is not yours to sell by accident",
            );
        }
        let metadata = match fs::metadata(&real) {
            Ok(metadata) => metadata,
            Err(error) => return self.unreadable(path, &error),
        };
        if metadata.is_dir() {
            if self.ancestors.contains(&real) {
                return self.bad_link(
                    &key,
                    "leads back to a folder that holds it",
                    "remove the link",
                );
            }
            self.ancestors.push(real);
            self.folder(path, &format!("{key}/"));
            self.ancestors.pop();
        } else if !metadata.is_file() {
            self.refuse(&key, "it is neither a file nor a folder", "move it out of the folder");
        } else if let Some(bad) = unsellable(&key) {
            self.refuse(&key, &bad.to_string(), "rename the file");
        } else if let Some(why) = too_big(metadata.len()) {
            self.refuse(&key, &why, SPLIT);
        } else if secrets::are_in_file(&real, metadata.len()) {
            self.refuse(
                &key,
                "it holds secrets",
                "move it out of the content folder, where everything is for sale; if it was published, make new ones",
            );
        } else {
            let part = self.parts.of(metadata.len());
            match fs::File::open(&real).and_then(|file| Digests::of(file, part)) {
                Ok(Digests { size, etag, sha256, parts, is_utf8 }) => {
                    let (mime_type, sha256) = (kinds::of(&key, is_utf8), Some(sha256));
                    let line = None;
                    self.found.push(Found { key, size, mime_type, etag, sha256, parts, line });
                }
                Err(error) => self.unreadable(path, &error),
            }
        }
    }

    fn refuse(&mut self, key: &str, why: &str, help: &str) {
        let message = format!("the file {key:?} cannot be sold: {why}");
        self.problems.push(Problem::new(Code::BadObject, message).help(help));
    }

    fn bad_link(&mut self, key: &str, why: &str, help: &str) {
        let message = format!("the symbolic link {key:?} {why}");
        self.problems.push(Problem::new(Code::BadSymlink, message).help(help));
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let message = format!("{} cannot be read: {error}", path.display());
        self.problems.push(
            Problem::new(Code::Unreadable, message).help("check the path and its permissions"),
        );
    }
}

/// What S3 will say of some bytes.
pub(crate) struct Digests {
    pub(crate) size: u64,
    /// The ETag, in quotes, of an object uploaded without KMS encryption: at once, the MD5.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
    pub(crate) etag: String,
    /// In base64. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
    pub(crate) sha256: String,
    /// If it comes in parts.
    pub(crate) parts: Option<InParts>,
    /// Whether they are text in UTF-8, or nothing that contradicts it.
    pub(crate) is_utf8: bool,
}

impl Digests {
    /// Of bytes that come in parts of this size, or at once.
    pub(crate) fn of(mut bytes: impl io::Read, part: Option<u64>) -> io::Result<Self> {
        let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
        let mut parts = part.map(Hashed::new);
        let (mut size, mut utf8) = (0, Utf8::default());
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match bytes.read(&mut buffer)? {
                0 => break,
                read => {
                    match &mut parts {
                        Some(parts) => parts.update(&buffer[..read]),
                        None => md5.update(&buffer[..read]),
                    }
                    sha256.update(&buffer[..read]);
                    utf8.update(&buffer[..read]);
                    size += read as u64;
                }
            }
        }
        let (digits, parts) = match parts.map(Hashed::finish) {
            Some((digits, parts)) => (digits, Some(parts)),
            None => (md5.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), None),
        };
        let (etag, sha256) = (format!("\"{digits}\""), STANDARD.encode(sha256.finalize()));
        Ok(Digests { size, etag, sha256, parts, is_utf8: utf8.finish() })
    }
}

/// The ETag, in quotes, of bytes that are published without KMS encryption.
pub fn etag(bytes: &[u8], parts: Parts) -> String {
    let digests = Digests::of(bytes, parts.of(bytes.len() as u64));
    digests.expect("memory can be read").etag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names() {
        for key in [".DS_Store", "a/.git/config", ".a/b", "a/.well-known/b"] {
            assert!(is_hidden(key), "{key}");
        }
        for key in ["a", "a.b/c.", ".well-known/x402"] {
            assert!(!is_hidden(key), "{key}");
        }
    }

    #[test]
    fn secrets_are_not_for_sale() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        let text = r#"{"site": "a", "handover": ["1"], "pass": ["2"]}"#;
        fs::write(folder.path().join("a/keys"), text).unwrap();
        fs::write(folder.path().join("b"), "b").unwrap();
        let (found, problems) = scan(folder.path(), Parts::default());
        let keys: Vec<_> = found.iter().map(|found| found.key.as_str()).collect();
        assert_eq!(keys, ["b"]);
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(problem.message, "the file \"a/keys\" cannot be sold: it holds secrets");
    }

    #[test]
    fn etags_of_bytes() {
        let parts = Parts::above(3);
        assert_eq!(etag(b"abc", parts), "\"900150983cd24fb0d6963f7d28e17f72\"");
        assert_eq!(etag(b"abcdefg", parts), "\"d322b115ece92a45e0909788b142235c-3\"");
    }

    #[test]
    fn what_s3_would_say_of_hello_world() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.txt"), "Hello, World!").unwrap();
        let (found, problems) = scan(folder.path(), Parts::default());
        assert!(problems.is_empty());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, "a.txt");
        assert_eq!(found[0].size, 13);
        assert_eq!(found[0].mime_type, "text/plain; charset=utf-8");
        assert_eq!(found[0].etag, "\"65a8e27d8879283831b664bd8b7f0ad4\"");
        let sha256 = "3/1gIbsr1bCvZ2KQgJ7DpTGR3YHH9wpLKGiKNiGCmG8=";
        assert_eq!(found[0].sha256.as_deref(), Some(sha256));
    }
}
