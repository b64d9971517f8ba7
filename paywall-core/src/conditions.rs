//! Stage 4: what the function answers itself, by the manifest, before anything is settled.
//!
//! A paid answer must bear the content: so a request whose `If-None-Match` names the object's ETag
//! is 304 here, free, and one whose `Range` lies past the object's end is 416, free.
//! <https://www.rfc-editor.org/rfc/rfc9110.html#section-13> and `#section-14`.

use price_table::Object;

use crate::event::Headers;

/// What the conditions of a GET come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// Send the object, or the range asked for.
    Send,
    /// The viewer has it already.
    NotModified,
    /// The viewer wants another version than there is.
    PreconditionFailed,
    /// No range asked for has a byte.
    RangeNotSatisfiable,
}

/// Reads the conditions of a request for `object`.
///
/// There is no date in the manifest, so dates are left to what an entity tag says.
pub fn read(method: &str, headers: &Headers, object: &Object<'_>) -> Conditions {
    if headers.first("if-match").is_some()
        && !headers.all("if-match").any(|list| names_strongly(list, object.etag))
    {
        Conditions::PreconditionFailed
    } else if headers.all("if-none-match").any(|list| names(list, object.etag)) {
        Conditions::NotModified
    } else if method == "GET"
        && headers.first("range").is_some_and(|range| unsatisfiable(range, object.size))
    {
        // A validator that does not match turns the range into the whole object.
        match headers.first("if-range").is_none_or(|validator| validator.trim() == object.etag) {
            true => Conditions::RangeNotSatisfiable,
            false => Conditions::Send,
        }
    } else {
        Conditions::Send
    }
}

/// Whether a list of entity tags names `etag`, by weak comparison. CloudFront weakens the tag of
/// what it compresses.
fn names(list: &str, etag: &str) -> bool {
    list.trim() == "*"
        || list.split(',').any(|tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/").unwrap_or(tag) == etag
        })
}

/// By strong comparison.
fn names_strongly(list: &str, etag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|tag| tag.trim() == etag)
}

/// Whether every range of a valid `bytes` header begins past the end. Anything that is not a valid
/// byte range is to be ignored, and the whole object sent.
fn unsatisfiable(range: &str, size: u64) -> bool {
    let Some((unit, set)) = range.trim().split_once('=') else { return false };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return false;
    }
    let mut ranges = set.split(',').map(str::trim).filter(|spec| !spec.is_empty()).peekable();
    ranges.peek().is_some() && ranges.all(|spec| begins_past(spec, size) == Some(true))
}

/// `None` for what is not a range.
fn begins_past(spec: &str, size: u64) -> Option<bool> {
    let (first, last) = spec.split_once('-')?;
    // Digits too many for `u64` are still digits: a position past any end.
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    match (first, last) {
        ("", suffix) => Some(number(suffix)? == 0 || size == 0),
        (first, "") => Some(number(first)? >= size),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first >= size)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> Conditions {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.set(name, *value);
        }
        let object = Object { key: "a", etag: "\"abc\"", rule: 0, mime_type: 0, size: 100 };
        read("GET", &headers, &object)
    }

    #[test]
    fn entity_tags() {
        for list in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"] {
            assert_eq!(of(&[("if-none-match", list)]), Conditions::NotModified, "{list}");
        }
        for list in ["\"x\"", "abc", "", "w/\"abc\""] {
            assert_eq!(of(&[("if-none-match", list)]), Conditions::Send, "{list}");
        }
    }

    #[test]
    fn another_version_is_not_sold() {
        for list in ["\"x\"", "W/\"abc\"", "abc"] {
            assert_eq!(of(&[("if-match", list)]), Conditions::PreconditionFailed, "{list}");
        }
        for list in ["\"abc\"", "\"x\", \"abc\"", "*"] {
            assert_eq!(of(&[("if-match", list)]), Conditions::Send, "{list}");
        }
    }

    #[test]
    fn ranges() {
        for range in [
            "bytes=100-",
            "bytes=100-200",
            "bytes=-0",
            "bytes=100-,500-600",
            "Bytes = 200-",
            "bytes=99999999999999999999999-",
        ] {
            assert_eq!(of(&[("range", range)]), Conditions::RangeNotSatisfiable, "{range}");
        }
        for range in [
            "bytes=0-",
            "bytes=99-",
            "bytes=-1",
            "bytes=-500",
            "bytes=100-,0-1",
            "bytes=5-1",
            "bytes=",
            "bytes=a-",
            "items=100-",
            "100-",
            "bytes=200",
        ] {
            assert_eq!(of(&[("range", range)]), Conditions::Send, "{range}");
        }
    }

    #[test]
    fn if_range_decides_whether_the_range_counts() {
        let past = ("range", "bytes=100-");
        assert_eq!(of(&[past, ("if-range", "\"abc\"")]), Conditions::RangeNotSatisfiable);
        assert_eq!(of(&[past, ("if-range", "\"old\"")]), Conditions::Send);
        assert_eq!(of(&[past, ("if-none-match", "\"abc\"")]), Conditions::NotModified);
    }
}
