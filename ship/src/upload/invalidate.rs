//! Has CloudFront drop its copies of what changed.

use std::collections::BTreeSet;

use price_table::Key;

use super::context::Invalidate;
use super::plan::Plan;
use crate::error::Error;

/// More paths than this are invalidated all at once. 1,000 paths a month are free, and `/*` is one.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html>
const MOST_PATHS: usize = 30;

/// Invalidates what was replaced, or says how.
pub(super) async fn changed(
    plan: &Plan<'_>,
    sealed: bool,
    distribution: Option<&str>,
    invalidate: Option<&Invalidate<'_>>,
) -> Result<(), Error> {
    let paths = paths(plan.replaced().map(|send| send.content.key));
    match paths {
        none if none.is_empty() => Ok(()),
        // CloudFront has them below the seal, which is written into no list of paths.
        _ if sealed => everything(distribution, invalidate).await,
        paths => these(paths, distribution, invalidate).await,
    }
}

/// Invalidates all that CloudFront has, or says how.
pub(super) async fn everything(
    distribution: Option<&str>,
    invalidate: Option<&Invalidate<'_>>,
) -> Result<(), Error> {
    these(all(), distribution, invalidate).await
}

async fn these(
    paths: BTreeSet<String>,
    distribution: Option<&str>,
    invalidate: Option<&Invalidate<'_>>,
) -> Result<(), Error> {
    let paths: Vec<_> = paths.into_iter().collect();
    let (Some(distribution), Some(invalidate)) = (distribution, invalidate) else {
        println!(
            "CloudFront may keep old copies for a day; this drops them:\n  aws cloudfront create-invalidation --distribution-id {} --paths {}",
            distribution.unwrap_or("ID"),
            paths.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(" ")
        );
        return Ok(());
    };
    let distribution = distribution.to_owned();
    invalidate(distribution.clone(), paths.clone())
        .await
        .map_err(|why| Error::NotInvalidated { distribution, why })?;
    println!("CloudFront drops its copies of {}", paths.join(" "));
    Ok(())
}

/// The paths under which CloudFront has the objects. It wants some characters encoded and others
/// not, and the function encodes all that it can, so anything but the plainest keys are dropped with
/// everything else.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>
fn paths<'k>(keys: impl Iterator<Item = &'k str>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for key in keys {
        let encoded = Key::parse(key).expect("keys on sale are canonical").to_uri_path();
        paths.insert(encoded);
    }
    if paths.len() > MOST_PATHS || paths.iter().any(|path| path.contains('%')) {
        return all();
    }
    paths
}

fn all() -> BTreeSet<String> {
    BTreeSet::from(["/*".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(keys: &[&str]) -> Vec<String> {
        paths(keys.iter().copied()).into_iter().collect()
    }

    #[test]
    fn what_is_invalidated() {
        assert_eq!(of(&[]), Vec::<String>::new());
        assert_eq!(of(&["b/c.json", "a"]), ["/a", "/b/c.json"]);
        assert_eq!(of(&["a", "b c"]), ["/*"]);
        assert_eq!(of(&["a*"]), ["/*"]);
        let many: Vec<_> = (0..=MOST_PATHS).map(|n| n.to_string()).collect();
        assert_eq!(of(&many.iter().map(String::as_str).collect::<Vec<_>>()), ["/*"]);
    }
}
