//! X25519 as it is linked into the function on the deployed target: `shim/x25519.c`. Beside it stands another
//! implementation. What TLS makes of it is in `tls.rs`.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
// A processor with ADX would never take the way of those without.
#![allow(unsafe_code)]

// It brings `shim/x25519.c` in.
use edge_fn as _;

use object::{Object as _, ObjectSymbol as _};
use proptest::prelude::*;
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::SystemRandom;
use x25519_dalek::{PublicKey, StaticSecret};

unsafe extern "C" {
    #[link_name = "__wrap_ring_core_0_17_14__x25519_public_from_private_generic_masked"]
    fn public_from_private(out: &mut [u8; 32], masked: &[u8; 32], has_adx: i32);
}

#[test]
fn the_table_is_left_out() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let program = object::File::parse(&*program).unwrap();
    assert!(program.symbols().all(|symbol| !symbol.name().unwrap().ends_with("k25519Precomp")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Of the same secret, on processors with ADX and without: ring asks the one that it runs on.
    #[test]
    fn public_keys(secret in any::<[u8; 32]>()) {
        let theirs = PublicKey::from(&StaticSecret::from(secret)).to_bytes();
        // https://www.rfc-editor.org/rfc/rfc7748#section-5
        let mut masked = secret;
        masked[0] &= 248;
        masked[31] = masked[31] & 127 | 64;
        let has_adx = std::arch::is_x86_feature_detected!("adx")
            && std::arch::is_x86_feature_detected!("bmi2");
        for adx in [Some(0), has_adx.then_some(1)].into_iter().flatten() {
            let mut ours = [0; 32];
            // SAFETY: as `shim/x25519.c` declares it.
            unsafe { public_from_private(&mut ours, &masked, adx) };
            prop_assert_eq!(ours, theirs);
        }
    }

    /// Both agree on the same secret.
    #[test]
    fn agreement(secret in any::<[u8; 32]>()) {
        let ours = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).unwrap();
        let public: [u8; 32] = ours.compute_public_key().unwrap().as_ref().try_into().unwrap();
        let theirs = StaticSecret::from(secret);
        let shared = theirs.diffie_hellman(&PublicKey::from(public));
        let peer = UnparsedPublicKey::new(&X25519, PublicKey::from(&theirs).to_bytes());
        let same = agree_ephemeral(ours, &peer, |ours| ours == shared.as_bytes());
        prop_assert_eq!(same, Ok(true));
    }
}
