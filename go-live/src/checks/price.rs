//! Prices that are likely a slip: a point in the wrong place.

use content_config::{Compiled, Price, Quote};
use jiff::Timestamp;
use price_table::Sale;

use crate::line::Line;

const WHAT: &str = "price";

/// Below that, in dollars, settling costs more than is paid: what Coinbase's Developer Platform asks for a settlement.
/// <https://docs.cdp.coinbase.com/x402/seller/facilitator>
const DUST: &str = "0.001";

/// The same on Ethereum itself, where whoever settles pays for a transfer: 100,000 gas at 4 gwei, at $2,500 for an ether.
const DUST_OF_ETHEREUM: &str = "1";

const ETHEREUM: &str = "eip155:1";

/// Above that, in dollars, it is asked whether it is meant.
const HIGH: &str = "1000";

/// Judges each rule's prices, now and later.
pub(crate) fn judge(compiled: &Compiled, now: Timestamp) -> Vec<Line> {
    let mut lines = Vec::new();
    for (note, rule) in compiled.notes().iter().zip(compiled.table().rules.iter()) {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        let networks: Vec<&str> = offers.iter().map(|offer| &*offer.network.caip2).collect();
        let pattern = note.pattern.as_str();
        let odd = note.quotes(now).find_map(|quote| Some((quote, odd(quote, &networks)?)));
        if let Some((quote, why)) = odd {
            let why = format!("line {}, {pattern}: {quote} {why}", note.line);
            lines.push(
                Line::wrong(WHAT, why, "write another price").unless(format!("price:{pattern}")),
            );
        }
    }
    if lines.is_empty() {
        lines.push(Line::right(WHAT, format!("every price is between ${DUST} and ${HIGH}")));
    }
    lines
}

/// Why a price is asked about. Currencies other than the dollar are the seller's to judge.
fn odd(quote: &Quote, networks: &[&str]) -> Option<&'static str> {
    let is = |text: &str| Price::parse(text).expect("a constant");
    if quote.currency != "USD" {
        return Some("is not in dollars: compare it yourself");
    }
    if quote.price > is(HIGH) {
        return Some("is over $1,000");
    }
    if networks.contains(&ETHEREUM) && quote.price < is(DUST_OF_ETHEREUM) {
        return Some("is less than what a transfer costs on Ethereum");
    }
    (quote.price < is(DUST)).then_some("is less than what a facilitator asks for a settlement")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_about() {
        let is_odd = |price: &str, currency: &str, network: &str| {
            let price = Price::parse(price).expect(price);
            odd(&Quote { price, currency: currency.to_owned() }, &[network]).is_some()
        };
        for (price, currency, network, asked) in [
            ("0.001", "USD", "eip155:8453", false),
            ("0.000999", "USD", "eip155:8453", true),
            ("1000", "USD", "eip155:8453", false),
            ("1000.01", "USD", "eip155:8453", true),
            ("0.99", "USD", ETHEREUM, true),
            ("1", "USD", ETHEREUM, false),
            ("1", "EUR", "eip155:8453", true),
        ] {
            assert_eq!(is_odd(price, currency, network), asked, "{price} {currency} {network}");
        }
    }
}
