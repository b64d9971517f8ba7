//! The part that a web ACL plays for the function: no `x-amzn-waf-*` header comes from outside, and rules insert their own.
//!
//! Blocked is what the templates' first rule blocks, which reads as far as WAF does. An inserted header replaces one of the
//! same name: <https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html>

use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::event::Headers;
use crate::refusal::Refusal;

/// What WAF puts before the names of headers that it inserts.
const PREFIX: &str = "x-amzn-waf-";

/// So many bytes of headers, and so many headers, are all that WAF reads.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html>
const READ: (usize, usize) = (8_192, 200);

/// A web ACL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebAcl {
    /// What is inserted, without WAF's prefix.
    pub inserts: Vec<Insert>,
}

/// A header that a rule inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// Its name, without WAF's prefix.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whose requests get it.
    pub viewers: Viewers,
}

/// Whose requests get a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewers {
    /// All.
    Every,
    /// Those that look as if a person sent them: what Bot Control is for is told by `User-Agent` alone, which must begin as
    /// those of browsers do, and of headers that WAF can read whole.
    Browsers,
}

/// The web ACL of a distribution, which may change while it serves.
#[derive(Debug)]
pub(crate) struct Acl(Mutex<Option<WebAcl>>);

impl Acl {
    pub(crate) fn new(acl: Option<WebAcl>) -> Self {
        Acl(Mutex::new(acl))
    }

    pub(crate) fn set(&self, acl: Option<WebAcl>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = acl;
    }

    /// The headers of a request that goes on.
    pub(crate) fn pass(&self, viewers: &HeaderMap) -> Result<Headers, Refusal> {
        let mut headers = viewers.clone();
        if let Some(acl) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let (read, whole) = read(viewers);
            if read.iter().any(|name| name.as_str().contains(PREFIX)) {
                return Err(Refusal::BlockedByWaf);
            }
            let agent = viewers.get(http::header::USER_AGENT);
            let browser = whole && agent.is_some_and(|it| it.as_bytes().starts_with(b"Mozilla/"));
            for insert in &acl.inserts {
                if insert.viewers == Viewers::Every || browser {
                    let name = format!("{PREFIX}{}", insert.name).parse::<HeaderName>();
                    let value = HeaderValue::from_str(&insert.value);
                    if let (Ok(name), Ok(value)) = (name, value) {
                        headers.insert(name, value);
                    }
                }
            }
        }
        Ok(Headers::visible(&headers))
    }
}

/// The names that WAF reads, and whether they are all.
fn read(headers: &HeaderMap) -> (Vec<&HeaderName>, bool) {
    let mut bytes = 0;
    let fits = |(at, (name, value)): &(usize, (&HeaderName, &HeaderValue))| {
        bytes += name.as_str().len() + value.len();
        bytes <= READ.0 && *at < READ.1
    };
    let names: Vec<_> =
        headers.iter().enumerate().take_while(fits).map(|(_, (name, _))| name).collect();
    let whole = names.len() == headers.len();
    (names, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn acl() -> WebAcl {
        let insert = |name: &str, viewers| Insert { name: name.into(), value: "v".into(), viewers };
        WebAcl {
            inserts: vec![insert("every", Viewers::Every), insert("browsers", Viewers::Browsers)],
        }
    }

    #[test]
    fn what_begins_as_wafs_own_is_blocked_as_far_as_it_reads() {
        let acl = Acl::new(Some(acl()));
        let long = "x".repeat(8_192);
        let forged = [("x-amzn-waf-every", "mine")];
        assert_eq!(acl.pass(&headers(&forged)), Err(Refusal::BlockedByWaf));
        assert_eq!(acl.pass(&headers(&[("x-x-amzn-waf-", "")])), Err(Refusal::BlockedByWaf));
        let hidden =
            [("user-agent", "Mozilla/5.0"), ("padding", &long), ("x-amzn-waf-browsers", "mine")];
        let passed = acl.pass(&headers(&hidden)).unwrap();
        assert_eq!(passed.get("x-amzn-waf-every"), Some("v"));
        assert_eq!(passed.get("x-amzn-waf-browsers"), Some("mine"), "not for whom WAF cannot read");
        acl.set(None);
        assert_eq!(acl.pass(&headers(&forged)).unwrap().get("x-amzn-waf-every"), Some("mine"));
    }

    #[test]
    fn rules_insert_and_replace() {
        let acl = Acl::new(Some(acl()));
        for (agent, vouched) in [("Mozilla/5.0 (X11)", Some("v")), ("curl/8", None)] {
            let passed = acl.pass(&headers(&[("user-agent", agent)])).unwrap();
            assert_eq!(passed.get("x-amzn-waf-every"), Some("v"));
            assert_eq!(passed.get("x-amzn-waf-browsers"), vouched);
        }
        let long = "x".repeat(8_192);
        let hidden = [("padding", long.as_str()), ("x-amzn-waf-every", "mine")];
        assert_eq!(acl.pass(&headers(&hidden)).unwrap().get("x-amzn-waf-every"), Some("v"));
    }
}
