//! How to read a file.

use std::collections::{BTreeMap, BTreeSet};

/// How to read a file.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Values of the template's parameters; others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Names of what may be left out though it is not emulated.
    pub ignore: BTreeSet<String>,
    /// Which function is the one that runs here: its name in the ARN of an association, or the
    /// logical id of its version. Needed only where the template does not tell.
    pub function_name: Option<String>,
}
