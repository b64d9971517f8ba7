//! Patterns of keys, and which of two is the more specific.
//!
//! A pattern is split at its slashes. In a segment, `*` stands for any characters, also none. The
//! segment `**` stands for any number of segments: at the end for at least one, elsewhere also for
//! none. Everything else stands for itself.
//!
//! Of two patterns that match one key the more specific wins, wherever they stand in the file.
//! They are compared segment by segment from the left, and the first difference decides:
//!
//! ```text
//! literal segment  >  segment with `*`, more literal characters first  >  end  >  `**`
//! ```
//!
//! Two that differ nowhere tie, and a tie on an object is an error.

use std::cmp::Ordering;
use std::str::Split;

use price_table::{BadKey, Key};

/// A pattern of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
    specificity: Vec<Rank>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`, here always for none or more.
    AnyDepth,
    /// What stands between the `*`s.
    Wild(Vec<String>),
    Literal(String),
}

/// How specific a segment is; the order is the order of specificity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    AnyDepth,
    End,
    /// With so many literal characters.
    Wild(usize),
    Literal,
}

/// Why a text is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPattern {
    /// No key can have this spelling.
    Key(BadKey),
    /// `**` shares its segment with something.
    DoubleStarInSegment,
    /// `**/**`, which is the same as `**`.
    DoubleStarTwice,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        Key::parse(text).map_err(BadPattern::Key)?;
        let mut segments = Vec::new();
        for segment in text.split('/') {
            segments.push(match segment {
                "**" if segments.last() == Some(&Segment::AnyDepth) => {
                    return Err(BadPattern::DoubleStarTwice);
                }
                "**" => Segment::AnyDepth,
                _ if segment.contains("**") => return Err(BadPattern::DoubleStarInSegment),
                _ if segment.contains('*') => {
                    Segment::Wild(segment.split('*').map(str::to_owned).collect())
                }
                _ => Segment::Literal(segment.to_owned()),
            });
        }
        let ranks = segments.iter().map(|segment| match segment {
            Segment::AnyDepth => Rank::AnyDepth,
            Segment::Wild(parts) => Rank::Wild(parts.iter().map(|p| p.chars().count()).sum()),
            Segment::Literal(_) => Rank::Literal,
        });
        let specificity = ranks.chain([Rank::End]).collect();
        if segments.last() == Some(&Segment::AnyDepth) {
            // None or more, and then one: at least one.
            segments.push(Segment::Wild(vec![String::new(), String::new()]));
        }
        Ok(Pattern { text: text.to_owned(), segments, specificity })
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches a key.
    pub fn matches(&self, key: &str) -> bool {
        let mut pattern = &self.segments[..];
        let mut rest = key.split('/');
        // Where to go on if what follows the last `**` does not match: one segment further.
        let mut retry: Option<(&[Segment], Split<'_, char>)> = None;
        loop {
            match pattern.split_first() {
                Some((Segment::AnyDepth, after)) => {
                    retry = Some((after, rest.clone()));
                    pattern = after;
                    continue;
                }
                Some((segment, after)) if rest.next().is_some_and(|text| segment.matches(text)) => {
                    pattern = after;
                    continue;
                }
                None if rest.next().is_none() => return true,
                _ => {}
            }
            let Some((after, start)) = &mut retry else { return false };
            if start.next().is_none() {
                return false;
            }
            (pattern, rest) = (after, start.clone());
        }
    }

    /// `Greater` if this pattern is the more specific one.
    ///
    /// ```
    /// use content_config::Pattern;
    /// let [all, summaries] = ["reports/**", "reports/*/summary.txt"].map(|text| Pattern::parse(text).unwrap());
    /// assert!(all.matches("reports/2026/summary.txt") && summaries.matches("reports/2026/summary.txt"));
    /// assert!(summaries.compare(&all).is_gt(), "its rule wins, wherever it stands");
    /// ```
    pub fn compare(&self, other: &Pattern) -> Ordering {
        self.specificity.cmp(&other.specificity)
    }

    /// Why the other pattern is more specific than this one, in words; `None` if it is not.
    pub fn why_less_specific(&self, other: &Pattern) -> Option<String> {
        let mut ranks = self.specificity.iter().zip(&other.specificity).enumerate();
        let (at, (own, others)) = ranks.find(|(_, (own, others))| own != others)?;
        if own > others {
            return None;
        }
        let word = |pattern: &Pattern, rank: Rank| match pattern.text.split('/').nth(at) {
            None => "the end".to_owned(),
            Some(segment) => match rank {
                Rank::Literal => format!("the literal `{segment}`"),
                Rank::Wild(count @ 1..) => format!("`{segment}` with {count} literal characters"),
                Rank::Wild(_) | Rank::AnyDepth | Rank::End => format!("`{segment}`"),
            },
        };
        let (own, others) = (word(self, *own), word(other, *others));
        Some(format!("in segment {}, {others} is more specific than {own}", at + 1))
    }
}

impl Segment {
    fn matches(&self, text: &str) -> bool {
        match self {
            Segment::AnyDepth => true,
            Segment::Literal(literal) => literal == text,
            Segment::Wild(parts) => wild(parts, text),
        }
    }
}

/// Parts in this order, the first at the start and the last at the end of the text.
fn wild(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        // The leftmost place leaves the most room for what follows.
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap_or_else(|bad| panic!("{text}: {bad:?}"))
    }

    #[test]
    fn matching() {
        for (text, matched, missed) in [
            ("a", &["a"][..], &["b", "a/b", "aa"][..]),
            ("a/*", &["a/b", "a/.b"], &["a", "a/b/c", "b/a"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "b/a"]),
            ("**", &["a", "a/b/c"], &[]),
            ("**/b", &["b", "a/b", "a/a/b"], &["a", "b/a", "ab"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b", "a/b/b"], &["a", "b", "a/b/c"]),
            ("**/a/**", &["a/b", "x/a/b/c"], &["a", "x/a", "b"]),
            ("*.json", &["a.json", ".json"], &["a.jsonl", "a/b.json"]),
            ("a*b*c", &["abc", "axxbxxc", "abbcc"], &["ab", "ac", "acb"]),
            ("*aba", &["aba", "ababa"], &["abab"]),
            ("x?[1]{a,b}", &["x?[1]{a,b}"], &["xy1a"]),
            ("*é", &["é", "café"], &["cafe"]),
        ] {
            let pattern = pattern(text);
            for key in matched {
                assert!(pattern.matches(key), "{text} should match {key}");
            }
            for key in missed {
                assert!(!pattern.matches(key), "{text} should not match {key}");
            }
        }
    }

    #[test]
    fn specificity() {
        // From the least to the most specific.
        let order = [
            "**",
            "**/a/**",
            "**/a",
            "*",
            "*/b",
            "a*",
            "ab*",
            "a/**",
            "a/**/b/**",
            "a/**/b",
            "a/*",
            "a/b*",
            "a/b",
        ];
        for (at, low) in order.iter().enumerate() {
            for high in &order[at + 1..] {
                let (low, high) = (pattern(low), pattern(high));
                assert_eq!(low.compare(&high), Ordering::Less, "{low:?} {high:?}");
                assert!(low.why_less_specific(&high).is_some());
                assert_eq!(high.why_less_specific(&low), None);
            }
        }
        for (one, other) in [("a*", "*a"), ("a*b", "ab*"), ("**/a/*", "**/b/*"), ("é*", "e*")] {
            assert_eq!(pattern(one).compare(&pattern(other)), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn refusals() {
        for (text, why) in [
            ("", BadPattern::Key(BadKey::Empty)),
            ("/a", BadPattern::Key(BadKey::EmptySegment)),
            ("a/", BadPattern::Key(BadKey::EmptySegment)),
            ("a/../b", BadPattern::Key(BadKey::DotSegment)),
            ("a\\b", BadPattern::Key(BadKey::Backslash)),
            ("a**", BadPattern::DoubleStarInSegment),
            ("***", BadPattern::DoubleStarInSegment),
            ("a/**/**/b", BadPattern::DoubleStarTwice),
        ] {
            assert_eq!(Pattern::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn why() {
        for (low, high, why) in [
            ("a/**", "a/*", "in segment 2, `*` is more specific than `**`"),
            ("a/*", "a/b", "in segment 2, the literal `b` is more specific than `*`"),
            ("**", "**/a", "in segment 2, the literal `a` is more specific than the end"),
        ] {
            assert_eq!(pattern(low).why_less_specific(&pattern(high)).unwrap(), why);
        }
    }
}
