//! The objects of a table with their bytes, for whoever publishes them.

use std::path::PathBuf;

use super::Found;
use super::parts::InParts;
use crate::Compiled;

/// An object, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content<'a> {
    /// The key, canonical.
    pub key: &'a str,
    /// Bytes.
    pub size: u64,
    /// What to send as `Content-Type`: what the 402 says that the object is.
    pub mime_type: &'a str,
    /// The ETag that the table has, in quotes.
    pub etag: &'a str,
    /// The SHA-256 in base64; `None` in a manifest without digests.
    pub sha256: Option<&'a str>,
    /// What to send as `Content-Encoding`, if anything.
    pub encoding: Option<&'static str>,
    /// What to send as `Cache-Control`, if not what other objects have.
    pub cache_control: Option<&'static str>,
    /// If it is sent in parts.
    pub parts: Option<&'a InParts>,
    /// The index of its rule in the table.
    pub rule: usize,
    /// The bytes.
    pub source: Source<'a>,
}

/// Where the bytes of an object are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// In a file of the content folder.
    File(PathBuf),
    /// Here: a document for agents, or a file of the page.
    Generated(&'a [u8]),
    /// Not known: the objects come from a manifest.
    Elsewhere,
}

impl Compiled {
    /// The objects, sorted by key.
    pub fn contents(&self) -> impl Iterator<Item = Content<'_>> {
        self.objects.iter().map(|found| self.content_of(found))
    }

    /// The object under a key.
    pub fn content(&self, key: &str) -> Option<Content<'_>> {
        let at = self.objects.binary_search_by(|found| found.key.as_str().cmp(key)).ok()?;
        Some(self.content_of(&self.objects[at]))
    }

    fn content_of<'c>(&'c self, found: &'c Found) -> Content<'c> {
        let listing = self.listing(&found.key).expect("every object is in the table");
        let document = self.generated().find(|document| document.key == found.key);
        let source = match (document, &self.folder) {
            (Some(document), _) => Source::Generated(&document.body),
            (None, Some(folder)) => Source::File(folder.join(&found.key)),
            (None, None) => Source::Elsewhere,
        };
        Content {
            key: &found.key,
            size: found.size,
            mime_type: listing.mime_type,
            etag: &found.etag,
            sha256: found.sha256.as_deref(),
            encoding: document.and_then(|document| document.encoding),
            cache_control: document.and_then(|document| document.cache_control),
            parts: found.parts.as_ref(),
            rule: usize::from(listing.object.rule),
            source,
        }
    }
}
