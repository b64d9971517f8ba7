//! What happened, a line at a time: to standard output for people, and kept for tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use http::{Method, StatusCode};
use price_table::Seal;

/// Lines kept in memory; older ones go.
const KEPT_LINES: usize = 10_000;

/// Where lines go. Clones share the lines.
#[derive(Clone, Debug)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Mutex<VecDeque<String>>,
    print: bool,
    /// What no line may have.
    seal: Option<Seal>,
    leaked: AtomicBool,
}

/// One answered request.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a Method,
    pub(crate) target: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) x_cache: &'a str,
    /// The sandboxes that ran the function for it.
    pub(crate) sandboxes: &'a [u32],
    pub(crate) took: Duration,
}

impl Log {
    /// A log that keeps its lines, and prints them if `print`.
    pub fn new(print: bool) -> Self {
        Self(Arc::new(Inner { lines: Mutex::default(), print, seal: None, leaked: false.into() }))
    }

    /// The same, which notices a line with the seal in it.
    pub(crate) fn hiding(self, seal: Option<Seal>) -> Self {
        let print = self.0.print;
        Self(Arc::new(Inner { lines: Mutex::default(), print, seal, leaked: false.into() }))
    }

    /// The seal, as no line and no answer may have it.
    pub(crate) fn seal(&self) -> Option<&Seal> {
        self.0.seal.as_ref()
    }

    /// Whether a line had the seal in it.
    pub(crate) fn has_leaked(&self) -> bool {
        self.0.leaked.load(Ordering::Relaxed)
    }

    /// The lines so far, oldest first, without colours.
    pub fn lines(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    /// A request and its answer.
    pub(crate) fn exchange(&self, exchange: &Exchange<'_>) {
        let colour = match exchange.status.as_u16() {
            200..=399 => AnsiColor::Green,
            402 => AnsiColor::Cyan,
            400..=499 => AnsiColor::Yellow,
            _ => AnsiColor::Red,
        };
        // Its path is the viewer's own word.
        self.keep(colour.on_default(), exchange.to_string());
    }

    /// A line that the function wrote.
    pub(crate) fn function(&self, sandbox: u32, line: &str) {
        self.write(Style::new().dimmed(), format_args!("[sandbox {sandbox}] {line}"));
    }

    /// Something that a sandbox did.
    pub(crate) fn sandbox(&self, sandbox: u32, what: impl fmt::Display) {
        self.write(Style::new().dimmed(), format_args!("sandbox {sandbox}: {what}"));
    }

    /// Something that is wrong with the function.
    pub(crate) fn problem(&self, what: impl fmt::Display) {
        self.write(AnsiColor::Red.on_default(), what);
    }

    fn write(&self, style: Style, line: impl fmt::Display) {
        let mut line = line.to_string();
        if let Some(seal) = self.seal().filter(|seal| line.contains(seal.as_str())) {
            line = line.replace(seal.as_str(), "(THE SEAL IS IN THIS LINE)");
            self.0.leaked.store(true, Ordering::Relaxed);
        }
        self.keep(style, line);
    }

    fn keep(&self, style: Style, line: String) {
        if self.0.print {
            anstream::println!("{style}{line}{style:#}");
        }
        let mut lines = self.lock();
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<String>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, target, status, x_cache, sandboxes, took } = self;
        let milliseconds = took.as_secs_f64() * 1_000.0;
        write!(f, "{} {method} {target}  {x_cache}", status.as_u16())?;
        match sandboxes {
            [] => {}
            [first, rest @ ..] => {
                write!(f, "  sandbox {first}")?;
                for other in rest.iter().filter(|other| *other != first) {
                    write!(f, "+{other}")?;
                }
            }
        }
        write!(f, "  {milliseconds:.1} ms")
    }
}
