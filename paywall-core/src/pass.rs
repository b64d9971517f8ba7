//! Passes: what opens an object under timed access without asking anybody.
//!
//! A pass is text for a cookie or a header:
//!
//! ```text
//! 1790000000.1f2e3d4c.0x209693bc6afc0c5328ba36faf03c514ef312287c.Yk3…
//! expiry     key id   payer                                      HMAC-SHA-256, base64url
//! ```
//!
//! The code covers all of it, and what the text does not say: the [`Subject`], that is the site and
//! the object, or the rule by its pattern; and the rule's access epoch. So a pass ends when its object is not for sale any more,
//! when its key goes, or when the seller raises the epoch; a new price, a new description or a table
//! built anew do not end it. No store is asked, and none needs to be there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use price_table::Key as ObjectKey;

use crate::clock::Micros;
use crate::event::Headers;
use crate::hex;
use crate::keys::{self, BadKeys, Key};
use crate::subject::{Kind, Subject};

/// The request and response header.
pub const HEADER: &str = "X-PAYMENT-PASS";

/// [`HEADER`] as [`Headers`] looks it up.
const HEADER_KEY: &str = "x-payment-pass";

/// What the names of all cookies that bear a pass begin with; 8 hexadecimal digits of the subject's
/// hash follow. Browsers keep one cookie of a name for each path, and the paths of two rules may be one
/// (`**/*.pdf`, `**/*.csv`): so each subject has a name of its own.
///
/// Browsers take a `__Secure-` cookie over https alone, and Chromium 148 and Firefox 140 on `http://127.0.0.1` and
/// `http://localhost` as well; WebKitGTK 2.50 takes none there, and no other `Secure` one. The header works everywhere,
/// so the page sends that. <https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3>
pub const COOKIE_PREFIX: &str = "__Secure-x402-";

/// So many passes of one request are tried. Browsers send one for each cookie path that matches, and a
/// subject's name stands under one path, or under two where its path is spelled in two ways.
const MAX_TRIED: usize = 4;

/// A payer is cut to so many characters; EVM addresses have 42, Solana's at most 44.
const MAX_PAYER: usize = 64;

/// The keys: the first signs, each verifies.
#[derive(Clone)]
pub struct Keys(Vec<(String, Key)>);

/// What a pass opens, and until when at the latest.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// What was sold.
    pub subject: &'a Subject,
    /// The rule's access epoch.
    pub access_epoch: u32,
}

/// A pass to give out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The pass itself.
    pub text: String,
    /// The name of its cookie.
    pub cookie_name: String,
    /// How long it still opens, in seconds.
    pub max_age: u64,
    /// The path that its cookie is for.
    pub path: String,
}

/// That a pass opens an object. Only [`read`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    payer: String,
    expires: u64,
}

/// Makes the pass of an access that ends at `expires`, in seconds since the epoch; `None` if it is
/// over. `viewer_path` is the path as the viewer spelled it.
pub fn issue(
    keys: &Keys,
    scope: Scope<'_>,
    payer: &str,
    expires: u64,
    now: Micros,
    viewer_path: &str,
) -> Option<Issued> {
    let max_age = expires.checked_sub(now.secs()).filter(|seconds| *seconds > 0)?;
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
    let payer: String = payer.chars().filter(fits).take(MAX_PAYER).collect();
    let (key_id, key) = &keys.0[0];
    let public = format!("{expires}.{key_id}.{payer}");
    let tag = mac(key, scope, &public).finalize().into_bytes();
    let text = format!("{public}.{}", URL_SAFE_NO_PAD.encode(tag));
    let Scope { subject, .. } = scope;
    let (cookie_name, path) = (cookie_name(subject), cookie_path(subject, viewer_path));
    Some(Issued { text, cookie_name, max_age, path })
}

/// The first pass of a request, by header or cookie, that opens the subject now.
pub fn read(headers: &Headers, keys: &Keys, scope: Scope<'_>, now: Micros) -> Option<Entitlement> {
    let name = cookie_name(scope.subject);
    let cookies = cookies(headers).filter_map(|pair| pair.strip_prefix(&*name)?.strip_prefix('='));
    let mut passes = headers.all(HEADER_KEY).map(str::trim).chain(cookies).take(MAX_TRIED);
    passes.find_map(|text| verify(text, keys, scope, now))
}

/// Removes the passes of a request, for whatever subject, so that neither cache nor origin sees them.
pub fn strip(headers: &mut Headers) {
    headers.remove(HEADER_KEY);
    let is_pass = |pair: &&str| pair.starts_with(COOKIE_PREFIX);
    if cookies(headers).any(|pair| is_pass(&pair)) {
        let kept = cookies(headers).filter(|pair| !is_pass(pair)).collect::<Vec<_>>().join("; ");
        match kept.is_empty() {
            true => headers.remove("cookie"),
            false => headers.set("Cookie", kept),
        }
    }
}

fn cookie_name(subject: &Subject) -> String {
    format!("{COOKIE_PREFIX}{}", &hex::encode(&subject.hash()[..4])[2..])
}

fn cookies(headers: &Headers) -> impl Iterator<Item = &str> {
    headers.all("cookie").flat_map(|value| value.split(';')).map(str::trim)
}

fn verify(text: &str, keys: &Keys, scope: Scope<'_>, now: Micros) -> Option<Entitlement> {
    let (public, tag) = text.rsplit_once('.')?;
    let mut parts = public.splitn(3, '.');
    let (expires, key_id, payer) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, key) = keys.0.iter().find(|(id, _)| id == key_id)?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let expires: u64 = expires.parse().ok()?;
    // Both at once: how long a refusal takes does not say which of them it was.
    let genuine = mac(key, scope, public).verify_slice(&tag).is_ok();
    let open = now.secs() < expires;
    (genuine & open).then(|| Entitlement { payer: payer.to_owned(), expires })
}

fn mac(key: &Key, scope: Scope<'_>, public: &str) -> impl Mac + use<> {
    let [site, kind, name] = scope.subject.parts();
    let epoch = scope.access_epoch.to_be_bytes();
    key.mac(&[b"pass", site, kind, name, &epoch, public.as_bytes()])
}

/// Where browsers send the cookie. They compare it with the path as they spell it, and a path that
/// needs escapes can be spelled in many ways: so the object's is the viewer's own spelling, and a
/// rule's ends before the first segment that would need any.
fn cookie_path(subject: &Subject, viewer_path: &str) -> String {
    let Subject { kind, name, .. } = subject;
    let object = || {
        let attribute = |b: u8| b.is_ascii_graphic() && b != b';';
        match viewer_path.starts_with('/') && viewer_path.bytes().all(attribute) {
            true => viewer_path.to_owned(),
            false => match ObjectKey::parse(name) {
                Ok(key) => key.to_uri_path(),
                Err(_) => "/".to_owned(),
            },
        }
    };
    match kind {
        Kind::Object => object(),
        Kind::Rule => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
            let fixed: Vec<_> =
                name.split('/').take_while(|segment| segment.bytes().all(plain)).collect();
            match fixed.len() == name.split('/').count() {
                // The rule of one object.
                true => object(),
                false => fixed.iter().fold(String::from("/"), |path, part| path + part + "/"),
            }
        }
    }
}

impl Keys {
    /// Reads keys of 64 hexadecimal digits, separated by white space, the current one first.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let keys = keys::parse(text)?;
        Ok(Keys(keys.into_iter().map(|key| (key.id(), key)).collect()))
    }
}

impl Issued {
    /// The value of `Set-Cookie`.
    /// <https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1>
    pub fn cookie(&self) -> String {
        let Issued { text, cookie_name: name, max_age, path } = self;
        format!("{name}={text}; Path={path}; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax")
    }
}

impl Entitlement {
    /// Who paid, as far as the pass says it.
    pub fn payer(&self) -> &str {
        &self.payer
    }

    /// When it ends, in seconds since the epoch.
    pub fn expires(&self) -> u64 {
        self.expires
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} of them)", self.0.len())
    }
}
