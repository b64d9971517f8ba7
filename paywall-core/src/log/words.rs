//! The words of a line: ours as they are, those of others as far as they can be words.
//!
//! Facilitators, nodes, S3 and libraries say why something failed, and may repeat what they were sent: a signature, a
//! token, a key in a URL. What has the form of words and codes stays, [`LEFT_OUT`] stands for the rest. No run of
//! [`RUN`] or more letters and digits comes through, unless it is made of words; keys, tokens and signatures are longer, and have
//! digits and capitals among their letters, however they are encoded. A secret that is itself made of short words
//! passes: no form tells it from a code.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::limits::{PLACE_BYTES, WORDS_BYTES};

/// What stands for words that are none.
pub const LEFT_OUT: char = '…';

/// The longest run of letters and digits that may be anything.
const RUN: usize = 11;
/// The most numbers in a row: bytes are written as numbers, too.
const NUMBERS: usize = 4;
/// The longest one of a single word, by how it ends.
const LONG_RUN: usize = 16;
/// How English words end that are longer than [`RUN`], each in four letters.
const ENDINGS: &str = "tionatorableibleientizedisedmentanceenceallynesstingringtiveeredatedsion";

/// Words that may stand in a line. Reading a line takes them as they were printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Words(Cow<'static, str>);

impl Words {
    /// What somebody else said, or what was made of it.
    pub fn said(text: &str) -> Self {
        Words(filtered(text).into())
    }

    /// The same, about a place that the table names: a facilitator's URL, a record.
    pub fn at(place: &str, text: &str) -> Self {
        let place = &place[..place.floor_char_boundary(PLACE_BYTES)];
        Words(format!("{place}: {}", filtered(text)).into())
    }

    /// Their text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same in ASCII: AWS's Python client sends what an initialisation fails for as ISO-8859-1, and reports
    /// nothing at all if it cannot. <https://docs.python.org/3/library/http.client.html#http.client.HTTPConnection.request>
    pub fn ascii(&self) -> String {
        let ascii = self.0.replace(LEFT_OUT, "...");
        ascii.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
    }

    /// To be cut.
    pub(super) fn text(&mut self) -> &mut String {
        self.0.to_mut()
    }
}

/// A constant holds no secret.
impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Words(text.into())
    }
}

/// Codes: ours are constants, and those of facilitators are not.
impl From<Cow<'static, str>> for Words {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => Words::said(&text),
        }
    }
}

impl Deref for Words {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Words {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Words {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn filtered(text: &str) -> String {
    let mut kept = String::new();
    let (mut rest, mut numbers) = (text, 0);
    while !rest.is_empty() && kept.len() < WORDS_BYTES {
        let (token, after) = rest.split_at(rest.find(is_between).unwrap_or(rest.len()));
        if !token.is_empty() {
            let is_number = token.bytes().all(|b| b.is_ascii_digit());
            numbers = if is_number { numbers + 1 } else { 0 };
        }
        match token.is_empty() || (numbers <= NUMBERS && is_harmless(token)) {
            true => kept.push_str(token),
            false if kept.trim_end().ends_with(LEFT_OUT) => {}
            false => kept.push(LEFT_OUT),
        }
        let mut after = after.chars();
        match after.next() {
            // A line is JSON, where a quote takes two bytes.
            Some('"') => kept.push('\''),
            Some(mark) if mark.is_ascii_punctuation() || mark == LEFT_OUT => kept.push(mark),
            Some(_) if !kept.ends_with(' ') => kept.push(' '),
            _ => {}
        }
        rest = after.as_str();
    }
    if kept.len() > WORDS_BYTES {
        kept.truncate(kept.floor_char_boundary(WORDS_BYTES - LEFT_OUT.len_utf8()));
        kept.push(LEFT_OUT);
    }
    kept.truncate(kept.trim_end().len());
    kept
}

/// What stands between words, and in no encoding of bytes.
fn is_between(c: char) -> bool {
    !c.is_ascii_graphic() || "\"'`:,;()[]{}<>!".contains(c)
}

/// Words, a number, or one mark.
fn is_harmless(token: &str) -> bool {
    let is_number = token.len() < RUN && token.bytes().all(|b| b.is_ascii_digit());
    let is_mark = token.len() == 1 && token != "\\";
    is_number || is_mark || token.split(['_', '-', '.', '/']).all(is_word)
}

/// `settle`, `HTTP`, `Base`, `insufficientFunds`, `confirmations`, `v2`, `84532`.
fn is_word(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.is_empty() {
        return word.len() <= 5;
    }
    let capitals = letters.bytes().filter(u8::is_ascii_uppercase).count();
    if !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    if capitals == 0 || capitals == letters.len() {
        return is_short(word);
    }
    // A hump of one letter is no word.
    let least = if word.len() <= RUN { 2 } else { 3 };
    let mut humps = word.as_bytes().chunk_by(|_, next| !next.is_ascii_uppercase());
    humps.all(|hump| hump.len() >= least && is_short(str::from_utf8(hump).unwrap_or_default()))
}

fn is_short(run: &str) -> bool {
    let stem = run.trim_end_matches('s');
    let ends = || {
        stem.as_bytes().last_chunk::<4>().is_some_and(|end| {
            ENDINGS.as_bytes().chunks(4).any(|ending| end.eq_ignore_ascii_case(ending))
        })
    };
    run.len() <= RUN || (run.len() <= LONG_RUN && ends())
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
