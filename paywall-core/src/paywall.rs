//! What every request is judged by: the table, the keys, and what `edge-local` may override.

use price_table::{Facilitator, Listing, Rpc, Sale, Table, challenge};

use crate::breaker::Breakers;
use crate::budget::Budget;
use crate::event::Headers;
use crate::handover::Keys;
use crate::pass;

/// The function's standing knowledge: the same for all requests of a sandbox.
#[derive(Debug)]
pub struct Paywall<'t> {
    /// What is for sale.
    pub table: &'t Table,
    /// The keys of the hand-over header.
    pub keys: Keys,
    /// The keys of passes.
    pub passes: pass::Keys,
    /// Local rehearsal's replacements.
    pub overrides: Overrides,
    /// How many signatures a facilitator may be asked to judge.
    pub budget: Budget,
    /// Which facilitators are left alone for now.
    pub breakers: Breakers,
}

/// Replacements for local rehearsal. Lambda@Edge functions have no environment variables of their
/// own, so none of these can be set there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Instead of every facilitator of the table.
    pub facilitator: Option<String>,
    /// Instead of the site's URL.
    pub site: Option<String>,
    /// Instead of every network's node.
    pub rpc: Option<String>,
}

/// The id of the table's site: what is sold on it bears it, in records, passes and hand-overs.
///
/// MERGE: `&table.site.id`, once the table has it; all callers come here.
pub fn site_id(_table: &Table) -> &str {
    "sample"
}

impl Paywall<'_> {
    /// The absolute URL of a listing. Its host is one of the site's names: the one that the viewer
    /// called, if it is among them, and never one that the viewer made up.
    pub fn resource_url(&self, listing: &Listing<'_>, request: &Headers) -> String {
        let host = request.first("host");
        let urls = &self.table.site.urls;
        let called = urls.iter().find(|url| url.split("://").nth(1) == host);
        let site = self.overrides.site.as_deref();
        challenge::resource_url(site.unwrap_or(called.unwrap_or(&urls[0])), listing)
    }

    /// The base URL of a facilitator.
    pub fn facilitator_url(&self, facilitator: &Facilitator) -> String {
        self.overrides.facilitator.as_deref().unwrap_or(&facilitator.url).to_owned()
    }

    /// The node of a network, by its CAIP-2 name, if the seller named one.
    pub fn rpc(&self, caip2: &str) -> Option<Rpc> {
        let configured = || {
            let offers = self.table.rules.iter().flat_map(|rule| match &rule.sale {
                Sale::Free => &[],
                Sale::Priced { offers, .. } => &**offers,
            });
            offers.map(|offer| &offer.network).find(|n| n.caip2 == caip2)?.rpc.clone()
        };
        match &self.overrides.rpc {
            Some(url) if caip2.starts_with("eip155:") => {
                let confirmations = configured().map_or(1, |rpc| rpc.confirmations);
                Some(Rpc { url: Some(url.clone().into()), confirmations })
            }
            _ => configured(),
        }
    }
}
