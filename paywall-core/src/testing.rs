//! What several test modules need.

use price_table::{
    Address, Asset, Auth, Dialect, Evm, Facilitator, Network, Offer, Terms, VerifyPolicy,
};

use crate::hex;

/// Anvil account 1, the payee of the sample.
pub(crate) const PAYEE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

pub(crate) fn address(eip55: &'static str) -> Address {
    Address { bytes: hex::decode_array(eip55).unwrap(), eip55: eip55.into() }
}

pub(crate) fn evm(chain_id: u64, asset: &'static str, name: &'static str) -> Evm {
    Evm {
        chain_id,
        asset: Asset {
            address: address(asset),
            name: name.into(),
            version: "2".into(),
            decimals: 6,
        },
        pay_to: address(PAYEE),
    }
}

pub(crate) fn usdc() -> Evm {
    evm(84532, "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "USDC")
}

/// $0.01 in a token with 6 decimals.
pub(crate) fn offer(v1: &'static str, evm: Evm) -> Offer {
    Offer {
        network: Network {
            caip2: format!("eip155:{}", evm.chain_id).into(),
            v1: Some(v1.into()),
            name: "Somewhere".into(),
            rpc: None,
        },
        price: 10_000.into(),
        max_timeout_seconds: 60,
        facilitators: vec![Facilitator {
            url: "https://facilitator.example".into(),
            verify: VerifyPolicy::WhenNeeded,
            auth: Auth::None,
            dialect: Dialect::Reference,
            refusals: vec![].into(),
        }]
        .into(),
        terms: Terms::Evm(evm),
    }
}

pub(crate) fn base_sepolia_offer() -> Offer {
    offer("base-sepolia", usdc())
}
