//! Options that deploying and attaching share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ship::preflight::{Accepted, Promise};

use crate::Error;
use crate::consent::Consent;
use crate::control_plane::Stack;
use crate::limits::region;
use crate::stacks::{live, parameter};

/// What deploying and attaching share.
#[derive(Debug, clap::Args)]
pub struct Shared {
    /// On main networks: accept that P4 or P5 is weakened; may be repeated.
    #[arg(long, value_name = "PROMISE", ignore_case = true)]
    pub(crate) accept: Vec<Promise>,
    /// Pay an address that the live deployment does not pay; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    accept_payee_change: Vec<String>,
    /// On main networks: charge nothing as long as `mode = "dry-run"` lasts.
    #[arg(long)]
    pub(crate) accept_dry_run: bool,
    /// On main networks: sell with `purchases = "independent"`.
    #[arg(long)]
    accept_independent: bool,
    /// Take a site id that another stack holds, or give this stack another one.
    #[arg(long)]
    pub(crate) accept_new_site_id: bool,
    /// Keep the secrets in this file and embed them in the zip, instead of SSM; made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: Option<PathBuf>,
    /// The file with the site's seal, if the site is sealed and this stack has none yet: `paywall publish --seal FILE` makes
    /// it.
    #[arg(long, value_name = "FILE")]
    pub(crate) seal: Option<PathBuf>,
    /// Take facilitators' and RPC endpoints' secrets over from this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) merge_secrets: Option<PathBuf>,
    /// New keys first, the previous ones still good.
    #[arg(long)]
    pub(crate) rotate_secrets: bool,
    /// A parameter of the template, as infra/README.md lists them; may be repeated.
    #[arg(long = "parameter", value_name = "KEY=VALUE", value_parser = pair)]
    given: Vec<(String, String)>,
    /// Logs are kept, alarms on money made, and it is said how many sales fit in at once there, too; may be repeated, and is
    /// remembered. us-east-1 is always one.
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(crate) buyers_in: Vec<String>,
    /// Where packages are kept [default: x402-artifacts-ACCOUNT-RANDOM].
    #[arg(long, value_name = "NAME")]
    pub(crate) artifact_bucket: Option<String>,
    /// A packaged function, instead of packaging now.
    #[arg(long, value_name = "FILE")]
    pub(crate) zip: Option<PathBuf>,
    /// Who is told by the alarms: an address, which must confirm once in each Region, or `none`; remembered.
    #[arg(long, value_name = "ADDRESS", value_parser = address, conflicts_with = "no_watch")]
    pub(crate) alarm_email: Option<String>,
    /// No alarms, no dashboard, no stacks in other Regions.
    #[arg(long)]
    pub(crate) no_watch: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => {
            Err("write KEY=VALUE; infra/README.md lists the parameters of each template".to_owned())
        }
    }
}

/// A new stack's name, as an option has it.
pub(crate) fn stack_name(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ok = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain);
    match ok && name.len() <= 41 {
        true => Ok(name.to_owned()),
        false => Err("a letter, then letters, digits and hyphens in lower case, 37 at most (41 if it exists)".to_owned()),
    }
}

/// What is sold, and from where: it is judged before it is deployed, and options of their own name it.
const OWN: [&str; 5] =
    ["ContentBucketName", "CodeBucketName", "CodeObjectKey", "CodeObjectVersion", "CodeSha256"];

/// What declines by name; empty in stacks whose seller was never asked.
const NOBODY: &str = "none";

/// An address, or `none`, as the templates have it.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let one = !text.contains(char::is_whitespace) && text.matches('@').count() == 1;
    let parts = text.split_once('@').zip(text.rsplit_once('.'));
    let ok = parts.is_some_and(|((name, host), (before, end))| {
        !name.is_empty() && !end.is_empty() && !host.starts_with('.') && before.contains('@')
    });
    match text == NOBODY || (one && ok) {
        true => Ok(text.to_owned()),
        false => Err("write one address, or none".to_owned()),
    }
}

impl Shared {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.consent.json()
    }

    /// Fails if options contradict each other.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.rotate_secrets && self.zip.is_some() {
            return Err(Error::RotateWithZip {});
        }
        if let Some((key, _)) = self.given.iter().find(|(key, _)| OWN.contains(&key.as_str())) {
            return Err(Error::OwnParameter { key: key.clone() });
        }
        match self.given().contains_key("AlarmEmail") {
            true => Err(Error::AlarmEmailAsParameter {}),
            false => Ok(()),
        }
    }

    /// The parameters that were given by name.
    pub(crate) fn given(&self) -> BTreeMap<String, String> {
        self.given.iter().cloned().collect()
    }

    /// Who is told by the alarms, as far as it is said now.
    pub(crate) fn watching(&self) -> (bool, Option<&str>) {
        (self.no_watch, self.alarm_email.as_deref())
    }

    /// What `--parameter` says, or else the stack.
    pub(crate) fn wanted(&self, stack: Option<&Stack>, key: &str) -> String {
        let given = self.given().remove(key);
        given.unwrap_or_else(|| parameter(live(stack), key).to_owned())
    }

    /// What the seller accepted by name.
    pub(crate) fn accepted(&self) -> Accepted {
        Accepted {
            promises: self.accept.clone(),
            independent: self.accept_independent,
            dry_run: self.accept_dry_run,
            payees: self.accept_payee_change.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert!(["none", "a@b.c", "a.b+c@d.example.com"].iter().all(|text| address(text).is_ok()));
        for text in ["", "None", "a", "a@b", "@b.c", "a@b.", "a@.c", "a b@c.d", "a@b@c.d", "a.b@c"]
        {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
