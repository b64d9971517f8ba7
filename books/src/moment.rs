//! Moments, as people and spreadsheets have them.

use jiff::Timestamp;

/// A second since the epoch as RFC 3339 has it; some payments are valid for longer than there are
/// dates.
pub fn moment(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
    timestamp.map_or_else(|| format!("second {seconds}"), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!(moment(1_700_000_000), "2023-11-14T22:13:20Z");
        assert_eq!(moment(u64::MAX), format!("second {}", u64::MAX));
    }
}
