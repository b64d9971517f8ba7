//! What people call a token, and where its decimal point is.

use std::collections::HashMap;

use price_table::{Sale, Table};

use crate::ledger::decimal;

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
                let name = (offer.network.caip2.to_string(), spelled(offer.asset()));
                tokens.insert(name, Token { symbol, decimals });
            }
        }
        Tokens(tokens)
    }

    /// Of these networks, addresses, symbols and decimals.
    pub(crate) fn named_so(tokens: impl Iterator<Item = (String, String, String, u8)>) -> Self {
        let token = |(network, asset, symbol, decimals): (String, String, String, u8)| {
            ((network, spelled(&asset)), Token { symbol, decimals })
        };
        Tokens(tokens.map(token).collect())
    }

    /// What the token is called; `None` if the table does not sell for it.
    pub(crate) fn symbol(&self, network: &str, asset: &str) -> Option<&str> {
        Some(&self.get(network, asset)?.symbol)
    }

    /// The amount in whole tokens, exactly; `None` if the table does not sell for it.
    pub(crate) fn decimal(&self, network: &str, asset: &str, atomic: u128) -> Option<String> {
        Some(decimal(atomic, self.get(network, asset)?.decimals))
    }

    /// Symbol and decimals; `None` if the table does not sell for it.
    pub(crate) fn named(&self, network: &str, asset: &str) -> Option<(String, u8)> {
        let Token { symbol, decimals } = self.get(network, asset)?;
        Some((symbol.clone(), *decimals))
    }

    fn get(&self, network: &str, asset: &str) -> Option<&Token> {
        self.0.get(&(network.to_owned(), spelled(asset)))
    }
}

/// An address is the same in any case of its letters; a name of another kind of chain is not.
pub(crate) fn spelled(asset: &str) -> String {
    match asset.starts_with("0x") {
        true => asset.to_ascii_lowercase(),
        false => asset.to_owned(),
    }
}
