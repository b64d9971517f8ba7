//! What a check finds out.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Ok,
    /// Not found out, or good for some buyers only.
    Warning,
    /// Sales would fail.
    Error,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Weight,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Finding {
    pub(super) fn ok(message: String) -> Self {
        Finding { severity: Weight::Ok, message, help: None }
    }

    pub(super) fn warning(message: String, help: impl Into<String>) -> Self {
        Finding { severity: Weight::Warning, message, help: Some(help.into()) }
    }

    pub(super) fn error(message: String, help: impl Into<String>) -> Self {
        Finding { severity: Weight::Error, message, help: Some(help.into()) }
    }
}
