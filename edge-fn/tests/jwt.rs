//! Tokens for Coinbase's Developer Platform, checked by another JWT library with other cryptography
//! (`jwt-compact`, over `ed25519-compact` and `p256`), and for what they claim.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_fn::io::auth::Credentials;
use edge_fn::io::http::Method;
use jwt_compact::alg::{Ed25519, Es256};
use jwt_compact::{Algorithm, AlgorithmExt, Claims, Header, UntrustedToken};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use paywall_core::clock::Micros;
use serde::{Deserialize, Serialize};
use site_secrets::{BadKey, Proof, SigningKey};

const FACILITATOR: &str = "https://api.cdp.coinbase.com/platform/v2/x402";
const KEY_ID: &str = "organizations/1/apiKeys/2";
const NOW: Micros = Micros::from_secs(1_800_000_000);

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Cdp {
    sub: String,
    iss: String,
    uris: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Nonce {
    nonce: String,
}

fn ed25519() -> (String, ed25519_compact::PublicKey) {
    // A key of this test alone.
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([7; 32]));
    (STANDARD.encode(*key.sk), key.pk)
}

fn p256_key() -> (p256::SecretKey, p256::ecdsa::VerifyingKey) {
    let key = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    let verifying = p256::ecdsa::SigningKey::from(&key).verifying_key().to_owned();
    (key, verifying)
}

fn credentials(secret: &str) -> Credentials {
    let proof = Proof::Cdp { key_id: KEY_ID.into(), secret: secret.into() };
    Credentials::read(&BTreeMap::from([(FACILITATOR.to_owned(), proof)]))
}

fn token(credentials: &Credentials, endpoint: &str) -> String {
    let url = format!("{FACILITATOR}/{endpoint}");
    let header = credentials.authorization(FACILITATOR, &Method::POST, &url, NOW).unwrap().unwrap();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}

/// Verifies the token, and takes it apart.
fn verified<A: Algorithm>(
    algorithm: &A,
    key: &A::VerifyingKey,
    token: &str,
) -> (Header<Nonce>, Claims<Cdp>) {
    let token = UntrustedToken::<Nonce>::try_from(token).unwrap();
    let token = algorithm.validator::<Cdp>(key).validate(&token).expect("a good signature");
    token.into_parts()
}

fn check<A: Algorithm>(algorithm: &A, key: &A::VerifyingKey, secret: &str) {
    let credentials = credentials(secret);
    assert_eq!(credentials.problems().count(), 0);
    let settle = token(&credentials, "settle");
    let (header, claims) = verified(algorithm, key, &settle);
    assert_eq!(header.key_id.as_deref(), Some(KEY_ID));
    assert_eq!(header.token_type.as_deref(), Some("JWT"));
    assert_eq!(header.other_fields.nonce.len(), 32);
    assert_eq!(
        claims.custom,
        Cdp {
            sub: KEY_ID.into(),
            iss: "cdp".into(),
            uris: vec!["POST api.cdp.coinbase.com/platform/v2/x402/settle".into()],
        }
    );
    let seconds = |time: Option<chrono::DateTime<chrono::Utc>>| time.unwrap().timestamp();
    assert_eq!(seconds(claims.issued_at), 1_800_000_000);
    assert_eq!(seconds(claims.not_before), 1_800_000_000);
    assert_eq!(seconds(claims.expiration), 1_800_000_120);

    // For one path only, and new each time.
    let verify = token(&credentials, "verify");
    let (other, claims) = verified(algorithm, key, &verify);
    assert_eq!(claims.custom.uris, ["POST api.cdp.coinbase.com/platform/v2/x402/verify"]);
    assert_ne!(other.other_fields.nonce, header.other_fields.nonce);
    assert_ne!(token(&credentials, "settle"), settle);

    // The library does refuse: here the claims' last character was changed.
    let (signed, signature) = settle.rsplit_once('.').unwrap();
    let forged = format!("{}{}.{signature}", &signed[..signed.len() - 1], "_");
    let forged = UntrustedToken::<Nonce>::try_from(forged.as_str()).unwrap();
    assert!(algorithm.validator::<serde_json::Value>(key).validate(&forged).is_err());
}

#[test]
fn ed25519_tokens_verify() {
    let (secret, key) = ed25519();
    check(&Ed25519, &key, &secret);
}

#[test]
fn es256_tokens_verify_from_either_kind_of_pem() {
    let (key, verifying) = p256_key();
    let sec1 = key.to_sec1_pem(LineEnding::LF).unwrap();
    assert!(sec1.contains("BEGIN EC PRIVATE KEY"));
    check(&Es256, &verifying, &sec1);
    check(&Es256, &verifying, &sec1.replace('\n', "\\n"));
    let pkcs8 = key.to_pkcs8_pem(LineEnding::CRLF).unwrap();
    assert!(pkcs8.contains("BEGIN PRIVATE KEY"));
    check(&Es256, &verifying, &pkcs8);
}

#[test]
fn what_is_no_key_says_so_and_stops_its_own_calls_only() {
    let (good, _) = ed25519();
    let halves = STANDARD.encode([7; 64]);
    let p384 =
        "-----BEGIN PRIVATE KEY-----\nMIG2AgEAMBAGByqGSM49AgEGBSuBBAAi\n-----END PRIVATE KEY-----";
    for (secret, why) in [
        ("", BadKey::Unknown),
        ("not base64!", BadKey::Unknown),
        (&good[..40], BadKey::Unknown),
        (&halves, BadKey::Halves),
        ("-----BEGIN EC PRIVATE KEY-----\n????\n-----END EC PRIVATE KEY-----", BadKey::Pem),
        ("-----BEGIN EC PRIVATE KEY-----", BadKey::Pem),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", BadKey::Curve),
        (p384, BadKey::Curve),
    ] {
        assert_eq!(SigningKey::parse(secret).unwrap_err(), why, "{secret}");
        let credentials = credentials(secret);
        let problem = credentials.problems().next().unwrap();
        assert!(problem.starts_with("the secrets' facilitators[\"https://api.cdp.coinbase.com"));
        assert!(problem.contains(".cdp.secret is "), "{problem}");
        assert!(secret.len() < 10 || !problem.contains(secret), "{problem}");
        let url = format!("{FACILITATOR}/settle");
        let stopped = credentials.authorization(FACILITATOR, &Method::POST, &url, NOW);
        assert_eq!(stopped, Err(problem.to_owned()));
        let other = "https://other.example";
        let unharmed = credentials.authorization(other, &Method::POST, other, NOW);
        assert_eq!(unharmed, Ok(None));
    }
}

#[test]
fn bearer_tokens_go_as_they_are_and_nothing_is_printed() {
    let proof = Proof::Bearer("s3cret-token".into());
    let credentials = Credentials::read(&BTreeMap::from([("https://f.example".to_owned(), proof)]));
    let header = credentials.authorization(
        "https://f.example",
        &Method::POST,
        "https://f.example/settle",
        NOW,
    );
    assert_eq!(header, Ok(Some("Bearer s3cret-token".to_owned())));
    assert!(!format!("{credentials:?}").contains("s3cret"));
    let (secret, _) = ed25519();
    let printed = format!("{:?}", SigningKey::parse(&secret).unwrap());
    assert_eq!(printed, "SigningKey(EdDSA)");
}
