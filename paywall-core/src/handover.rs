//! What viewer-request hands to viewer-response: the receipt and the pass, in an internal request
//! header.
//!
//! AWS does not document whether viewer-response sees the request as viewer-request edited it or as
//! the viewer sent it. In the second case the header could be the viewer's own, so it carries a MAC
//! over the site, the id of the request, the object and its ETag; what does not verify is not emitted.

use hmac::Mac;
use price_table::Object;

use crate::hex;
pub use crate::keys::BadKeys;
use crate::keys::{self, Key};
use crate::pass::Issued;

/// The header's name. Removed from whatever the viewer sends.
pub const HEADER: &str = "x-x402-handover";

/// Why what has a price was given away, as [`Handover::gift`] and the log have it: WAF vouched for the viewer, or a switch
/// is on.
pub const GIFTS: [&str; 2] = ["vouched", "given_away"];

/// What is handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// What the viewer is to get as its receipt, in base64; `None` if a pass opened the object.
    pub receipt: Option<String>,
    /// The pass to give out.
    pub pass: Option<Issued>,
    /// What would have been charged, if nothing was; then there is none of the others.
    pub dry_run: Option<String>,
    /// Why nothing would have been, if it has a price; likewise.
    pub gift: Option<&'static str>,
}

/// What a hand-over is good for.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The site's id.
    pub site_id: &'a str,
    /// CloudFront's id of the request.
    pub request_id: &'a str,
    /// What is served.
    pub object: &'a Object<'a>,
}

/// The keys: the first signs, each verifies, so that keys can be rotated while answers are under
/// way between an old and a new version of the function.
#[derive(Clone)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads keys of 64 hexadecimal digits, separated by white space, the current one first.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        keys::parse(text).map(Keys)
    }

    /// 8 bytes of a code of these parts, by each key.
    pub fn tags(&self, parts: &[&[u8]]) -> Vec<[u8; 8]> {
        let tag = |key: &Key| {
            let code = key.mac(parts).finalize().into_bytes();
            std::array::from_fn(|at| code[at])
        };
        self.0.iter().map(tag).collect()
    }

    /// The code of these parts by the current key, in hexadecimal digits.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> String {
        code(&self.0[0], parts)
    }

    /// The same by the last key, which the function of before a rotation has, and the one of after it.
    pub(crate) fn lasting_code(&self, parts: &[&[u8]]) -> String {
        code(self.0.last().expect("one at least"), parts)
    }

    /// Whether one of the keys made this code of these parts; compared in constant time.
    pub(crate) fn made(&self, parts: &[&[u8]], code: &str) -> bool {
        let code = hex::digits::<32>(code);
        code.is_some_and(|code| self.0.iter().any(|key| key.mac(parts).verify_slice(&code).is_ok()))
    }

    /// The header's value.
    pub fn sign(&self, of: Of<'_>, handover: &Handover) -> String {
        let text = handover.to_text();
        let code = self.code(&parts(of, &text));
        format!("{text}.{code}")
    }

    /// What was handed over, if one of the keys signed it for this site, request and object.
    pub fn open(&self, of: Of<'_>, value: &str) -> Option<Handover> {
        let (text, code) = value.rsplit_once('.')?;
        if self.made(&parts(of, text), code) { Handover::from_text(text) } else { None }
    }
}

/// `RECEIPT` or `RECEIPT.PASS~COOKIE~MAX_AGE~PATH`: a receipt has no dot, neither a pass nor a cookie's
/// name a tilde, and the path, which may have both, is last. Or `~` and what a dry run would have charged, or
/// `~~` and why nothing would have been.
impl Handover {
    fn to_text(&self) -> String {
        if let Some(dry_run) = &self.dry_run {
            return format!("~{dry_run}");
        }
        if let Some(gift) = self.gift {
            return format!("~~{gift}");
        }
        let receipt = self.receipt.as_deref().unwrap_or_default();
        match &self.pass {
            None => receipt.to_owned(),
            Some(Issued { text, cookie_name, max_age, path }) => {
                format!("{receipt}.{text}~{cookie_name}~{max_age}~{path}")
            }
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("~~") {
            let gift = GIFTS.into_iter().find(|gift| *gift == name);
            return gift.map(|gift| Handover { gift: Some(gift), ..Handover::default() });
        }
        if let Some(dry_run) = text.strip_prefix('~') {
            return Some(Handover { dry_run: Some(dry_run.to_owned()), ..Handover::default() });
        }
        let (receipt, pass) = match text.split_once('.') {
            None => (text, None),
            Some((receipt, pass)) => (receipt, Some(pass)),
        };
        let pass = match pass {
            None => None,
            Some(pass) => {
                let mut parts = pass.splitn(4, '~');
                let text = parts.next()?.to_owned();
                let cookie_name = parts.next()?.to_owned();
                let max_age = parts.next()?.parse().ok()?;
                Some(Issued { text, cookie_name, max_age, path: parts.next()?.to_owned() })
            }
        };
        let receipt = (!receipt.is_empty()).then(|| receipt.to_owned());
        Some(Handover { receipt, pass, ..Handover::default() })
    }
}

fn code(key: &Key, parts: &[&[u8]]) -> String {
    hex::encode(&key.mac(parts).finalize().into_bytes())[2..].to_owned()
}

fn parts<'a>(of: Of<'a>, text: &'a str) -> [&'a [u8]; 6] {
    let Of { site_id, request_id, object } = of;
    ["handover", site_id, request_id, &object.key, &object.etag, text].map(str::as_bytes)
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} of them)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    const OBJECT: Object<'_> = Object {
        key: Cow::Borrowed("a"),
        etag: Cow::Borrowed("\"e\""),
        rule: 0,
        mime_type: 0,
        size: 1,
        sha256: None,
    };

    const OF: Of<'_> = Of { site_id: "shop", request_id: "id", object: &OBJECT };

    fn keys(digits: &[&str]) -> Keys {
        Keys::parse(&digits.iter().map(|d| d.repeat(64)).collect::<Vec<_>>().join("\n")).unwrap()
    }

    fn receipt() -> Handover {
        Handover { receipt: Some("cmVjZWlwdA==".into()), ..Handover::default() }
    }

    fn pass() -> Issued {
        Issued {
            text: "1.a.0x.b".into(),
            cookie_name: "__Secure-x402-01234567".into(),
            max_age: 600,
            path: "/~a.~/b".into(),
        }
    }

    #[test]
    fn opens_what_it_signed_and_nothing_else() {
        for handover in [
            receipt(),
            Handover::default(),
            Handover { pass: Some(pass()), ..receipt() },
            Handover { pass: Some(pass()), ..Handover::default() },
            Handover { dry_run: Some("amount=1, asset=\"a.b\"".into()), ..Handover::default() },
            Handover { gift: Some(GIFTS[0]), ..Handover::default() },
            Handover { gift: Some(GIFTS[1]), ..Handover::default() },
        ] {
            let signed = keys(&["a"]).sign(OF, &handover);
            assert_eq!(keys(&["a"]).open(OF, &signed), Some(handover.clone()));
            assert_eq!(keys(&["b", "a"]).open(OF, &signed), Some(handover));
            assert_eq!(keys(&["b"]).open(OF, &signed), None);
            let (key, changed) =
                (Object { key: "b".into(), ..OBJECT }, Object { etag: "\"f\"".into(), ..OBJECT });
            for other in [
                Of { site_id: "sister", ..OF },
                Of { request_id: "other", ..OF },
                Of { object: &key, ..OF },
                Of { object: &changed, ..OF },
            ] {
                assert_eq!(keys(&["a"]).open(other, &signed), None, "{other:?}");
            }
            assert_eq!(keys(&["a"]).open(OF, &format!(".{signed}")), None);
        }
        let signed = keys(&["a"]).sign(OF, &receipt());
        let (text, tag) = signed.split_once('.').unwrap();
        for forged in [
            "",
            ".",
            text,
            &format!("{text}."),
            &format!("{text}.00"),
            &format!("d{}.{tag}", &text[1..]),
            &format!("{text}.1.a.0x.b~__Secure-x402-01234567~600~/.{tag}"),
            &format!("~{text}.{tag}"),
        ] {
            assert_eq!(keys(&["a"]).open(OF, forged), None, "{forged}");
        }
    }
}
