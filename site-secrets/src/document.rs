//! The JSON of `SECRETS_FILE`, and of the SSM parameter that it may point to.
//!
//! ```json
//! {
//!   "site": "shop",
//!   "handover": ["<64 hexadecimal digits>"],
//!   "pass": ["<64 hexadecimal digits>"],
//!   "facilitators": {
//!     "https://one.example": { "bearer": "<token>" },
//!     "https://two.example": { "cdp": { "keyId": "<id>", "secret": "<base64, or PEM>" } }
//!   },
//!   "rpc": { "eip155:8453": "https://node.example/<key>" }
//! }
//! ```
//!
//! or `{"ssm": {"parameter": "/x402/shop", "region": "us-east-1"}}`. Of keys, the current one comes
//! first; the others only verify. `site` is the id of the site whose secrets they are, so that no other
//! site's function takes them. `facilitators` and `rpc` may be left out.

use std::collections::BTreeMap;

use crate::field::{self, Field, Problem};
use crate::key::SigningKey;

/// What a document says.
#[derive(Clone, PartialEq, Eq)]
pub enum Document {
    /// The secrets themselves.
    Inline(Inline),
    /// Where they are.
    Ssm(Parameter),
}

/// Secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Inline {
    /// The id of the site; `None` for those of a function's environment, which are of no document.
    pub site: Option<String>,
    /// Keys of the hand-over header: 64 hexadecimal digits each; never empty.
    pub handover: Vec<String>,
    /// Keys of passes: 64 hexadecimal digits each; never empty.
    pub pass: Vec<String>,
    /// By the facilitator's base URL.
    pub facilitators: BTreeMap<String, Proof>,
    /// URLs of nodes, by the network's CAIP-2 name.
    pub rpc: BTreeMap<String, String>,
}

/// An SSM parameter, a `SecureString`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its AWS Region.
    pub region: String,
}

/// How the seller proves to a facilitator who asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// A fixed token.
    Bearer(String),
    /// A key of Coinbase's Developer Platform.
    Cdp {
        /// Its id.
        key_id: String,
        /// Base64 of 64 bytes, or PEM.
        secret: String,
    },
}

impl Document {
    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let json = field::json(text)?;
        let root = Field::root(&json);
        if json.get("ssm").is_none() {
            return Inline::read(&root).map(Document::Inline);
        }
        let ssm = root.object(&["ssm"])?.required("ssm")?.object(&["parameter", "region"])?;
        let [name, region] = ["parameter", "region"].map(|key| ssm.required(key)?.token());
        Ok(Document::Ssm(Parameter { name: name?, region: region? }))
    }
}

impl Inline {
    fn read(root: &Field<'_>) -> Result<Self, Problem> {
        let object = root.object(&["site", "handover", "pass", "facilitators", "rpc"])?;
        let site = Some(object.required("site")?.token()?);
        let [handover, pass] = ["handover", "pass"].map(|key| object.required(key)?.texts());
        let facilitators = object.entries("facilitators", |url, field| {
            base_url(url, field).and_then(|()| Proof::read(field))
        })?;
        let rpc = object.entries("rpc", |_, field| {
            let url = field.token()?;
            web_url(&url, field).map(|()| url)
        })?;
        let secrets = Inline { site, handover: handover?, pass: pass?, facilitators, rpc };
        secrets.check().map(|()| secrets)
    }

    /// Proofs that are no keys. They fail their own facilitators' calls, and no others.
    pub fn unusable(&self) -> Vec<String> {
        let keys = self.facilitators.iter().filter_map(|(url, proof)| match proof {
            Proof::Bearer(_) => None,
            Proof::Cdp { secret, .. } => SigningKey::of(url, secret).err(),
        });
        keys.collect()
    }

    /// Whether the keys are keys: the document's, or those of the environment.
    pub fn check(&self) -> Result<(), Problem> {
        let is_key = |key: &String| key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit());
        for (name, keys) in [("handover", &self.handover), ("pass", &self.pass)] {
            if keys.is_empty() || !keys.iter().all(is_key) {
                let what = "must be keys of 64 hexadecimal digits, the current one first";
                return Err(Problem::new(format!("{name} {what}")));
            }
        }
        // So that nothing signed for one purpose can serve the other.
        let both = |key: &String| self.pass.iter().any(|other| key.eq_ignore_ascii_case(other));
        match self.handover.iter().any(both) {
            true => Err(Problem::new("has the same key in handover and in pass")),
            false => Ok(()),
        }
    }
}

impl Proof {
    fn read(field: &Field<'_>) -> Result<Self, Problem> {
        let proof = field.object(&["bearer", "cdp"])?;
        match (proof.optional("bearer"), proof.optional("cdp")) {
            (Some(token), None) => Ok(Proof::Bearer(token.token()?)),
            (None, Some(cdp)) => {
                let cdp = cdp.object(&["keyId", "secret"])?;
                let (key_id, secret) = (cdp.required("keyId")?, cdp.required("secret")?);
                Ok(Proof::Cdp { key_id: key_id.token()?, secret: secret.text()? })
            }
            _ => Err(field.wrong("must have either bearer or cdp")),
        }
    }

    /// What the price table calls this kind of proof.
    pub fn kind(&self) -> &'static str {
        match self {
            Proof::Bearer(_) => "bearer",
            Proof::Cdp { .. } => "cdp",
        }
    }
}

/// As the price table spells it.
fn base_url(url: &str, field: &Field<'_>) -> Result<(), Problem> {
    match url.ends_with('/') {
        true => Err(field.wrong("is named by a URL with a slash at its end: leave it out")),
        false => web_url(url, field),
    }
}

/// Secrets and payments do not travel in the clear, except on loopback.
fn web_url(url: &str, field: &Field<'_>) -> Result<(), Problem> {
    let loopback = ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        let rest = url.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let host = url.strip_prefix("https://").is_some_and(|rest| !rest.starts_with('/'));
    if url.len() > "https://".len() && (host || loopback) {
        return Ok(());
    }
    Err(field.wrong("must be an https URL, or http on loopback"))
}
