//! The function's own `CryptoProvider`, against servers of all the kinds that it is to reach, and
//! against those that it must refuse.

use std::process::Command;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_fn::io::tls;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SignatureAlgorithm,
};
use rustls::crypto::ring::{cipher_suite as suite, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, CertificateError, CipherSuite, ClientConfig, ClientConnection, Error,
    NamedGroup, RootCertStore, ServerConfig, ServerConnection, SupportedCipherSuite,
};

const NAME: &str = "facilitator.example";

/// A certificate authority of this run, its key and its servers' of one kind.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    kind: &'static SignatureAlgorithm,
}

impl Authority {
    fn new(kind: &'static SignatureAlgorithm) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key(kind)).unwrap();
        Authority { issuer, kind }
    }

    /// A client that trusts this authority, and nobody else.
    fn client(&self) -> ClientConnection {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(tls::provider())
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        ClientConnection::new(Arc::new(config), ServerName::try_from(NAME).unwrap()).unwrap()
    }

    fn server(&self, name: &str, provider: CryptoProvider) -> ServerConnection {
        self.server_with(CertificateParams::new([name.to_owned()]).unwrap(), provider)
    }

    fn server_with(&self, params: CertificateParams, provider: CryptoProvider) -> ServerConnection {
        let key = key(self.kind);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS12, &TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        ServerConnection::new(Arc::new(config)).unwrap()
    }
}

fn key(kind: &'static SignatureAlgorithm) -> KeyPair {
    if kind != &rcgen::PKCS_RSA_SHA256 {
        return KeyPair::generate_for(kind).unwrap();
    }
    // `ring` signs with RSA, but makes no keys.
    let made = Command::new("openssl").args(["genpkey", "-algorithm", "RSA"]).output();
    let made = made.expect("openssl can be run: install it, this test needs an RSA key");
    let pem = String::from_utf8(made.stdout).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(base64).unwrap();
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der), kind).unwrap()
}

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
    for (kind, suites) in [
        (&rcgen::PKCS_ECDSA_P256_SHA256, ecdsa),
        (&rcgen::PKCS_ECDSA_P384_SHA384, ecdsa),
        (&rcgen::PKCS_RSA_SHA256, rsa),
    ] {
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

#[test]
fn what_it_offers_first() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let mut client = authority.client();
    handshake(&mut client, &mut authority.server(NAME, default_provider())).unwrap();
    let group = client.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(NamedGroup::X25519));
    let suite = client.negotiated_cipher_suite().map(|suite| suite.suite());
    assert_eq!(suite, Some(CipherSuite::TLS13_AES_128_GCM_SHA256));
}

#[test]
fn servers_that_are_not_who_they_say_are_refused() {
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let refused =
        |mut server: ServerConnection| match handshake(&mut authority.client(), &mut server)
            .unwrap_err()
        {
            Error::InvalidCertificate(why) => why,
            other => panic!("{other:?}"),
        };
    let stranger = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
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
    let authority = Authority::new(&rcgen::PKCS_ECDSA_P256_SHA256);
    let chacha = only(suite::TLS13_CHACHA20_POLY1305_SHA256, kx_group::X25519);
    let error =
        handshake(&mut authority.client(), &mut authority.server(NAME, chacha)).unwrap_err();
    assert_eq!(error, Error::AlertReceived(AlertDescription::HandshakeFailure));
}
