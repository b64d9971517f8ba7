//! Which seal the content goes below.

use std::path::{Path, PathBuf};

use content_config::Compiled;
use price_table::Site;
use price_table::key::MAX_KEY_BYTES;
use site_secrets::SiteSeal;

use crate::error::Error;
use crate::s3::{Bucket, Target};
use crate::seal::{self, Origin};

/// A seal, and the file that is to have it.
pub(super) struct Sealed {
    seal: SiteSeal,
    file: Option<PathBuf>,
}

/// The seal, if the site is sealed: that of the file, or the deployment's.
pub(super) async fn find(
    file: Option<&Path>,
    deployed: Option<SiteSeal>,
    site: &Site,
    bucket: &Bucket,
) -> Result<Option<Sealed>, Error> {
    if !site.sealed {
        // The deployment may keep one of a time when it was.
        return if file.is_some() { Err(Error::NotSealed {}) } else { Ok(None) };
    }
    let deployed = deployed.map(|kept| kept.fitting(site)).transpose();
    let deployed = deployed
        .map_err(|why| Error::BadSeal { place: "the stack's SSM parameter".to_owned(), why })?;
    let named = file.map(|path| seal::read(path, site)).transpose()?.flatten();
    if named.is_some() && deployed.is_some() && named != deployed {
        return Err(Error::OtherSeal { bucket: bucket.target().name() });
    }
    let named = named.or(deployed);
    if named.is_none() && file.is_none() {
        return Err(Error::NoSeal {});
    }
    let (seal, origin) = seal::settle(bucket, site, named).await?;
    let file = file.filter(|path| !path.exists()).map(Path::to_owned);
    if let Some(path) = &file {
        let whence = match origin {
            Origin::New => "a new one",
            Origin::Found => "the bucket's",
            Origin::Kept => "the deployment's",
        };
        println!("the seal is {whence}; it goes into {}", path.display());
    }
    Ok(Some(Sealed { seal, file }))
}

impl Sealed {
    /// The folder of the seal, if all keys fit below it.
    pub(super) fn below(&self, target: &Target, compiled: &Compiled) -> Result<Target, Error> {
        let below = target.below(&self.seal.seal);
        let over = |key: &str| below.key(key).len().checked_sub(MAX_KEY_BYTES + 1);
        match compiled.contents().find_map(|content| Some((content.key, over(content.key)?))) {
            None => Ok(below),
            Some((key, more)) => Err(Error::KeyTooLong { key: key.to_owned(), over: more + 1 }),
        }
    }

    /// Writes the file, if it is not there: before the first object, so that no folder is begun whose name is lost.
    pub(super) fn keep(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |path| seal::write(path, &self.seal))
    }
}
