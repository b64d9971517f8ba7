//! The keys that Coinbase's Developer Platform gives out: Ed25519, as base64 of seed and public
//! half, and P-256, as PEM.
//! <https://docs.cdp.coinbase.com/get-started/authentication/cdp-api-keys>

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

/// A key that signs tokens.
pub enum SigningKey {
    /// Signs as `EdDSA`. <https://www.rfc-editor.org/rfc/rfc8037> Not by `ring`: its Ed25519 brings a table of
    /// 24,576 bytes into the function.
    Ed25519(ed25519_dalek::SigningKey),
    /// Signs as `ES256`. <https://www.rfc-editor.org/rfc/rfc7518#section-3.4>
    P256(EcdsaKeyPair),
}

/// Why a text is no key. Reads on after the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// Neither base64 of 64 bytes nor PEM.
    Unknown,
    /// The public half is not the seed's.
    Halves,
    /// The PEM's inside is not base64.
    Pem,
    /// Not a P-256 key together with its public half.
    Curve,
}

impl SigningKey {
    /// Reads base64 of 64 bytes, or the PEM of a P-256 key as SEC1 or PKCS #8. Line ends may be
    /// spelled `\n`, as they are when a PEM was copied out of JSON.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.replace("\\n", "\n");
        if let Some(sec1) = pem(&text, "EC PRIVATE KEY") {
            return p256(&pkcs8(&sec1?));
        }
        if let Some(pkcs8) = pem(&text, "PRIVATE KEY") {
            return p256(&pkcs8?);
        }
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey::Unknown)?;
        let halves = bytes.as_slice().try_into().map_err(|_| BadKey::Unknown)?;
        ed25519_dalek::SigningKey::from_keypair_bytes(halves)
            .map(SigningKey::Ed25519)
            .map_err(|_| BadKey::Halves)
    }

    /// That of a facilitator's proof; or what the operator must mend.
    pub fn of(url: &str, secret: &str) -> Result<Self, String> {
        Self::parse(secret)
            .map_err(|bad| format!("the secrets' facilitators[\"{url}\"].cdp.secret {bad}"))
    }

    /// The name of the algorithm in a token's header.
    pub fn algorithm(&self) -> &'static str {
        match self {
            SigningKey::Ed25519(_) => "EdDSA",
            SigningKey::P256(_) => "ES256",
        }
    }

    /// The signature, as tokens hold it: 64 bytes for either algorithm.
    pub fn sign(&self, message: &[u8], random: &SystemRandom) -> Result<Vec<u8>, Unspecified> {
        match self {
            SigningKey::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            SigningKey::P256(key) => Ok(key.sign(random, message)?.as_ref().to_vec()),
        }
    }
}

fn p256(pkcs8: &[u8]) -> Result<SigningKey, BadKey> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
        .map(SigningKey::P256)
        .map_err(|_| BadKey::Curve)
}

/// The inside of the first PEM block with this label. <https://www.rfc-editor.org/rfc/rfc7468>
fn pem(text: &str, label: &str) -> Option<Result<Vec<u8>, BadKey>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let inside = rest.split_once("-----END ").map_or("", |(inside, _)| inside);
    let base64: String = inside.split_whitespace().collect();
    let bytes = STANDARD.decode(base64).ok().filter(|bytes| !bytes.is_empty());
    Some(bytes.ok_or(BadKey::Pem))
}

/// Wraps a SEC1 key (<https://www.rfc-editor.org/rfc/rfc5915>) of the curve P-256 as PKCS #8
/// (<https://www.rfc-editor.org/rfc/rfc5958>), which is what `ring` reads.
fn pkcs8(sec1: &[u8]) -> Vec<u8> {
    /// `SEQUENCE { OID id-ecPublicKey, OID prime256v1 }`
    const P256: [u8; 21] = [
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    const VERSION_0: [u8; 3] = [0x02, 0x01, 0x00];
    let key = der(0x04, sec1);
    der(0x30, &[&VERSION_0[..], &P256, &key].concat())
}

/// A DER value. Longer ones than 255 bytes are no P-256 key: their length comes out wrong, and
/// `ring` refuses them.
fn der(tag: u8, inside: &[u8]) -> Vec<u8> {
    let length = inside.len() as u8;
    let head = if inside.len() < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [&head, inside].concat()
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKey::Unknown => {
                "is neither base64 of 64 bytes (Ed25519) nor the PEM of a P-256 key (ES256)"
            }
            BadKey::Halves => {
                "is 64 bytes, but the last 32 are not the public half of the first 32: it was \
                 copied wrong, or is no Ed25519 key"
            }
            BadKey::Pem => "is a PEM whose inside is not base64: it was copied wrong",
            BadKey::Curve => {
                "is a PEM, but not of a P-256 key with its public half; `openssl pkey -in KEY` \
                 writes it in full"
            }
        })
    }
}

impl std::error::Error for BadKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm())
    }
}
