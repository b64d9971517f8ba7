//! `discovery`: the documents for agents, into a folder.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::outcome::Outcome;
use crate::Compiled;

/// Writes the documents, whether `content.toml` has them published or not.
pub(super) fn discovery(
    compiled: &Compiled,
    folder: &Path,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    for document in crate::discovery::documents(compiled) {
        let path = folder.join(&*document.key);
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(named)?;
        fs::write(&path, &document.body).map_err(named)?;
        let (size, kind) = (document.body.len(), document.mime_type);
        writeln!(out, "{}: {kind}, {size} bytes", path.display())?;
    }
    if compiled.documents().is_empty() {
        writeln!(out, "to publish and serve them, add `discovery = true` to [site]")?;
    }
    Ok(Outcome::Done)
}
