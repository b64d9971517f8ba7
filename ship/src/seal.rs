//! The seal of a site's objects: made once, kept in a file or by a deployment, and found again in the bucket.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use content_config::{Compiled, Stored};
use price_table::{Seal, Site};
use site_secrets::SiteSeal;
use url::Url;

use crate::error::Error;
use crate::gates::Shelf;
use crate::s3::{Access, Bucket, S3Error, Target};

/// How a site came by its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was known.
    Kept,
    /// Nobody knew it any more; the bucket has its folder.
    Found,
    /// The bucket has none.
    New,
}

/// A seal by chance.
///
/// # Errors
///
/// The system gives no random numbers.
pub fn new(site: &Site) -> Result<SiteSeal, Error> {
    let mut random = [0; Seal::LENGTH];
    getrandom::fill(&mut random).map_err(|why| Error::NoRandomness { why: why.to_string() })?;
    Ok(SiteSeal { site: site.id.to_string(), seal: Seal::new(random) })
}

/// The seal in a file; `None` if there is no file.
///
/// # Errors
///
/// It is another site's, or none, or others can read it.
pub fn read(path: &Path, site: &Site) -> Result<Option<SiteSeal>, Error> {
    let bad = |why: String| Error::BadSeal { place: path.display().to_string(), why };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(error.to_string())),
    };
    let mode = fs::metadata(path).map_err(|why| bad(why.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(bad("others can read it: chmod 600 it".to_owned()));
    }
    let seal = SiteSeal::parse(&text).map_err(|why| bad(why.to_string()))?;
    seal.fitting(site).map(Some).map_err(bad)
}

/// The seal in a file that must be there; for a site that is sealed.
///
/// # Errors
///
/// As [`read`], and that there is none.
pub fn named(path: &Path, site: &Site) -> Result<SiteSeal, Error> {
    let missing = || Error::NoSealFile { path: path.display().to_string() };
    match site.sealed {
        true => read(path, site)?.ok_or_else(missing),
        false => Err(Error::NotSealed {}),
    }
}

/// A throw-away seal, if the site is sealed: the one in the file, else a new one.
///
/// # Errors
///
/// As [`read`] and [`write()`].
pub fn rehearse(path: &Path, site: &Site) -> Result<Option<SiteSeal>, Error> {
    if !site.sealed {
        return Ok(None);
    }
    if let Ok(Some(kept)) = read(path, site) {
        return Ok(Some(kept));
    }
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(Error::not_written(path, why)),
        _ => {}
    }
    let seal = new(site)?;
    write(path, &seal).map(|()| Some(seal))
}

/// Keeps it in a file that is not there yet, whole or not at all, for its owner alone.
///
/// # Errors
///
/// The file cannot be written, or is there meanwhile: another run may have begun another seal.
pub fn write(path: &Path, seal: &SiteSeal) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = || {
        // Such files are made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(seal.to_json().as_bytes())?;
        file.as_file().set_permissions(Permissions::from_mode(0o600))?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)
    };
    written().map(drop).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => Error::SealMadeMeanwhile { path: path.display().to_string() },
        _ => Error::not_written(path, why),
    })
}

/// Looks in a bucket whether the seal that is known is its own, or for the one that nobody knows any more, before a function
/// looks for the objects there.
///
/// # Errors
///
/// The objects lie open, or below another seal; more than one folder could be it; or S3 does not answer.
pub async fn look(
    access: &Access,
    endpoint: Option<&Url>,
    shelf: &Shelf,
    (compiled, known): (&Compiled, Option<SiteSeal>),
) -> Result<(SiteSeal, Origin), Error> {
    let target = Target {
        bucket: shelf.bucket.clone(),
        region: shelf.region.clone(),
        prefix: shelf.prefix.clone(),
        seal: None,
        endpoint: endpoint.cloned(),
        owner: access.owner.clone(),
    };
    let whole = Bucket::open(target, &access.credentials)?;
    let (seal, origin) = settle(&whole, &compiled.table().site, known).await?;
    let folder = Bucket::open(whole.target().below(&seal.seal), &access.credentials)?;
    let explain = |error: S3Error| error.explain(folder.target());
    if folder.first_page().await.map_err(explain)?.objects.is_empty() {
        let mut open = 0_usize;
        let count = |stored: Stored| open += usize::from(compiled.listing(&stored.key).is_some());
        whole.list(count).await.map_err(explain)?;
        if open > 0 {
            return Err(Error::NothingSealed { bucket: whole.target().name(), open });
        }
    }
    Ok((seal, origin))
}

/// The seal by which a bucket is filled: the one that is known, or that of the one folder which can only be
/// a seal's, or a new one if there is no such folder. A second one is never begun.
pub(crate) async fn settle(
    bucket: &Bucket,
    site: &Site,
    known: Option<SiteSeal>,
) -> Result<(SiteSeal, Origin), Error> {
    let explain = |error: S3Error| error.explain(bucket.target());
    let folders = bucket.folders().await.map_err(explain)?;
    let mut found: Vec<Seal> = folders.iter().filter_map(|name| Seal::parse(name)).collect();
    let name = || bucket.target().name();
    match (known, found.len()) {
        (Some(known), count) if count > 0 && !found.contains(&known.seal) => {
            Err(Error::OtherSeal { bucket: name() })
        }
        (Some(known), _) => Ok((known, Origin::Kept)),
        (None, 0) => Ok((new(site)?, Origin::New)),
        (None, 1) => {
            Ok((SiteSeal { site: site.id.to_string(), seal: found.remove(0) }, Origin::Found))
        }
        (None, count) => Err(Error::ManySeals { bucket: name(), count }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_another_run_has_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.json");
        let seal = |byte| SiteSeal { site: "shop".into(), seal: Seal::new([byte; Seal::LENGTH]) };
        write(&path, &seal(1)).unwrap();
        let refused = write(&path, &seal(2)).unwrap_err();
        assert!(matches!(refused, Error::SealMadeMeanwhile { .. }), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), seal(1).to_json());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half of a file is left");
    }
}
