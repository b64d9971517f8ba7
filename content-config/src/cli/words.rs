//! A rule and its offers in words.

use price_table::{Offer, Purchases, Rule, Sale};

use crate::{Compiled, networks};

/// The network of an offer, as `content.toml` calls it.
pub(super) fn network_name(offer: &Offer) -> String {
    networks::of(&offer.network).name
}

pub(super) fn offers(rule: &Rule) -> &[Offer] {
    match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers,
    }
}

pub(super) fn access(rule: &Rule) -> Option<String> {
    match rule.sale {
        Sale::Free => None,
        Sale::Priced { access, .. } => Some(crate::access::display(access)),
    }
}

/// Whether the payments of one payer wait for each other; `None` if nothing is paid.
pub(super) fn purchases(rule: &Rule) -> Option<&'static str> {
    match rule.sale {
        Sale::Free => None,
        Sale::Priced { purchases, .. } => Some(match purchases {
            Purchases::OneAtATime => "one-at-a-time",
            Purchases::Independent => "independent",
        }),
    }
}

/// Access and purchases in one column.
pub(super) fn access_column(access: Option<String>, purchases: Option<&str>) -> String {
    let access = access.unwrap_or_else(|| "-".to_owned());
    if purchases == Some("independent") { access + ", independent" } else { access }
}

/// The objects that each rule sells.
pub(super) fn objects_per_rule(compiled: &Compiled) -> Vec<usize> {
    let mut counts = vec![0; compiled.table().rules.len()];
    for listing in compiled.listings() {
        counts[usize::from(listing.object.rule)] += 1;
    }
    counts
}
