//! The token that Coinbase's Developer Platform wants with every request, for that request alone.
//! <https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication>

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use paywall_core::clock::Micros;
use paywall_core::hex;
use site_secrets::SigningKey;

/// How long a token is good, in seconds: what Coinbase's own SDKs give it.
/// <https://github.com/coinbase/cdp-sdk/blob/main/go/auth/jwt.go>
pub const LIFE_SECONDS: u64 = 120;

/// What a token is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The key's id.
    pub key_id: &'s str,
    /// The HTTP method.
    pub method: &'s str,
    /// The host, with its port if the URL has one.
    pub host: &'s str,
    /// The path, with its first slash.
    pub path: &'s str,
}

/// A token, signed. <https://www.rfc-editor.org/rfc/rfc7519>
pub fn sign(
    key: &SigningKey,
    subject: &Subject<'_>,
    now: Micros,
    random: &SystemRandom,
) -> Result<String, Unspecified> {
    let mut nonce = [0; 16];
    random.fill(&mut nonce)?;
    let header = json!({
        "alg": key.algorithm(),
        "kid": subject.key_id,
        "nonce": &hex::encode(&nonce)[2..],
        "typ": "JWT",
    });
    let now = now.secs();
    let Subject { key_id, method, host, path } = subject;
    let claims = json!({
        "sub": key_id,
        "iss": "cdp",
        "iat": now,
        "nbf": now,
        "exp": now + LIFE_SECONDS,
        "uris": [format!("{method} {host}{path}")],
    });
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(signed.as_bytes(), random)?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}
