//! Which networks' money is worth nothing.

/// CAIP-2 names of test networks, as `content-config/src/networks.rs` lists them. Any other network is
/// taken for a main network.
const TEST_NETWORKS: &[&str] = &[
    "eip155:11124",                            // abstract-testnet
    "eip155:421614",                           // arbitrum-sepolia
    "eip155:43113",                            // avalanche-fuji
    "eip155:84532",                            // base-sepolia
    "eip155:11142220",                         // celo-sepolia
    "eip155:181228",                           // hpp-sepolia
    "eip155:31611",                            // mezo-testnet
    "eip155:80002",                            // polygon-amoy
    "eip155:72344",                            // radius-testnet
    "eip155:1328",                             // sei-testnet
    "eip155:11155111",                         // sepolia
    "eip155:324705682",                        // skale-base-sepolia
    "eip155:2201",                             // stable-testnet
    "eip155:51",                               // xdc-apothem
    "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", // solana-devnet
];

pub(super) fn is_test(caip2: &str) -> bool {
    TEST_NETWORKS.contains(&caip2)
}
