//! Certificate authorities of this run.

use std::process::Command;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_fn::io::tls;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SignatureAlgorithm,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

pub const NAME: &str = "facilitator.example";

/// A root of this run, what is under it, and the key of its servers.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    leaf: KeyPair,
}

impl Authority {
    /// Keys of one kind.
    pub fn new(kind: &'static SignatureAlgorithm) -> Self {
        Authority::of([kind; 3])
    }

    /// Keys of the root, of what it signed, and of servers.
    pub fn of([root, intermediate, leaf]: [&'static SignatureAlgorithm; 3]) -> Self {
        let named = |name: &str| {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(DnType::CommonName, name);
            params
        };
        let root = CertifiedIssuer::self_signed(named("root"), key(root)).unwrap();
        let intermediate =
            CertifiedIssuer::signed_by(named("intermediate"), key(intermediate), &root).unwrap();
        Authority { root, intermediate, leaf: key(leaf) }
    }

    /// A client that trusts this root, and no other.
    pub fn client(&self) -> ClientConnection {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(tls::provider())
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        ClientConnection::new(Arc::new(config), ServerName::try_from(NAME).unwrap()).unwrap()
    }

    pub fn server(&self, name: &str, provider: CryptoProvider) -> ServerConnection {
        self.server_with(CertificateParams::new([name.to_owned()]).unwrap(), provider)
    }

    pub fn server_with(
        &self,
        params: CertificateParams,
        provider: CryptoProvider,
    ) -> ServerConnection {
        let certificate = params.signed_by(&self.leaf, &self.intermediate).unwrap();
        let chain = vec![certificate.der().clone(), self.intermediate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS12, &TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
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
