//! Which seal the content goes below.

use content_config::Compiled;
use price_table::key::MAX_KEY_BYTES;
use price_table::{Seal, Site};
use site_secrets::SiteSeal;

use crate::error::Error;
use crate::keeper::{self, Document, File, Keeper, Kept};
use crate::reseal::Reseal;
use crate::s3::{Bucket, Target};
use crate::seal::{self, Origin, Settled};

/// Where a seal may be kept, and whether it is to change.
pub(super) struct Asked<'k> {
    pub(super) file: Option<&'k File>,
    pub(super) stack: Option<&'k dyn Keeper>,
    pub(super) reseal: bool,
}

/// A seal, and who keeps it.
pub(super) struct Sealed<'k> {
    pub(super) kept: Kept,
    pub(super) keeper: &'k dyn Keeper,
    /// The file that is to have the seal.
    file: Option<&'k File>,
    /// The change is not written down yet.
    pub(super) begins: bool,
    /// Folders that look like seals, and are nobody's.
    pub(super) others: usize,
}

/// The seal, if the site is sealed: that of the file, or the deployment's; and its change, if one is begun or asked for.
pub(super) async fn find<'k>(
    asked: &Asked<'k>,
    site: &Site,
    bucket: &Bucket,
) -> Result<Option<Sealed<'k>>, Error> {
    let Asked { file, stack, reseal } = *asked;
    if !site.sealed {
        // The deployment may keep one of a time when it was.
        return match (reseal, file) {
            (true, _) => Err(Error::NothingToReseal { why: "the site is not sealed".to_owned() }),
            (false, Some(_)) => Err(Error::NotSealed {}),
            (false, None) => Ok(None),
        };
    }
    let deployed = kept(stack, site).await?;
    let named = kept(file.map(|file| file as &dyn Keeper), site).await?;
    if let (Some(file), Some((stack, kept))) = (file, &deployed) {
        if reseal || kept.reseal.is_some() {
            return Err(Error::TwoKeepers {
                place: stack.name(Document::Seal),
                path: file.path().display().to_string(),
            });
        }
        if named.as_ref().is_some_and(|(_, named)| named.seal != kept.seal) {
            return Err(Error::OtherSeal { bucket: bucket.target().name() });
        }
    }
    let known = deployed.or(named);
    let keeper = match (&known, file) {
        (Some((keeper, _)), _) => *keeper,
        (None, Some(file)) => file,
        (None, None) => return Err(Error::NoSeal {}),
    };
    let known = known.map(|(_, kept)| kept);
    let change = known.as_ref().and_then(|kept| kept.reseal.clone());
    let Settled { seal, origin, others } = seal::settle(bucket, site, known).await?;
    let file = file.filter(|file| !file.path().exists());
    if let Some(file) = file {
        let whence = match origin {
            Origin::New => "a new one",
            Origin::Found => "the bucket's",
            Origin::Kept => "the deployment's",
        };
        println!("the seal is {whence}; it goes into {}", file.path().display());
    }
    let begins = reseal && change.is_none();
    let change = match begins {
        false => change,
        true if origin == Origin::New => {
            let why = "there is no seal yet, and nothing below one".to_owned();
            return Err(Error::NothingToReseal { why });
        }
        // Another file, or another stack, may have begun it; a third folder helps nobody.
        true if others > 0 => {
            return Err(Error::ForeignSeals { bucket: bucket.target().name(), count: others });
        }
        true => {
            let to = seal::new(site)?.seal;
            Some(Reseal { from: seal.seal.clone(), to, live: None })
        }
    };
    Ok(Some(Sealed { kept: Kept { seal, reseal: change }, keeper, file, begins, others }))
}

/// Who keeps a seal, and what.
async fn kept<'k>(
    keeper: Option<&'k dyn Keeper>,
    site: &Site,
) -> Result<Option<(&'k dyn Keeper, Kept)>, Error> {
    let Some(keeper) = keeper else { return Ok(None) };
    Ok(keeper::kept(keeper, site).await?.map(|kept| (keeper, kept)))
}

impl Sealed<'_> {
    /// The seal below which is published: the one that comes, if one does.
    pub(super) fn seal(&self) -> &Seal {
        self.kept.reseal.as_ref().map_or(&self.kept.seal.seal, |reseal| &reseal.to)
    }

    /// The folder of the seal that leaves, if one does.
    pub(super) fn before(&self, target: &Target) -> Option<Target> {
        Some(target.below(&self.kept.reseal.as_ref()?.from))
    }

    /// The folder of the seal, if all keys fit below it.
    pub(super) fn below(&self, target: &Target, compiled: &Compiled) -> Result<Target, Error> {
        let below = target.below(self.seal());
        let over = |key: &str| below.key(key).len().checked_sub(MAX_KEY_BYTES + 1);
        match compiled.contents().find_map(|content| Some((content.key, over(content.key)?))) {
            None => Ok(below),
            Some((key, more)) => Err(Error::KeyTooLong { key: key.to_owned(), over: more + 1 }),
        }
    }

    /// Writes down what is not: before the first object, so that no folder is begun whose name is lost.
    pub(super) async fn keep(&self) -> Result<(), Error> {
        if let Some(file) = self.file {
            seal::write(file.path(), &self.kept.seal)?;
        }
        let (Some(reseal), true) = (&self.kept.reseal, self.begins) else { return Ok(()) };
        let (of, keeper) = (Document::Reseal, self.keeper);
        let created = keeper.create(of, &reseal.to_json()).await;
        match created.map_err(|why| Error::SealNotKept { place: keeper.name(of), why })? {
            true => Ok(()),
            false => Err(Error::ResealBegunMeanwhile { place: keeper.name(of) }),
        }
    }

    /// What is kept now, if it is the same seal and the same change as when this run began, however far that is.
    pub(super) async fn still(&self, site: &Site) -> Result<Kept, Error> {
        let now = keeper::kept(self.keeper, site).await?;
        let same = |now: &Kept| match (&now.reseal, &self.kept.reseal) {
            (Some(now), Some(then)) => now.is_same(then),
            (None, None) => now.seal == self.kept.seal,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let place = || self.keeper.name(Document::Seal);
        now.filter(same).ok_or_else(|| Error::SealMoved { place: place() })
    }

    /// Once all lies below the seal that comes: has it be the one that packages get. Gives what is kept then.
    pub(super) async fn fill(&self, site: &Site) -> Result<Kept, Error> {
        let (of, keeper) = (Document::Seal, self.keeper);
        let mut now = self.still(site).await?;
        if now.seal.seal != *self.seal() {
            now.seal = SiteSeal { seal: self.seal().clone(), ..now.seal };
            let written = keeper.replace(of, &now.seal.to_json()).await;
            written.map_err(|why| Error::SealNotKept { place: keeper.name(of), why })?;
        }
        Ok(now)
    }
}
