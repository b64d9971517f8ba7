//! `Range` and `If-Range`.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RangeGETs.html>

use std::ops::Range;

use crate::event::Headers;
use crate::origin::Object;

/// Which part of an object is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: no range, one that cannot be read, or more than one (S3 serves one range at a
    /// time and answers others with the whole object).
    Whole,
    /// These bytes; never empty.
    Bytes(Range<usize>),
    /// Bytes that the object does not have.
    Unsatisfiable,
}

/// What the headers of a request ask for.
pub(crate) fn requested(headers: &Headers, object: &Object) -> Part {
    let Some(range) = headers.get("range") else { return Part::Whole };
    if let Some(validator) = headers.get("if-range") {
        let same = if validator.contains('"') {
            validator == object.etag
        } else {
            httpdate::parse_http_date(validator).is_ok_and(|date| date == object.last_modified)
        };
        if !same {
            return Part::Whole;
        }
    }
    parse(range, object.body.len())
}

fn parse(range: &str, length: usize) -> Part {
    let Some((unit, set)) = range.split_once('=') else { return Part::Whole };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Part::Whole;
    }
    let Some((first, last)) = set.trim().split_once('-') else { return Part::Whole };
    match (position(first), position(last)) {
        (Some(Position::Absent), Some(Position::At(suffix))) => {
            part(length.saturating_sub(suffix)..length)
        }
        (Some(Position::At(first)), Some(Position::Absent)) => part(first..length),
        (Some(Position::At(first)), Some(Position::At(last))) if first <= last => {
            part(first..last.saturating_add(1).min(length))
        }
        _ => Part::Whole,
    }
}

fn part(range: Range<usize>) -> Part {
    if range.is_empty() { Part::Unsatisfiable } else { Part::Bytes(range) }
}

enum Position {
    Absent,
    At(usize),
}

/// Digits or nothing; a number too large to hold is beyond every object.
fn position(text: &str) -> Option<Position> {
    if text.is_empty() {
        Some(Position::Absent)
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Some(Position::At(text.parse().unwrap_or(usize::MAX)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn ranges_of_ten_bytes() {
        for (range, part) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-4", Part::Bytes(2..5)),
            ("Bytes=2-", Part::Bytes(2..10)),
            ("bytes=8-99", Part::Bytes(8..10)),
            ("bytes=8-99999999999999999999999", Part::Bytes(8..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-99", Part::Bytes(0..10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=10-20", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=4-2", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes 0-1", Part::Whole),
            ("lines=0-1", Part::Whole),
        ] {
            assert_eq!(parse(range, 10), part, "{range}");
        }
        assert_eq!(parse("bytes=0-", 0), Part::Unsatisfiable);
    }

    #[test]
    fn if_range_needs_the_same_object() {
        let object = Object {
            body: "0123456789".into(),
            etag: "\"e\"".into(),
            last_modified: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            content_type: "text/plain".into(),
            cache_control: None,
            expires_in: None,
            headers: Vec::new(),
        };
        let date = httpdate::fmt_http_date(object.last_modified);
        for (if_range, part) in [
            (None, Part::Bytes(0..2)),
            (Some("\"e\""), Part::Bytes(0..2)),
            (Some(date.as_str()), Part::Bytes(0..2)),
            (Some("\"f\""), Part::Whole),
            (Some("W/\"e\""), Part::Whole),
            (Some("Tue, 14 Nov 2023 22:13:21 GMT"), Part::Whole),
            (Some("yesterday"), Part::Whole),
        ] {
            let mut headers = Headers::default();
            headers.set("range", "bytes=0-1");
            if let Some(value) = if_range {
                headers.set("if-range", value);
            }
            assert_eq!(requested(&headers, &object), part, "{if_range:?}");
        }
    }
}
