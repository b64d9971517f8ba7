//! What every request is judged by: the table, the keys, and what `edge-local` may override.

use price_table::{
    Dialect, Facilitator, Listing, Offer, Redemptions, Sale, Seal, Table, Text, VerifyPolicy,
    challenge,
};

use crate::breaker::Breakers;
use crate::budget::Budget;
use crate::clock::Micros;
use crate::event::Headers;
use crate::handover::Keys;
use crate::pass;
use crate::purchase::{Choice, Nodes, Settings};
use crate::verdict::Reader;
use crate::waf::Switch;

/// The function's standing knowledge: the same for all requests of a sandbox.
#[derive(Debug)]
pub struct Paywall<'t> {
    /// What is for sale.
    pub table: &'t Table,
    /// The folder that the objects are in, if the site has one.
    pub seal: Option<Seal>,
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
    /// Which nodes a sale does not wait for, for now.
    pub nodes: Breakers,
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
    /// Instead of what the table says of the store: whether it is this sandbox's memory.
    pub memory: Option<bool>,
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

    /// The path that a request's own leads to: below the seal, if there is one.
    pub fn seal_path(&self, path: String) -> String {
        self.seal.as_ref().map_or_else(|| path.clone(), |seal| seal.path(&path))
    }

    /// The path that the viewer asked for, of the one that CloudFront shows to viewer-response: either that
    /// or the one that viewer-request sent on.
    pub fn unsealed_path<'u>(&self, path: &'u str) -> &'u str {
        self.seal.as_ref().and_then(|seal| seal.strip(path)).unwrap_or(path)
    }

    /// The base URL of a facilitator.
    pub fn facilitator_url(&self, facilitator: &Facilitator) -> String {
        self.overrides.facilitator.as_deref().unwrap_or(&facilitator.url).to_owned()
    }

    /// Who may settle an offer, without those that are switched off, as long as one is not, and those that a breaker keeps
    /// from being asked. Never empty.
    pub fn facilitators(&self, offer: &Offer, switch: Option<&Switch>, now: Micros) -> Vec<Choice> {
        let is_off = |it: &&Facilitator| switch.is_some_and(|switch| switch.turns_off(&it.url));
        let all_off = offer.facilitators.iter().all(|it| is_off(&it));
        let mut choices: Vec<Choice> = vec![];
        for facilitator in offer.facilitators.iter().filter(|it| all_off || !is_off(it)) {
            let url = self.facilitator_url(facilitator);
            // In a rehearsal one stands for all.
            if choices.iter().all(|choice| choice.url != url) {
                let verify_first = facilitator.verify == VerifyPolicy::First;
                choices.push(Choice { url, verify_first });
            }
        }
        let urls: Vec<_> = choices.iter().map(|choice| choice.url.as_str()).collect();
        let order = self.breakers.order(&urls, now);
        order.into_iter().map(|at| choices[at].clone()).collect()
    }

    /// How a facilitator's answers are read.
    pub fn reader<'r>(&'r self, url: &'r str) -> Reader<'r> {
        let (dialect, vouched) = self.dialect(url);
        Reader { dialect, url, vouched }
    }

    /// Whether each sandbox remembers payments for itself.
    pub fn in_memory(&self) -> bool {
        self.overrides.memory.unwrap_or(matches!(self.table.redemptions, Redemptions::Memory))
    }

    /// Whether nobody else sells for this payee: the seller's word, where one store remembers.
    pub fn alone(&self) -> bool {
        !self.in_memory()
            && !matches!(self.table.redemptions, Redemptions::S3 { shared_pay_to: true, .. })
    }

    fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.table.rules.iter().flat_map(|rule| match &rule.sale {
            Sale::Free => [].iter(),
            Sale::Priced { offers, .. } => offers.iter(),
        })
    }
}

impl Settings for Paywall<'_> {
    fn nodes(&self, network: &str) -> Option<Nodes> {
        let of = |offer: &&Offer| offer.network.caip2 == network;
        let configured = self.offers().find(of).and_then(|offer| offer.network.rpc.as_ref());
        match &self.overrides.rpc {
            Some(url) if network.starts_with("eip155:") => {
                let confirmations = configured.map_or(1, |rpc| rpc.confirmations).into();
                Some(Nodes { urls: vec![Some(url.clone())], confirmations })
            }
            _ => configured.map(|rpc| Nodes {
                urls: std::iter::once(rpc.url.as_deref().map(str::to_owned))
                    .chain(rpc.second.as_deref().map(|url| Some(url.to_owned())))
                    .collect(),
                confirmations: rpc.confirmations.into(),
            }),
        }
    }

    fn dialect(&self, facilitator: &str) -> (Dialect, &[Text]) {
        let known = self.offers().flat_map(|offer| offer.facilitators.iter());
        let known = known.into_iter().find(|known| known.url == facilitator);
        known.map_or((Dialect::Reference, &[]), |known| (known.dialect, &known.refusals))
    }
}
