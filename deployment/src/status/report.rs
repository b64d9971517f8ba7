//! What `status` says.

use serde_json::{Value, json};

/// What is known, in the order in which it is told.
#[derive(Default)]
pub(super) struct Report {
    facts: Vec<(&'static str, String)>,
    next: Vec<String>,
}

impl Report {
    pub(super) fn say(&mut self, what: &'static str, is: impl Into<String>) {
        self.facts.push((what, is.into()));
    }

    pub(super) fn next(&mut self, what: impl Into<String>) {
        self.next.push(what.into());
    }

    pub(super) fn is_good(&self) -> bool {
        self.next.is_empty()
    }

    pub(super) fn print(&self, as_json: bool) {
        if as_json {
            let facts = self.facts.iter().map(|(what, is)| json!({ "what": what, "is": is }));
            println!("{:#}", json!({ "facts": facts.collect::<Value>(), "next": self.next }));
            return;
        }
        for (what, is) in &self.facts {
            for (at, line) in is.lines().enumerate() {
                println!("{:<13} {line}", if at == 0 { what } else { "" });
            }
        }
        for what in &self.next {
            println!("{:<13} {what}", "next");
        }
        if self.is_good() {
            println!("{:<13} nothing: all is as it should be", "next");
        }
    }
}
