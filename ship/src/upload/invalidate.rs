//! Has CloudFront drop its copies of what changed.

use std::collections::BTreeSet;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use price_table::Key;
use tokio::process::Command;

use super::plan::Plan;

/// More paths than this are invalidated all at once. 1,000 paths a month are free, and `/*` is one.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html>
const MOST_PATHS: usize = 30;

/// Invalidates, or says how.
pub(super) async fn changed(plan: &Plan<'_>, distribution: Option<&str>) -> anyhow::Result<()> {
    let paths = paths(plan.replaced().map(|send| send.content.key));
    if paths.is_empty() {
        return Ok(());
    }
    let Some(distribution) = distribution else {
        println!(
            "CloudFront may keep old copies for a day; --distribution ID drops them, as does\n  aws cloudfront create-invalidation --distribution-id ID --paths {}",
            paths.iter().map(|path| format!("'{path}'")).collect::<Vec<_>>().join(" ")
        );
        return Ok(());
    };
    let output = Command::new("aws")
        .args(["cloudfront", "create-invalidation", "--distribution-id", distribution])
        .args(["--output", "json", "--paths"])
        .args(&paths)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context(
            "cannot run `aws`: install the AWS CLI, or leave out --distribution; all is uploaded",
        )?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        bail!(
            "all is uploaded, and CloudFront keeps its old copies: {}\nrun `aws cloudfront create-invalidation --distribution-id {distribution} --paths '/*'`",
            why.trim()
        );
    }
    println!("CloudFront drops its copies of {}", paths.into_iter().collect::<Vec<_>>().join(" "));
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
        return BTreeSet::from(["/*".to_owned()]);
    }
    paths
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
