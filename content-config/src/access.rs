//! What one payment buys: `request`, or a time such as `10m`.

use price_table::Access;

/// The longest timed access: 400 days, the longest that browsers keep the cookie that carries it.
/// <https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.5>
pub(crate) const MAX_DAYS: u32 = 400;

/// Why a text is not an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadAccess {
    Shape,
    OutOfRange,
}

pub(crate) fn parse(text: &str) -> Result<Access, BadAccess> {
    if text == "request" {
        return Ok(Access::Request);
    }
    let (digits, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or(BadAccess::Shape)?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(BadAccess::Shape),
    };
    if digits.is_empty() {
        return Err(BadAccess::Shape);
    }
    // Digits alone: what does not parse is too long.
    let count: u32 = digits.parse().map_err(|_| BadAccess::OutOfRange)?;
    match count.checked_mul(seconds) {
        Some(total @ 1..) if total <= MAX_DAYS * 24 * 60 * 60 => Ok(Access::Seconds(total)),
        _ => Err(BadAccess::OutOfRange),
    }
}

/// As it would be written, in the biggest unit that is exact.
pub(crate) fn display(access: Access) -> String {
    let Access::Seconds(seconds) = access else { return "request".to_owned() };
    let (unit, letter) = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')]
        .into_iter()
        .find(|(unit, _)| seconds % unit == 0)
        .expect("everything divides by 1");
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("36h", 129_600), ("400d", 34_560_000)] {
            assert_eq!(parse(text), Ok(Access::Seconds(seconds)));
            assert_eq!(display(Access::Seconds(seconds)), text);
        }
        assert_eq!(display(Access::Seconds(3_600)), "1h");
        assert_eq!(parse("request"), Ok(Access::Request));
    }

    #[test]
    fn refusals() {
        for text in ["", "10", "m", "10 m", "1.5h", "-1h", "10min", "Request", "1w"] {
            assert_eq!(parse(text), Err(BadAccess::Shape), "{text:?}");
        }
        for text in ["0s", "401d", "99999999999s", "4294967295d"] {
            assert_eq!(parse(text), Err(BadAccess::OutOfRange), "{text:?}");
        }
    }
}
