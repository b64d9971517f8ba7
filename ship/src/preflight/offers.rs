//! What a table offers, and to whom the money goes.

use price_table::{Network, Offer, Sale, Table};

/// Every offer of a table.
pub(crate) fn offers(table: &Table) -> impl Iterator<Item = &Offer> {
    table.rules.iter().flat_map(|rule| match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers.as_ref(),
    })
}

pub(crate) fn main_network(network: &Network) -> bool {
    !content_config::is_test_network(&network.caip2)
}

/// Every payee of a table, once.
pub(crate) fn payees(table: &Table) -> Vec<&str> {
    let mut payees: Vec<_> = offers(table).map(Offer::pay_to).collect();
    payees.sort_unstable();
    payees.dedup();
    payees
}
