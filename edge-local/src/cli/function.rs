//! This program as the function itself.

use std::ffi::OsString;

use crate::error::Error;

/// The word by which a program is the function itself, in its sandboxes: [`function`].
pub const FUNCTION: &str = "function";

/// Is the function: the very one that is deployed, compiled into this program.
///
/// # Errors
///
/// Why it cannot start.
pub fn function(word: Option<OsString>) -> Result<(), Error> {
    edge_fn::start::run(word).map_err(|why| Error::FunctionStopped { why: why.to_string() })
}
