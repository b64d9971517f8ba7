//! What comes of a `[[rule]]`.

use std::ops::Range;

use jiff::Timestamp;
use price_table::Rule;

use crate::money::{NextQuote, Quote};
use crate::pattern::Pattern;

/// A rule as far as it could be read.
pub(crate) struct ResolvedRule {
    /// Of `path`, or of the whole rule if it has none.
    pub(crate) span: Range<usize>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) rule: Option<Rule>,
    /// `None` if free, or if it could not be read.
    pub(crate) quote: Option<Quote>,
    /// What it asks later.
    pub(crate) next: Option<NextQuote>,
    /// When charging begins, if that is still to come.
    pub(crate) dry_run: Option<Timestamp>,
}
