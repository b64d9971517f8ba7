//! The price table, from the file beside the function.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::{fmt, io};

use price_table::{ReadAt, Table, file};

/// A file that is read where it is asked to be.
#[derive(Debug)]
struct Opened(File);

impl ReadAt for Opened {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, at)
    }
}

/// Why there is no table to sell by.
#[derive(Debug)]
pub struct NoTable(String);

/// Opens the table in the function's folder. It stays for as long as the function does.
pub fn open(folder: &Path) -> Result<&'static Table, NoTable> {
    let path = folder.join(file::NAME);
    let wrong = |why: &dyn fmt::Display| {
        NoTable(format!("{}: {why}; `paywall build` makes it from a content.toml", path.display()))
    };
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, opened) = opened.map_err(|error| wrong(&error))?;
    let table = file::open(Opened(opened), bytes).map_err(|damaged| wrong(&damaged))?;
    Ok(Box::leak(Box::new(table)))
}

impl fmt::Display for NoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoTable {}
