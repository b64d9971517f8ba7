//! P-256 as it is linked into the function on the deployed target: `shim/p256.c`. Beside it stands
//! another implementation. What TLS makes of it is in `tls.rs`, what tokens do in `jwt.rs`.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

// It brings `shim/p256.c` in.
use edge_fn as _;

use object::{Object as _, ObjectSymbol as _};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use proptest::prelude::*;
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey as Peer, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};

#[test]
fn the_table_is_left_out() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let program = object::File::parse(&*program).unwrap();
    let names: Vec<_> = program.symbols().filter_map(|symbol| symbol.name().ok()).collect();
    let has = |start: &str, end: &str| {
        names.iter().any(|name| name.starts_with(start) && name.ends_with(end))
    };
    assert!(has("__wrap_ring_core_", "__p256_point_mul_base"));
    assert!(has("__wrap_ring_core_", "__p256_point_mul_base_vartime"));
    // With ring's prefix or without.
    assert!(!has("", "ecp_nistz256_precomputed"));
}

fn secret() -> impl Strategy<Value = p256::SecretKey> {
    let small = (1_u8..=255).prop_map(|n| {
        let mut bytes = [0; 32];
        bytes[31] = n;
        bytes
    });
    // n - 1 and its neighbours: https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-186.pdf, 3.2.1.3.
    let large = (1_u8..=0x50).prop_map(|less| {
        let mut order = [
            0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
            0x25, 0x51,
        ];
        order[31] -= less;
        order
    });
    prop_oneof![6 => any::<[u8; 32]>(), 1 => small, 1 => large]
        .prop_filter_map("not a scalar", |bytes| p256::SecretKey::from_slice(&bytes).ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Signatures by each, and broken ones, are judged alike by both.
    #[test]
    fn signatures(secret in secret(), message in any::<Vec<u8>>(), at in any::<usize>(), bit in 0_u8..8) {
        let random = SystemRandom::new();
        let signing = p256::ecdsa::SigningKey::from(&secret);
        let verifying = signing.verifying_key();
        let public = secret.public_key().to_encoded_point(false);
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING, &secret.to_bytes(), public.as_bytes(), &random,
        ).unwrap();
        prop_assert_eq!(pair.public_key().as_ref(), public.as_bytes());

        let ours = pair.sign(&random, &message).unwrap();
        let ours = p256::ecdsa::Signature::from_slice(ours.as_ref()).unwrap();
        prop_assert!(verifying.verify(&message, &ours).is_ok());

        let theirs: p256::ecdsa::Signature = signing.sign(&message);
        let mut theirs = theirs.to_der().as_bytes().to_vec();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public.as_bytes());
        prop_assert!(key.verify(&message, &theirs).is_ok());
        let at = at % theirs.len();
        theirs[at] ^= 1_u8 << bit;
        let other = p256::ecdsa::Signature::from_der(&theirs);
        let other = other.is_ok_and(|signature| verifying.verify(&message, &signature).is_ok());
        prop_assert_eq!(key.verify(&message, &theirs).is_ok(), other);
    }

    /// Both agree on the same secret.
    #[test]
    fn agreement(secret in secret()) {
        let ours = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = ours.compute_public_key().unwrap();
        let public = p256::PublicKey::from_sec1_bytes(public.as_ref()).unwrap();
        let theirs = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
        let peer = secret.public_key().to_encoded_point(false);
        let same = agree_ephemeral(ours, &Peer::new(&ECDH_P256, peer.as_bytes()), |shared| {
            shared == &theirs.raw_secret_bytes()[..]
        });
        prop_assert_eq!(same, Ok(true));
    }
}
