//! The manifest of what is published: keys, types, digests, and the ETags that the bucket gave.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use content_config::{Compiled, ManifestLine};

use super::send::Etags;
use crate::error::Error;

/// Where it is written.
pub(super) fn path(wanted: Option<&Path>, compiled: &Compiled, config: &Path) -> PathBuf {
    match (wanted, compiled.record()) {
        (Some(path), _) | (None, Some(path)) => path.to_owned(),
        (None, None) => config.with_file_name("published.jsonl"),
    }
}

/// Writes it beside its place first: it is there whole, or as it was.
pub(super) fn write(path: &Path, compiled: &Compiled, etags: &Etags<'_>) -> Result<(), Error> {
    let half = path.with_added_extension("part");
    let written = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(&half)?);
        for content in compiled.contents() {
            let line = ManifestLine {
                key: content.key.to_owned(),
                size: content.size,
                mime_type: Some(content.mime_type.to_owned()),
                etag: etags[content.key].clone(),
                sha256: content.sha256.map(str::to_owned),
            };
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        fs::rename(&half, path)
    };
    written().map_err(|why| Error::ManifestNotWritten {
        path: path.display().to_string(),
        why: why.to_string(),
    })
}
