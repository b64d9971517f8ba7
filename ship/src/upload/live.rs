//! Whether the function that is live sells what is published.

/// What is known of the table that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Nothing.
    Unknown,
    /// No function is deployed yet.
    Nothing,
    /// Its hash, as the deployment's record has it.
    Table(String),
}

/// The live table against the one that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    NotDeployed,
    Same,
    Other,
}

impl State {
    /// Whether what is published is what the live function sells, where that is known.
    pub(super) fn is_live(self) -> Option<bool> {
        match self {
            State::Unknown => None,
            State::Same => Some(true),
            State::NotDeployed | State::Other => Some(false),
        }
    }
}

impl Live {
    pub(super) fn state(&self, published: &str) -> State {
        match self {
            Live::Unknown => State::Unknown,
            Live::Nothing => State::NotDeployed,
            Live::Table(live) if live == published => State::Same,
            Live::Table(_) => State::Other,
        }
    }
}
