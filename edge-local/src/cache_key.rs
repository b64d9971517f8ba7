//! What of a request takes part in the cache key, and what the origin sees of it.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html>
//!
//! The key is that of the whole distribution: AWS does not say that behaviors or origins take part in
//! it, so here a copy that one behavior fetched serves the same path in another.

use crate::behavior::{Behavior, Parts, S3Origin};
use crate::event::Request;
use crate::origin;

/// Headers that CloudFront keeps for itself or sets anew on the way to a bucket.
const NEVER_FORWARDED: [&str; 13] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
    "transfer-encoding",
];

/// The key under which the answer to `request` is kept.
pub(crate) fn key(request: &Request, behavior: &Behavior) -> String {
    let parts = [&behavior.cache_policy.key];
    let headers = headers(request, &parts);
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let (query, cookies) = (query(request, &parts), cookies(request, &parts));
    // No part can hold a line feed, so keys of different requests differ.
    [&request.uri, query.as_str(), cookies.as_str(), &headers.join("\n")].join("\n")
}

/// What the origin is asked for on behalf of `request`.
pub(crate) fn origin_request(
    request: &Request,
    behavior: &Behavior,
    origin: &S3Origin,
) -> origin::Request {
    let parts = [&behavior.cache_policy.key, &behavior.forwarded];
    let mut headers = headers(request, &parts);
    let cookies = cookies(request, &parts);
    if !cookies.is_empty() {
        headers.push(("cookie".to_owned(), cookies));
    }
    origin::Request {
        uri: format!("{}{}", origin.path, request.uri),
        query: query(request, &parts),
        headers,
        if_none_match: None,
    }
}

fn query(request: &Request, parts: &[&Parts]) -> String {
    let chosen = request.querystring.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && parts.iter().any(|parts| parts.query.has(name))
    });
    chosen.collect::<Vec<_>>().join("&")
}

fn cookies(request: &Request, parts: &[&Parts]) -> String {
    let headers = request.headers.0.get("cookie").into_iter().flatten();
    let cookies = headers.flat_map(|header| header.value.split(';')).map(str::trim);
    let chosen = cookies.filter(|cookie| {
        let name = cookie.split('=').next().unwrap_or_default();
        !cookie.is_empty() && parts.iter().any(|parts| parts.cookies.has(name))
    });
    chosen.collect::<Vec<_>>().join("; ")
}

fn headers(request: &Request, parts: &[&Parts]) -> Vec<(String, String)> {
    let chosen = request.headers.iter().filter(|(name, _)| {
        !NEVER_FORWARDED.contains(name) && parts.iter().any(|parts| parts.headers.has(name))
    });
    chosen.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Headers;
    use cloudfront::selection::Selection;
    use std::net::{IpAddr, Ipv4Addr};

    fn request() -> Request {
        let mut headers = Headers::default();
        headers.set("cookie", "a=1; b=2");
        headers.set("origin", "https://x.example");
        headers.set("range", "bytes=0-1");
        headers.set("payment-signature", "secret");
        Request {
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            headers,
            method: "GET".to_owned(),
            querystring: "v=1&w=2&&v=3".to_owned(),
            uri: "/a".to_owned(),
        }
    }

    fn only(name: &str) -> Selection {
        Selection::Only([name.to_owned()].into())
    }

    #[test]
    fn by_default_the_path_alone_counts() {
        let behavior = Behavior::default();
        assert_eq!(key(&request(), &behavior), "/a\n\n\n");
        let asked = origin_request(&request(), &behavior, behavior.origin.as_ref().unwrap());
        assert_eq!(asked, origin::Request { uri: "/a".to_owned(), ..Default::default() });
    }

    #[test]
    fn what_policies_choose() {
        let mut behavior = Behavior::default();
        behavior.cache_policy.key =
            Parts { query: only("v"), cookies: only("b"), headers: only("origin") };
        behavior.forwarded = Parts {
            query: Selection::all(),
            cookies: Selection::AllBut(["b".to_owned()].into()),
            headers: Selection::all(),
        };
        assert_eq!(key(&request(), &behavior), "/a\nv=1&v=3\nb=2\norigin:https://x.example");
        let origin = S3Origin { path: "/priced".to_owned(), ..behavior.origin.clone().unwrap() };
        let asked = origin_request(&request(), &behavior, &origin);
        assert_eq!((asked.uri.as_str(), asked.query.as_str()), ("/priced/a", "v=1&w=2&v=3"));
        let names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["origin", "payment-signature", "cookie"]);
        assert_eq!(asked.headers[2].1, "a=1; b=2");
    }
}
