//! What people call a token, and where its decimal point is.

use std::collections::HashMap;

use price_table::{Sale, Table};

/// The tokens that a table sells for, by network and address.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<(String, String), Token>);

#[derive(Debug)]
struct Token {
    symbol: String,
    decimals: u8,
}

impl Tokens {
    pub(crate) fn of(table: &Table) -> Self {
        let mut tokens = HashMap::new();
        for rule in &*table.rules {
            let Sale::Priced { offers, .. } = &rule.sale else { continue };
            for offer in offers.iter() {
                let (symbol, decimals) = (offer.symbol().to_owned(), offer.decimals());
                let name = (offer.network.caip2.to_string(), offer.asset().to_owned());
                tokens.insert(name, Token { symbol, decimals });
            }
        }
        Tokens(tokens)
    }

    /// What the token is called; `None` if the table does not sell for it.
    pub(crate) fn symbol(&self, network: &str, asset: &str) -> Option<&str> {
        Some(&self.get(network, asset)?.symbol)
    }

    /// The amount in whole tokens, exactly; `None` if the table does not sell for it.
    pub(crate) fn decimal(&self, network: &str, asset: &str, atomic: u128) -> Option<String> {
        Some(decimal(atomic, self.get(network, asset)?.decimals))
    }

    fn get(&self, network: &str, asset: &str) -> Option<&Token> {
        self.0.get(&(network.to_owned(), asset.to_owned()))
    }
}

fn decimal(atomic: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{atomic:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    match part.trim_end_matches('0') {
        "" => whole.to_owned(),
        part => format!("{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (atomic, decimals, text) in [
            (0, 6, "0"),
            (1, 6, "0.000001"),
            (10_000, 6, "0.01"),
            (1_000_000, 6, "1"),
            (1_234_567, 6, "1.234567"),
            (12_340_000_000, 6, "12340"),
            (7, 0, "7"),
            (u128::MAX, 18, "340282366920938463463.374607431768211455"),
            (u128::MAX, 255, &format!("0.{}{}", "0".repeat(216), u128::MAX)),
        ] {
            assert_eq!(decimal(atomic, decimals), text, "{atomic} of {decimals}");
        }
    }
}
