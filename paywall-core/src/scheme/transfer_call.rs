//! The call of a token that settles an authorization, to be simulated: whether the token refuses it.
//!
//! * <https://eips.ethereum.org/EIPS/eip-3009>: the signature as `v`, `r`, `s`
//! * <https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v2/FiatTokenV2_2.sol>: as bytes,
//!   which is how contract wallets sign

use super::eip3009::Eip3009;
use crate::node::word;

/// `transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)`,
/// the first bytes of its Keccak-256.
const BY_VRS: [u8; 4] = [0xe3, 0xee, 0x16, 0x0e];

/// `transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)`, likewise.
const BY_BYTES: [u8; 4] = [0xcf, 0x09, 0x29, 0x95];

/// What the signature of a wallet that is not deployed yet ends with:
/// <https://eips.ethereum.org/EIPS/eip-6492>.
const UNDEPLOYED: [u8; 2] = [0x64, 0x92];

/// Selector and arguments; `None` for a wallet that is not deployed yet, which no token can judge.
pub fn of(signed: &Eip3009) -> Option<Vec<u8>> {
    let Eip3009 { authorization, signature } = signed;
    let fields = [
        word(&authorization.from),
        word(&authorization.to),
        authorization.value.0,
        authorization.valid_after.0,
        authorization.valid_before.0,
        authorization.nonce,
    ];
    if signature.len() >= 32 && signature[signature.len() - 32..] == [UNDEPLOYED; 16].concat()[..] {
        return None;
    }
    let mut call = match <&[u8; 65]>::try_from(signature.as_slice()) {
        Ok(&[ref scalars @ .., v]) => {
            let mut call = [BY_VRS.as_slice(), &fields.concat(), &number(v.into())].concat();
            call.extend_from_slice(scalars);
            call
        }
        Err(_) => {
            // The place of the bytes: after seven words.
            let head = [BY_BYTES.as_slice(), &fields.concat(), &number(7 * 32)].concat();
            [head.as_slice(), &number(signature.len()), signature].concat()
        }
    };
    // The ABI counts in words.
    let rest = (call.len() - 4) % 32;
    call.resize(call.len() + (32 - rest) % 32, 0);
    Some(call)
}

fn number(n: usize) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&(n as u64).to_be_bytes());
    word
}
