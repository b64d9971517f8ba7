//! Where a site's seal is kept, and beside it what is written down of its change.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use content_config::Compiled;
use price_table::{Seal, Site};
use site_secrets::SiteSeal;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::reseal::Reseal;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The seal, which packages get.
    Seal,
    /// Its change, until that is ended.
    Reseal,
}

/// A request under way; it fails with the reason.
pub type Keeping<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + 'a>>;

/// A place that keeps both.
pub trait Keeper {
    /// What people call it.
    fn name(&self, of: Document) -> String;
    /// What is there.
    fn read(&self, of: Document) -> Keeping<'_, Option<String>>;
    /// Writes it unless something is there; says whether it did. Of two that try, one does.
    fn create<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, bool>;
    /// Writes it over what is there, whole or not at all.
    fn replace<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, ()>;
    /// Takes it away.
    fn delete(&self, of: Document) -> Keeping<'_, ()>;
}

/// What a place keeps of a site's seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub seal: SiteSeal,
    pub reseal: Option<Reseal>,
}

/// What a place keeps; `None` if it keeps no seal.
///
/// # Errors
///
/// It cannot be read, or is not this site's.
pub async fn kept(keeper: &dyn Keeper, site: &Site) -> Result<Option<Kept>, Error> {
    let read = async |of| {
        let asked = keeper.read(of).await;
        asked.map_err(|why| Error::SealNotRead { place: keeper.name(of), why })
    };
    let Some(text) = read(Document::Seal).await? else { return Ok(None) };
    let bad = |why: String| Error::BadSeal { place: keeper.name(Document::Seal), why };
    let seal = SiteSeal::parse(&text).map_err(|why| bad(why.to_string()))?;
    let seal = seal.fitting(site).map_err(bad)?;
    let reseal = read(Document::Reseal).await?;
    let reseal = reseal.map(|text| {
        let parsed = Reseal::parse(&text).filter(|reseal| reseal.is_of(&seal.seal));
        parsed.ok_or_else(|| Error::BadReseal { place: keeper.name(Document::Reseal) })
    });
    Ok(Some(Kept { reseal: reseal.transpose()?, seal }))
}

/// A file of the seller's; the change is in one beside it, whose name ends in `.reseal`.
#[derive(Clone, Debug)]
pub struct File(PathBuf);

impl File {
    /// The one at a path; where that is a link, the one that it leads to: else a change would take the link's place, and
    /// the old seal stay where others read it.
    pub fn at(path: &Path) -> Self {
        File(match path.is_symlink() {
            true => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
            false => path.to_owned(),
        })
    }

    /// Fails if the seal, or its change, would be for sale.
    pub(crate) fn keeps_apart(&self, compiled: &Compiled) -> Result<(), Error> {
        let all = [Document::Seal, Document::Reseal].map(|document| self.of(document));
        match all.iter().find(|path| compiled.keeps_apart(path).is_err()) {
            None => Ok(()),
            Some(path) => Err(Error::SealForSale { path: path.display().to_string() }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The change that is written down beside it, if it is one of this seal.
    pub(crate) fn change_of(&self, seal: &Seal) -> Result<Option<Reseal>, Error> {
        let path = self.of(Document::Reseal);
        let bad = |why| Error::SealNotRead { place: path.display().to_string(), why };
        let Some(text) = read(&path).map_err(bad)? else { return Ok(None) };
        let change = Reseal::parse(&text).filter(|change| change.is_of(seal));
        change.map(Some).ok_or_else(|| Error::BadReseal { place: path.display().to_string() })
    }

    fn of(&self, document: Document) -> PathBuf {
        match document {
            Document::Seal => self.0.clone(),
            Document::Reseal => self.0.with_added_extension("reseal"),
        }
    }
}

impl Keeper for File {
    fn name(&self, of: Document) -> String {
        self.of(of).display().to_string()
    }

    fn read(&self, of: Document) -> Keeping<'_, Option<String>> {
        Box::pin(async move { read(&self.of(of)) })
    }

    fn create<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, bool> {
        Box::pin(async move { create(&self.of(of), text).map_err(|why| why.to_string()) })
    }

    fn replace<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, ()> {
        let path = self.of(of);
        let written = move || whole(&path, text)?.persist(&path).map_err(|error| error.error);
        Box::pin(async move { written().map(drop).map_err(|why| why.to_string()) })
    }

    fn delete(&self, of: Document) -> Keeping<'_, ()> {
        Box::pin(async move { fs::remove_file(self.of(of)).map_err(|why| why.to_string()) })
    }
}

/// The text of a file that nobody else can read; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mode = fs::metadata(path).map_err(|why| why.to_string())?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(Some(text)),
        _ => Err("others can read it: chmod 600 it".to_owned()),
    }
}

/// Writes a file that is not there yet, whole or not at all, for its owner alone; says whether it was not there.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<bool> {
    match whole(path, text)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// A file beside the one that it is to be.
fn whole(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Such files are made with mode 0600.
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o600))?;
    file.as_file().sync_all()?;
    Ok(file)
}
