//! `manifest`: the list of a folder's objects.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::outcome::{Outcome, show};
use crate::objects::{folder, manifest};
use crate::{Compiled, Parts, Report, SourceFile};

/// Lists the objects of a folder that no content.toml needs to name.
pub(super) fn of_folder(
    folder: &Path,
    output: Option<&Path>,
    colour: bool,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<Outcome> {
    let (found, problems) = folder::scan(folder, Parts::default());
    if !problems.is_empty() {
        let report = Report::new(problems, SourceFile::default(), SourceFile::default());
        show(&report, colour, errors)?;
        return Ok(Outcome::Errors);
    }
    write(output, out, |out| manifest::write(found.iter(), out))
}

/// Lists the objects of a table.
pub(super) fn of_table(
    compiled: &Compiled,
    output: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    write(output, out, |out| compiled.write_manifest(out))
}

fn write(
    output: Option<&Path>,
    out: &mut dyn Write,
    lines: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Outcome> {
    match output {
        None => lines(out)?,
        Some(path) => {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            let mut file = BufWriter::new(File::create(path).map_err(named)?);
            lines(&mut file).and_then(|()| file.flush()).map_err(named)?;
        }
    }
    Ok(Outcome::Done)
}
