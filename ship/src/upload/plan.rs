//! What is to be done, decided without doing anything.

use content_config::{Compiled, Content, Stored};

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

    pub(super) fn bytes(&self) -> u64 {
        self.sends.iter().map(|send| send.content.size).sum()
    }
}

pub(super) fn plan(compiled: &Compiled, survey: Survey) -> Plan<'_> {
    let (mut sends, mut same) = (Vec::new(), Vec::new());
    for (content, found) in compiled.contents().zip(survey.found) {
        let why = match found {
            Found::Same(etag) => {
                same.push((content, etag));
                continue;
            }
            Found::Nothing => Why::New,
            Found::OtherBytes => Why::Changed,
            Found::OtherHeaders => Why::Headers,
        };
        sends.push(Send { content, why });
    }
    sends.sort_by_key(|send| matches!(send.content.source, content_config::Source::Generated(_)));
    Plan { sends, same, unpriced: survey.unpriced, open: survey.open }
}
