//! What `edge-local` prints when it is ready.

use std::env;

use anstyle::{AnsiColor, Style};

use super::content::Content;
use crate::Bucket;
use crate::error::Error;

/// Prints the address, and what to paste into another shell.
pub(super) fn print(
    url: &str,
    content: &Content,
    facilitator: &str,
    notes: &[String],
) -> Result<(), Error> {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let green = AnsiColor::Green.on_default().bold();
    anstream::println!();
    anstream::println!("  {green}local CloudFront{green:#}  {bold}{url}{bold:#}");
    anstream::println!();
    let place = match &content.bucket {
        Bucket::Folder(folder) => folder.display().to_string(),
        Bucket::S3(url) => url.to_string(),
    };
    anstream::println!("  {dim}content      {place}{dim:#}");
    anstream::println!("  {dim}facilitator  {facilitator}{dim:#}");
    for note in notes {
        anstream::println!("  {dim}not as on AWS: {note}{dim:#}");
    }
    anstream::println!();
    for (what, command) in commands(url, content)? {
        anstream::println!("  {dim}# {what}{dim:#}");
        anstream::println!("  {command}");
    }
    anstream::println!();
    anstream::println!("  {dim}Ctrl-C stops it.{dim:#}");
    anstream::println!();
    Ok(())
}

/// Lines for a POSIX shell in any folder, and what they show.
fn commands(url: &str, content: &Content) -> Result<Vec<(&'static str, String)>, Error> {
    let mut commands = Vec::new();
    if let Some(path) = &content.free {
        commands.push(("a free file", format!("curl -i {url}{path}")));
    }
    if let Some(path) = &content.priced {
        let program = env::current_exe().map_err(Error::no_program)?;
        let program = shell_word(&program.display().to_string());
        let target = format!("{url}{path}");
        commands.push(("402 Payment Required", format!("curl -i {target}")));
        commands.push((
            "paid with test money",
            format!("curl -i -H \"$({program} sign {target})\" {target}"),
        ));
    }
    Ok(commands)
}

/// One word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_for_the_shell() {
        assert_eq!(shell_word("/a/edge-local"), "/a/edge-local");
        assert_eq!(shell_word("/my dir/it's"), r"'/my dir/it'\''s'");
    }
}
