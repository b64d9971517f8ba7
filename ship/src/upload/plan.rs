//! What is to be done, decided without doing anything.

use content_config::{Compiled, Content, Stored};

use super::survey::{Found, Survey};
use crate::error::Error;
use crate::s3::MAX_BYTES;

/// What is to be done.
pub(super) struct Plan<'a> {
    /// To be sent, what agents read last: it tells of the rest.
    pub(super) sends: Vec<Send<'a>>,
    /// There already, with their ETags.
    pub(super) same: Vec<(Content<'a>, String)>,
    /// In the bucket, and not on sale.
    pub(super) unpriced: Vec<Stored>,
    /// On sale, and outside of the seal as well.
    pub(super) open: Vec<Stored>,
    /// Below the seal that leaves, and to be copied from there.
    pub(super) copies: Vec<Copy<'a>>,
    /// All that lies below the seal that leaves.
    pub(super) left: Vec<Stored>,
}

/// An object to be copied.
pub(super) struct Copy<'a> {
    /// Its key, if it is on sale.
    pub(super) key: Option<&'a str>,
    pub(super) stored: Stored,
}

/// An object to be sent.
pub(super) struct Send<'a> {
    pub(super) content: Content<'a>,
    pub(super) why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    New,
    /// Other bytes are there.
    Changed,
    /// Its `Content-Type` or `Cache-Control` are not right.
    Headers,
}

impl Why {
    pub(super) fn text(self) -> &'static str {
        match self {
            Why::New => "new",
            Why::Changed => "changed",
            Why::Headers => "other headers",
        }
    }
}

impl Plan<'_> {
    /// Objects that are in the bucket already, and get other bytes or headers.
    pub(super) fn replaced(&self) -> impl Iterator<Item = &Send<'_>> {
        self.sends.iter().filter(|send| send.why != Why::New)
    }

    /// Fails if S3 copies one of the objects by parts alone: none that is on sale is so big.
    pub(super) fn can_be_copied(&self) -> Result<(), Error> {
        match self.copies.iter().find(|copy| copy.stored.size > MAX_BYTES) {
            None => Ok(()),
            Some(Copy { stored: Stored { key, size, .. }, .. }) => {
                Err(Error::NotCopied { key: key.clone(), bytes: *size, most: MAX_BYTES })
            }
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.sends.iter().map(|send| send.content.size).sum()
    }
}

pub(super) fn plan(compiled: &Compiled, survey: Survey) -> Plan<'_> {
    let (mut sends, mut same, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    for (content, found) in compiled.contents().zip(survey.found) {
        let why = match found {
            Found::Same(etag) => {
                same.push((content, etag));
                continue;
            }
            Found::Before(stored) => {
                copies.push(Copy { key: Some(content.key), stored });
                continue;
            }
            Found::Nothing => Why::New,
            Found::OtherBytes => Why::Changed,
            Found::OtherHeaders => Why::Headers,
        };
        sends.push(Send { content, why });
    }
    sends.sort_by_key(|send| matches!(send.content.source, content_config::Source::Generated(_)));
    copies.extend(survey.only_left.into_iter().map(|stored| Copy { key: None, stored }));
    Plan { sends, same, unpriced: survey.unpriced, open: survey.open, copies, left: survey.left }
}
