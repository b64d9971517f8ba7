//! What people call an EVM network, and what a wallet that does not know it is told.
//!
//! Name, node, explorer and coin: `viem` 2.57.0, `viem/chains`, <https://github.com/wevm/viem/tree/main/src/chains/definitions>,
//! without what a name says twice. Each coin has 18 decimals there, as `wallet_addEthereumChain` of MetaMask demands, and
//! a symbol of 6 characters at most: <https://eips.ethereum.org/EIPS/eip-3085>. Wallets ask the node; the page does not.

use payment_page::Wallet;

/// By EIP-155 chain id.
#[rustfmt::skip]
const KNOWN: &[(u64, &str, &str, &str, &str)] = &[
    (1,           "Ethereum",           "https://ethereum.reth.rs/rpc",                                "https://etherscan.io",                                 "ETH"),
    (10,          "OP Mainnet",         "https://mainnet.optimism.io",                                 "https://optimistic.etherscan.io",                      "ETH"),
    (14,          "Flare",              "https://flare-api.flare.network/ext/C/rpc",                   "https://flare-explorer.flare.network",                 "FLR"),
    (50,          "XDC",                "https://rpc.xdcrpc.com",                                      "https://xdcscan.com",                                  "XDC"),
    (51,          "XDC Apothem",        "https://erpc.apothem.network",                                "https://testnet.xdcscan.com",                          "TXDC"),
    (137,         "Polygon",            "https://polygon.drpc.org",                                    "https://polygonscan.com",                              "POL"),
    (143,         "Monad",              "https://rpc.monad.xyz",                                       "https://monadscan.com",                                "MON"),
    (988,         "Stable",             "https://rpc.stable.xyz",                                      "https://stablescan.xyz",                               "USDT0"),
    (1_328,       "Sei Testnet",        "https://evm-rpc-testnet.sei-apis.com",                        "https://testnet.seiscan.io",                           "SEI"),
    (1_329,       "Sei",                "https://evm-rpc.sei-apis.com",                                "https://seiscan.io",                                   "SEI"),
    (1_514,       "Data Network",       "https://mainnet.datarpc.io",                                  "https://datanetscan.io",                               "DATA"),
    (2_201,       "Stable Testnet",     "https://rpc.testnet.stable.xyz",                              "https://testnet.stablescan.xyz",                       "USDT0"),
    (2_741,       "Abstract",           "https://api.mainnet.abs.xyz",                                 "https://abscan.org",                                   "ETH"),
    (3_338,       "peaq",               "https://quicknode1.peaq.xyz",                                 "https://peaq.subscan.io",                              "PEAQ"),
    (4_326,       "MegaETH",            "https://mainnet.megaeth.com/rpc",                             "https://mega.etherscan.io",                            "ETH"),
    (4_689,       "IoTeX",              "https://babel-api.mainnet.iotex.io",                          "https://iotexscan.io",                                 "IOTX"),
    (8_453,       "Base",               "https://mainnet.base.org",                                    "https://basescan.org",                                 "ETH"),
    (11_124,      "Abstract Testnet",   "https://api.testnet.abs.xyz",                                 "https://sepolia.abscan.org",                           "ETH"),
    (31_611,      "Mezo Testnet",       "https://rpc.test.mezo.org",                                   "https://explorer.test.mezo.org",                       "BTC"),
    (31_612,      "Mezo",               "https://rpc.mezo.org",                                        "https://explorer.mezo.org",                            "BTC"),
    (36_900,      "ADI Chain",          "https://rpc.adifoundation.ai",                                "https://explorer.adifoundation.ai",                    "ADI"),
    (38_833,      "Igra",               "https://rpc.igralabs.com:8545",                               "https://explorer.igralabs.com",                        "iKAS"),
    (41_923,      "EDU Chain",          "https://rpc.educhain.xyz",                                    "https://explorer.educhain.xyz",                        "EDU"),
    (42_161,      "Arbitrum One",       "https://arb1.arbitrum.io/rpc",                                "https://arbiscan.io",                                  "ETH"),
    (42_220,      "Celo",               "https://forno.celo.org",                                      "https://celoscan.io",                                  "CELO"),
    (43_113,      "Avalanche Fuji",     "https://api.avax-test.network/ext/bc/C/rpc",                  "https://testnet.snowtrace.io",                         "AVAX"),
    (43_114,      "Avalanche",          "https://api.avax.network/ext/bc/C/rpc",                       "https://snowtrace.io",                                 "AVAX"),
    (72_344,      "Radius Testnet",     "https://rpc.testnet.radiustech.xyz",                          "https://testnet.radiustech.xyz",                       "RUSD"),
    (80_002,      "Polygon Amoy",       "https://polygon-amoy.drpc.org",                               "https://amoy.polygonscan.com",                         "POL"),
    (84_532,      "Base Sepolia",       "https://sepolia.base.org",                                    "https://sepolia.basescan.org",                         "ETH"),
    (181_228,     "HPP Sepolia",        "https://testnet.hpp.io",                                      "https://sepolia-explorer.hpp.io",                      "ETH"),
    (190_415,     "HPP",                "https://mainnet.hpp.io",                                      "https://explorer.hpp.io",                              "ETH"),
    (421_614,     "Arbitrum Sepolia",   "https://sepolia-rollup.arbitrum.io/rpc",                      "https://sepolia.arbiscan.io",                          "ETH"),
    (723_487,     "Radius",             "https://rpc.radiustech.xyz",                                  "https://network.radiustech.xyz",                       "RUSD"),
    (1_440_000,   "XRPL EVM",           "https://rpc.xrplevm.org",                                     "https://explorer.xrplevm.org",                         "XRP"),
    (11_142_220,  "Celo Sepolia",       "https://forno.celo-sepolia.celo-testnet.org",                 "https://celo-sepolia.blockscout.com",                  "S-CELO"),
    (11_155_111,  "Sepolia",            "https://11155111.rpc.thirdweb.com",                           "https://sepolia.etherscan.io",                         "ETH"),
    (324_705_682, "SKALE Base Sepolia", "https://base-sepolia-testnet.skalenodes.com/v1/base-testnet", "https://base-sepolia-testnet-explorer.skalenodes.com", "CREDIT"),
];

/// The network with a CAIP-2 name.
pub(crate) fn of(caip2: &str) -> Option<(&'static str, Wallet)> {
    let id: u64 = caip2.strip_prefix("eip155:")?.parse().ok()?;
    let known = KNOWN.iter().find(|(known, ..)| *known == id);
    known.map(|&(_, name, rpc, explorer, coin)| (name, Wallet { rpc, explorer, coin }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks;

    #[test]
    fn each_network_with_a_name_is_known() {
        for name in networks::names() {
            let chain = networks::find(name).unwrap();
            assert_eq!(chain.evm_id().is_some(), of(&chain.caip2).is_some(), "{name}");
        }
        assert!(KNOWN.is_sorted_by_key(|(id, ..)| id));
        assert_eq!(of("eip155:7"), None);
    }

    #[test]
    fn wallets_take_it() {
        for (id, name, rpc, explorer, coin) in KNOWN {
            assert!(!name.is_empty() && (1..=6).contains(&coin.len()), "{id}");
            assert!([rpc, explorer].iter().all(|url| url.starts_with("https://")), "{id}");
            assert!(!explorer.ends_with('/'), "{id}");
        }
    }
}
