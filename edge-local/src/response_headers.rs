//! A response headers policy: what CloudFront adds to responses, and takes from them.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html>
//!
//! AWS does not say whether a policy comes before or after a viewer-response function, nor whether it
//! touches what a viewer-request function generates. Here it comes last, so that an overriding policy
//! shows what it would destroy, and leaves generated responses alone.

use http::Method;

use crate::event::{Headers, Request};

/// A policy; the default one does nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHeadersPolicy {
    /// Headers to take away, in lower case.
    pub remove: Vec<String>,
    /// Headers to add.
    pub set: Vec<SetHeader>,
    /// Answers to cross-origin requests.
    pub cors: Option<Cors>,
}

/// A header to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetHeader {
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether it replaces one from the origin.
    pub overrides: bool,
}

/// The CORS part of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins that may read; `*` is any.
    pub allow_origins: Vec<String>,
    /// Headers of answers to preflights and of other answers: name in lower case, value.
    pub preflight: Vec<(String, String)>,
    /// Headers of every answer: name in lower case, value.
    pub always: Vec<(String, String)>,
    /// Whether it replaces the CORS headers of the origin.
    pub overrides: bool,
}

impl ResponseHeadersPolicy {
    /// Changes the headers of a response to `request`.
    pub(crate) fn apply(&self, request: &Request, headers: &mut Headers) {
        for name in &self.remove {
            headers.0.remove(name);
        }
        if let Some(cors) = &self.cors {
            cors.apply(request, headers);
        }
        for header in &self.set {
            if header.overrides || !headers.0.contains_key(&header.name) {
                headers.set(&header.name, header.value.as_str());
            }
        }
    }
}

impl Cors {
    fn apply(&self, request: &Request, headers: &mut Headers) {
        let is_cors = |name: &String| name.starts_with("access-control-");
        let Some(origin) = request.headers.get("origin") else { return };
        if !self.overrides && headers.0.keys().any(is_cors) {
            return;
        }
        let allowed = if self.allow_origins.iter().any(|allowed| allowed == "*") {
            "*"
        } else if self.allow_origins.iter().any(|allowed| allows(allowed, origin)) {
            origin
        } else {
            return;
        };
        headers.0.retain(|name, _| !is_cors(name));
        headers.set("access-control-allow-origin", allowed);
        let is_preflight = request.method == Method::OPTIONS.as_str();
        let preflight = self.preflight.iter().filter(|_| is_preflight);
        for (name, value) in self.always.iter().chain(preflight) {
            headers.set(name, value.as_str());
        }
    }
}

/// Whether an entry such as `https://*.example.com` allows an origin.
fn allows(entry: &str, origin: &str) -> bool {
    match entry.split_once("*.") {
        Some((before, after)) => origin
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|label| label.len() > 1 && label.ends_with('.')),
        None => entry == origin || origin.split_once("://").is_some_and(|(_, host)| host == entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn request(method: &str, origin: Option<&str>) -> Request {
        let mut headers = Headers::default();
        if let Some(origin) = origin {
            headers.set("origin", origin);
        }
        Request {
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            headers,
            method: method.to_owned(),
            querystring: String::new(),
            uri: "/".to_owned(),
        }
    }

    fn after(policy: &ResponseHeadersPolicy, request: &Request, before: &[(&str, &str)]) -> String {
        let mut headers = Headers::default();
        for (name, value) in before {
            headers.set(name, *value);
        }
        policy.apply(request, &mut headers);
        headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
    }

    #[test]
    fn headers_are_set_kept_and_removed() {
        let set = |name: &str, overrides| SetHeader {
            name: name.to_owned(),
            value: "policy".to_owned(),
            overrides,
        };
        let policy = ResponseHeadersPolicy {
            remove: vec!["server".to_owned()],
            set: vec![set("x-kept", false), set("x-over", true), set("x-new", false)],
            cors: None,
        };
        let before = [("server", "S3"), ("x-kept", "origin"), ("x-over", "origin")];
        assert_eq!(
            after(&policy, &request("GET", None), &before),
            "x-kept: origin\nx-new: policy\nx-over: policy\n"
        );
    }

    #[test]
    fn cors_answers_cross_origin_requests_only() {
        let cors = |overrides| ResponseHeadersPolicy {
            cors: Some(Cors {
                allow_origins: vec!["https://*.example.com".to_owned()],
                preflight: vec![("access-control-max-age".to_owned(), "60".to_owned())],
                always: vec![("access-control-expose-headers".to_owned(), "etag".to_owned())],
                overrides,
            }),
            ..Default::default()
        };
        let ours = Some("https://a.example.com");
        let allowed = "access-control-allow-origin: https://a.example.com\naccess-control-expose-headers: etag\n";
        assert_eq!(after(&cors(true), &request("GET", None), &[]), "");
        assert_eq!(after(&cors(true), &request("GET", Some("https://evil.example")), &[]), "");
        assert_eq!(after(&cors(true), &request("GET", Some("https://example.com")), &[]), "");
        assert_eq!(after(&cors(true), &request("GET", ours), &[]), allowed);
        assert!(after(&cors(true), &request("OPTIONS", ours), &[]).contains("max-age: 60"));

        let own = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "own")];
        assert_eq!(after(&cors(true), &request("GET", ours), &own), allowed);
        assert!(after(&cors(false), &request("GET", ours), &own).contains("expose-headers: own"));
    }
}
