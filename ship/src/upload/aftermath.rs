//! What follows from an upload.

use std::path::Path;

use content_config::Compiled;

use super::ask;
use super::live::State;
use super::plan::Plan;
use super::send::Etags;
use super::show::hiding_seals;
use super::survey::Place;
use crate::error::Error;

pub(super) fn sent(plan: &Plan<'_>, manifest: &Path) {
    println!();
    if !plan.copies.is_empty() {
        println!("{} copied below the new seal", plan.copies.len());
    }
    println!("{} uploaded; the manifest is {}", plan.sends.len(), manifest.display());
}

/// The function answers 304 by the ETags in its table: they must be the bucket's.
pub(super) fn check_etags(
    table: &Compiled,
    etags: &Etags<'_>,
    manifest: &Path,
) -> Result<(), Error> {
    let differs = |content: &content_config::Content<'_>| {
        etags.get(content.key).is_some_and(|etag| etag != content.etag)
    };
    let Some(example) = table.contents().find(differs) else { return Ok(()) };
    let key = example.key.to_owned();
    Err(match table.record() {
        None => Error::OtherEtag {
            theirs: etags[example.key].clone(),
            ours: example.etag.to_owned(),
            manifest: manifest.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            key,
        },
        Some(record) if record != manifest => Error::OtherManifest {
            record: record.display().to_string(),
            manifest: manifest.display().to_string(),
        },
        Some(_) => Error::Changed { key },
    })
}

/// Says whether the function must be deployed, and what happens until then.
pub(super) fn table(plan: &Plan<'_>, state: State) {
    let what = match state {
        State::Same => {
            println!("the live function sells exactly this: nothing to deploy");
            return;
        }
        State::NotDeployed => {
            println!("next: `paywall deploy`, or `paywall attach`; until then nothing is sold");
            return;
        }
        State::Closed => {
            println!("the site is closed, and nothing is sold; next: `paywall deploy` opens it");
            return;
        }
        // What is next, the change of the seal says; until then the live function sells what lies below the old one.
        State::OtherSeal => return,
        State::Other => "the live function has another table",
        State::Unknown => "which table is live is not known here (--deployed FILE tells)",
    };
    println!("{what}; next: `paywall deploy`. Until the new table is everywhere:");
    println!("  new objects are 404, and prices are the old ones");
    if plan.replaced().next().is_some() {
        println!(
            "  changed objects are sold as the new bytes at the old price, with the old size and ETag"
        );
        println!("  in the function's 304 and 416");
    }
    if !plan.unpriced.is_empty() {
        println!(
            "  objects that are not on sale any more may still be sold, so they stay in the bucket"
        );
    }
}

/// Deletes what is not on sale, if nobody can be buying it, and what the seal has made superfluous; so many. It is asked
/// `again` what is live when nothing but the deletion is left to do: that was long ago.
pub(super) async fn delete(
    Place { whole, folder, .. }: Place<'_>,
    plan: &Plan<'_>,
    state: State,
    yes: bool,
    again: impl AsyncFnOnce() -> State,
) -> Result<usize, Error> {
    let (unpriced, open) = (plan.unpriced.len(), plan.open.len());
    if unpriced + open == 0 {
        return Ok(0);
    }
    if state != State::Same {
        println!(
            "{} not deleted: deploy first, wait until the distribution is `Deployed`, and run this again",
            unpriced + open
        );
        return Ok(0);
    }
    let outside = match open {
        0 => String::new(),
        open => format!(
            ", and the {open} outside of the seal (has the sealed function been `Deployed` for an hour? Until then the one before \
             may still ask for them)"
        ),
    };
    if !yes && !ask::yes(&format!("Delete the {unpriced} objects that are not on sale{outside}?"))?
    {
        println!("nothing is deleted");
        return Ok(0);
    }
    if again().await != State::Same {
        println!("nothing is deleted: what is live has changed meanwhile; run this again");
        return Ok(0);
    }
    for (bucket, objects) in [(whole, &plan.open), (folder, &plan.unpriced)] {
        let keys: Vec<_> = objects.iter().map(|stored| stored.key.as_str()).collect();
        bucket.delete(&keys).await.map_err(|error| match error.explain(bucket.target()) {
            Error::S3 { said, advice } => Error::S3 { said: hiding_seals(&said), advice },
            other => other,
        })?;
    }
    println!("{} deleted", unpriced + open);
    Ok(unpriced + open)
}
