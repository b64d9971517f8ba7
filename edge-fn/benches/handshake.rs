//! What a new connection costs the function: a handshake, the client's side of it alone, in microseconds.
//!
//! P-256 and X25519 are linked as they are deployed when this is a bench, and as `ring` has them when it is an example:
//!
//! ```text
//! cargo bench -p edge-fn --bench handshake
//! cargo run --release -p edge-fn --example handshake
//! ```
//!
//! The least of many is printed: what else the machine does only adds.

#[path = "../tests/authority/mod.rs"]
mod authority;

use std::time::{Duration, Instant};

use authority::{Authority, NAME};
use rcgen::{PKCS_ECDSA_P256_SHA256 as P256, PKCS_RSA_SHA256 as RSA};
use rustls::crypto::ring::{default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};

const HANDSHAKES: usize = 300;

pub fn main() {
    for (what, kind, group) in [
        ("X25519, a chain of P-256", &P256, kx_group::X25519),
        ("P-256, a chain of P-256", &P256, kx_group::SECP256R1),
        ("X25519, a chain of RSA", &RSA, kx_group::X25519),
    ] {
        let authority = Authority::new(kind);
        let least = (0..HANDSHAKES).map(|_| handshake(&authority, group)).min();
        println!("{what:<28} {:>5} us", least.expect("some").as_micros());
    }
}

/// The client's time: to begin, and at each answer.
fn handshake(authority: &Authority, group: &'static dyn SupportedKxGroup) -> Duration {
    let provider = CryptoProvider { kx_groups: vec![group], ..default_provider() };
    let mut server = authority.server(NAME, provider);
    let began = Instant::now();
    let mut client = authority.client();
    let mut spent = began.elapsed();
    while client.is_handshaking() || server.is_handshaking() {
        let (began, mut bytes) = (Instant::now(), Vec::new());
        client.write_tls(&mut bytes).expect("memory");
        spent += began.elapsed();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).expect("memory");
            server.process_new_packets().expect("the client is right");
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).expect("memory");
        }
        let (began, mut rest) = (Instant::now(), &bytes[..]);
        while !rest.is_empty() {
            client.read_tls(&mut rest).expect("memory");
            client.process_new_packets().expect("the server is right");
        }
        spent += began.elapsed();
    }
    spent
}
