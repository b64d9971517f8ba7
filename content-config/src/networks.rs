//! The networks that have a name here.
//!
//! Names and chain ids: `typescript/packages/mechanisms/evm/src/v1/index.ts` of
//! <https://github.com/x402-foundation/x402>; those that it does not name are called as their
//! makers call them, with the chain id of <https://chainlist.org>. Solana's: `mechanisms/svm` there.

use price_table::Network;

use crate::wallet_networks;

use V1::{Nobody, Stated, Strict, TypeScript};

/// Which x402 v1 clients can read an offer on a network. One offer that a client cannot read makes
/// it refuse the whole body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum V1 {
    /// All of them: the four names of Python's v1 client.
    /// <https://github.com/x402-foundation/x402/tree/main/python/legacy>
    Strict,
    /// `x402-fetch` and `x402-axios` 1.x. Their list is `NetworkSchema` in
    /// <https://github.com/x402-foundation/x402/blob/main/typescript/packages/legacy/x402/src/types/shared/network.ts>
    TypeScript,
    /// Those that know this name, which the seller states. None of the above does.
    Stated(String),
    /// None: the network has no v1 name that a client knows.
    Nobody,
}

/// What a network's addresses and payments are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// EVM, with its EIP-155 chain id.
    Evm(u64),
    /// Solana: accounts are 32 bytes in base58, and the facilitator pays the fee.
    Solana,
    /// Any other: its texts mean something to the facilitator alone.
    Other,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) name: String,
    pub(crate) caip2: String,
    pub(crate) family: Family,
    pub(crate) v1: V1,
    /// Its tokens are worth nothing.
    pub(crate) testnet: bool,
}

/// Genesis hashes: <https://namespaces.chainagnostic.org/solana/caip2>
const SOLANA: &[(&str, &str, V1, bool)] = &[
    ("solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", TypeScript, false),
    ("solana-devnet", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", TypeScript, true),
];

#[rustfmt::skip]
const EVM: &[(&str, u64, V1, bool)] = &[
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

/// The network with a name, or with a CAIP-2 name such as `eip155:8453`. A network without a name
/// here is taken for a main network.
pub(crate) fn find(name: &str) -> Option<Chain> {
    if let Some(digits) = name.strip_prefix("eip155:") {
        let id: u64 = digits.parse().ok().filter(|id| *id != 0)?;
        // One spelling only: `+1` and `01` parse too.
        return (id.to_string() == digits).then(|| by_id(id));
    }
    if let Some(row) = EVM.iter().find(|(known, ..)| *known == name) {
        return Some(evm(row));
    }
    match SOLANA.iter().find(|(known, caip2, ..)| [*known, *caip2].contains(&name)) {
        Some(row) => Some(solana(row)),
        None => by_caip2(name),
    }
}

/// Whether the money of a network, by its CAIP-2 name, is worth nothing. A network without a name here is taken for
/// a main network.
pub fn is_test(caip2: &str) -> bool {
    find(caip2).is_some_and(|chain| chain.testnet)
}

/// How many blocks of a network, by its CAIP-2 name, make a transaction one that stays; `None` where nobody who
/// answers for it says so.
pub fn depth(caip2: &str) -> Option<u32> {
    find(caip2).as_ref().and_then(confirmations)
}

/// The network of an offer.
pub(crate) fn of(network: &Network) -> Chain {
    let mut chain = find(&network.caip2).expect("the compiler writes CAIP-2 names");
    if let (Nobody, Some(name)) = (&chain.v1, &network.v1) {
        chain.v1 = Stated(name.to_string());
    }
    chain
}

/// How many blocks make a transaction on a network one that stays, its own block included; `None`
/// where nobody who answers for it says so.
///
/// What Circle, the issuer of USDC, waits for before it credits a deposit:
/// <https://developers.circle.com/circle-mint/blockchain-confirmations>. For roll-ups it counts
/// blocks of Ethereum (12 s); here they are in the network's own blocks. On test networks, whose
/// money is worth nothing, 3 blocks.
pub(crate) fn confirmations(chain: &Chain) -> Option<u32> {
    const ETHEREUM_SECONDS: u32 = 12;
    match chain.name.as_str() {
        _ if chain.testnet => Some(3),
        "arbitrum" => Some(300),
        "avalanche" | "sei" => Some(1),
        // 12 blocks of Ethereum, in blocks of 2 s.
        "base" | "eip155:10" => Some(12 * ETHEREUM_SECONDS / 2),
        // 65 blocks of Ethereum, in blocks of 1 s.
        "celo" => Some(65 * ETHEREUM_SECONDS),
        "ethereum" => Some(12),
        "monad" => Some(4),
        "polygon" => Some(50),
        "xdc" => Some(3),
        _ => None,
    }
}

/// Every name.
pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
    EVM.iter().map(|(name, ..)| *name).chain(SOLANA.iter().map(|(name, ..)| *name))
}

/// What people call networks elsewhere, where no spelling leads to the name here.
const ALIASES: &[(&str, &str)] = &[
    ("amoy", "polygon-amoy"),
    ("arbitrum-one", "arbitrum"),
    ("avalanche-c-chain", "avalanche"),
    ("avax", "avalanche"),
    ("eth", "ethereum"),
    ("fuji", "avalanche-fuji"),
    ("matic", "polygon"),
    ("op", "eip155:10"),
    ("optimism", "eip155:10"),
    ("polygon-pos", "polygon"),
];

/// The name here of what is called something else elsewhere: `base-mainnet`, `Base`, `eth`.
pub(crate) fn alias(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace(['_', ' '], "-");
    let ends = ["-mainnet-beta", "-mainnet", "-main", "mainnet"];
    let bare = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let named = names().find(|known| *known == bare);
    named.or_else(|| ALIASES.iter().find(|(other, _)| *other == bare).map(|(_, known)| *known))
}

fn by_id(id: u64) -> Chain {
    EVM.iter().find(|(_, known, ..)| *known == id).map(evm).unwrap_or_else(|| {
        let name = format!("eip155:{id}");
        Chain { caip2: name.clone(), name, family: Family::Evm(id), v1: Nobody, testnet: false }
    })
}

/// A network by its CAIP-2 name alone. <https://chainagnostic.org/CAIPs/caip-2>
fn by_caip2(name: &str) -> Option<Chain> {
    let (namespace, reference) = name.split_once(':')?;
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let any = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let fits = (3..=8).contains(&namespace.len())
        && namespace.chars().all(lower)
        && (1..=32).contains(&reference.len())
        && reference.chars().all(any);
    let family = match namespace {
        "eip155" => return None,
        "solana" => Family::Solana,
        _ => Family::Other,
    };
    let (name, caip2) = (name.to_owned(), name.to_owned());
    fits.then_some(Chain { name, caip2, family, v1: Nobody, testnet: false })
}

fn evm((name, id, v1, testnet): &(&str, u64, V1, bool)) -> Chain {
    Chain {
        name: (*name).to_owned(),
        caip2: format!("eip155:{id}"),
        family: Family::Evm(*id),
        v1: v1.clone(),
        testnet: *testnet,
    }
}

fn solana((name, caip2, v1, testnet): &(&str, &str, V1, bool)) -> Chain {
    Chain {
        name: (*name).to_owned(),
        caip2: (*caip2).to_owned(),
        family: Family::Solana,
        v1: v1.clone(),
        testnet: *testnet,
    }
}

impl Chain {
    /// The chain id, of an EVM network.
    pub(crate) fn evm_id(&self) -> Option<u64> {
        match self.family {
            Family::Evm(id) => Some(id),
            Family::Solana | Family::Other => None,
        }
    }

    /// What people call it, with a word of warning if its money is worth nothing.
    fn shown(&self) -> String {
        let name = match wallet_networks::of(&self.caip2) {
            Some((name, _)) => name,
            None if self.caip2 == SOLANA[0].1 => "Solana",
            None if self.caip2 == SOLANA[1].1 => "Solana Devnet",
            None => &self.name,
        };
        format!("{name}{}", if self.testnet { " (test money)" } else { "" })
    }

    /// As the table has it.
    pub(crate) fn network(&self) -> Network {
        let v1 = match &self.v1 {
            Strict | TypeScript => Some(self.name.clone()),
            Stated(name) => Some(name.clone()),
            Nobody => None,
        };
        Network {
            caip2: self.caip2.clone().into(),
            v1: v1.map(Into::into),
            name: self.shown().into(),
            rpc: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_ids_are_unique() {
        assert_eq!(names().collect::<HashSet<_>>().len(), EVM.len() + SOLANA.len());
        assert_eq!(EVM.iter().map(|c| c.1).collect::<HashSet<_>>().len(), EVM.len());
        assert!(EVM.is_sorted_by_key(|(name, ..)| name));
    }

    #[test]
    fn v1_clients_know_fifteen_evm_networks() {
        assert_eq!(EVM.iter().filter(|(_, _, v1, _)| *v1 != Nobody).count(), 15);
        assert_eq!(EVM.iter().filter(|(_, _, v1, _)| *v1 == Strict).count(), 4);
    }

    #[test]
    fn by_either_name() {
        assert_eq!(find("eip155:84532"), find("base-sepolia"));
        assert_eq!(find("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"), find("solana-devnet"));
        assert_eq!(find("eip155:123456").unwrap().network().v1, None);
        assert_eq!(find("stellar:pubnet").unwrap().family, Family::Other);
        // Solana's test network has no name here, and is Solana all the same.
        let testnet = find("solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z").unwrap();
        assert_eq!((testnet.family, testnet.v1), (Family::Solana, Nobody));
        let long = format!("stellar:{}", "a".repeat(33));
        for name in [
            "Base",
            "eip155:",
            "eip155:0",
            "eip155:+1",
            "eip155:01",
            "stellar",
            "stellar:",
            ":a",
            "xy:a",
            "ninechars:a",
            "Stellar:a",
            "stellar:a:b",
            "stellar:é",
            &long,
        ] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn names_from_elsewhere() {
        for (name, known) in [
            ("base-mainnet", "base"),
            ("Base", "base"),
            ("base_sepolia", "base-sepolia"),
            ("solana-mainnet-beta", "solana"),
            ("eth-mainnet", "ethereum"),
            ("avax", "avalanche"),
            ("optimism", "eip155:10"),
        ] {
            assert_eq!(alias(name), Some(known), "{name}");
        }
        assert_eq!(alias("mainnet"), None);
        assert!(
            ALIASES.iter().all(|(other, known)| find(other).is_none() && find(known).is_some())
        );
        assert!(ALIASES.is_sorted());
    }

    #[test]
    fn an_offer_leads_back_to_its_network() {
        for name in ["base", "arbitrum", "solana", "stellar:pubnet"] {
            let chain = find(name).unwrap();
            assert_eq!(of(&chain.network()), chain);
        }
        let mut stellar = find("stellar:pubnet").unwrap();
        stellar.v1 = Stated("stellar".to_owned());
        assert_eq!(of(&stellar.network()), stellar);
    }
}
