//! The tokens that this crate knows, and those that it knows better than to sell for.

/// A token that stands in public sources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownToken {
    /// `network/asset`.
    pub(crate) id: &'static str,
    pub(crate) address: &'static str,
    pub(crate) decimals: u8,
    pub(crate) kind: Kind,
}

/// What is known of a token's EIP-712 domain, if it has one. A wrong name makes every payment fail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Name and version, on which the sources agree.
    Agreed(&'static str, &'static str),
    /// The version, and what the sources say of the name. The seller reads `name()` on chain.
    Disputed(&'static str, &'static str),
    /// Has no EIP-3009; can be paid through Permit2 only.
    Permit2,
    /// Not on an EVM network. The seller states the payee.
    PassThrough,
}

use Kind::{Agreed, Disputed, PassThrough, Permit2};

/// All have the dollar as their currency.
///
/// Sources, read 2026-11, all in <https://github.com/x402-foundation/x402> unless said:
/// `typescript/packages/mechanisms/evm/src/shared/defaultAssets.ts` for most;
/// `typescript/packages/legacy/x402/src/types/shared/evm/config.ts` and
/// <https://github.com/x402-rs/x402-rs/blob/main/crates/chains/x402-chain-eip155/src/networks.rs>,
/// which agree, for Avalanche Fuji, IoTeX, peaq, Polygon Amoy and Sei; the latter alone for XRPL EVM;
/// <https://developers.circle.com/stablecoins/usdc-contract-addresses> for Solana.
#[rustfmt::skip]
pub(crate) const KNOWN: &[KnownToken] = &[
    token("adi/usdc.e",            "0x9cb8142aEBBcdc60AF7c97Af897A67A8f3CA71C2", 6,  Agreed("USDC.e", "2")),
    token("arbitrum/usdc",         "0xaf88d065e77c8cC2239327C5EDb3A432268e5831", 6,  Agreed("USD Coin", "2")),
    token("arbitrum-sepolia/usdc", "0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d", 6,  Agreed("USD Coin", "2")),
    token("avalanche/usdc",        "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E", 6,
          Disputed("2", "the TypeScript libraries say \"USD Coin\", Python's say \"USDC\"")),
    token("avalanche-fuji/usdc",   "0x5425890298aed601595a70AB815c96711a31Bc65", 6,  Agreed("USD Coin", "2")),
    token("base/usdc",             "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", 6,  Agreed("USD Coin", "2")),
    token("base-sepolia/usdc",     "0x036CbD53842c5426634e7929541eC2318f3dCF7e", 6,  Agreed("USDC", "2")),
    token("celo/usdc",             "0xcebA9300f2b948710d2653dD7B07f33A8B32118C", 6,  Agreed("USDC", "2")),
    token("celo-sepolia/usdc",     "0x01C5C0122039549AD1493B8220cABEdD739BC44E", 6,  Agreed("USDC", "2")),
    token("flare/usdt0",           "0xe7cd86e13AC4309349F30B3435a9d337750fC82D", 6,  Agreed("USD₮0", "1")),
    token("hpp/usdc.e",            "0x401eCb1D350407f13ba348573E5630B83638E30D", 6,  Agreed("Bridged USDC", "2")),
    token("hpp-sepolia/usdc.e",    "0x401eCb1D350407f13ba348573E5630B83638E30D", 6,  Agreed("Bridged USDC", "2")),
    token("igra/usdc",             "0xA5b8BF902b2844dA17d4506cc827F7F1681735E7", 6,  Permit2),
    token("iotex/usdc",            "0xcDf79194C6C285077A58da47641D4dBe51F63542", 6,  Agreed("Bridged USDC", "2")),
    token("megaeth/megausd",       "0xFAfDdbb3FC7688494971a79cc65DCa3EF82079E7", 18, Permit2),
    token("mezo/musd",             "0xdD468A1DDc392dcdbEf6db6e34E89AA338F9F186", 18, Permit2),
    token("mezo-testnet/musd",     "0x118917a40FAF1CD7a13dB0Ef56C86De7973Ac503", 18, Permit2),
    token("monad/usdc",            "0x754704Bc059F8C67012fEd69BC8A327a5aafb603", 6,
          Disputed("2", "the TypeScript libraries said \"USD Coin\" and were corrected to \"USDC\" in part")),
    token("peaq/usdc",             "0xbbA60da06c2c5424f03f7434542280FCAd453d10", 6,  Agreed("USDC", "2")),
    token("polygon/usdc",          "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", 6,
          Disputed("2", "the TypeScript libraries say \"USD Coin\", x402-rs says \"USDC\"")),
    token("polygon-amoy/usdc",     "0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582", 6,  Agreed("USDC", "2")),
    token("radius/sbc",            "0x33ad9e4BD16B69B5BFdED37D8B5D9fF9aba014Fb", 6,  Permit2),
    token("radius-testnet/sbc",    "0x33ad9e4BD16B69B5BFdED37D8B5D9fF9aba014Fb", 6,  Permit2),
    token("sei/usdc",              "0xe15fC38F6D8c56aF07bbCBe3BAf5708A2Bf42392", 6,  Agreed("USDC", "2")),
    token("sei-testnet/usdc",      "0x4fCF1784B31630811181f670Aea7A7bEF803eaED", 6,  Agreed("USDC", "2")),
    token("solana/usdc",           "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6, PassThrough),
    token("solana-devnet/usdc",    "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU", 6, PassThrough),
    token("stable/usdt0",          "0x779Ded0c9e1022225f8E0630b35a9b54bE713736", 6,  Agreed("USDT0", "1")),
    token("stable-testnet/usdt0",  "0x78Cf24370174180738C5B8E352B6D14c83a6c9A9", 6,  Agreed("USDT0", "1")),
    token("xdc/usdc",              "0xfA2958CB79b0491CC627c1557F441eF849Ca8eb1", 6,  Agreed("USDC", "2")),
    token("xdc-apothem/usdc",      "0xb5AB69F7bBada22B28e79C8FFAECe55eF1c771D4", 6,  Agreed("USDC", "2")),
    token("xrpl-evm/usdc",         "0xDaF4556169c4F3f2231d8ab7BC8772Ddb7D4c84C", 15, Permit2),
];

const fn token(id: &'static str, address: &'static str, decimals: u8, kind: Kind) -> KnownToken {
    KnownToken { id, address, decimals, kind }
}

/// The known token with this id.
pub(crate) fn find(id: &str) -> Option<&'static KnownToken> {
    KNOWN.iter().find(|token| token.id == id)
}

/// The known token with this address on a network.
pub(crate) fn at(network: &str, address: &str) -> Option<&'static KnownToken> {
    KNOWN.iter().find(|t| {
        t.id.split_once('/').is_some_and(|(name, _)| name == network) && t.address == address
    })
}

/// The id of a known token whose contract has this address, on whatever network.
pub fn contract(address: &str) -> Option<&'static str> {
    KNOWN.iter().find(|token| token.address == address).map(|token| token.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::{self, Family};
    use crate::{address, solana};

    #[test]
    fn every_token_is_on_a_network_and_has_an_address() {
        for token in KNOWN {
            let (network, asset) = token.id.split_once('/').unwrap();
            assert!(!asset.is_empty() && asset == asset.to_lowercase());
            let family = networks::find(network).map(|chain| chain.family);
            match token.kind {
                PassThrough => {
                    assert_eq!(family, Some(Family::Solana), "{}", token.id);
                    assert!(solana::is_account(token.address), "{}", token.id);
                }
                Agreed(..) | Disputed(..) | Permit2 => {
                    assert!(matches!(family, Some(Family::Evm(_))), "{}", token.id);
                    address::parse(token.address)
                        .unwrap_or_else(|bad| panic!("{}: {bad:?}", token.id));
                }
            }
        }
        assert!(KNOWN.is_sorted_by_key(|token| token.id.split_once('/')));
    }
}
