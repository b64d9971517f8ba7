//! Objects as each catalogue sees them.

use std::collections::HashSet;

use jiff::Timestamp;
use price_table::{Dialect, Facilitator, Listing, Sale};
use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::check::{Check, Verdict, refused};
use super::published::OpenApi;
use super::shown::{self, Shown};
use super::{cdp, libraries, payai, x402scan};
use crate::compiled::Compiled;
use crate::{favicon, web_url};

/// Who looks.
pub(crate) const CDP: &str = "CDP Bazaar";
pub(crate) const X402SCAN: &str = "x402scan and agentcash";
pub(crate) const PAYAI: &str = "PayAI";
pub(crate) const LIBRARIES: &str = "x402's libraries";

/// What is looked at.
pub(crate) enum Wanted {
    /// An object of each rule that asks a price.
    All,
    /// An object of this rule.
    Rule(usize),
    /// This object.
    Key(String),
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Review {
    /// Whether the seller wants to be listed.
    pub(crate) discovery: bool,
    /// What was looked at, and what that says of the rest.
    pub(crate) covered: String,
    /// What x402scan and agentcash find of the site as a whole.
    pub(crate) site: Vec<Check>,
    pub(crate) objects: Vec<Object>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) url: String,
    pub(crate) rule: String,
    pub(crate) line: usize,
    pub(crate) price: String,
    /// What `PAYMENT-REQUIRED` holds.
    pub(crate) payment_required: Value,
    /// `paymentPayload` of `/settle`, less what the buyer signs.
    pub(crate) settle: Value,
    pub(crate) catalogues: Vec<Seen>,
    /// The facilitator of Coinbase's that it is settled by, if it is.
    #[serde(skip)]
    pub(crate) cdp: Option<String>,
}

/// An object, as one catalogue sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) catalogue: &'static str,
    pub(crate) listing: Listed,
    /// What it shows; `None` of what is no catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shown: Option<Shown>,
    pub(crate) checks: Vec<Check>,
    /// What it said itself, if it was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) asked: Vec<Check>,
}

/// Whether a catalogue lists an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Listed {
    Taken,
    /// It hears of what its own facilitator settles, which this is not.
    NotTold,
    Refused,
}

impl Review {
    /// Whether a catalogue refuses what the seller wants listed.
    pub(crate) fn refused(&self) -> bool {
        let seen = || self.objects.iter().flat_map(|object| &object.catalogues);
        refused(&self.site) || seen().any(|seen| seen.listing == Listed::Refused)
    }

    /// Every check, but of catalogues that are not told.
    pub(crate) fn checks(&self) -> impl Iterator<Item = &Check> {
        let seen = self.objects.iter().flat_map(|object| &object.catalogues);
        let seen = seen.filter(|seen| seen.listing != Listed::NotTold);
        self.site.iter().chain(seen.flat_map(|seen| seen.checks.iter().chain(&seen.asked)))
    }
}

/// Looks at what is wanted, as it is answered from now on.
pub(crate) fn review(compiled: &Compiled, wanted: &Wanted, now: Timestamp) -> Review {
    if compiled.table().site.discovery.is_none() {
        let covered = "nothing: `discovery = false` in [site], so neither the 402 nor what facilitators are sent tells \
                       catalogues anything, and /openapi.json is not made; `discovery = true` lets them list what is sold";
        let (site, objects) = (Vec::new(), Vec::new());
        return Review { discovery: false, covered: covered.to_owned(), site, objects };
    }
    let openapi = OpenApi::of(compiled);
    let favicon = favicon::is_there(compiled);
    let priced = priced(compiled);
    let described = |listing: &Listing<'_>| openapi.operation(&path(listing)).is_some();
    let (first, rest): (Vec<_>, Vec<_>) = priced.into_iter().partition(described);
    let site = x402scan::of_site(&openapi, favicon, rest.len());
    let (chosen, covered) = choose(first.into_iter().chain(rest), wanted);
    let mut objects: Vec<_> =
        chosen.iter().map(|listing| object(compiled, listing, &openapi, favicon, now)).collect();
    if refused(&site) {
        let seen = objects.iter_mut().flat_map(|object| &mut object.catalogues);
        seen.filter(|seen| seen.catalogue == X402SCAN)
            .for_each(|seen| seen.listing = Listed::Refused);
    }
    Review { discovery: true, covered, site, objects }
}

/// The objects that have a price, by their keys.
fn priced(compiled: &Compiled) -> Vec<Listing<'_>> {
    let listings = compiled.objects.iter().filter_map(|found| compiled.listing(&found.key));
    listings.filter(|listing| listing.rule.sale != Sale::Free).collect()
}

/// The path of an object's URL.
fn path(listing: &Listing<'_>) -> String {
    price_table::challenge::resource_url("", listing)
}

/// The objects to look at, and what they say of the rest: of a rule the first one.
fn choose<'c>(
    priced: impl Iterator<Item = Listing<'c>>,
    wanted: &Wanted,
) -> (Vec<Listing<'c>>, String) {
    let meant: Vec<_> = priced
        .filter(|listing| match wanted {
            Wanted::All => true,
            Wanted::Rule(rule) => usize::from(listing.object.rule) == *rule,
            Wanted::Key(key) => listing.object.key == *key,
        })
        .collect();
    let all = meant.len();
    let mut rules = HashSet::new();
    let mut chosen: Vec<_> =
        meant.into_iter().filter(|listing| rules.insert(listing.object.rule)).collect();
    chosen.sort_by_key(|listing| listing.object.rule);
    const ALIKE: &str = "the others of a rule differ from it by URL and type alone";
    let covered = match (wanted, chosen.len()) {
        (_, 0) => "nothing: it is free, and catalogues list what has a price".to_owned(),
        (Wanted::Key(_), _) => "this object".to_owned(),
        (Wanted::Rule(_), looked) => format!("{looked} of {all} objects of this rule: {ALIKE}"),
        (Wanted::All, looked) => {
            format!("{looked} of {all} objects, one of each rule that asks a price: {ALIKE}")
        }
    };
    (chosen, covered)
}

fn object(
    compiled: &Compiled,
    listing: &Listing<'_>,
    openapi: &OpenApi,
    favicon: Option<bool>,
    now: Timestamp,
) -> Object {
    let site = &compiled.table().site;
    let note = &compiled.notes()[usize::from(listing.object.rule)];
    let at = |time: Timestamp| {
        let seconds = u64::try_from(time.as_second()).unwrap_or(0);
        Answer::new(listing, &site.urls[0], site.body, seconds)
    };
    let answer = at(now);
    let change = note.next.as_ref().map(|next| next.from).filter(|from| *from > now);
    let later = change.map(|from| (from, at(from)));
    let look = |checks: &dyn Fn(&Answer) -> Vec<Check>| {
        let mut found = checks(&answer);
        if let Some((from, later)) = &later {
            found
                .iter_mut()
                .zip(checks(later))
                .for_each(|(now, then)| become_later(now, then, *from));
        }
        found
    };
    let cdp = settles(listing, |facilitator| facilitator.dialect == Dialect::Cdp);
    let payai =
        settles(listing, |facilitator| web_url::is_within(&facilitator.url, "payai.network"));
    let by_facilitator = || Some(shown::by_facilitator(&answer));
    let by_x402scan = shown::by_x402scan(&answer, openapi, favicon);
    let catalogues = vec![
        seen(CDP, cdp.is_some(), by_facilitator(), look(&cdp::checks)),
        seen(X402SCAN, true, Some(by_x402scan), look(&|answer| x402scan::checks(answer, openapi))),
        seen(PAYAI, payai.is_some(), by_facilitator(), look(&payai::checks)),
        seen(LIBRARIES, true, None, look(&libraries::checks)),
    ];
    Object {
        key: listing.object.key.to_string(),
        rule: note.pattern.as_str().to_owned(),
        line: note.line,
        price: note.price_at(now),
        catalogues,
        cdp,
        url: answer.url,
        payment_required: answer.required,
        settle: answer.settle,
    }
}

/// A demand that is met now and not when the price changes is told with the time.
fn become_later(now: &mut Check, then: Check, from: Timestamp) {
    if now.verdict == Verdict::Passed && then.verdict != Verdict::Passed {
        let message = then.message.map(|why| format!("from {from} on: {why}"));
        *now = Check { message, ..then };
    }
}

fn seen(catalogue: &'static str, told: bool, shown: Option<Shown>, checks: Vec<Check>) -> Seen {
    let listing = match told {
        false => Listed::NotTold,
        true if refused(&checks) => Listed::Refused,
        true => Listed::Taken,
    };
    Seen { catalogue, listing, shown, checks, asked: Vec::new() }
}

/// The URL of the first facilitator of a kind.
fn settles(listing: &Listing<'_>, kind: impl Fn(&Facilitator) -> bool) -> Option<String> {
    let offers = price_table::challenge::offers(listing).iter();
    let mut all = offers.flat_map(|offer| offer.facilitators.iter());
    all.find(|facilitator| kind(facilitator)).map(|facilitator| facilitator.url.to_string())
}
