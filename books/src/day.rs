//! Days of the ledger: UTC, by the time that a block bears, or, of what is on no chain, that a record does.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::moment::moment;

const SECONDS: u64 = 86_400;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

impl Day {
    /// The one that a second since the epoch is of.
    pub const fn of(second: u64) -> Self {
        Day(second / SECONDS)
    }

    /// Its first second.
    pub const fn begins(self) -> u64 {
        self.0 * SECONDS
    }

    /// The first second that is no more of it.
    pub const fn ends(self) -> u64 {
        (self.0 + 1) * SECONDS
    }

    /// The one before.
    pub const fn before(self) -> Self {
        Day(self.0.saturating_sub(1))
    }

    /// The one after.
    pub const fn after(self) -> Self {
        Day(self.0 + 1)
    }
}

/// As `2026-11-28`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = moment(self.begins());
        f.write_str(moment.split('T').next().unwrap_or(&moment))
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let date: Date = text.parse().map_err(|_| "a day is written as 2026-11-28".to_owned())?;
        let days = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|why| why.to_string())?;
        let second = u64::try_from(days.timestamp().as_second());
        second.map(Day::of).map_err(|_| "the books begin in 1970".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_of_one_day() {
        let day: Day = "2026-11-28".parse().unwrap();
        assert_eq!(day.to_string(), "2026-11-28");
        assert_eq!(Day::of(day.begins()), day);
        assert_eq!(Day::of(day.ends() - 1), day);
        assert_eq!(Day::of(day.ends()), day.after());
        assert_eq!(day.after().before(), day);
        for wrong in ["", "2026-13-01", "yesterday", "1969-12-31"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }
}
