//! The seal of a site's objects, in an SSM parameter of its own: `publish` reads it, and the function, which has it in
//! its package, cannot. In another one beside it is what is written down of its change.

use std::collections::BTreeSet;
use std::path::Path;

use content_config::Compiled;
use next_step::Outcome;
use ship::gates::Shelf;
use ship::keeper::{Document, Keeper, Keeping, Kept};
use ship::reseal::Reseal;
use ship::s3::Access;
use ship::seal::{self, Origin};
use site_secrets::SiteSeal;
use url::Url;

use crate::Error;
use crate::account;
use crate::control_plane::{Caller, ControlPlane};
use crate::error::while_asking;

/// What is to be done about the seal; nothing, for a site that is open.
pub(crate) struct Plan(Option<Sealed>);

struct Sealed {
    seal: SiteSeal,
    parameter: String,
    origin: Origin,
    write: Write,
    /// What the parameter had when this was planned.
    before: Option<SiteSeal>,
}

/// What is done to the parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    Nothing,
    /// Never over one that another run made meanwhile.
    New,
    /// The same seal, for a site that has another id now.
    NewSiteId,
}

/// Where a stack's seal is kept.
pub(crate) fn parameter_name(stack: &str) -> String {
    format!("/x402/{stack}/seal")
}

/// The seal that a stack keeps.
pub(crate) async fn kept(plane: &impl ControlPlane, stack: &str) -> Outcome<Option<SiteSeal>> {
    let name = parameter_name(stack);
    let kept = plane.parameter(&name).await;
    let kept = kept.map_err(while_asking(format!("looking for the seal in {name}")))?;
    let read = |value: &str| {
        let why = |why: site_secrets::Problem| ship::Error::BadSeal {
            place: format!("SSM parameter {name}"),
            why: why.to_string(),
        };
        SiteSeal::parse(value).map_err(why)
    };
    Ok(kept.map(|kept| read(&kept.value)).transpose()?)
}

/// Where a stack's change of its seal is kept.
pub(crate) fn reseal_name(stack: &str) -> String {
    format!("/x402/{stack}/reseal")
}

/// The change of a stack's seal, if one is not ended.
pub(crate) async fn change(plane: &impl ControlPlane, stack: &str) -> Outcome<Option<Reseal>> {
    let name = reseal_name(stack);
    let kept = plane.parameter(&name).await;
    let kept = kept.map_err(while_asking(format!("looking for a change of the seal in {name}")))?;
    let read = |value: &str| {
        Reseal::parse(value)
            .ok_or_else(|| ship::Error::BadReseal { place: format!("SSM parameter {name}") })
    };
    Ok(kept.map(|kept| read(&kept.value)).transpose()?)
}

/// A stack's parameters, for `publish`.
pub(crate) struct Parameters<'p, C> {
    pub(crate) plane: &'p C,
    pub(crate) stack: &'p str,
}

impl<C> Parameters<'_, C> {
    fn of(&self, document: Document) -> String {
        match document {
            Document::Seal => parameter_name(self.stack),
            Document::Reseal => reseal_name(self.stack),
        }
    }
}

impl<C: ControlPlane> Keeper for Parameters<'_, C> {
    fn name(&self, of: Document) -> String {
        format!("SSM parameter {}", self.of(of))
    }

    fn read(&self, of: Document) -> Keeping<'_, Option<String>> {
        Box::pin(async move {
            let kept = self.plane.parameter(&self.of(of)).await;
            kept.map(|kept| Some(kept?.value)).map_err(|failure| failure.to_string())
        })
    }

    fn create<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, bool> {
        Box::pin(async move {
            match self.plane.put_parameter(&self.of(of), text, None, false).await {
                Ok(_) => Ok(true),
                Err(failure) if failure.code == "ParameterAlreadyExists" => Ok(false),
                Err(failure) => Err(failure.to_string()),
            }
        })
    }

    fn replace<'a>(&'a self, of: Document, text: &'a str) -> Keeping<'a, ()> {
        Box::pin(async move {
            let written = self.plane.put_parameter(&self.of(of), text, None, true).await;
            written.map(drop).map_err(|failure| failure.to_string())
        })
    }

    fn delete(&self, of: Document) -> Keeping<'_, ()> {
        Box::pin(async move {
            let deleted = self.plane.delete_parameter(&self.of(of)).await;
            deleted.map_err(|failure| failure.to_string())
        })
    }
}

/// What may be known of the seal besides.
pub(crate) struct Known<'k> {
    /// A file of the seller's.
    pub(crate) file: Option<&'k Path>,
    /// A package that is named.
    pub(crate) zip: Option<&'k Path>,
    /// Where the function's objects will be fetched from, of what is there.
    pub(crate) shelves: &'k BTreeSet<Shelf>,
    pub(crate) endpoint: Option<&'k Url>,
    pub(crate) accept_new_site_id: bool,
}

/// Finds the seal, or makes one for a bucket that has none; writes nothing.
pub(crate) async fn plan(
    plane: &impl ControlPlane,
    caller: &Caller,
    stack: &str,
    compiled: &Compiled,
    known: &Known<'_>,
) -> Outcome<Plan> {
    let site = &compiled.table().site;
    if !site.sealed {
        return match known.file {
            Some(_) => Err(ship::Error::NotSealed {}.into()),
            None => Ok(Plan(None)),
        };
    }
    let parameter = parameter_name(stack);
    let before = kept(plane, stack).await?;
    let kept = before.clone().map(|mut kept| {
        // The objects lie where they lay, whatever the site is called now.
        if known.accept_new_site_id {
            kept.site = site.id.to_string();
        }
        kept.fitting(site)
    });
    let kept = kept
        .transpose()
        .map_err(|why| ship::Error::BadSeal { place: format!("SSM parameter {parameter}"), why })?;
    let named = known.file.map(|file| seal::named(file, site)).transpose()?;
    let packed = known.zip.map(ship::artifact::seal).transpose()?.flatten();
    if let (Some(zip), None) = (known.zip, &packed) {
        return Err(ship::Error::NotPackedSealed { zip: zip.display().to_string() }.into());
    }
    let mut all = [&kept, &named, &packed].into_iter().flatten();
    let first = all.next().cloned();
    if all.any(|other| Some(other) != first.as_ref()) {
        return Err(ship::Error::SealsDiffer { parameter }.into());
    }
    let reseal = match &kept {
        Some(kept) => change(plane, stack).await?.filter(|change| change.is_of(&kept.seal)),
        None => None,
    };
    let (mut seal, mut origin) = (first, Origin::Kept);
    let credentials = account::credentials(plane).await?;
    let access = Access { credentials, owner: Some(caller.account.clone()) };
    // Of several buckets, or folders, each has a part.
    let has_all = known.shelves.len() == 1;
    // Objects may have been published by name, below a seal of a file.
    for shelf in known.shelves {
        let known_here = seal.clone().map(|seal| Kept { seal, reseal: reseal.clone() });
        let here =
            seal::look(&access, known.endpoint, shelf, compiled, known_here, has_all).await?;
        if seal.is_none() {
            origin = here.1;
        }
        seal = Some(here.0);
    }
    let seal = match seal {
        Some(seal) => seal,
        None => {
            origin = Origin::New;
            seal::new(site)?
        }
    };
    let write = match &before {
        None => Write::New,
        Some(before) if *before != seal => Write::NewSiteId,
        Some(_) => Write::Nothing,
    };
    Ok(Plan(Some(Sealed { seal, parameter, origin, write, before })))
}

impl Plan {
    /// The seal, for the package.
    pub(crate) fn seal(&self) -> Option<&SiteSeal> {
        self.0.as_ref().map(|sealed| &sealed.seal)
    }

    /// Whether the parameter has it.
    pub(crate) fn is_done(&self) -> bool {
        self.0.as_ref().is_none_or(|sealed| sealed.write == Write::Nothing)
    }

    pub(crate) fn describe(&self) {
        let Some(Sealed { parameter, origin, write, .. }) = &self.0 else {
            println!(
                "  seal        none: whatever leads round the function gives the content away (docs/seal.md)"
            );
            return;
        };
        let what = match (origin, write) {
            (Origin::New, _) => "new",
            (Origin::Found, _) => "found in the bucket",
            (Origin::Kept, Write::New) => "as it is named",
            (Origin::Kept, Write::NewSiteId) => "that of the site's earlier id",
            (Origin::Kept, Write::Nothing) => "unchanged",
        };
        println!("  seal        {what}, in SSM {parameter} and in the zip");
    }

    /// What will be done, if anything.
    pub(crate) fn step(&self) -> Option<String> {
        let sealed = self.0.as_ref().filter(|sealed| sealed.write != Write::Nothing)?;
        Some(format!("write the seal to SSM {}", sealed.parameter))
    }

    /// Writes it down, before anything is put below it. Fails if it changed since it was planned, which may be long ago:
    /// what lies below the one before may be gone.
    pub(crate) async fn apply(&self, plane: &impl ControlPlane, stack: &str) -> Outcome<()> {
        let Some(Sealed { seal, parameter, write, before, .. }) = &self.0 else { return Ok(()) };
        if kept(plane, stack).await? != *before {
            return Err(Error::ChangedSeal { parameter: parameter.clone() }.into());
        }
        let over = match write {
            Write::Nothing => return Ok(()),
            Write::New => false,
            Write::NewSiteId => true,
        };
        let written = plane.put_parameter(parameter, &seal.to_json(), None, over).await;
        written.map_err(while_asking(format!("writing the seal to {parameter}")))?;
        Ok(())
    }
}
