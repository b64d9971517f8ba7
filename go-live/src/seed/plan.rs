//! What is to be bought, and what it costs.

use std::collections::BTreeMap;
use std::fmt;

use content_config::{Compiled, Pattern, is_test_network};
use price_table::Quoted;

use super::record::{Payment, Record, Step};
use crate::error::Error;
use crate::purchase::{Item, may_be_paid_on};

/// The objects that were named, each once, and how it stands with them.
pub(super) struct Plan<'c> {
    /// To be bought.
    pub(super) due: Vec<Item<'c>>,
    /// Bought before, and still listed by that.
    pub(super) listed: Vec<Item<'c>>,
    /// How many of those to be bought have a payment that was not answered.
    pub(super) under_way: usize,
}

impl<'c> Plan<'c> {
    /// Of what these keys, paths and patterns name; a sale after `fresh`, in seconds since 1970, counts still.
    pub(super) fn of(
        compiled: &'c Compiled,
        named: &[String],
        main_network: Option<&str>,
        record: Option<&Record>,
        fresh: u64,
    ) -> Result<Self, Error> {
        let mut items: BTreeMap<&'c str, Item<'c>> = BTreeMap::new();
        for name in named {
            match name.contains('*') {
                true => {
                    let all = matching(compiled, name, main_network)?;
                    items.extend(all.into_iter().map(|item| (item.key, item)));
                }
                false => {
                    let item = Item::named(compiled, name, main_network)?;
                    items.insert(item.key, item);
                }
            }
        }
        let last = |item: &Item<'_>| record.and_then(|record| record.last(&item.url));
        let bought = |item: &Item<'_>| {
            let at = match last(item) {
                Some(Step::Bought { at, .. } | Step::Spent { at, .. }) => at,
                _ => return false,
            };
            *at > fresh
        };
        let (listed, due): (_, Vec<_>) = items.into_values().partition(bought);
        let mut under_way = 0;
        for item in &due {
            let Some(Step::Sent(Payment { network, .. })) = last(item) else { continue };
            if !may_be_paid_on(network, main_network) {
                let (path, network) = (item.key.to_owned(), network.clone());
                return Err(Error::MainNetwork { path, network });
            }
            under_way += 1;
        }
        Ok(Plan { due, listed, under_way })
    }

    /// What the purchases cost at most, a line for each token.
    pub(super) fn cost(&self) -> Result<Vec<Cost>, Error> {
        let mut costs: BTreeMap<(&str, &str), (Cost, u128)> = BTreeMap::new();
        for item in &self.due {
            let Quoted { offer, amount } = item.offers[0];
            let token = (&*offer.network.caip2, offer.asset());
            let (cost, units) = costs.entry(token).or_insert_with(|| (Cost::none(item), 0));
            *units = units.checked_add(amount).ok_or(Error::TooDear {})?;
            cost.objects += 1;
            cost.amount = content_config::decimal(*units, offer.decimals());
        }
        Ok(costs.into_values().map(|(cost, _)| cost).collect())
    }
}

/// The priced objects that a pattern matches.
fn matching<'c>(
    compiled: &'c Compiled,
    pattern: &str,
    main_network: Option<&str>,
) -> Result<Vec<Item<'c>>, Error> {
    let none = || Error::NotForSale { path: pattern.to_owned() };
    let matcher = Pattern::parse(pattern).map_err(|_| none())?;
    let mut items = Vec::new();
    for content in compiled.contents().filter(|content| matcher.matches(content.key)) {
        match Item::of(compiled, &content, main_network) {
            Ok(item) => items.push(item),
            // Documents, and what else costs nothing, need no sale.
            Err(Error::Free { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    if items.is_empty() { Err(none()) } else { Ok(items) }
}

/// What is paid in one token.
pub(super) struct Cost {
    objects: usize,
    amount: String,
    symbol: String,
    network: String,
    pay_to: String,
}

impl Cost {
    fn none(item: &Item<'_>) -> Cost {
        let offer = item.offers[0].offer;
        Cost {
            objects: 0,
            amount: String::new(),
            symbol: offer.symbol().to_owned(),
            network: offer.network.caip2.to_string(),
            pay_to: offer.pay_to().to_owned(),
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { objects, amount, symbol, network, pay_to } = self;
        let plural = if *objects == 1 { "" } else { "s" };
        let money = if is_test_network(network) { "in test money" } else { "in real money" };
        write!(
            f,
            "{objects} object{plural} for {amount} {symbol} on {network}, {money}, paid to {pay_to}"
        )
    }
}
