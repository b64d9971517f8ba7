//! Settings from the build and from the environment.
//!
//! On Lambda@Edge a function has no environment variables of its own, so there everything comes
//! from the build. `edge-local` sets the variables.

use std::fmt;

use price_table::Table;

use crate::handover::Keys;
use crate::paywall::{Overrides, Paywall};

/// Replaces every facilitator of the table.
const FACILITATOR: &str = "X402_FACILITATOR";
/// Replaces the site's URL.
const SITE: &str = "X402_SITE";
/// The keys of the hand-over header, where the build embeds none.
const HANDOVER_KEY: &str = "X402_HANDOVER_KEY";

/// A setting that the function cannot start without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeys;

/// Puts the paywall together. `embedded_keys` is what the build embeds, empty for none.
pub fn paywall<'t>(table: &'t Table, embedded_keys: &str) -> Result<Paywall<'t>, NoKeys> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let base_url = |name| variable(name).map(|url| url.trim_end_matches('/').to_owned());
    let keys = match embedded_keys.trim() {
        "" => variable(HANDOVER_KEY).unwrap_or_default(),
        embedded => embedded.to_owned(),
    };
    Ok(Paywall {
        table,
        keys: Keys::parse(&keys).map_err(|_| NoKeys)?,
        overrides: Overrides { facilitator: base_url(FACILITATOR), site: base_url(SITE) },
        budget: Default::default(),
    })
}

impl fmt::Display for NoKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no hand-over keys: build with HANDOVER_KEYS_FILE naming a file of keys (64 hexadecimal \
             digits each, the current one first), or, locally, set {HANDOVER_KEY}"
        )
    }
}

impl std::error::Error for NoKeys {}
