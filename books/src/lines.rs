//! A log, line by line: which are the function's, and when they were printed.

use std::io::{self, BufRead};

use jiff::Timestamp;
use paywall_core::log::{Event, Line, Unread};

/// Hands over each line of the function about a request, with the time that stands before it, as `aws logs tail` prints it; and the
/// number of each line that looks like the function's and cannot be read, and why.
///
/// # Errors
///
/// The log cannot be read.
pub fn each(
    log: impl BufRead,
    mut take: impl FnMut(Result<(Line, Option<Timestamp>), (usize, Unread)>),
) -> io::Result<()> {
    for (at, text) in log.split(b'\n').enumerate() {
        let text = text?;
        let text = String::from_utf8_lossy(&text);
        let Some(start) = text.find('{') else { continue };
        match Line::read(text[start..].trim_end()) {
            Ok(line) if line.event != Event::Start => {
                let time = text.split_whitespace().next();
                take(Ok((line, time.and_then(|time| time.parse().ok()))));
            }
            Err(why) if text.contains("\"outcome\"") => take(Err((at + 1, why))),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}
