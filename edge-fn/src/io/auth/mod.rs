//! How the seller proves to a facilitator who asks.

pub mod jwt;

use std::collections::BTreeMap;
use std::fmt;

use ring::rand::SystemRandom;
use ureq::http::{Method, Uri};

use self::jwt::Subject;
use paywall_core::clock::Micros;
use site_secrets::{Proof, SigningKey};

/// What goes with the calls to each facilitator, by its base URL. Facilitators that want nothing
/// are not in it.
#[derive(Debug)]
pub struct Credentials {
    by_url: BTreeMap<String, Result<Credential, String>>,
    random: SystemRandom,
}

/// What one facilitator wants.
enum Credential {
    /// A fixed token; the whole header.
    Bearer(String),
    /// A key that signs a token for each call.
    Cdp { id: String, key: Box<SigningKey> },
}

impl Credentials {
    /// Reads the proofs. One that cannot be used fails its own facilitator's calls, and no others;
    /// see [`Credentials::problems`].
    pub fn read(proofs: &BTreeMap<String, Proof>) -> Self {
        let by_url = proofs.iter().map(|(url, proof)| (url.clone(), Credential::read(url, proof)));
        Credentials { by_url: by_url.collect(), random: SystemRandom::new() }
    }

    /// Notes that a facilitator's calls cannot be made, and why.
    pub fn fail(&mut self, url: &str, why: String) {
        self.by_url.insert(url.to_owned(), Err(why));
    }

    /// What is wrong with them, for the operator.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.by_url.values().filter_map(|credential| Some(credential.as_ref().err()?.as_str()))
    }

    /// The `Authorization` header of a call to `facilitator` at `url`, if it wants one; or why the
    /// call must not be made.
    pub fn authorization(
        &self,
        facilitator: &str,
        method: &Method,
        url: &str,
        now: Micros,
    ) -> Result<Option<String>, String> {
        let credential = match self.by_url.get(facilitator) {
            None => return Ok(None),
            Some(credential) => credential.as_ref().map_err(String::clone)?,
        };
        match credential {
            Credential::Bearer(header) => Ok(Some(header.clone())),
            Credential::Cdp { id, key } => {
                let uri: Uri = url.parse().map_err(|_| format!("{facilitator} is no URL"))?;
                let host = uri.authority().map_or("", |authority| authority.as_str());
                let subject =
                    Subject { key_id: id, method: method.as_str(), host, path: uri.path() };
                jwt::sign(key, &subject, now, &self.random)
                    .map(|token| Some(format!("Bearer {token}")))
                    .map_err(|_| format!("the token for {facilitator} could not be signed"))
            }
        }
    }
}

impl Credential {
    fn read(url: &str, proof: &Proof) -> Result<Self, String> {
        match proof {
            Proof::Bearer(token) => Ok(Credential::Bearer(format!("Bearer {token}"))),
            Proof::Cdp { key_id, secret } => SigningKey::of(url, secret)
                .map(|key| Credential::Cdp { id: key_id.clone(), key: Box::new(key) }),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::Bearer(_) => "Bearer(..)",
            Credential::Cdp { .. } => "Cdp(..)",
        })
    }
}
