//! Networks as x402 names them, v1 by word and v2 by [CAIP-2](https://chainagnostic.org/CAIPs/caip-2), and the dollar tokens that live there.

use super::eip3009::{Address, Domain, Token};
use alloy_primitives::address;

/// v1's network names and the chains they stand for.
///
/// Source: [`typescript/packages/mechanisms/evm/src/v1/index.ts`](https://github.com/x402-foundation/x402/blob/main/typescript/packages/mechanisms/evm/src/v1/index.ts).
pub(crate) const V1_NAMES: [(&str, u64); 23] = [
    ("abstract", 2741),
    ("abstract-testnet", 11124),
    ("avalanche", 43114),
    ("avalanche-fuji", 43113),
    ("base", 8453),
    ("base-sepolia", 84532),
    ("celo", 42220),
    ("educhain", 41923),
    ("ethereum", 1),
    ("flare", 14),
    ("iotex", 4689),
    ("megaeth", 4326),
    ("monad", 143),
    ("peaq", 3338),
    ("polygon", 137),
    ("polygon-amoy", 80002),
    ("sei", 1329),
    ("sei-testnet", 1328),
    ("sepolia", 11155111),
    ("skale-base-sepolia", 324705682),
    ("stable", 988),
    ("stable-testnet", 2201),
    ("story", 1514),
];

/// The two versions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Wire {
    /// `X-PAYMENT`, networks by name.
    V1,
    /// `PAYMENT-SIGNATURE`, networks by CAIP-2 identifier.
    V2,
}

impl Wire {
    /// The protocol's number, `x402Version`.
    pub fn number(self) -> u8 {
        match self {
            Wire::V1 => 1,
            Wire::V2 => 2,
        }
    }

    /// The EVM chain that a network stands for in this version; `None` if it names no EVM chain.
    pub fn chain_id(self, network: &str) -> Option<u64> {
        match self {
            Wire::V1 => V1_NAMES.iter().find(|(name, _)| *name == network).map(|(_, id)| *id),
            Wire::V2 => network.strip_prefix("eip155:")?.parse().ok(),
        }
    }
}

/// A token whose EIP-712 domain and decimals are known.
pub(crate) struct KnownToken {
    chain_id: u64,
    address: Address,
    name: &'static str,
    version: &'static str,
    /// How many digits of an atomic amount stand behind the point.
    pub(crate) decimals: u8,
}

impl KnownToken {
    const fn usd(chain_id: u64, address: Address, name: &'static str) -> Self {
        KnownToken { chain_id, address, name, version: "2", decimals: 6 }
    }

    /// The row for a token, if there is one.
    pub(crate) fn find(token: Token) -> Option<&'static KnownToken> {
        KNOWN_TOKENS
            .iter()
            .find(|known| known.chain_id == token.chain_id && known.address == token.address)
    }

    /// The domain that the contract itself was deployed with.
    pub(crate) fn domain(&self) -> Domain {
        Domain {
            name: self.name.into(),
            version: self.version.into(),
            token: Token { chain_id: self.chain_id, address: self.address },
        }
    }
}

/// USDC where x402's sources agree on its name, all of them one dollar.
///
/// Source: [`defaultAssets.ts`](https://github.com/x402-foundation/x402/blob/main/typescript/packages/mechanisms/evm/src/shared/defaultAssets.ts).
/// Polygon and Monad are left out, since sources contradict each other about the name there.
const KNOWN_TOKENS: [KnownToken; 7] = [
    KnownToken::usd(8453, address!("833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), "USD Coin"),
    KnownToken::usd(84532, address!("036CbD53842c5426634e7929541eC2318f3dCF7e"), "USDC"),
    KnownToken::usd(42161, address!("af88d065e77c8cC2239327C5EDb3A432268e5831"), "USD Coin"),
    KnownToken::usd(421614, address!("75faf114eafb1BDbe2F0316DF893fd58CE46AA4d"), "USD Coin"),
    KnownToken::usd(42220, address!("cebA9300f2b948710d2653dD7B07f33A8B32118C"), "USDC"),
    KnownToken::usd(50, address!("fA2958CB79b0491CC627c1557F441eF849Ca8eb1"), "USDC"),
    KnownToken::usd(51, address!("b5AB69F7bBada22B28e79C8FFAECe55eF1c771D4"), "USDC"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_of_both_versions() {
        assert_eq!(Wire::V1.chain_id("base-sepolia"), Some(84532));
        assert_eq!(Wire::V2.chain_id("eip155:84532"), Some(84532));
        assert_eq!(Wire::V1.chain_id("eip155:84532"), None);
        assert_eq!(Wire::V2.chain_id("base-sepolia"), None);
        assert_eq!(Wire::V2.chain_id("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"), None);
    }
}
