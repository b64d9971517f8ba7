//! How a build is shown.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How a build is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A bar on standard error.
    Bar,
    /// Lines on standard error.
    Lines,
    /// Not at all.
    Silent,
}

/// A build on display.
pub(super) enum Display {
    Bar(ProgressBar),
    Lines,
    Silent,
}

impl Progress {
    /// A bar on a terminal, lines elsewhere.
    pub fn detect() -> Self {
        if io::stderr().is_terminal() { Self::Bar } else { Self::Lines }
    }

    pub(super) fn colours(self) -> bool {
        self == Self::Bar
    }

    pub(super) fn start(self, what: &str) -> Display {
        match self {
            Self::Bar => {
                let bar = ProgressBar::new_spinner();
                bar.set_style(style("{spinner:.cyan} {prefix} {wide_msg:.dim}"));
                bar.set_prefix(format!("Building {what}"));
                bar.enable_steady_tick(Duration::from_millis(100));
                Display::Bar(bar)
            }
            Self::Lines => Display::Lines,
            Self::Silent => Display::Silent,
        }
    }
}

impl Display {
    pub(super) fn bar(&self, done: u64, total: u64, names: &str) {
        if let Self::Bar(bar) = self {
            if bar.length() != Some(total) {
                bar.set_style(style(
                    "{spinner:.cyan} {prefix} [{bar:24.cyan}] {pos}/{len} {wide_msg:.dim}",
                ));
                bar.set_length(total);
            }
            bar.set_position(done);
            bar.set_message(names.to_owned());
        }
    }

    pub(super) fn status(&self, status: &str) {
        match self {
            Self::Bar(bar) => bar.set_message(status.to_owned()),
            Self::Lines => eprintln!("{status}"),
            Self::Silent => {}
        }
    }

    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that is wrong would show plainly, and the default still does its work.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸ ")
}
