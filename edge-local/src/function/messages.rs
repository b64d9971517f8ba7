//! What cargo writes to standard error: its progress bar, its status lines, and diagnostics.

use std::io;

use tokio::io::AsyncReadExt as _;

use super::Stderr;
use super::progress::Display;

/// A piece of cargo's standard error.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// `Building [==>   ] 12/210: serde, tokio`
    Bar { done: u64, total: u64, names: &'a str },
    /// `Compiling serde v1.0.229`
    Status(&'a str),
    /// Anything else: warnings and errors.
    Diagnostic,
}

/// Shows what cargo does as it does it; gives what it had to say beyond that.
pub(super) async fn read(stderr: Option<Stderr>, display: &Display) -> io::Result<String> {
    let mut diagnostics = String::new();
    let Some(mut stderr) = stderr else { return Ok(diagnostics) };
    let mut piece = Vec::new();
    loop {
        let byte = match stderr.read_u8().await {
            Ok(byte) => byte,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        };
        // The bar ends in a carriage return, so that the next piece writes over it.
        if byte != b'\n' && byte != b'\r' {
            piece.push(byte);
            continue;
        }
        let raw = String::from_utf8_lossy(&piece);
        let plain = anstream::adapter::strip_str(&raw).to_string();
        match parse(&plain) {
            Message::Bar { done, total, names } => display.bar(done, total, names),
            Message::Status(status) => display.status(status),
            Message::Diagnostic if byte == b'\r' => {}
            Message::Diagnostic => {
                diagnostics.push_str(&raw);
                diagnostics.push('\n');
            }
        }
        piece.clear();
    }
    Ok(diagnostics.trim().to_owned())
}

fn parse(plain: &str) -> Message<'_> {
    const VERBS: [&str; 12] = [
        "Adding",
        "Blocking",
        "Building",
        "Compiling",
        "Downloaded",
        "Downloading",
        "Finished",
        "Fresh",
        "Locking",
        "Removed",
        "Replacing",
        "Updating",
    ];
    let text = plain.trim();
    let verb = text.split(' ').next().unwrap_or_default();
    if !VERBS.contains(&verb) {
        return Message::Diagnostic;
    }
    bar(text).unwrap_or(Message::Status(text))
}

fn bar(text: &str) -> Option<Message<'_>> {
    let (_, counts) = text.strip_prefix("Building [")?.split_once("] ")?;
    let (counts, names) = counts.split_once(": ").unwrap_or((counts, ""));
    let (done, total) = counts.split_once('/')?;
    let (done, total) = (done.parse().ok()?, total.parse().ok()?);
    Some(Message::Bar { done, total, names })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_cargo() {
        for (piece, message) in [
            (
                "    Building [=======>     ] 12/210: serde, tokio(build)",
                Message::Bar { done: 12, total: 210, names: "serde, tokio(build)" },
            ),
            ("    Building [>  ] 0/3", Message::Bar { done: 0, total: 3, names: "" }),
            ("   Compiling serde v1.0.229", Message::Status("Compiling serde v1.0.229")),
            ("error: a rule matches no object", Message::Diagnostic),
            ("  --> content.toml:3:4", Message::Diagnostic),
            ("", Message::Diagnostic),
        ] {
            assert_eq!(parse(piece), message, "{piece}");
        }
    }
}
