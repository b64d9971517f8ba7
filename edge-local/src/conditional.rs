//! `If-None-Match` and `If-Modified-Since`: does the viewer hold this very object already?
//!
//! `If-Match` and `If-Unmodified-Since` are not looked at.
//! <https://www.rfc-editor.org/rfc/rfc9110#name-evaluation-of-preconditions>

use crate::event::Headers;
use crate::origin::Object;

/// Whether the answer to a `GET` or `HEAD` is 304.
pub(crate) fn not_modified(headers: &Headers, object: &Object) -> bool {
    if let Some(tags) = headers.0.get("if-none-match") {
        return tags
            .iter()
            .flat_map(|header| header.value.split(','))
            .map(|tag| tag.trim())
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == object.etag);
    }
    headers
        .get("if-modified-since")
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .is_some_and(|date| object.last_modified <= date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn preconditions() {
        let object = Object {
            body: "x".into(),
            etag: "\"e\"".into(),
            last_modified: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            content_type: "text/plain".into(),
            cache_control: None,
            expires_in: None,
            headers: Vec::new(),
        };
        let exactly = httpdate::fmt_http_date(object.last_modified);
        let before = httpdate::fmt_http_date(object.last_modified - Duration::from_secs(1));
        for (headers, expected) in [
            (&[][..], false),
            (&[("if-none-match", "\"e\"")], true),
            (&[("if-none-match", "\"d\", W/\"e\"")], true),
            (&[("if-none-match", "*")], true),
            (&[("if-none-match", "\"d\"")], false),
            (&[("if-modified-since", exactly.as_str())], true),
            (&[("if-modified-since", before.as_str())], false),
            (&[("if-modified-since", "yesterday")], false),
            (&[("if-none-match", "\"d\""), ("if-modified-since", exactly.as_str())], false),
        ] {
            let mut map = Headers::default();
            for (name, value) in headers {
                map.set(name, *value);
            }
            assert_eq!(not_modified(&map, &object), expected, "{headers:?}");
        }
    }
}
