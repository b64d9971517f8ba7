//! The effects: the only module that touches clock, environment, network and the Runtime API.

pub mod auth;
pub mod aws;
pub mod clock;
pub mod http;
pub mod outside;
pub mod pipe;
pub mod ready;
pub mod records;
pub mod runtime;
pub mod sandbox;
pub mod seal;
pub mod secrets;
pub mod settings;
pub mod table;
pub mod tls;

/// Logs a line, if it is one that is printed. An answer is worth more than its line, so a log that cannot be written is
/// let go.
fn say(line: paywall_core::log::Line) {
    use std::io::Write as _;
    if line.is_printed() {
        let _ = writeln!(std::io::stdout(), "{}", line.into_json());
    }
}
