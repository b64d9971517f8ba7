//! Stage 6: does the signature match?
//!
//! Without the chain there are three answers, and only one of them refuses. An account with code
//! (a smart wallet under ERC-1271, one not deployed yet under ERC-6492, or an EOA that delegates
//! under EIP-7702) may accept bytes that no recovery explains, so a signature that does not
//! recover to the payer is not thereby wrong:
//!
//! | signature | answer |
//! | --- | --- |
//! | 65 bytes, `v` 27, 28, 0 or 1, or 64 bytes as EIP-2098 packs them; `s` low or high; recovers to the payer | [`Check::Matches`] |
//! | under 64 bytes; or 65 bytes, `v` 27 or 28, and `r` or `s` out of range | [`Impossible`] |
//! | anything else | [`Check::CannotTell`] |
//!
//! `v` 27 and 28 promise plain ECDSA, where `r` and `s` have a range. Other values of `v` are how
//! Safe marks its own forms (`s` may be 0 there):
//! <https://docs.safe.global/advanced/smart-account-signatures>.
//!
//! # One form
//!
//! Of a signature that recovers there are five spellings, and USDC takes one: 65 bytes, low `s`, `v` 27
//! or 28. So a match bears this canonical form, which is what facilitators are sent and what the
//! payment is known by: whichever spelling its payer or a copyist sends, it is one payment, settles,
//! and needs nobody's judgement.
//!
//! Of 64 bytes only EIP-2098's reading is tried, `v` in the top bit of `s`
//! (<https://eips.ethereum.org/EIPS/eip-2098>). Bare `r` and `s` leave `v` open; where it was 27 that is
//! the same bytes, and where it was 28 a facilitator may tell. No buyer is known to send them, and a
//! second recovery would double what a forgery costs.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use crate::keccak::keccak;
use crate::limits;

/// A signature that may be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It recovers to the payer.
    Matches {
        /// The one form that tokens take: 65 bytes, low `s`, `v` 27 or 28.
        canonical: [u8; 65],
    },
    /// It may be a contract wallet's; only a facilitator can tell.
    CannotTell,
}

/// A signature that no account could own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// Fewer bytes than any signature scheme has.
    TooShort,
    /// `r` or `s` is 0, or not below the order of the curve.
    OutOfRange,
}

/// Checks `signature` over `digest` for the account `payer`. It recovers once at most.
pub fn check(digest: &[u8; 32], signature: &[u8], payer: &[u8; 20]) -> Result<Check, Impossible> {
    if signature.len() < limits::SIGNATURE_MIN_BYTES {
        return Err(Impossible::TooShort);
    }
    let Some((scalars, v)) = scalars(signature) else { return Ok(Check::CannotTell) };
    let sent = match (Signature::from_slice(&scalars), v) {
        (Ok(ecdsa), _) => ecdsa,
        (Err(_), 27 | 28) => return Err(Impossible::OutOfRange),
        (Err(_), _) => return Ok(Check::CannotTell),
    };
    let ecdsa = sent.normalize_s();
    // The other `s` is the other point's: <https://eips.ethereum.org/EIPS/eip-2>.
    let odd = (v % 27 == 1) != (ecdsa != sent);
    match VerifyingKey::recover_from_prehash(digest, &ecdsa, RecoveryId::new(odd, false)) {
        Ok(key) if address(&key) == *payer => {
            let mut canonical = [27 + u8::from(odd); 65];
            canonical[..64].copy_from_slice(&ecdsa.to_bytes());
            Ok(Check::Matches { canonical })
        }
        _ => Ok(Check::CannotTell),
    }
}

/// `r`, `s`, and `v` as it was sent; `None` for what does not look like plain ECDSA.
fn scalars(signature: &[u8]) -> Option<([u8; 64], u8)> {
    match *signature {
        [ref scalars @ .., v @ (0 | 1 | 27 | 28)] if scalars.len() == 64 => {
            Some((scalars.try_into().ok()?, v))
        }
        ref packed => {
            let mut scalars: [u8; 64] = packed.try_into().ok()?;
            let v = scalars[32] >> 7;
            scalars[32] &= 0x7f;
            Some((scalars, v))
        }
    }
}

fn address(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_sec1_point(false);
    let hash = keccak(&[&point.as_bytes()[1..]]);
    hash[12..].try_into().expect("32 - 12 bytes")
}
