//! What a payer signs: an [EIP-3009] transfer authorization under a token's [EIP-712] domain.
//!
//! Written on `alloy` alone, apart from the function's own hashing and recovery, so that each can
//! catch the other's mistakes.
//!
//! [EIP-3009]: https://eips.ethereum.org/EIPS/eip-3009
//! [EIP-712]: https://eips.ethereum.org/EIPS/eip-712

pub use alloy_primitives::{Address, B256, Signature, U256};
use alloy_sol_types::{SolStruct, sol};

sol! {
    /// Times are Unix seconds, `value` is in the token's atomic units.
    #[derive(Debug, PartialEq, Eq)]
    struct TransferWithAuthorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }
}

/// A token contract on one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// [EIP-155](https://eips.ethereum.org/EIPS/eip-155) chain id.
    pub chain_id: u64,
    /// The token's contract.
    pub address: Address,
}

/// The EIP-712 domain that a token's authorizations are signed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// `name`, "USDC" for example; x402 carries it as `extra.name`.
    pub name: String,
    /// `version`, "2" for example; x402 carries it as `extra.version`.
    pub version: String,
    /// `chainId` and `verifyingContract`.
    pub token: Token,
}

impl Domain {
    fn eip712(&self) -> alloy_sol_types::Eip712Domain {
        alloy_sol_types::Eip712Domain::new(
            Some(self.name.clone().into()),
            Some(self.version.clone().into()),
            Some(U256::from(self.token.chain_id)),
            Some(self.token.address),
            None,
        )
    }

    /// EIP-712's `domainSeparator`.
    pub fn separator(&self) -> B256 {
        self.eip712().separator()
    }

    /// The 32 bytes that are signed.
    pub fn digest(&self, authorization: &TransferWithAuthorization) -> B256 {
        authorization.eip712_signing_hash(&self.eip712())
    }
}

/// Recovers as the reference facilitator's library (viem) does: 65 bytes, `v` of 0, 1, 27 or 28, any `s`.
pub fn recover_lenient(digest: B256, signature: &[u8]) -> Option<Address> {
    let signature: &[u8; 65] = signature.try_into().ok()?;
    let odd = match signature[64] {
        0 | 27 => false,
        1 | 28 => true,
        _ => return None,
    };
    let signature = Signature::from_bytes_and_parity(&signature[..64], odd);
    signature.recover_address_from_prehash(&digest).ok()
}

/// Why a token contract rejects a signature before it looks at who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malleable {
    /// Not 65 bytes.
    Length,
    /// `s` in the upper half of the curve's order.
    S,
    /// `v` neither 27 nor 28.
    V,
}

/// Recovers as USDC does: 65 bytes, `s` in the lower half, `v` of 27 or 28. `None` if no key fits.
///
/// Source: [`ECRecover.sol`](https://github.com/circlefin/stablecoin-evm/blob/master/contracts/util/ECRecover.sol).
pub fn recover_strict(digest: B256, signature: &[u8]) -> Result<Option<Address>, Malleable> {
    if signature.len() != 65 {
        return Err(Malleable::Length);
    }
    let parsed = Signature::from_bytes_and_parity(&signature[..64], false);
    if parsed.normalize_s().is_some() {
        return Err(Malleable::S);
    }
    if !matches!(signature[64], 27 | 28) {
        return Err(Malleable::V);
    }
    Ok(recover_lenient(digest, signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{address, b256, hex, keccak256};

    fn base_sepolia() -> Domain {
        Domain {
            name: "USDC".into(),
            version: "2".into(),
            token: Token {
                chain_id: 84532,
                address: address!("036CbD53842c5426634e7929541eC2318f3dCF7e"),
            },
        }
    }

    // Computed with Python's eth_account.
    fn vector() -> (TransferWithAuthorization, [u8; 65]) {
        let authorization = TransferWithAuthorization {
            from: address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            to: address!("209693Bc6afc0C5328bA36FaF03C514EF312287C"),
            value: U256::from(10_000),
            validAfter: U256::ZERO,
            validBefore: U256::from(1_740_672_154),
            nonce: b256!("f3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480"),
        };
        let signature = hex!(
            "887688bfda2adc60488cb21d8355641dc7e6cae2acf979a4e510569110fbeb69"
            "12bfec8521359ee79ecbd2c6f8ba9ada97d499a910f5c0d4e274d0da99b8f3561c"
        );
        (authorization, signature)
    }

    #[test]
    fn type_hashes_and_domain_separators() {
        assert_eq!(
            keccak256(TransferWithAuthorization::eip712_encode_type().as_bytes()),
            b256!("7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267"),
        );
        assert_eq!(
            base_sepolia().eip712().type_hash(),
            b256!("8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f"),
        );
        assert_eq!(
            base_sepolia().separator(),
            b256!("71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818"),
        );
        let base = Domain {
            name: "USD Coin".into(),
            version: "2".into(),
            token: Token {
                chain_id: 8453,
                address: address!("833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
            },
        };
        assert_eq!(
            base.separator(),
            b256!("02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"),
        );
    }

    #[test]
    fn digest_and_signature_of_the_vector() {
        let (authorization, signature) = vector();
        let digest = base_sepolia().digest(&authorization);
        assert_eq!(
            authorization.eip712_hash_struct(),
            b256!("009dcd424ce410509a7e6cfc1463575d18c6439223cb447d02b9e0bf48196d26"),
        );
        assert_eq!(
            digest,
            b256!("4f4985a0c4a7592c738a9d385dac72ed9932049a3a642b4923659213c54fa8c6"),
        );
        assert_eq!(recover_lenient(digest, &signature), Some(authorization.from));
        assert_eq!(recover_strict(digest, &signature), Ok(Some(authorization.from)));
    }

    // https://github.com/x402-foundation/x402/blob/main/specs/transports-v2/http.md
    #[test]
    fn the_specification_s_example_is_genuine() {
        let from = address!("857b06519E91e3A54538791bDbb0E22373e36b66");
        let authorization =
            TransferWithAuthorization { from, validAfter: U256::from(1_740_672_089), ..vector().0 };
        let signature = hex!(
            "2d6a7588d6acca505cbf0d9a4a227e0c52c6c34008c8e8986a1283259764173608a2ce6496642e377d6da8dbbf5836e9bd15092f9ecab05ded3d6293af148b571c"
        );
        let digest = base_sepolia().digest(&authorization);
        assert_eq!(recover_strict(digest, &signature), Ok(Some(from)));
    }

    #[test]
    fn the_token_takes_one_form_of_a_signature_only() {
        let (authorization, signature) = vector();
        let digest = base_sepolia().digest(&authorization);

        let mut zero_based = signature;
        zero_based[64] -= 27;
        assert_eq!(recover_lenient(digest, &zero_based), Some(authorization.from));
        assert_eq!(recover_strict(digest, &zero_based), Err(Malleable::V));

        // The order of secp256k1's group, SEC 2 section 2.4.1: https://www.secg.org/sec2-v2.pdf
        let order = U256::from_be_bytes(hex!(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
        ));
        let mut high = signature;
        let s = order - U256::from_be_slice(&signature[32..64]);
        high[32..64].copy_from_slice(&s.to_be_bytes::<32>());
        high[64] = 27 + 28 - signature[64];
        assert_eq!(recover_lenient(digest, &high), Some(authorization.from));
        assert_eq!(recover_strict(digest, &high), Err(Malleable::S));

        assert_eq!(recover_lenient(digest, &signature[..64]), None);
        assert_eq!(recover_strict(digest, &signature[..64]), Err(Malleable::Length));
    }
}
