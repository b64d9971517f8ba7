//! What is wrong with a file, and what may be left out.

use std::collections::BTreeSet;
use std::time::Duration;

use super::intrinsics::Resolver;
use super::node::{Node, Value};
use super::problem::Problem;
use super::settings::Settings;

/// Collects problems while a file is read, so that all are told at once.
pub(super) struct Reader<'a> {
    /// Resolves what other resources say.
    pub(super) resolver: &'a Resolver<'a>,
    /// How the file is read.
    pub(super) settings: &'a Settings,
    used: BTreeSet<String>,
    notes: Vec<String>,
    problems: Vec<Problem>,
}

/// What to do with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treat {
    /// It is read.
    Read,
    /// It changes nothing that a viewer on this machine could see.
    NoEffect,
    /// It is not emulated, which is said but stops nothing; why it does not.
    Note(&'static str),
    /// It is not emulated, and stops the reading where it is on; what to do.
    Refuse(&'static str),
}

impl<'a> Reader<'a> {
    pub(super) fn new(resolver: &'a Resolver<'a>, settings: &'a Settings) -> Self {
        let (used, notes, problems) = Default::default();
        Self { resolver, settings, used, notes, problems }
    }

    /// The notes, or the problems if there is one.
    pub(super) fn finish(mut self, root: &Node) -> Result<Vec<String>, Vec<Problem>> {
        for name in self.resolver.unknown_parameters() {
            let message = format!("it has no parameter {name}: check `--parameter {name}=...`");
            self.problems.push(Problem { line: root.line, message });
        }
        for name in self.settings.ignore.difference(&self.used) {
            let message = format!("nothing in it is called {name}, which `--ignore {name}` names");
            self.problems.push(Problem { line: root.line, message });
        }
        self.problems.sort_by_key(|problem| problem.line);
        self.problems.dedup();
        if self.problems.is_empty() { Ok(self.notes) } else { Err(self.problems) }
    }

    /// Something that is wrong and cannot be ignored.
    pub(super) fn wrong(&mut self, at: &Node, message: impl Into<String>) {
        self.problems.push(Problem { line: at.line, message: message.into() });
    }

    /// Something that is not emulated.
    pub(super) fn refuse(&mut self, name: &str, at: &Node, what: &str) {
        if self.settings.ignore.contains(name) {
            self.used.insert(name.to_owned());
            self.note(format!("{name} (line {}), ignored as asked", at.line));
        } else {
            self.wrong(at, format!("{name}: {what}, or go on without it by `--ignore {name}`"));
        }
    }

    /// Sees to every property of a mapping that is not read elsewhere.
    pub(super) fn check(&mut self, mapping: &Node, treat: impl Fn(&str) -> Option<Treat>) {
        for (name, value) in mapping.entries() {
            match treat(name) {
                Some(Treat::Read | Treat::NoEffect) => {}
                Some(Treat::Note(_) | Treat::Refuse(_)) if value.is_off() => {}
                Some(Treat::Note(why)) => self.note(format!("{name}: {why}")),
                Some(Treat::Refuse(what)) => self.refuse(name, value, what),
                None => self.refuse(name, value, "it is unknown here; check its spelling"),
            }
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// A property's text; `None` if it is absent, empty or unknown, the last of which is told.
    pub(super) fn text(&mut self, mapping: &Node, name: &str) -> Option<String> {
        let node = mapping.get(name)?;
        match &node.value {
            Value::Text(text) if text.is_empty() => None,
            Value::Text(text) => Some(text.clone()),
            Value::Null => None,
            Value::Resource(id) => Some(format!("<{id}>")),
            Value::Unknown(why) => {
                self.wrong(node, format!("{name} is not known here: {why}; write it out"));
                None
            }
            Value::List(_) | Value::Map(_) => {
                self.wrong(node, format!("{name} should be text"));
                None
            }
        }
    }

    /// A property's text, which has to be there.
    pub(super) fn required(&mut self, mapping: &Node, name: &str) -> Option<String> {
        if mapping.get(name).is_none_or(|node| node.value == Value::Null) {
            self.wrong(mapping, format!("{name} is missing"));
            return None;
        }
        self.text(mapping, name)
    }

    /// A property's texts, without empty ones.
    pub(super) fn texts(&mut self, mapping: &Node, name: &str) -> Vec<String> {
        let Some(node) = mapping.get(name) else { return Vec::new() };
        if let Value::Unknown(why) = &node.value {
            self.wrong(node, format!("{name} is not known here: {why}; write it out"));
        }
        let mut texts = Vec::new();
        for item in node.items() {
            match &item.value {
                Value::Text(text) => texts.push(text.clone()),
                Value::Unknown(why) => {
                    self.wrong(item, format!("{name}: {why}; write it out"));
                }
                _ => self.wrong(item, format!("{name} should be a list of texts")),
            }
        }
        texts
    }

    /// Whether a property is `true`.
    pub(super) fn is_true(&mut self, mapping: &Node, name: &str) -> bool {
        match self.text(mapping, name).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(other) => {
                let message = format!("{name} should be true or false, not {other}{}", hint(other));
                self.wrong(mapping.get(name).unwrap_or(mapping), message);
                false
            }
        }
    }

    /// A property's number.
    pub(super) fn number<T: std::str::FromStr>(&mut self, mapping: &Node, name: &str) -> Option<T> {
        let text = self.text(mapping, name)?;
        let number = text.parse().ok();
        if number.is_none() {
            let message = format!("{name} should be a number, not {text}{}", hint(&text));
            self.wrong(mapping.get(name).unwrap_or(mapping), message);
        }
        number
    }

    /// A property's seconds. CloudFormation allows fractions, which CloudFront rounds.
    pub(super) fn seconds(&mut self, mapping: &Node, name: &str) -> Option<Duration> {
        let seconds: f64 = self.number(mapping, name)?;
        Duration::try_from_secs_f64(seconds.trunc()).ok()
    }
}

/// What to do about a parameter that has no value.
fn hint(text: &str) -> String {
    match text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some(name) => format!(": give it with `--parameter {name}=VALUE`"),
        None => String::new(),
    }
}
