//! The EVM networks that have a name here.
//!
//! Names and chain ids: `typescript/packages/mechanisms/evm/src/v1/index.ts` of
//! <https://github.com/x402-foundation/x402>; those that it does not name are called as their
//! makers call them, with the chain id of <https://chainlist.org>.

use price_table::Network;

use V1::{Nobody, Strict, TypeScript};

/// Which x402 v1 clients can read an offer on a network. One offer that a client cannot read makes
/// it refuse the whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum V1 {
    /// All of them: the four names of Python's v1 client.
    /// <https://github.com/x402-foundation/x402/tree/main/python/legacy>
    Strict,
    /// `x402-fetch` and `x402-axios` 1.x. Their list is `NetworkSchema` in
    /// <https://github.com/x402-foundation/x402/blob/main/typescript/packages/legacy/x402/src/types/shared/network.ts>
    TypeScript,
    /// None: the network has no v1 name that a client knows.
    Nobody,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) name: String,
    pub(crate) id: u64,
    pub(crate) v1: V1,
    /// Its tokens are worth nothing.
    pub(crate) testnet: bool,
}

#[rustfmt::skip]
const CHAINS: &[(&str, u64, V1, bool)] = &[
    ("abstract",           2_741,       TypeScript, false),
    ("abstract-testnet",   11_124,      TypeScript, true),
    ("adi",                36_900,      Nobody,     false),
    ("arbitrum",           42_161,      Nobody,     false),
    ("arbitrum-sepolia",   421_614,     Nobody,     true),
    ("avalanche",          43_114,      Strict,     false),
    ("avalanche-fuji",     43_113,      Strict,     true),
    ("base",               8_453,       Strict,     false),
    ("base-sepolia",       84_532,      Strict,     true),
    ("celo",               42_220,      Nobody,     false),
    ("celo-sepolia",       11_142_220,  Nobody,     true),
    ("educhain",           41_923,      TypeScript, false),
    ("ethereum",           1,           Nobody,     false),
    ("flare",              14,          Nobody,     false),
    ("hpp",                190_415,     Nobody,     false),
    ("hpp-sepolia",        181_228,     Nobody,     true),
    ("igra",               38_833,      Nobody,     false),
    ("iotex",              4_689,       TypeScript, false),
    ("megaeth",            4_326,       Nobody,     false),
    ("mezo",               31_612,      Nobody,     false),
    ("mezo-testnet",       31_611,      Nobody,     true),
    ("monad",              143,         Nobody,     false),
    ("peaq",               3_338,       TypeScript, false),
    ("polygon",            137,         TypeScript, false),
    ("polygon-amoy",       80_002,      TypeScript, true),
    ("radius",             723_487,     Nobody,     false),
    ("radius-testnet",     72_344,      Nobody,     true),
    ("sei",                1_329,       TypeScript, false),
    ("sei-testnet",        1_328,       TypeScript, true),
    ("sepolia",            11_155_111,  Nobody,     true),
    ("skale-base-sepolia", 324_705_682, TypeScript, true),
    ("stable",             988,         Nobody,     false),
    ("stable-testnet",     2_201,       Nobody,     true),
    ("story",              1_514,       TypeScript, false),
    ("xdc",                50,          Nobody,     false),
    ("xdc-apothem",        51,          Nobody,     true),
    ("xrpl-evm",           1_440_000,   Nobody,     false),
];

/// The network with a name, or with a CAIP-2 name such as `eip155:8453`. A chain id without a
/// name here is taken for a main network.
pub(crate) fn find(name: &str) -> Option<Chain> {
    match name.strip_prefix("eip155:") {
        Some(digits) => {
            let id: u64 = digits.parse().ok().filter(|id| *id != 0)?;
            // One spelling only: `+1` and `01` parse too.
            (id.to_string() == digits).then(|| by_id(id))
        }
        None => CHAINS.iter().find(|(known, ..)| *known == name).map(chain),
    }
}

/// The network with a chain id.
pub(crate) fn by_id(id: u64) -> Chain {
    CHAINS.iter().find(|(_, known, ..)| *known == id).map(chain).unwrap_or_else(|| Chain {
        name: format!("eip155:{id}"),
        id,
        v1: Nobody,
        testnet: false,
    })
}

/// Every name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CHAINS.iter().map(|(name, ..)| *name)
}

fn chain(&(name, id, v1, testnet): &(&str, u64, V1, bool)) -> Chain {
    Chain { name: name.to_owned(), id, v1, testnet }
}

impl Chain {
    /// As the table has it.
    pub(crate) fn network(&self) -> Network {
        Network {
            chain_id: self.id,
            caip2: format!("eip155:{}", self.id).into(),
            v1: (self.v1 != Nobody).then(|| self.name.clone().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_ids_are_unique() {
        assert_eq!(names().collect::<HashSet<_>>().len(), CHAINS.len());
        assert_eq!(CHAINS.iter().map(|c| c.1).collect::<HashSet<_>>().len(), CHAINS.len());
        assert!(names().is_sorted());
    }

    #[test]
    fn v1_clients_know_fifteen_evm_networks() {
        assert_eq!(CHAINS.iter().filter(|(_, _, v1, _)| *v1 != Nobody).count(), 15);
        assert_eq!(CHAINS.iter().filter(|(_, _, v1, _)| *v1 == Strict).count(), 4);
    }

    #[test]
    fn by_either_name() {
        assert_eq!(find("eip155:84532"), find("base-sepolia"));
        assert_eq!(find("eip155:123456").unwrap().network().v1, None);
        for name in ["Base", "eip155:", "eip155:0", "eip155:+1", "eip155:01", "solana"] {
            assert_eq!(find(name), None, "{name}");
        }
    }
}
