//! A line of the list: what was looked at, how it is, and how it is mended.

use std::fmt;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// Works, but the seller should know.
    Warning,
    /// Money, or sales, would be lost.
    Wrong,
    /// It could not be found out.
    NotChecked,
}

impl Verdict {
    /// Whether nothing is written because of it.
    pub(crate) fn stops(self) -> bool {
        matches!(self, Verdict::Wrong | Verdict::NotChecked)
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What is looked at, in a word.
    pub(crate) what: &'static str,
    pub(crate) verdict: Verdict,
    /// A sentence.
    pub(crate) why: String,
    pub(crate) mend: Option<String>,
    /// The word by which a seller accepts it as it is.
    pub(crate) word: Option<String>,
}

impl Line {
    pub(crate) fn right(what: &'static str, why: impl Into<String>) -> Line {
        Line { what, verdict: Verdict::Right, why: why.into(), mend: None, word: None }
    }

    pub(crate) fn warning(
        what: &'static str,
        why: impl Into<String>,
        mend: impl Into<String>,
    ) -> Line {
        Line { verdict: Verdict::Warning, mend: Some(mend.into()), ..Line::right(what, why) }
    }

    pub(crate) fn wrong(
        what: &'static str,
        why: impl Into<String>,
        mend: impl Into<String>,
    ) -> Line {
        Line { verdict: Verdict::Wrong, ..Line::warning(what, why, mend) }
    }

    /// Stops it unless the seller accepts that it is not known.
    pub(crate) fn not_checked(
        what: &'static str,
        why: impl Into<String>,
        mend: impl Into<String>,
    ) -> Line {
        Line { verdict: Verdict::NotChecked, ..Line::warning(what, why, mend) }.unless("unchecked")
    }

    /// It is the seller's to decide, by this word.
    pub(crate) fn unless(mut self, word: impl Into<String>) -> Line {
        self.word = Some(word.into());
        self
    }

    /// What the seller has accepted stops nothing.
    pub(crate) fn accepted(mut self, words: &[String]) -> Line {
        if self.verdict.stops() && self.word.as_ref().is_some_and(|word| words.contains(word)) {
            self.verdict = Verdict::Warning;
            self.mend = Some("accepted".to_owned());
            self.word = None;
        }
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Right => "right",
            Verdict::Warning => "warning",
            Verdict::Wrong => "wrong",
            Verdict::NotChecked => "not checked",
        };
        write!(f, "{verdict:<11}  {:<11}  {}", self.what, self.why)?;
        if let Some(mend) = &self.mend {
            write!(f, "\n{:<26}{mend}", "")?;
        }
        match &self.word {
            Some(word) if self.verdict.stops() => {
                write!(f, "\n{:<26}or, if that is meant: --accept {word}", "")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_accepts_its_own_line_alone() {
        let words = ["P4".to_owned()];
        let line = |word: &str| Line::wrong("store", "memory", "s3").unless(word);
        assert_eq!(line("P4").accepted(&words).verdict, Verdict::Warning);
        assert_eq!(line("P5").accepted(&words).verdict, Verdict::Wrong);
        assert_eq!(Line::wrong("a", "b", "c").accepted(&words).verdict, Verdict::Wrong);
        assert!(line("P5").to_string().contains("--accept P5"));
    }
}
