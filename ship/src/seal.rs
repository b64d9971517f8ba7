//! The seal of a site's objects: made once, kept in a file or by a deployment, and found again in the bucket.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use content_config::{Compiled, Content, Stored};
use price_table::{Seal, Site};
use sha2::{Digest as _, Sha256};
use site_secrets::SiteSeal;
use url::Url;

use crate::error::Error;
use crate::gates::Shelf;
use crate::keeper::{self, Kept};
use crate::reseal::{Reseal, Stage};
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
    let Some(text) = keeper::read(path).map_err(bad)? else { return Ok(None) };
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

/// The seal in a file, for a package. While it changes, what is published goes below the one that comes: a package of the one
/// that leaves would sell what is not there.
///
/// # Errors
///
/// As [`named`], and that the folder of the one that comes is not filled yet.
pub fn packed(path: &Path, site: &Site) -> Result<SiteSeal, Error> {
    let kept = named(path, site)?;
    match keeper::File::at(path).change_of(&kept.seal)?.map(|change| change.stage(&kept.seal)) {
        Some(Stage::Begun) => Err(Error::BegunSeal { path: path.display().to_string() }),
        _ => Ok(kept),
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
    match keeper::create(path, &seal.to_json()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::SealMadeMeanwhile { path: path.display().to_string() }),
        Err(why) => Err(Error::not_written(path, why)),
    }
}

/// What may be told of a seal: by it people and records tell one from another, and nobody finds the seal.
pub fn fingerprint(seal: &Seal) -> String {
    Sha256::digest(seal.as_str())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Looks in a bucket whether the seal that is known is its own, or for the one that nobody knows any more, before a function
/// looks for the objects there. While the seal changes, all that is on sale must be there, if the bucket `has_all` of it,
/// and else what lies below either seal.
///
/// # Errors
///
/// Objects on sale lie open and not below the seal, or below another one; more than one folder could be it; what is on sale lies below the seal
/// before alone; or S3 does not answer.
pub async fn look(
    access: &Access,
    endpoint: Option<&Url>,
    shelf: &Shelf,
    compiled: &Compiled,
    known: Option<Kept>,
    has_all: bool,
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
    let reseal = known.as_ref().and_then(|known| known.reseal.clone());
    let Settled { seal, origin, .. } = settle(&whole, &compiled.table().site, known).await?;
    let folder = Bucket::open(whole.target().below(&seal.seal), &access.credentials)?;
    if let Some(reseal) = reseal {
        filled(&whole, &folder, compiled, &reseal, has_all).await?;
    }
    // A run that begins to seal a site may have ended before all that the live function sells in the open was below.
    let (mut open, mut below) = (HashSet::new(), HashSet::new());
    let sort = |stored: Stored| match seal.seal.strip_key(&stored.key) {
        Some(key) => drop(below.insert(key.to_owned())),
        None if compiled.listing(&stored.key).is_some() => drop(open.insert(stored.key)),
        None => {}
    };
    whole.list(sort).await.map_err(|error| error.explain(folder.target()))?;
    match open.difference(&below).count() {
        0 => Ok((seal, origin)),
        open => Err(Error::NothingSealed { bucket: whole.target().name(), open }),
    }
}

/// Whether all that is on sale lies below this seal with the table's bytes: another checkout may have published below the
/// one before, or something else; and what is published later goes below the new one, whatever this one is.
async fn filled(
    whole: &Bucket,
    folder: &Bucket,
    compiled: &Compiled,
    reseal: &Reseal,
    has_all: bool,
) -> Result<(), Error> {
    let seals = [&reseal.from, &reseal.to];
    let (mut below, mut either) = (HashMap::new(), HashSet::new());
    let here = folder.target().seal.as_ref();
    let sort = |stored: Stored| {
        for seal in seals {
            let Some(key) = seal.strip_key(&stored.key) else { continue };
            either.insert(key.to_owned());
            if Some(seal) == here {
                below.insert(key.to_owned(), stored.etag.clone());
            }
        }
    };
    whole.list(sort).await.map_err(|error| error.explain(folder.target()))?;
    let lacks = |content: &Content<'_>| {
        (has_all || either.contains(content.key))
            && below.get(content.key).is_none_or(|it| it != content.etag)
    };
    let lacking: Vec<_> = compiled.contents().filter(lacks).collect();
    match lacking.first() {
        None => Ok(()),
        Some(first) => Err(Error::NotFilled {
            bucket: whole.target().name(),
            count: lacking.len(),
            first: first.key.to_owned(),
        }),
    }
}

/// A bucket's seal.
pub(crate) struct Settled {
    pub(crate) seal: SiteSeal,
    pub(crate) origin: Origin,
    /// Folders that look like seals, and are neither this one nor of its change.
    pub(crate) others: usize,
}

/// The seal by which a bucket is filled: the one that is known, or that of the one folder which can only be
/// a seal's, or a new one if there is no such folder. A second one is never begun.
pub(crate) async fn settle(
    bucket: &Bucket,
    site: &Site,
    known: Option<Kept>,
) -> Result<Settled, Error> {
    let explain = |error: S3Error| error.explain(bucket.target());
    let folders = bucket.folders().await.map_err(explain)?;
    let mut found: Vec<Seal> = folders.iter().filter_map(|name| Seal::parse(name)).collect();
    let name = || bucket.target().name();
    match (known, found.len()) {
        (Some(Kept { seal, reseal }), count) => {
            let of_change = |other: &Seal| reseal.as_ref().is_some_and(|it| it.is_of(other));
            let other = |other: &&Seal| **other != seal.seal && !of_change(other);
            let others = found.iter().filter(other).count();
            match count > 0 && others == count {
                true => Err(Error::OtherSeal { bucket: name() }),
                false => Ok(Settled { seal, origin: Origin::Kept, others }),
            }
        }
        (None, 0) => Ok(Settled { seal: new(site)?, origin: Origin::New, others: 0 }),
        (None, 1) => {
            let seal = SiteSeal { site: site.id.to_string(), seal: found.remove(0) };
            Ok(Settled { seal, origin: Origin::Found, others: 0 })
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
