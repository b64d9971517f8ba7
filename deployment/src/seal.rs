//! The seal of a site's objects, in an SSM parameter of its own: `publish` reads it, and the function, which has it in
//! its package, cannot.

use std::path::Path;

use content_config::Compiled;
use next_step::Outcome;
use ship::s3::Access;
use ship::seal::{self, Origin};
use site_secrets::SiteSeal;
use url::Url;

use crate::account;
use crate::control_plane::{Caller, ControlPlane, REGION};
use crate::error::while_asking;

/// What is to be done about the seal; nothing, for a site that is open.
pub(crate) struct Plan(Option<Sealed>);

struct Sealed {
    seal: SiteSeal,
    parameter: String,
    origin: Origin,
    write: bool,
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

/// What may be known of the seal besides.
pub(crate) struct Known<'k> {
    /// A file of the seller's.
    pub(crate) file: Option<&'k Path>,
    /// A package that is named.
    pub(crate) zip: Option<&'k Path>,
    /// The content bucket, and whether it is there; unknown, where a distribution is attached to.
    pub(crate) bucket: Option<(&'k str, bool)>,
    pub(crate) endpoint: Option<&'k Url>,
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
    let kept = kept(plane, stack).await?;
    if let Some(kept) = &kept {
        SiteSeal::of(site, Some(kept.clone())).map_err(|why| ship::Error::BadSeal {
            place: format!("SSM parameter {parameter}"),
            why,
        })?;
    }
    let named = known.file.map(|file| seal::named(file, site)).transpose()?.flatten();
    let packed = known.zip.map(ship::artifact::seal).transpose()?.flatten();
    if let (Some(zip), None) = (known.zip, &packed) {
        return Err(ship::Error::NotPackedSealed { zip: zip.display().to_string() }.into());
    }
    let mut all = [&kept, &named, &packed].into_iter().flatten();
    let first = all.next().cloned();
    if all.any(|other| Some(other) != first.as_ref()) {
        return Err(ship::Error::SealsDiffer { parameter }.into());
    }
    let (seal, origin) = match (first, known.bucket) {
        // Objects may have been published by name, below a seal of a file.
        (first, Some((bucket, true))) => {
            let credentials = account::credentials(plane).await?;
            let access = Access { credentials, owner: Some(caller.account.clone()) };
            seal::look(&access, known.endpoint, bucket, REGION, (compiled, first)).await?
        }
        (Some(seal), _) => (seal, Origin::Kept),
        (None, Some((_, false))) => (seal::new(site)?, Origin::New),
        (None, None) => return Err(ship::Error::NoSeal {}.into()),
    };
    Ok(Plan(Some(Sealed { seal, parameter, origin, write: kept.is_none() })))
}

impl Plan {
    /// The seal, for the package.
    pub(crate) fn seal(&self) -> Option<&SiteSeal> {
        self.0.as_ref().map(|sealed| &sealed.seal)
    }

    /// Whether the parameter has it.
    pub(crate) fn is_done(&self) -> bool {
        self.0.as_ref().is_none_or(|sealed| !sealed.write)
    }

    pub(crate) fn describe(&self) {
        let Some(Sealed { parameter, origin, write, .. }) = &self.0 else {
            println!(
                "  seal        none: whatever leads round the function gives the content away (docs/seal.md)"
            );
            return;
        };
        let what = match origin {
            Origin::New => "new",
            Origin::Found => "found in the bucket",
            Origin::Kept if *write => "as it is named",
            Origin::Kept => "unchanged",
        };
        println!("  seal        {what}, in SSM {parameter} and in the zip");
    }

    /// What will be done, if anything.
    pub(crate) fn step(&self) -> Option<String> {
        let sealed = self.0.as_ref().filter(|sealed| sealed.write)?;
        Some(format!("write the seal to SSM {}", sealed.parameter))
    }

    /// Writes it down, before anything is put below it.
    pub(crate) async fn apply(&self, plane: &impl ControlPlane) -> Outcome<()> {
        let Some(Sealed { seal, parameter, write: true, .. }) = &self.0 else { return Ok(()) };
        // Never over one that another run made meanwhile.
        let written = plane.put_parameter(parameter, &seal.to_json(), None, false).await;
        written.map_err(while_asking(format!("writing the seal to {parameter}")))?;
        Ok(())
    }
}
