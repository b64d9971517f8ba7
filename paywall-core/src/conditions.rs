//! Stage 4: what the function answers itself, by the manifest, before anything is settled.
//!
//! A paid answer must bear the content: so a request whose `If-None-Match` names the object's ETag
//! is 304 here, free, and one whose `Range` lies past the object's end is 416, free.
//! <https://www.rfc-editor.org/rfc/rfc9110.html#section-13> and `#section-14`.
//!
//! An ETag is mostly the MD5 of the bytes that are for sale, so whoever may ask whether a guess is right
//! learns small contents for nothing. Entity tags are answered to a pass, or to a payment whose signature
//! recovers, and one at a time; to others, and in lists, they are as if they were not there.

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

/// Whether a request depends on an entity tag that could be answered.
pub fn names_tag(headers: &Headers) -> bool {
    ["if-match", "if-none-match"].iter().any(|name| single_tag(headers, name).is_some())
}

/// Reads the conditions of a request for `object`. `known` is who bears a pass, or a payment whose
/// signature recovers.
///
/// There is no date in the manifest, so dates are left to what an entity tag says.
pub fn read(method: &str, headers: &Headers, object: &Object<'_>, known: bool) -> Conditions {
    let tag = |name| single_tag(headers, name).filter(|_| known);
    if tag("if-match").is_some_and(|tag| tag != object.etag) {
        // By strong comparison: a weak tag names no version.
        Conditions::PreconditionFailed
    } else if tag("if-none-match").is_some_and(|tag| is_weakly(tag, &object.etag)) {
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

/// The one entity tag of a field; `None` for a list, for `*`, and for what is no tag.
/// <https://www.rfc-editor.org/rfc/rfc9110.html#section-8.8.3>
fn single_tag<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    let mut values = headers.all(name);
    let (tag, None) = (values.next()?.trim(), values.next()) else { return None };
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = opaque.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(tag)
}

/// By weak comparison: CloudFront weakens the tag of what it compresses.
fn is_weakly(tag: &str, etag: &str) -> bool {
    tag.strip_prefix("W/").unwrap_or(tag) == etag
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
        judge(fields, true)
    }

    fn judge(fields: &[(&str, &str)], known: bool) -> Conditions {
        judge_of(100, fields, known)
    }

    fn judge_of(size: u64, fields: &[(&str, &str)], known: bool) -> Conditions {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.add(name, *value);
        }
        let object = Object {
            key: "a".into(),
            etag: "\"abc\"".into(),
            rule: 0,
            mime_type: 0,
            size,
            sha256: None,
        };
        read("GET", &headers, &object, known)
    }

    #[test]
    fn entity_tags() {
        for tag in ["\"abc\"", "W/\"abc\"", " \"abc\" "] {
            assert_eq!(of(&[("if-none-match", tag)]), Conditions::NotModified, "{tag}");
        }
        for tag in ["\"x\"", "abc", "", "\"", "w/\"abc\""] {
            assert_eq!(of(&[("if-none-match", tag)]), Conditions::Send, "{tag}");
        }
    }

    #[test]
    fn another_version_is_not_sold() {
        for tag in ["\"x\"", "W/\"abc\""] {
            assert_eq!(of(&[("if-match", tag)]), Conditions::PreconditionFailed, "{tag}");
        }
        assert_eq!(of(&[("if-match", "\"abc\"")]), Conditions::Send);
    }

    #[test]
    fn one_guess_a_request() {
        for list in ["\"x\", \"abc\"", "\"abc\", \"x\"", "\"abc\",", "*", "W/*"] {
            for name in ["if-match", "if-none-match"] {
                assert_eq!(of(&[(name, list)]), Conditions::Send, "{name}: {list}");
            }
        }
        for (name, tag) in [("if-none-match", "\"abc\""), ("if-match", "\"x\"")] {
            assert_ne!(of(&[(name, tag)]), Conditions::Send);
            assert_eq!(of(&[(name, tag), (name, "\"y\"")]), Conditions::Send, "{name}");
        }
    }

    #[test]
    fn who_is_not_known_learns_no_tag() {
        for (name, tag) in [("if-none-match", "\"abc\""), ("if-match", "\"x\"")] {
            assert_eq!(judge(&[(name, tag)], false), Conditions::Send, "{name}");
            let past = [(name, tag), ("range", "bytes=100-")];
            assert_eq!(judge(&past, false), Conditions::RangeNotSatisfiable);
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
            "bytes=,100-, ,500-,",
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
        for tag in ["\"abc\"", "\"old\""] {
            assert_eq!(of(&[("if-range", tag)]), Conditions::Send, "there is no range");
        }
    }

    #[test]
    fn ranges_of_more_than_4_gib() {
        for (range, wanted) in [
            ("bytes=4294967296-4294967297", Conditions::Send),
            ("bytes=5999999999-", Conditions::Send),
            ("bytes=6000000000-", Conditions::RangeNotSatisfiable),
            // What is left of it in 32 bits is within.
            ("bytes=8589934592-", Conditions::RangeNotSatisfiable),
        ] {
            assert_eq!(judge_of(6_000_000_000, &[("range", range)], true), wanted, "{range}");
        }
    }
}
