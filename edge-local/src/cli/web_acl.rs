//! A rehearsal of what the web ACL says to the function: switches, and for whom it vouches.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use paywall_core::handover::Keys;
use paywall_core::waf::{self, Position, Switch};
use price_table::file;

use crate::edge::random_key;
use crate::error::Error;
use crate::web_acl::{Insert, Viewers, WebAcl};

/// What WAF is to say.
#[derive(Debug, Args)]
pub(super) struct WebAclArgs {
    /// Serve with a switch on: `closed`, `free=30m`, `dry-run=30m`, or `off=HOST` for a facilitator
    #[arg(long, value_name = "POSITION", value_parser = wish, conflicts_with_all = ["function", "package"])]
    switch: Option<Wish>,

    /// Vouch for browsers, as Bot Control does: with `who_pays = "unvouched"` they read free
    #[arg(long, conflicts_with_all = ["function", "package"])]
    vouch: bool,
}

/// A switch's position, and for how many seconds; 0: for good.
#[derive(Clone, Debug)]
struct Wish(Position, u64);

impl WebAclArgs {
    /// The web ACL, and the key under which its values are the site's.
    pub(super) fn acl(&self, table: Option<&[u8]>) -> Result<(WebAcl, String), Error> {
        let key = random_key();
        let mut inserts = Vec::new();
        if self.switch.is_some() || self.vouch {
            let table = file::whole(table.unwrap_or_default().to_vec());
            let site = table.map_err(|why| Error::NoWebAcl { why: why.to_string() })?.site;
            let keys = Keys::parse(&key).expect("64 digits");
            if let Some(Wish(position, seconds)) = &self.switch {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let until = if *seconds == 0 { 0 } else { now.as_secs() + seconds };
                let switch = Switch { position: position.clone(), until, nonce: [0; 16] };
                let value = switch.value(&keys, &site.id);
                inserts.push(Insert { name: waf::SWITCH.into(), value, viewers: Viewers::Every });
            }
            if self.vouch {
                let Some(epoch) = site.vouched_epoch else {
                    return Err(Error::NobodyVouched {});
                };
                let value = waf::vouched_value(&keys, &site.id, epoch);
                inserts.push(Insert {
                    name: waf::VOUCHED.into(),
                    value,
                    viewers: Viewers::Browsers,
                });
            }
        }
        Ok((WebAcl { inserts }, key))
    }
}

fn wish(text: &str) -> Result<Wish, String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let seconds = || seconds(value).map(|it| it.as_secs());
    match (name, value) {
        ("closed", "") => Ok(Wish(Position::Closed, 0)),
        ("free", _) => Ok(Wish(Position::Free, seconds()?)),
        ("dry-run", _) => Ok(Wish(Position::DryRun, seconds()?)),
        ("off", host) if !host.is_empty() => Ok(Wish(Position::FacilitatorsOff(host.into()), 0)),
        _ => Err("write closed, free=30m, dry-run=30m, or off=HOST".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "write for how long, as in 90s, 30m or 24h; at most 30d".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    let seconds = seconds.filter(|seconds| (1..=30 * 86_400).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes() {
        let read =
            |text: &str| wish(text).map(|Wish(position, seconds)| (position.name(), seconds));
        assert_eq!(read("closed"), Ok(("closed".into(), 0)));
        assert_eq!(read("free=30m"), Ok(("free".into(), 1_800)));
        assert_eq!(read("dry-run=30d"), Ok(("dry-run".into(), 2_592_000)));
        assert_eq!(read("off=a.example:1"), Ok(("off:a.example:1".into(), 0)));
        for wrong in [
            "",
            "closed=1h",
            "free",
            "free=",
            "free=m",
            "free=é",
            "free=0s",
            "free=31d",
            "off",
            "off=",
            "on",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
