//! One demand of a catalogue, and whether it is met.

use std::borrow::Cow;

use serde::Serialize;

/// Whether a demand is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Passed,
    /// The catalogue lists the object all the same, and worse.
    Advice,
    /// The catalogue does not list the object.
    Refused,
    /// Only the object's URL can tell.
    NeedsOnline,
}

/// A demand, by the catalogue's own name for it where it has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(crate) name: Cow<'static, str>,
    pub(crate) verdict: Verdict,
    /// What is wrong, and what it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
}

/// What is wrong, and what to do.
pub(super) type Wrong = Option<(String, String)>;

/// Nothing is wrong if a condition holds.
pub(super) fn unless(holds: bool, message: impl Into<String>, help: impl Into<String>) -> Wrong {
    (!holds).then(|| (message.into(), help.into()))
}

/// What to do where no content.toml is to blame.
pub(super) const OURS: &str =
    "content.toml has no part in it: report it to the makers of this program";

/// Nothing is wrong if what the function says itself is there.
pub(super) fn ours(holds: bool, message: impl Into<String>) -> Wrong {
    unless(holds, message, OURS)
}

impl Check {
    /// One without which the object is not listed.
    pub(super) fn required(name: &'static str, wrong: Wrong) -> Self {
        Check::new(name, Verdict::Refused, wrong)
    }

    /// One without which it is listed, and worse.
    pub(super) fn advised(name: &'static str, wrong: Wrong) -> Self {
        Check::new(name, Verdict::Advice, wrong)
    }

    /// One that only the object's URL can tell.
    pub(super) fn online(name: &'static str) -> Self {
        Check { name: name.into(), verdict: Verdict::NeedsOnline, message: None, help: None }
    }

    pub(crate) fn new(
        name: impl Into<Cow<'static, str>>,
        unmet: Verdict,
        wrong: Option<(String, String)>,
    ) -> Self {
        let verdict = if wrong.is_some() { unmet } else { Verdict::Passed };
        let (message, help) = wrong.unzip();
        Check { name: name.into(), verdict, message, help }
    }
}

/// Whether one of these is refused.
pub(crate) fn refused(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.verdict == Verdict::Refused)
}
