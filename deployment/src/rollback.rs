//! `rollback`: brings back an earlier package of a site, prices and all.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use next_step::Outcome;
use serde::Serialize;

use crate::consent::Consent;
use crate::control_plane::{ControlPlane, REGION};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::stacks::{self, Changed, any_name, live, output, parameter};
use crate::talk::{self, begin};
use crate::{Error, account, content, expect, open, owned, package, reseal, switch, version};

/// Brings back an earlier package of a site. Without `--to`: lists the packages that were deployed. With it: the function is
/// that package again; all other parameters, the template, and the owner's tags stay as they are. An attached function goes
/// back with `paywall attach ID --rollback FILE`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The stack.
    #[arg(long, value_name = "NAME", default_value = "x402-paywall", value_parser = any_name)]
    stack: String,
    /// The package's SHA-256, or how it begins: 6 digits or more.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    to: Option<String>,
    /// Take a package of which cannot be told what it sells, since another version of this tool packed it, or whose bucket
    /// cannot be listed; or one below a seal that was changed, if nobody runs `paywall publish --delete` meanwhile. One that is
    /// seen to sell what is not there is never taken.
    #[arg(long)]
    accept_unseen: bool,
    /// Take a package that charges nothing yet, as long as its `mode = "dry-run"` lasts.
    #[arg(long)]
    accept_dry_run: bool,
    #[command(flatten)]
    consent: Consent,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.consent.json()
    }
}

/// The packages that were deployed, the oldest first.
#[derive(Serialize)]
struct Packages {
    stack: String,
    packages: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    sha256: String,
    /// ISO 8601.
    modified: String,
    live: bool,
}

/// The tags that a stack has whatever its package is.
const OF_THE_STACK: [&str; 3] = ["x402-regions", "x402-template", version::OF_TEMPLATE];

fn hash(text: &str) -> Result<String, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    match digits && (6..=64).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("write 6 or more digits of a package's hash".to_owned()),
    }
}

/// The hash that a package's key is made of.
fn sha256(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.strip_suffix(".zip").unwrap_or(name)
}

/// As CloudFormation compares it.
fn code_sha256(hex: &str) -> String {
    let bytes =
        (0..hex.len() / 2).filter_map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok());
    STANDARD.encode(bytes.collect::<Vec<u8>>())
}

/// Lists, or brings back.
pub async fn run(plane: &impl ControlPlane, arguments: &Arguments) -> Outcome<End> {
    let name = &arguments.stack;
    begin("look");
    account::sign_in(plane).await?;
    if let Some(owned) = owned::read(plane, name).await? {
        let applies = owned.owner.applies().to_owned();
        return Err(Error::RollsBackInCode { stack: name.clone(), applies }.into());
    }
    let stack = stacks::read(plane, name).await?;
    stacks::check_own(stack.as_ref())?;
    let Some(stack) = live(stack.as_ref()) else {
        return Err(Error::NoStack { stack: name.clone() }.into());
    };
    stacks::can_change(plane, Some(stack)).await?;
    if output(Some(stack), "DistributionId").is_empty() {
        return Err(Error::NotItsOwn { stack: name.clone() }.into());
    }
    let (bucket, now) =
        (parameter(Some(stack), "CodeBucketName"), parameter(Some(stack), "CodeObjectKey"));
    let objects = plane.objects(bucket, &format!("{name}/")).await;
    let mut packages =
        objects.map_err(while_asking(format!("listing packages in s3://{bucket}")))?;
    packages.retain(|package| package.key.ends_with(".zip"));
    packages.sort_by(|one, other| one.modified.cmp(&other.modified));
    let Some(to) = &arguments.to else {
        let listed: Vec<_> = packages
            .iter()
            .map(|package| Listed {
                sha256: sha256(&package.key).to_owned(),
                modified: package.modified.clone(),
                live: package.key == now,
            })
            .collect();
        for Listed { sha256, modified, live } in &listed {
            println!("{modified}  {sha256}{}", if *live { "  live" } else { "" });
        }
        let facts = Packages { stack: name.clone(), packages: listed };
        return Ok(End::new(Ended::Unchanged, &facts));
    };
    let wanted: Vec<_> = packages
        .iter()
        .map(|package| package.key.as_str())
        .filter(|key| sha256(key).starts_with(to.as_str()))
        .collect();
    let key = match wanted[..] {
        [] => {
            return Err(Error::NoPackage {
                bucket: bucket.to_owned(),
                stack: name.clone(),
                to: to.clone(),
            }
            .into());
        }
        [key] => key,
        _ => return Err(Error::ManyPackages { to: to.clone(), keys: wanted.join(" ") }.into()),
    };
    if key == now {
        // An earlier run may have ended before it.
        if !arguments.consent.is_dry() {
            expect::moved(plane, bucket, stack).await?;
        }
        println!("nothing to do: that package is the one that is deployed");
        let facts = Facts::of(name, Some(stack)).checked(plane).await?;
        return Ok(End::new(Ended::Unchanged, &facts));
    }

    // A site that is closed sells nothing, whatever its package; it may have been opened since.
    let demand = async || -> Outcome<()> {
        let now = stacks::read(plane, name).await?;
        let stack = now.as_ref().unwrap_or(stack);
        if open::is_closed(Some(stack)) {
            return Ok(());
        }
        let Arguments { accept_unseen, accept_dry_run, .. } = *arguments;
        content::check(plane, stack, bucket, key, accept_unseen, accept_dry_run).await
    };
    demand().await?;
    // Whose the package was, and which secrets it reads, its tags say; without them the stack's stay.
    let mut tags = match package::tags(plane, bucket, key).await? {
        Some(tags) => {
            let shown: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            println!("its tags: {}", shown.join(" "));
            tags
        }
        None => {
            println!("(it was packed before its tags were kept: the stack's stay as they are)");
            stack
                .tags
                .iter()
                .filter(|(key, _)| key.starts_with("x402-"))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }
    };
    let template =
        plane.stack_template(name).await.map_err(while_asking("reading the template"))?;
    tags.insert("x402-stack".to_owned(), name.clone());
    // What does not come with the package stays; packages from before had the Regions in their tags.
    for key in OF_THE_STACK {
        tags.remove(key);
        tags.extend(stack.tags.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let mut parameters = BTreeMap::from([
        ("CodeObjectKey".to_owned(), key.to_owned()),
        ("CodeSha256".to_owned(), code_sha256(sha256(key))),
    ]);
    // Stacks from before there was this parameter have none.
    if stack.parameters.contains_key("Attempt") {
        stacks::plan_attempt(Some(stack), &template, &mut parameters);
    }
    println!("bring back s3://{bucket}/{key}, at the prices that it has, in place of {now}");
    let steps = [
        expect::begins(bucket, name),
        format!("update stack {name} in {REGION}: the function is s3://{bucket}/{key}"),
        expect::ends(bucket, name),
    ];
    talk::show(&steps);
    if let Some(ended) = arguments.consent.ask()? {
        return Ok(End::new(ended, &Facts::of(name, Some(stack)).doing(&steps)));
    }
    // The answer may have come long after the question.
    demand().await?;
    // If the stack fails to change, the function is the one that it was, and the other has been at the edge all the same.
    reseal::goes_back(plane, name).await?;
    let distribution = output(Some(stack), "DistributionId");
    expect::change(plane, bucket, name, distribution).await?;
    // From now on `publish` deletes nothing.
    demand().await?;
    let secrets = tags.get("x402-secrets").map_or("", String::as_str);
    switch::sign_anew(plane, stack, secrets).await?;
    begin(&format!("deploy stack {name}"));
    if let Changed::Failed(why) = stacks::deploy(plane, name, &template, &parameters, tags).await? {
        return Err(stacks::explain(plane, name, why).await.into());
    }
    let after = stacks::read(plane, name).await?;
    if let Some(stack) = &after {
        expect::moved(plane, bucket, stack).await?;
    }
    demand().await?;
    println!(
        "back; the edge follows in minutes: `paywall status --stack {name}`. `paywall deploy` goes forward again"
    );
    let facts = Facts::of(name, after.as_ref()).doing(&steps).checked(plane).await?;
    Ok(End::new(Ended::Done, &facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes() {
        assert_eq!(sha256("shop/00ff10.zip"), "00ff10");
        assert_eq!(code_sha256("00ff10"), "AP8Q");
        assert!(hash("00ff1").is_err() && hash("00FF10").is_err() && hash("00ff10").is_ok());
    }
}
