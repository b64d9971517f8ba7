//! The end of a seal's change: when the function that asks below the new one is live, and what lies below the old one goes.

use jiff::Timestamp;
use price_table::Site;

use super::ask;
use super::context::Invalidate;
use super::invalidate;
use super::live::Live;
use super::plan::Plan;
use super::seal::Sealed;
use super::survey::Place;
use crate::error::Error;
use crate::keeper::{Document, Kept};
use crate::reseal::Stage;
use crate::s3::S3Error;
use crate::seal::fingerprint;

/// Writes down that a function which asks below the new seal is live, if it is one, and since when; or that none is any
/// more, if another is seen: the hour begins anew when it has gone.
pub(super) async fn note(sealed: &Sealed<'_>, kept: &mut Kept, live: &Live) -> Result<(), Error> {
    let Some(reseal) = &kept.reseal else { return Ok(()) };
    let noted = match live.function_below(&fingerprint(&reseal.to)) {
        Some(function) => reseal.with_live(function, Timestamp::now()),
        None if *live == Live::Unknown => None,
        None => reseal.without_live(),
    };
    if let Some(noted) = noted {
        let (of, keeper) = (Document::Reseal, sealed.keeper);
        let written = keeper.replace(of, &noted.to_json()).await;
        written.map_err(|why| Error::SealNotKept { place: keeper.name(of), why })?;
        kept.reseal = Some(noted);
    }
    Ok(())
}

/// When what lies below the old seal may go, as far as is known: with this function live, and not before.
pub(super) fn over(kept: &Kept, live: &Live) -> Option<Timestamp> {
    let reseal = kept.reseal.as_ref()?;
    let function = live.function_below(&fingerprint(&reseal.to))?;
    let Stage::Live(over) = reseal.stage(&kept.seal.seal) else { return None };
    reseal.live.as_ref().is_some_and(|noted| noted.function == function).then_some(over)
}

/// Says what is next.
pub(super) fn next(kept: &Kept, live: &Live, left: usize, (now, deletes): (Timestamp, bool)) {
    let Some(reseal) = &kept.reseal else { return };
    let (from, to) = (fingerprint(&reseal.from), fingerprint(&reseal.to));
    println!("the seal {from} is being changed to {to}:");
    match over(kept, live) {
        None if *live == Live::Unknown => {
            println!(
                "  all is below the new one, which packages get from now on. Whether the function that is live has it is not"
            );
            println!(
                "  known here (--deployed FILE tells), so the {left} objects below the old one stay: not closed"
            );
        }
        None => {
            println!(
                "  all is below the new one; next: `paywall deploy` (or `paywall build`), which packs it. Until that"
            );
            println!(
                "  function is `Deployed`, the one before asks below the old one, so its {left} objects stay: not closed"
            );
        }
        Some(over) if over > now => {
            println!(
                "  the function that asks below the new one is live. The one before may be asked until {over}:"
            );
            println!("  the {left} objects below the old one stay until then: not closed");
        }
        Some(_) if !deletes => {
            println!(
                "  next: `paywall publish --delete` takes away the {left} objects below the old one: not closed"
            );
        }
        Some(_) => {}
    }
}

/// Deletes what lies below the old seal, if no function asks there any more, has CloudFront drop its copies, and ends the
/// change; gives how many objects went. `is_same` says whether what is live is still what it was when that was judged.
pub(super) async fn end(
    sealed: &Sealed<'_>,
    site: &Site,
    place: Place<'_>,
    plan: &Plan<'_>,
    yes: bool,
    is_same: impl AsyncFnOnce() -> bool,
    (distribution, invalidate): (Option<&str>, Option<&Invalidate<'_>>),
) -> Result<Option<usize>, Error> {
    let Some(before) = place.before else { return Ok(None) };
    let left = plan.left.len();
    if left > 0 && !yes && !ask::yes(&format!("Delete the {left} objects below the old seal?"))? {
        println!("what is below the old seal is not deleted");
        return Ok(None);
    }
    // The answer may have come long after the question.
    if left > 0 && !is_same().await {
        println!("what is below the old seal is not deleted: what is live has changed meanwhile");
        return Ok(None);
    }
    let explain = |error: S3Error| place.explain(error);
    let keys: Vec<_> = plan.left.iter().map(|stored| stored.key.as_str()).collect();
    before.delete(&keys).await.map_err(explain)?;
    // Somebody with another checkout, or an old file of the seal, may have published there meanwhile.
    if !before.first_page().await.map_err(explain)?.objects.is_empty() {
        return Err(Error::StillFilled { bucket: place.whole.target().name() });
    }
    invalidate::everything(distribution, invalidate).await?;
    // Another run may have ended it, and begun another.
    sealed.still(site).await?;
    let (of, keeper) = (Document::Reseal, sealed.keeper);
    let deleted = keeper.delete(of).await;
    deleted.map_err(|why| Error::SealNotKept { place: keeper.name(of), why })?;
    println!(
        "{left} deleted below the old seal; nothing is below it any more, and its change is done"
    );
    Ok(Some(left))
}
