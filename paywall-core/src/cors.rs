//! CORS for the objects on sale: browsers on other sites may read the price and the receipt.
//!
//! Never with credentials: a cookie of the viewer must not pay on behalf of another site.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use price_table::Site;

use crate::event::Headers;

/// What a page may send, each by name: `*` would leave out `Authorization`. Libraries add some of them
/// to every request. The reference browser clients send `Access-Control-Expose-Headers`, literally, as
/// a request header.
const ALLOWED: &str = "PAYMENT-SIGNATURE, X-PAYMENT-SIGNATURE, X-PAYMENT, X-PAYMENT-PASS, \
                       Range, If-Range, If-Match, If-None-Match, If-Modified-Since, Content-Type, \
                       Authorization, Cache-Control, Pragma, Access-Control-Expose-Headers";

/// What a page may read.
const EXPOSED: &str = "PAYMENT-REQUIRED, X-PAYMENT-REQUIRED, PAYMENT-RESPONSE, \
                       X-PAYMENT-RESPONSE, X-PAYMENT-PASS, X-PAYMENT-DRY-RUN, Content-Range, Accept-Ranges, \
                       Content-Encoding, Content-Disposition, ETag, Repr-Digest, Retry-After";

/// The methods that are served.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// How long a browser may keep a preflight's answer, in seconds. Chromium keeps it two hours at
/// most: <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age>.
const MAX_AGE: &str = "7200";

/// Adds what every answer bears. `request` tells the page's origin.
pub fn add(site: &Site, request: &Headers, response: &mut Headers) {
    response.remove("access-control-allow-credentials");
    let origins = &site.cors_origins;
    let allowed = match origins.iter().any(|origin| origin == "*") {
        true => Some("*"),
        false => {
            vary(response, "Origin");
            request.first("origin").filter(|origin| origins.iter().any(|o| o == origin))
        }
    };
    if let Some(allowed) = allowed {
        response.set("Access-Control-Allow-Origin", allowed);
        response.set("Access-Control-Expose-Headers", EXPOSED);
    }
}

/// Adds what a preflight's answer bears beyond that.
pub fn add_preflight(response: &mut Headers) {
    response.set("Access-Control-Allow-Methods", METHODS);
    response.set("Access-Control-Allow-Headers", ALLOWED);
    response.set("Access-Control-Max-Age", MAX_AGE);
}

/// Adds a name to `Vary`, unless it is there.
pub fn vary(headers: &mut Headers, name: &str) {
    let merged = merge(headers.all("vary"), name);
    headers.set("Vary", merged);
}

/// Adds an element to a comma-separated list, unless it is there.
pub fn merge<'a>(values: impl Iterator<Item = &'a str>, element: &str) -> String {
    let mut list: Vec<&str> = values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|e| !e.is_empty())
        .collect();
    if !list.iter().any(|present| present.eq_ignore_ascii_case(element)) {
        list.push(element);
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use price_table::BodyVersion;

    fn site(origins: &[&'static str]) -> Site {
        Site {
            id: "site".into(),
            urls: vec!["https://site.example".into()].into(),
            default_root_object: None,
            sealed: false,
            discovery: None,
            contact: None,
            free_lines: 1,
            vouched_epoch: None,
            page: None,
            cors_origins: origins.iter().map(|o| (*o).into()).collect::<Vec<_>>().into(),
            body: BodyVersion::V1,
        }
    }

    fn allowed(origins: &[&'static str], origin: &str) -> (Option<String>, Option<String>) {
        let (mut request, mut response) = (Headers::default(), Headers::default());
        request.set("origin", origin);
        add(&site(origins), &request, &mut response);
        let get = |name| response.first(name).map(str::to_owned);
        (get("access-control-allow-origin"), get("vary"))
    }

    #[test]
    fn any_origin_or_the_listed_ones() {
        assert_eq!(allowed(&["*"], "https://a.example"), (Some("*".into()), None));
        let listed = ["https://a.example", "https://b.example"];
        let vary = Some("Origin".to_owned());
        assert_eq!(
            allowed(&listed, "https://b.example"),
            (Some("https://b.example".into()), vary.clone())
        );
        assert_eq!(allowed(&listed, "https://evil.example"), (None, vary));
    }

    #[test]
    fn lists_are_merged_without_repeats() {
        assert_eq!(merge(["max-age=60, Private"].into_iter(), "private"), "max-age=60, Private");
        assert_eq!(merge(["max-age=60"].into_iter(), "private"), "max-age=60, private");
        assert_eq!(merge(std::iter::empty(), "private"), "private");
    }
}
