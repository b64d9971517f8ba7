//! What all sandboxes of a pool have in common.

use std::time::Duration;

use crate::function::Function;

/// What all sandboxes of a pool have in common.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What each sandbox runs.
    pub(crate) function: Function,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// How long the start may take.
    pub(crate) init_timeout: Duration,
    /// Bytes of resident memory that the function may use.
    pub(crate) memory: u64,
    /// Variables beyond those that Lambda sets.
    pub(crate) extra_env: Vec<(String, String)>,
}
