//! What the site's web ACL says of a request: switches without a deployment, and for whom it vouches.
//!
//! WAF puts [headers](https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html) into
//! requests, with `x-amzn-waf-` before their names. Viewers could send some of the same name, if the rule that blocks them
//! were gone, or behind more headers than WAF reads: so a value counts by its code alone, HMAC-SHA-256 under the site's
//! hand-over key of all that it says and of the site's id. What is absent, more than one, cut, another site's, or over says
//! nothing, and then everybody pays.
//!
//! ```text
//! x-amzn-waf-x402-switch:  POSITION/UNTIL/NONCE/CODE      free/1790000000/1f2e…/9b04…
//! x-amzn-waf-x402-vouched: CODE
//! ```
//!
//! `UNTIL` is the first second, since 1970, in which it is over; 0: never, which only what gives nothing away may say.
//! `NONCE` is 128 random bits, new each time: no two values are alike, and who has set one can ask by it whether the function
//! has it ([`PROBE`]).

use price_table::Offer;

use crate::clock::Micros;
use crate::event::Headers;
use crate::handover::{GIFTS, Keys};
use crate::hex;
use crate::limits;
use crate::log::Alarm;
use crate::route::DryRun;

/// The switch's header, as a rule names it.
pub const SWITCH: &str = "x402-switch";

/// The header, as a rule names it, by which WAF vouches for who reads free.
pub const VOUCHED: &str = "x402-vouched";

/// The request header in which a switch's nonce is sent by who wants to know whether it is on: 204 says yes.
pub const PROBE: &str = "x-x402-probe";

/// What the function finds.
const OURS: &str = "x-amzn-waf-x402-";
const OUR_SWITCH: &str = "x-amzn-waf-x402-switch";
const OUR_VOUCHED: &str = "x-amzn-waf-x402-vouched";

/// The bytes of a value that a rule can insert:
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_CustomHTTPHeader.html>
pub const VALUE_BYTES: usize = 255;

/// What is switched, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What is so, while it is on.
    pub position: Position,
    /// The first second, since 1970, in which it is over; 0: never.
    pub until: u64,
    /// What tells it apart from every other one.
    pub nonce: [u8; 16],
}

/// What a switch can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Nothing is sold. Who has paid is served.
    Closed,
    /// Nothing is charged, and everything served.
    Free,
    /// The same, and each answer says what would have been charged.
    DryRun,
    /// No new payment is sent to facilitators on these hosts, with `+` between them.
    FacilitatorsOff(String),
}

/// That somebody reads what has a price and need not pay. Only `Spoken` makes one.
#[derive(Clone, Copy, Debug)]
pub struct Gift(&'static str);

/// The headers of one request, not believed yet.
#[derive(Default)]
pub(crate) struct Spoken {
    switch: Option<String>,
    vouched: Option<String>,
    probe: Option<String>,
}

impl Spoken {
    /// Those of a request. What stands there twice says nothing.
    pub(crate) fn read(headers: &Headers) -> Self {
        let sole = |name: &str| {
            let mut all = headers.all(name);
            all.next().filter(|_| all.next().is_none()).map(str::to_owned)
        };
        Spoken { switch: sole(OUR_SWITCH), vouched: sole(OUR_VOUCHED), probe: sole(PROBE) }
    }

    /// Whether a header is for the function alone: neither cache nor origin sees it.
    pub(crate) fn has(name: &str) -> bool {
        name == PROBE || name.starts_with(OURS)
    }

    /// The switch, if it is on.
    pub(crate) fn switch(&self, keys: &Keys, site: &str, now: Micros) -> Option<Switch> {
        Switch::read(self.switch.as_deref()?, keys, site).filter(|switch| switch.is_on(now))
    }

    /// Whether somebody asks for the very switch that is on.
    pub(crate) fn asks(&self, keys: &Keys, site: &str, now: Micros) -> bool {
        let nonce = self.probe.as_ref().and_then(|probe| hex::digits(probe));
        nonce.is_some() && self.switch(keys, site, now).map(|switch| switch.nonce) == nonce
    }

    /// That WAF vouches for the viewer, on a site whose table says of which epoch it may.
    pub(crate) fn vouched(&self, keys: &Keys, site: &str, epoch: Option<u32>) -> Option<Gift> {
        let (code, epoch) = (self.vouched.as_deref()?, epoch?.to_be_bytes());
        keys.made(&vouched_parts(site, &epoch), code).then_some(Gift(GIFTS[0]))
    }
}

impl std::fmt::Debug for Spoken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spoken(..)")
    }
}

/// The value by which WAF vouches. The rule changes before the function does: so the last key signs, which both know in a rotation.
pub fn vouched_value(keys: &Keys, site: &str, epoch: u32) -> String {
    keys.lasting_code(&vouched_parts(site, &epoch.to_be_bytes()))
}

fn vouched_parts<'a>(site: &'a str, epoch: &'a [u8; 4]) -> [&'a [u8]; 3] {
    [b"vouched", site.as_bytes(), epoch]
}

impl Switch {
    /// The header's value.
    pub fn value(&self, keys: &Keys, site: &str) -> String {
        let Switch { position, until, nonce } = self;
        let text = format!("{}/{until}/{}", position.name(), &hex::encode(nonce)[2..]);
        let code = keys.code(&switch_parts(site, &text));
        format!("{text}/{code}")
    }

    /// What a value says, if it is the site's; also when it is over.
    pub fn read(value: &str, keys: &Keys, site: &str) -> Option<Self> {
        let (text, code) = value.rsplit_once('/')?;
        let genuine = keys.made(&switch_parts(site, text), code);
        Self::said(text).filter(|_| genuine)
    }

    /// What a value says, whosever it is: to be shown, and never to be acted on.
    pub fn unproven(value: &str) -> Option<Self> {
        Self::said(value.rsplit_once('/')?.0)
    }

    fn said(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (name, until, nonce) = (parts.next()?, parts.next()?, parts.next()?);
        let position = Position::of(name)?;
        let nonce = hex::digits(nonce)?;
        let until = until.parse().ok()?;
        parts.next().is_none().then_some(Switch { position, until, nonce })
    }

    /// Whether it holds now. What gives anything away must end, and soon.
    pub fn is_on(&self, now: Micros) -> bool {
        let gives = matches!(self.position, Position::Free | Position::DryRun);
        let left = self.until.saturating_sub(now.secs());
        match gives {
            true => (1..=limits::SWITCH_MOST_SECONDS).contains(&left),
            false => self.until == 0 || left > 0,
        }
    }

    /// That everything is given away.
    pub(crate) fn gift(&self) -> Option<Gift> {
        matches!(self.position, Position::Free).then_some(Gift(GIFTS[1]))
    }

    /// That it is, and is said what it would have cost.
    pub(crate) fn dry_run(&self) -> Option<DryRun> {
        matches!(self.position, Position::DryRun).then_some(DryRun { until: self.until })
    }

    /// Why somebody is called while it is on.
    pub(crate) fn alarm(&self) -> Alarm {
        match self.position {
            Position::Closed => Alarm::SwitchClosed,
            Position::Free => Alarm::SwitchFree,
            Position::DryRun => Alarm::SwitchDryRun,
            Position::FacilitatorsOff(_) => Alarm::SwitchFacilitator,
        }
    }

    /// Whether none of these offers can be taken.
    pub(crate) fn closes(&self, offers: &[Offer]) -> bool {
        let off = |offer: &Offer| offer.facilitators.iter().all(|it| self.turns_off(&it.url));
        matches!(self.position, Position::Closed) || offers.iter().all(off)
    }

    /// Whether no new payment is sent to the facilitator of this base URL.
    pub fn turns_off(&self, url: &str) -> bool {
        let Position::FacilitatorsOff(hosts) = &self.position else { return false };
        let host = host(url);
        hosts.split('+').any(|off| off.eq_ignore_ascii_case(host))
    }
}

impl Position {
    /// How a value begins that says it.
    pub fn name(&self) -> String {
        match self {
            Position::Closed => "closed".into(),
            Position::Free => "free".into(),
            Position::DryRun => "dry-run".into(),
            Position::FacilitatorsOff(hosts) => format!("off:{hosts}"),
        }
    }

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "closed" => Position::Closed,
            "free" => Position::Free,
            "dry-run" => Position::DryRun,
            other => Position::FacilitatorsOff(other.strip_prefix("off:")?.to_owned()),
        })
    }
}

impl Gift {
    /// One of [`GIFTS`].
    pub(crate) fn why(self) -> &'static str {
        self.0
    }
}

/// Host and port of a facilitator's base URL, as a switch names it.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

fn switch_parts<'a>(site: &'a str, text: &'a str) -> [&'a [u8]; 3] {
    [b"switch", site.as_bytes(), text.as_bytes()]
}
