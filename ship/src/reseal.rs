//! The change of a seal that has leaked, as it is written down beside the seal.
//!
//! ```text
//! begun     the seal is `from`; the folder of `to` is being filled
//! filled    the seal is `to`: packages get it from now on; the live function may still ask below `from`
//! live      as filled, and since when which function has asked below `to`
//! ended     nothing is written down any more, and nothing lies below `from`
//! ```
//!
//! At each stage all that is on sale lies below the seal that packages get, and below that of the live function.

use jiff::{SignedDuration, Timestamp};
use price_table::Seal;
use serde::{Deserialize, Serialize};

/// So long the function before the live one may still be asked somewhere: its sandboxes end with their work, and a
/// purchase that was begun goes on. Who asks AWS has a clock that is right within minutes:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html> (`RequestTimeTooSkewed`).
pub const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// A change that is not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reseal {
    /// The seal that leaves.
    pub from: Seal,
    /// The one that comes.
    pub to: Seal,
    /// The function that asks below `to`, once it is live.
    pub live: Option<Running>,
}

/// A function that is live everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Running {
    /// Which one: with another, it may be the one before that is still asked.
    pub function: String,
    /// The first time that it was seen so, ISO 8601.
    pub since: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    from: String,
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    live: Option<Running>,
}

/// How far a change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Begun,
    Filled,
    /// What lies below the seal before may go from then on.
    Live(Timestamp),
}

impl Reseal {
    /// Reads it; `None` if it is none. Why is not told: it would be told with the seals.
    pub fn parse(text: &str) -> Option<Self> {
        let Document { from, to, live } = serde_json::from_str(text).ok()?;
        let reseal = Reseal { from: Seal::parse(&from)?, to: Seal::parse(&to)?, live };
        let timed = reseal.live.as_ref().is_none_or(|live| live.since().is_some());
        (timed && reseal.from != reseal.to).then_some(reseal)
    }

    /// As it is written down.
    pub fn to_json(&self) -> String {
        let (from, to) = (self.from.as_str().to_owned(), self.to.as_str().to_owned());
        let document = Document { from, to, live: self.live.clone() };
        // Texts always are JSON.
        format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default())
    }

    /// Whether it is a change of this seal.
    pub fn is_of(&self, seal: &Seal) -> bool {
        *seal == self.from || *seal == self.to
    }

    /// Whether another one tells of the same change, however far.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.from, &self.to) == (&other.from, &other.to)
    }

    /// How far it is, where this is the seal that packages get.
    pub fn stage(&self, seal: &Seal) -> Stage {
        let since = self.live.as_ref().and_then(Running::since);
        match since {
            _ if *seal == self.from => Stage::Begun,
            None => Stage::Filled,
            // Times that far are no function's.
            Some(since) => Stage::Live(since.checked_add(WAIT).unwrap_or(Timestamp::MAX)),
        }
    }

    /// With a function that asks below the new seal, and is live everywhere now; `None` if that is known.
    pub fn with_live(&self, function: &str, now: Timestamp) -> Option<Self> {
        if self.live.as_ref().is_some_and(|live| live.function == function) {
            return None;
        }
        let since = now.as_second();
        let since = Timestamp::from_second(since).unwrap_or(now).to_string();
        Some(Reseal {
            live: Some(Running { function: function.to_owned(), since }),
            ..self.clone()
        })
    }

    /// Without the function that was live, where another one may be; `None` if none was known. The hour begins anew.
    pub fn without_live(&self) -> Option<Self> {
        self.live.is_some().then(|| Reseal { live: None, ..self.clone() })
    }
}

impl Running {
    fn since(&self) -> Option<Timestamp> {
        self.since.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(letter: char) -> Seal {
        Seal::parse(&letter.to_string().repeat(Seal::LENGTH)).unwrap()
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let begun = Reseal { from: seal('a'), to: seal('b'), live: None };
        let live = begun.with_live("f:1", Timestamp::UNIX_EPOCH).unwrap();
        for reseal in [&begun, &live] {
            assert_eq!(Reseal::parse(&reseal.to_json()).as_ref(), Some(reseal));
        }
        let json = live.to_json();
        for bad in [
            json.replace("\"to\"", "\"too\""),
            json.replace(&"b".repeat(26), &"a".repeat(26)),
            json.replace(&"b".repeat(26), "b"),
            json.replace("1970-01-01T00:00:00Z", "yesterday"),
            String::new(),
        ] {
            assert_eq!(Reseal::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_hour_begins_anew_with_another_function() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let begun = Reseal { from: seal('a'), to: seal('b'), live: None };
        assert_eq!(begun.stage(&seal('a')), Stage::Begun);
        assert_eq!(begun.stage(&seal('b')), Stage::Filled);
        let one = begun.with_live("f:1", at(100)).unwrap();
        assert_eq!(one.stage(&seal('b')), Stage::Live(at(3_700)));
        assert_eq!(one.with_live("f:1", at(200)), None);
        let two = one.with_live("f:2", at(200)).unwrap();
        assert_eq!(two.stage(&seal('b')), Stage::Live(at(3_800)));
        assert!(two.is_same(&begun) && two.is_of(&seal('a')) && !two.is_of(&seal('c')));
        assert_eq!((two.without_live(), begun.without_live()), (Some(begun), None));
    }
}
