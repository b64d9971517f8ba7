//! What is to be done, decided without doing anything.

use content_config::{Compiled, Content, Parts, Stored};

use super::survey::{Found, Survey};

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
    /// Whether anything on sale, or to be copied, comes in parts.
    pub(super) has_parts: bool,
}

/// An object to be copied.
pub(super) struct Copy<'a> {
    /// Its key, if it is on sale.
    pub(super) key: Option<&'a str>,
    pub(super) stored: Stored,
    /// How big its parts are, if it is copied in parts.
    pub(super) part: Option<u64>,
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

    /// Whether an object is to be copied.
    pub(super) fn copies(&self, key: &str) -> bool {
        self.copies.iter().any(|copy| copy.stored.key == key)
    }

    /// Whether an object is to be sent in parts.
    pub(super) fn sends_parts(&self, key: &str) -> bool {
        self.sends.iter().any(|send| send.content.key == key && send.content.parts.is_some())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.sends.iter().map(|send| send.content.size).sum()
    }
}

pub(super) fn plan(compiled: &Compiled, survey: Survey, parts: Parts) -> Plan<'_> {
    let copy = |key, stored: Stored| Copy { key, part: parts.of(stored.size), stored };
    let (mut sends, mut same, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    for (content, found) in compiled.contents().zip(survey.found) {
        let why = match found {
            Found::Same(etag) => {
                same.push((content, etag));
                continue;
            }
            Found::Before(stored) => {
                copies.push(copy(Some(content.key), stored));
                continue;
            }
            Found::Nothing => Why::New,
            Found::OtherBytes => Why::Changed,
            Found::OtherHeaders => Why::Headers,
        };
        sends.push(Send { content, why });
    }
    sends.sort_by_key(|send| matches!(send.content.source, content_config::Source::Generated(_)));
    copies.extend(survey.only_left.into_iter().map(|stored| copy(None, stored)));
    let has_parts = compiled.contents().any(|content| content.parts.is_some())
        || copies.iter().any(|copy| copy.part.is_some());
    let Survey { unpriced, open, left, .. } = survey;
    Plan { sends, same, unpriced, open, copies, left, has_parts }
}
