//! What is asked of an EIP-3009 token, and what it should say.

use price_table::Evm;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

/// `DOMAIN_SEPARATOR()`, the first bytes of its Keccak-256.
const DOMAIN_SEPARATOR: &str = "0x3644e515";

/// `authorizationState(address,bytes32)`. <https://eips.ethereum.org/EIPS/eip-3009>
const AUTHORIZATION_STATE: &str = "0xe94a0102";

/// <https://eips.ethereum.org/EIPS/eip-712>
const DOMAIN_TYPE: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

/// Parameters of an `eth_call` for the token's EIP-712 domain.
pub(super) fn ask_domain(evm: &Evm) -> Value {
    call(evm, DOMAIN_SEPARATOR.to_owned(), "latest")
}

/// Parameters of an `eth_call` for whether a nonce is spent: of the payee's, since every account
/// will do.
pub(super) fn ask_state(evm: &Evm, block: &str) -> Value {
    let authorizer = hex(&evm.pay_to.bytes);
    call(evm, format!("{AUTHORIZATION_STATE}{authorizer:0>64}{:064}", 0), block)
}

/// Whether a reply is a word of 32 bytes, in lower case.
pub(super) fn word(reply: &Value) -> Option<String> {
    let digits = reply.as_str()?.strip_prefix("0x")?;
    let is_word = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_word.then(|| digits.to_ascii_lowercase())
}

/// The domain that buyers sign for: what the token must have.
pub(super) fn domain_separator(evm: &Evm) -> String {
    let mut chain_id = [0; 32];
    chain_id[24..].copy_from_slice(&evm.chain_id.to_be_bytes());
    let mut contract = [0; 32];
    contract[12..].copy_from_slice(&evm.asset.address.bytes);
    let hash = |text: &str| Keccak256::digest(text.as_bytes());
    let mut domain = Keccak256::new();
    for part in [DOMAIN_TYPE, &evm.asset.name, &evm.asset.version] {
        domain.update(hash(part));
    }
    domain.update(chain_id);
    domain.update(contract);
    hex(&domain.finalize())
}

fn call(evm: &Evm, data: String, block: &str) -> Value {
    json!([{"to": evm.asset.address.eip55, "data": data}, block])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors() {
        for (selector, signature) in [
            (DOMAIN_SEPARATOR, "DOMAIN_SEPARATOR()"),
            (AUTHORIZATION_STATE, "authorizationState(address,bytes32)"),
        ] {
            assert_eq!(selector, format!("0x{}", &hex(&Keccak256::digest(signature))[..8]));
        }
    }
}
