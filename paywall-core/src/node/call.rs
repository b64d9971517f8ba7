//! One trip to a node: its questions, and what comes back.

use serde_json::Value;

use super::question::Question;

/// The questions of one trip to one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeCall {
    /// The CAIP-2 name of the network: what the secrets name its node by.
    pub network: String,
    /// The node's URL; `None` if the secrets have it.
    pub url: Option<String>,
    /// What it is asked.
    pub questions: Vec<Question>,
    /// Milliseconds for everything: DNS, connecting, TLS, writing and reading.
    pub timeout_ms: u64,
}

/// An answer to a question, or why there is none.
pub type Answer = Result<Value, NodeError>;

/// One answer to each question, or why the node does not answer.
pub type Said = Result<Vec<Answer>, String>;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeError {
    /// For the log.
    pub why: String,
    /// Whether a call was made and reverted.
    pub reverted: bool,
}

impl From<String> for NodeError {
    fn from(why: String) -> Self {
        NodeError { why, reverted: false }
    }
}

impl From<NodeError> for String {
    fn from(error: NodeError) -> Self {
        error.why
    }
}
