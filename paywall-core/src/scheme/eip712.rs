//! The EIP-712 digest of an EIP-3009 authorization.
//!
//! * <https://eips.ethereum.org/EIPS/eip-712>
//! * <https://eips.ethereum.org/EIPS/eip-3009>

use price_table::Evm;

use super::eip3009::Authorization;
use crate::keccak::keccak;
use crate::u256::U256;

const DOMAIN_TYPE: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const TRANSFER_TYPE: &str = "TransferWithAuthorization(address from,address to,uint256 value,\
                             uint256 validAfter,uint256 validBefore,bytes32 nonce)";

/// What the payer signed, if `evm` is what they meant to pay in.
pub fn digest(evm: &Evm, authorization: &Authorization) -> [u8; 32] {
    keccak(&[b"\x19\x01", &domain_separator(evm), &struct_hash(authorization)])
}

fn domain_separator(evm: &Evm) -> [u8; 32] {
    keccak(&[
        &keccak(&[DOMAIN_TYPE.as_bytes()]),
        &keccak(&[evm.asset.name.as_bytes()]),
        &keccak(&[evm.asset.version.as_bytes()]),
        &U256::from(u128::from(evm.chain_id)).0,
        &address_word(&evm.asset.address.bytes),
    ])
}

fn struct_hash(authorization: &Authorization) -> [u8; 32] {
    keccak(&[
        &keccak(&[TRANSFER_TYPE.as_bytes()]),
        &address_word(&authorization.from),
        &address_word(&authorization.to),
        &authorization.value.0,
        &authorization.valid_after.0,
        &authorization.valid_before.0,
        &authorization.nonce,
    ])
}

fn address_word(address: &[u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address);
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use crate::testing::{evm, usdc};

    #[test]
    fn type_hashes() {
        assert_eq!(
            hex::encode(&keccak(&[TRANSFER_TYPE.as_bytes()])),
            "0x7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267"
        );
        assert_eq!(
            hex::encode(&keccak(&[DOMAIN_TYPE.as_bytes()])),
            "0x8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f"
        );
    }

    #[test]
    fn domain_separators_of_usdc() {
        assert_eq!(
            hex::encode(&domain_separator(&usdc())),
            "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818"
        );
        let base = evm(8453, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin");
        assert_eq!(
            hex::encode(&domain_separator(&base)),
            "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"
        );
    }
}
