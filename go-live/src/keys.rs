//! The secrets, where they are at hand: keys for facilitators, URLs of nodes.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use content_config::Compiled;
use edge_fn::io::auth::Credentials;
use next_step::Outcome;
use paywall_core::clock::Micros;
use price_table::{Auth, Facilitator, Table};
use site_secrets::{Demands, Document, Inline};
use ureq::http::Method;

use crate::checks::shop::offers;
use crate::error::Error;
use crate::line::Line;

const WHAT: &str = "secrets";

/// The secrets of a site.
pub(crate) struct Keys {
    inline: Inline,
    credentials: Credentials,
}

impl Keys {
    /// Those in a file that nobody else can read, if they are this site's.
    pub(crate) fn read(path: &Path, compiled: &Compiled) -> Outcome<Keys> {
        let text = ship::secrets::read(path)?;
        let inline = match Document::parse(&text) {
            Ok(Document::Inline(inline)) => inline,
            Ok(Document::Ssm(_)) => return Err(ship::Error::SecretsElsewhere {}.into()),
            Err(why) => return Err(ship::Error::BadSecrets { why: why.to_string() }.into()),
        };
        if let Some(why) = Demands::of(compiled.table()).other_site(&inline) {
            return Err(Error::OtherSite { path: path.display().to_string(), why }.into());
        }
        let credentials = Credentials::read(&inline.facilitators);
        Ok(Keys { inline, credentials })
    }

    /// The header that proves to a facilitator who asks, as the function makes it; `None` without a key.
    pub(crate) fn authorization(
        &self,
        facilitator: &Facilitator,
        url: &str,
    ) -> Option<Result<String, String>> {
        let made = self.credentials.authorization(&facilitator.url, &Method::GET, url, now());
        made.transpose()
    }

    /// The URL of a network's node.
    pub(crate) fn node(&self, caip2: &str) -> Option<&str> {
        self.inline.rpc.get(caip2).map(String::as_str)
    }
}

/// Whether the secrets hold what the table demands.
pub(crate) fn judge(keys: Option<&Keys>, table: &Table) -> Vec<Line> {
    let Some(keys) = keys else {
        let wants = |facilitator: &&Facilitator| facilitator.auth != Auth::None;
        let mut urls: Vec<&str> = offers(table)
            .flat_map(|offer| offer.facilitators.iter().filter(wants))
            .map(|facilitator| &*facilitator.url)
            .collect();
        urls.sort_unstable();
        urls.dedup();
        let say = |url| {
            let why = format!(
                "whether the key for {url} is good is not known: the secrets are not at hand"
            );
            Line::not_checked(WHAT, why, "--secrets FILE")
        };
        return urls.into_iter().map(say).collect();
    };
    let missing = Demands::of(table).missing(&keys.inline);
    if missing.is_empty() && keys.inline.unusable().is_empty() {
        return vec![Line::right(WHAT, "they hold what the prices demand")];
    }
    let wrong = missing.into_iter().chain(keys.inline.unusable());
    wrong.map(|why| Line::wrong(WHAT, why, "docs/secrets.md says how it gets there")).collect()
}

fn now() -> Micros {
    Micros::from_secs(unix_now())
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> u64 {
    // A clock before 1970 makes every block look new: it stands at 0, and they are far ahead.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
