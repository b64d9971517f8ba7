//! The function's own `CryptoProvider`, against servers of all the kinds that it is to reach, and
//! against those that it must refuse.

mod authority;

use std::process::Command;
use std::sync::Arc;

use authority::{Authority, NAME};
use edge_fn::io::tls;
use rcgen::{
    CertificateParams, PKCS_ECDSA_P256_SHA256 as P256, PKCS_ECDSA_P384_SHA384 as P384,
    PKCS_RSA_SHA256 as RSA,
};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring::{cipher_suite as suite, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _};
use rustls::{
    AlertDescription, CertificateError, CipherSuite, ClientConnection, Error, NamedGroup,
    RootCertStore, ServerConnection, SupportedCipherSuite,
};

fn only(suite: SupportedCipherSuite, group: &'static dyn SupportedKxGroup) -> CryptoProvider {
    CryptoProvider { cipher_suites: vec![suite], kx_groups: vec![group], ..default_provider() }
}

/// Lets the two talk until they are done, or the client has had enough.
fn handshake(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<(), Error> {
    while client.is_handshaking() || server.is_handshaking() {
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            // What displeases the server, it tells the client.
            let _ = server.process_new_packets();
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(())
}

#[test]
fn every_kind_of_server_is_reached() {
    let ecdsa = [
        suite::TLS13_AES_128_GCM_SHA256,
        suite::TLS13_AES_256_GCM_SHA384,
        suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ];
    let rsa = [
        suite::TLS13_AES_128_GCM_SHA256,
        suite::TLS13_AES_256_GCM_SHA384,
        suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ];
    for (kind, suites) in [(&P256, ecdsa), (&P384, ecdsa), (&RSA, rsa)] {
        let authority = Authority::new(kind);
        for suite in suites {
            for group in [kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1] {
                let mut client = authority.client();
                let mut server = authority.server(NAME, only(suite, group));
                handshake(&mut client, &mut server).unwrap();
                let chosen = client.negotiated_cipher_suite().map(|suite| suite.suite());
                assert_eq!(chosen, Some(suite.suite()));
            }
        }
    }
}

/// Root, intermediate and server as they are had from whom AWS and facilitators have them.
#[test]
fn the_chains_that_are_in_use_are_accepted() {
    for chain in [
        // https://www.amazontrust.com/repository/: Amazon Root CA 1 and RSA 2048 M01, CA 3 and ECDSA 256 M01,
        // CA 4 and ECDSA 384 M01; and Root CA 1 above them, too.
        [&RSA, &RSA, &RSA],
        [&P256, &P256, &P256],
        [&P384, &P384, &P384],
        [&P384, &P384, &P256],
        // https://letsencrypt.org/certificates/: X1 and R12, X2 and E7, and E7 signed by X1.
        [&RSA, &RSA, &P256],
        [&RSA, &P384, &P256],
        [&RSA, &P384, &RSA],
        // https://pki.goog/repository/: R4 and WE1, R1 and WR1; Cloudflare's and Vercel's customers have these.
        [&P384, &P256, &P256],
        [&RSA, &P256, &P256],
    ] {
        let authority = Authority::of(chain);
        let mut server = authority.server(NAME, default_provider());
        handshake(&mut authority.client(), &mut server)
            .unwrap_or_else(|why| panic!("{chain:?}: {why}"));
    }
}

/// What `ring` signs nothing with, `openssl` does: a chain with a key of 1,024 bits, and one with SHA-1.
#[test]
fn weak_keys_and_hashes_are_refused() {
    let judged = |size: &str, hash: &str| {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &str| {
            let done =
                Command::new("openssl").args(arguments.split(' ')).current_dir(&folder).output();
            let done = done.expect("openssl can be run");
            assert!(
                done.status.success(),
                "{arguments}: {}",
                String::from_utf8_lossy(&done.stderr)
            );
        };
        run(&format!(
            "req -x509 -newkey rsa:{size} -{hash} -nodes -keyout root.key -out root.pem -subj /CN=root -days 2"
        ));
        run("req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf");
        std::fs::write(folder.path().join("names"), format!("subjectAltName=DNS:{NAME}")).unwrap();
        run(&format!(
            "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -{hash} -days 2 -extfile names -out leaf.pem"
        ));
        let read = |name: &str| CertificateDer::from_pem_file(folder.path().join(name)).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(read("root.pem")).unwrap();
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), tls::provider()).build();
        let name = ServerName::try_from(NAME).unwrap();
        verifier.unwrap().verify_server_cert(&read("leaf.pem"), &[], &name, &[], UnixTime::now())
    };
    judged("2048", "sha256").unwrap();
    for (size, hash) in [("1024", "sha256"), ("2048", "sha1")] {
        let why = judged(size, hash).unwrap_err();
        assert!(matches!(why, Error::InvalidCertificate(_)), "{size} {hash}: {why:?}");
    }
}

#[test]
fn what_it_offers_first() {
    let authority = Authority::new(&P256);
    let mut client = authority.client();
    handshake(&mut client, &mut authority.server(NAME, default_provider())).unwrap();
    let group = client.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(NamedGroup::X25519));
    let suite = client.negotiated_cipher_suite().map(|suite| suite.suite());
    assert_eq!(suite, Some(CipherSuite::TLS13_AES_128_GCM_SHA256));
}

#[test]
fn servers_that_are_not_who_they_say_are_refused() {
    let authority = Authority::new(&P256);
    let refused =
        |mut server: ServerConnection| match handshake(&mut authority.client(), &mut server)
            .unwrap_err()
        {
            Error::InvalidCertificate(why) => why,
            other => panic!("{other:?}"),
        };
    let stranger = Authority::new(&P256);
    let why = refused(stranger.server(NAME, default_provider()));
    assert!(
        matches!(why, CertificateError::UnknownIssuer | CertificateError::BadSignature),
        "{why:?}"
    );
    let why = refused(authority.server("other.example", default_provider()));
    assert!(matches!(why, CertificateError::NotValidForNameContext { .. }), "{why:?}");
    let mut expired = CertificateParams::new([NAME.to_owned()]).unwrap();
    expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let why = refused(authority.server_with(expired, default_provider()));
    assert!(matches!(why, CertificateError::ExpiredContext { .. }), "{why:?}");
}

#[test]
fn what_was_left_out_is_not_spoken() {
    let authority = Authority::new(&P256);
    let chacha = only(suite::TLS13_CHACHA20_POLY1305_SHA256, kx_group::X25519);
    let error =
        handshake(&mut authority.client(), &mut authority.server(NAME, chacha)).unwrap_err();
    assert_eq!(error, Error::AlertReceived(AlertDescription::HandshakeFailure));
}
