//! Which headers a Lambda@Edge function may see and touch.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions-all.html>

use cloudfront::header_names::is_disallowed;

use crate::event::{EventType, Headers};

/// The headers that a function sees but may not add, change or delete.
pub(crate) fn read_only(event: EventType) -> &'static [&'static str] {
    match event {
        EventType::ViewerRequest => {
            &["cdn-loop", "content-length", "host", "transfer-encoding", "via"]
        }
        EventType::ViewerResponse => {
            &["content-encoding", "content-length", "transfer-encoding", "via", "warning"]
        }
    }
}

/// Why the headers that a function returned are refused; `before` is what it was shown.
pub(crate) fn check(event: EventType, before: &Headers, after: &Headers) -> Result<(), String> {
    for (name, values) in &after.0 {
        if is_disallowed(name) {
            return Err(format!("the header `{name}` is disallowed: a function may not add it"));
        }
        if event == EventType::ViewerRequest
            && name.starts_with("cloudfront-")
            && !before.0.contains_key(name)
        {
            return Err(format!(
                "the header `{name}` is CloudFront's own: it is added after viewer-request"
            ));
        }
        check_spelling(name)?;
        for header in values {
            if let Some(key) = &header.key
                && !key.eq_ignore_ascii_case(name)
            {
                return Err(format!(
                    "the header `{name}` has the key `{key}`: they must be the same but for case"
                ));
            }
            if http::HeaderValue::from_bytes(header.value.as_bytes()).is_err() {
                return Err(format!("the value of the header `{name}` holds a control character"));
            }
        }
    }
    for &name in read_only(event) {
        let values = |headers: &Headers| -> Option<Vec<String>> {
            Some(headers.0.get(name)?.iter().map(|header| header.value.clone()).collect())
        };
        let verb = match (values(before), values(after)) {
            (before, after) if before == after => continue,
            (None, _) => "added",
            (_, None) => "deleted",
            _ => "changed",
        };
        return Err(format!("the read-only header `{name}` was {verb}"));
    }
    Ok(())
}

fn check_spelling(name: &str) -> Result<(), String> {
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
        Err(format!("`{name}` is not the name of a header"))
    } else if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Err(format!("the header name `{name}` must be lower-case; `key` carries the spelling"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in pairs {
            headers.set(name, *value);
        }
        headers
    }

    #[test]
    fn disallowed_headers_are_hidden() {
        for name in ["connection", "x-edge-anything", "x-amz-cf-id", "x-forwarded-proto", "x-cache"]
        {
            assert!(is_disallowed(name), "{name}");
        }
        for name in ["x-x402-handover", "payment-signature", "x-amz-meta-a", "x-forwarded-for"] {
            assert!(!is_disallowed(name), "{name}");
        }
    }

    #[test]
    fn what_a_function_may_not_do_to_headers() {
        let before = headers(&[("host", "a"), ("range", "bytes=0-1")]);
        for (after, reason) in [
            (headers(&[("host", "b")]), "`host` was changed"),
            (headers(&[]), "`host` was deleted"),
            (headers(&[("host", "a"), ("via", "x")]), "`via` was added"),
            (headers(&[("host", "a"), ("x-edge-a", "x")]), "`x-edge-a` is disallowed"),
            (headers(&[("host", "a"), ("cloudfront-viewer-country", "x")]), "CloudFront's own"),
            (headers(&[("host", "a"), ("X-Big", "x")]), "lower-case"),
            (headers(&[("host", "a"), ("x y", "x")]), "not the name"),
            (headers(&[("host", "a"), ("x", "a\r\nset-cookie: b")]), "control character"),
        ] {
            let error = check(EventType::ViewerRequest, &before, &after).unwrap_err();
            assert!(error.contains(reason), "{error} should say {reason}");
        }
        let fine = headers(&[("host", "a"), ("x-x402-handover", "ü")]);
        assert_eq!(check(EventType::ViewerRequest, &before, &fine), Ok(()));
    }

    #[test]
    fn a_key_spells_its_own_name() {
        let mut after = headers(&[("a", "x")]);
        after.0.get_mut("a").unwrap()[0].key = Some("B".into());
        let error = check(EventType::ViewerResponse, &Headers::default(), &after).unwrap_err();
        assert!(error.contains("the key `B`"), "{error}");
    }
}
