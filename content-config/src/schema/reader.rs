//! Reads a TOML table key by key, and remembers what nobody asked for.

use std::ops::Range;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::code::Code;
use crate::nearest::suggest;
use crate::report::Problem;

/// A value with its place in the text.
pub(crate) type At<T> = Spanned<T>;

/// A table on its way to becoming a type.
pub(crate) struct Reader<'a, 'p> {
    /// How people call the table: `[site]`.
    name: &'static str,
    /// Where it stands; keys that it lacks are reported here.
    pub(crate) span: Range<usize>,
    entries: Vec<(At<String>, At<DeValue<'a>>)>,
    asked: Vec<&'static str>,
    pub(crate) problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Reader<'a, 'p> {
    pub(crate) fn new(
        name: &'static str,
        span: Range<usize>,
        table: DeTable<'a>,
        problems: &'p mut Vec<Problem>,
    ) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| (At::new(key.span(), key.into_inner().into_owned()), value))
            .collect();
        Reader { name, span, entries, asked: Vec::new(), problems }
    }

    /// Text.
    pub(crate) fn string(&mut self, key: &'static str) -> Option<At<String>> {
        let value = self.take(key)?;
        self.as_string(key, value)
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<At<bool>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(At::new(value.span(), *flag)),
            _ => self.wrong_type(key, &value, "`true` or `false`"),
        }
    }

    /// A whole number within bounds; they are part of the message.
    pub(crate) fn integer(&mut self, key: &'static str, min: u32, max: u32) -> Option<At<u32>> {
        let value = self.take(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            return self.wrong_type(key, &value, "a whole number");
        };
        match u32::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if (min..=max).contains(&number) => Some(At::new(value.span(), number)),
            _ => {
                let message = format!("`{key}` is out of range");
                self.problems.push(
                    Problem::new(Code::OutOfRange, message)
                        .at(value.span(), format!("not between {min} and {max}"))
                        .help(format!("write a number from {min} to {max}")),
                );
                None
            }
        }
    }

    /// A second in time, the same everywhere.
    pub(crate) fn time(&mut self, key: &'static str) -> Option<At<Timestamp>> {
        const EXAMPLE: &str = "2026-12-24T00:00:00Z";
        let value = self.take(key)?;
        let DeValue::Datetime(written) = value.get_ref() else {
            let wanted = format!("a time without quotes, such as {EXAMPLE}");
            return self.wrong_type(key, &value, &wanted);
        };
        let stands = written.date.is_some() && written.time.is_some();
        let time = written.to_string().parse::<Timestamp>().ok();
        let (label, help) = match time {
            Some(time) if time.as_second() >= 0 && time.subsec_nanosecond() == 0 => {
                return Some(At::new(value.span(), time));
            }
            Some(_) => ("not a whole second since 1970", format!("write {EXAMPLE}, for example")),
            None if stands && written.offset.is_none() => (
                "it is another time in each part of the world",
                format!("add `Z` for UTC, or an offset: `{written}Z`, `{written}+01:00`"),
            ),
            None => (
                "a date, a time of day and an offset make a time",
                format!("write {EXAMPLE}, for example"),
            ),
        };
        let message = format!("`{key}` is no time");
        let problem = Problem::new(Code::BadTime, message).at(value.span(), label).help(help);
        self.problems.push(problem);
        None
    }

    /// A list of values, each still to be read.
    pub(crate) fn list(&mut self, key: &'static str) -> Option<At<Vec<At<DeValue<'a>>>>> {
        let value = self.take(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(list) => Some(At::new(span, list.into_iter().collect())),
            other => {
                let value = At::new(span, other);
                self.wrong_type(key, &value, "a list in brackets")
            }
        }
    }

    /// A list of texts.
    pub(crate) fn strings(&mut self, key: &'static str) -> Option<At<Vec<At<String>>>> {
        let list = self.list(key)?;
        let span = list.span();
        let strings = list.into_inner().into_iter().map(|item| self.as_string(key, item));
        Some(At::new(span, strings.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?))
    }

    /// A table of its own. `example` shows how it is written.
    pub(crate) fn table(&mut self, key: &'static str, example: &str) -> Option<At<DeTable<'a>>> {
        let value = self.take(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(At::new(span, table)),
            other => {
                let value = At::new(span, other);
                self.wrong_type(key, &value, &format!("a table: `{example}`"))
            }
        }
    }

    /// Any number of tables.
    pub(crate) fn tables(&mut self, key: &'static str) -> Vec<At<DeTable<'a>>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let span = value.span();
        let items = match value.into_inner() {
            DeValue::Array(items) => items,
            other => {
                let value = At::new(span, other);
                self.wrong_type::<()>(key, &value, &format!("one or more `[[{key}]]`"));
                return Vec::new();
            }
        };
        let mut tables = Vec::new();
        for item in items {
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(table) => tables.push(At::new(span, table)),
                other => {
                    let value = At::new(span, other);
                    self.wrong_type::<()>(key, &value, &format!("a table: `[[{key}]]`"));
                }
            }
        }
        tables
    }

    /// Any value, as JSON.
    pub(crate) fn json(&mut self, key: &'static str) -> Option<At<serde_json::Value>> {
        let value = self.take(key)?;
        Some(At::new(value.span(), to_json(value.get_ref())))
    }

    /// One of a few words; the first one if the key is not there.
    pub(crate) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> T {
        let (_, default) = words[0];
        self.stated_word(key, words).map_or(default, At::into_inner)
    }

    /// One of a few words, with its place; `None` if the key is not there, or is wrong.
    pub(crate) fn stated_word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<At<T>> {
        let text = self.string(key)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| word == text.get_ref()) {
            return Some(At::new(text.span(), *meaning));
        }
        self.problems.push(
            Problem::new(Code::BadWord, format!("`{key}` cannot be {:?}", text.get_ref()))
                .at(text.span(), "not a word that this key takes")
                .help(suggest(text.get_ref(), words.iter().map(|(word, _)| *word))),
        );
        None
    }

    /// Notes a key that is not there but must be. `example` shows what to write.
    pub(crate) fn missing(&mut self, key: &str, example: &str) {
        self.problems.push(
            Problem::new(Code::MissingKey, format!("{} has no `{key}`", self.name))
                .at(self.span.clone(), format!("`{key}` is missing here"))
                .help(format!("add `{key} = {example}`")),
        );
    }

    /// Whether a key is there, whatever its value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Where the values of these keys are, of those that are there.
    pub(crate) fn spans(&self, keys: &[&'static str]) -> Vec<(&'static str, Range<usize>)> {
        let span = |key: &&'static str| {
            let (_, value) = self.entries.iter().find(|(name, _)| name.get_ref() == key)?;
            Some((*key, value.span()))
        };
        keys.iter().filter_map(span).collect()
    }

    /// Reports what nobody asked for.
    pub(crate) fn finish(self) {
        for (key, _) in self.entries {
            let known = self.asked.iter().copied();
            self.problems.push(
                Problem::new(
                    Code::UnknownKey,
                    format!("{} has no key `{}`", self.name, key.get_ref()),
                )
                .at(key.span(), "unknown key")
                .help(suggest(key.get_ref(), known)),
            );
        }
    }

    /// A value that must be text.
    pub(crate) fn as_string(&mut self, key: &str, value: At<DeValue<'a>>) -> Option<At<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(At::new(value.span(), text.clone().into_owned())),
            _ => self.wrong_type(key, &value, "text in quotes"),
        }
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &At<DeValue<'_>>,
        wanted: &str,
    ) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        // TOML's floats are binary: 0.1 has no exact value in them.
        let help = match value.get_ref() {
            DeValue::Float(number) if wanted.starts_with("text") => {
                format!("put it in quotes: `{key} = \"{number}\"`, so that it stays exact")
            }
            DeValue::Integer(number) if wanted.starts_with("text") => {
                format!("put it in quotes: `{key} = \"{number}\"`")
            }
            _ => format!("write {wanted}"),
        };
        self.problems.push(
            Problem::new(Code::WrongType, format!("`{key}` must be {wanted}"))
                .at(value.span(), format!("this is {found}"))
                .help(help),
        );
        None
    }

    fn take(&mut self, key: &'static str) -> Option<At<DeValue<'a>>> {
        self.asked.push(key);
        let at = self.entries.iter().position(|(name, _)| name.get_ref() == key)?;
        Some(self.entries.remove(at).1)
    }
}

fn to_json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.into(),
            // TOML's integers are of 64 bits; what is longer is kept as it was written.
            Err(_) => number.as_str().into(),
        },
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().map_or(serde_json::Value::Null, Into::into)
        }
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(list) => list.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), to_json(value.get_ref())))
            .collect(),
    }
}
