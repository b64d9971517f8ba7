//! From play money to money: the main network that a test network stands for.

use crate::{networks, tokens};

/// A test network, and the network that its makers run for money.
#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("abstract-testnet", "abstract"),
    ("arbitrum-sepolia", "arbitrum"),
    ("avalanche-fuji",   "avalanche"),
    ("base-sepolia",     "base"),
    ("celo-sepolia",     "celo"),
    ("hpp-sepolia",      "hpp"),
    ("mezo-testnet",     "mezo"),
    ("polygon-amoy",     "polygon"),
    ("radius-testnet",   "radius"),
    ("sei-testnet",      "sei"),
    ("sepolia",          "ethereum"),
    ("solana-devnet",    "solana"),
    ("stable-testnet",   "stable"),
    ("xdc-apothem",      "xdc"),
];

/// What a token, or a network, is called where money is real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Main {
    /// It is there already, or on a network that is not known to be a test.
    Itself,
    /// So.
    Named(String),
    /// On a test network, and no counterpart is known.
    Unknown,
}

/// The counterpart of a token, `network/asset`: of the same kind, on the main network.
pub fn of_token(id: &str) -> Main {
    let Some((network, asset)) = id.split_once('/') else { return Main::Itself };
    match of_network(network) {
        Main::Named(main) => {
            let main = format!("{main}/{asset}");
            if tokens::find(&main).is_some() { Main::Named(main) } else { Main::Unknown }
        }
        other => other,
    }
}

/// The counterpart of a network, by its name or its CAIP-2 name.
pub fn of_network(name: &str) -> Main {
    let Some(chain) = networks::find(name).filter(|chain| chain.testnet) else {
        return Main::Itself;
    };
    let pair = PAIRS.iter().find(|(test, _)| *test == chain.name);
    pair.map_or(Main::Unknown, |(_, main)| Main::Named((*main).to_owned()))
}

/// The CAIP-2 name of a network, by either name.
pub fn caip2(name: &str) -> Option<String> {
    networks::find(name).map(|chain| chain.caip2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_leads_from_a_test_network_to_a_main_one() {
        assert!(PAIRS.is_sorted());
        for (test, main) in PAIRS {
            assert!(networks::find(test).unwrap().testnet, "{test}");
            assert!(!networks::find(main).unwrap().testnet, "{main}");
        }
        let test = networks::names().filter(|name| networks::find(name).unwrap().testnet);
        let unpaired: Vec<_> = test.filter(|name| of_network(name) == Main::Unknown).collect();
        assert_eq!(unpaired, ["skale-base-sepolia"]);
    }

    #[test]
    fn tokens_stay_of_their_kind() {
        let named = |id: &str| Main::Named(id.to_owned());
        assert_eq!(of_token("base-sepolia/usdc"), named("base/usdc"));
        assert_eq!(of_token("eip155:84532/usdc"), named("base/usdc"));
        assert_eq!(of_token("solana-devnet/usdc"), named("solana/usdc"));
        assert_eq!(of_token("base/usdc"), Main::Itself);
        assert_eq!(of_token("eip155:424242/usdc"), Main::Itself);
        assert_eq!(of_token("base-sepolia/doge"), Main::Unknown);
        assert_eq!(of_token("skale-base-sepolia/usdc"), Main::Unknown);
    }
}
