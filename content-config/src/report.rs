//! Everything that is wrong with a `content.toml`, all at once, each with a way out.

use std::fmt;
use std::ops::Range;

use ariadne::{Color, Config, IndexType, Label, ReportKind, sources};

use crate::code::{Code, Severity};

/// A file that a problem can stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum File {
    /// `content.toml`.
    Content,
    /// The JSON-lines manifest that it names.
    Manifest,
}

/// One problem.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What kind of problem.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The places that it concerns; the first one is where it is. Bytes of the file's text.
    pub labels: Vec<(File, Range<usize>, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Problem { code, message: message.into(), labels: Vec::new(), help: None }
    }

    pub(crate) fn at(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.labels.push((File::Content, span, label.into()));
        self
    }

    pub(crate) fn at_manifest(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.labels.push((File::Manifest, span, label.into()));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Problems, in the order of the text, with the text that they are in.
#[derive(Clone, Debug, Default)]
pub struct Report {
    problems: Vec<Problem>,
    content: SourceFile,
    manifest: SourceFile,
}

/// A file as people know it, and its text.
#[derive(Clone, Debug, Default)]
pub struct SourceFile {
    /// The path to show.
    pub name: String,
    /// What is in it; empty if it was not read.
    pub text: String,
}

impl Report {
    pub(crate) fn new(
        mut problems: Vec<Problem>,
        content: SourceFile,
        manifest: SourceFile,
    ) -> Self {
        problems.sort_by_key(|p| p.labels.first().map(|(file, span, _)| (*file, span.start)));
        // Terms are looked at again with each rule that changes a part of them.
        problems
            .dedup_by(|a, b| a.code == b.code && a.message == b.message && a.labels == b.labels);
        Report { problems, content, manifest }
    }

    /// The problems, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether anything stands in the way of a table.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.code.severity() == Severity::Error)
    }

    /// Path, line and column of a problem, both from 1; `None` if it has no place in a file.
    pub fn place(&self, problem: &Problem) -> Option<(&str, usize, usize)> {
        let (file, span, _) = problem.labels.first()?;
        let source = self.source(*file);
        let (line, column) = line_column(&source.text, span.start);
        Some((&source.name, line, column))
    }

    /// The report as text, with the lines it is about.
    pub fn render(&self, colour: bool) -> String {
        self.problems.iter().map(|p| self.render_problem(p, colour)).collect::<Vec<_>>().join("\n")
    }

    fn render_problem(&self, problem: &Problem, colour: bool) -> String {
        let (kind, shade) = match problem.code.severity() {
            Severity::Error => (ReportKind::Error, Color::Red),
            Severity::Warning => (ReportKind::Warning, Color::Yellow),
        };
        let Some((file, span, _)) = problem.labels.first() else {
            let help = problem.help.iter().map(|help| format!("  Help: {help}\n"));
            return format!("[{}] {kind}: {}\n", problem.code, problem.message)
                + &help.collect::<String>();
        };
        let id = |file: File| self.source(file).name.clone();
        let labels = problem.labels.iter().enumerate().map(|(nth, (file, span, text))| {
            Label::new((id(*file), span.clone()))
                .with_message(text)
                .with_color(if nth == 0 { shade } else { Color::Blue })
                // In the order of the text, ariadne shows them in one picture.
                .with_order(i32::try_from(span.start).unwrap_or(i32::MAX))
        });
        let mut report = ariadne::Report::build(kind, (id(*file), span.clone()))
            .with_config(Config::default().with_color(colour).with_index_type(IndexType::Byte))
            .with_code(problem.code)
            .with_message(&problem.message)
            .with_labels(labels);
        if let Some(help) = &problem.help {
            report.set_help(help);
        }
        let texts = [&self.content, &self.manifest]
            .map(|source| (source.name.clone(), source.text.as_str()));
        let mut rendered = Vec::new();
        report
            .finish()
            .write(sources(texts), &mut rendered)
            .expect("writing to memory does not fail");
        // ariadne pads lines; text that people paste and tests compare should not.
        String::from_utf8_lossy(&rendered)
            .lines()
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect()
    }

    fn source(&self, file: File) -> &SourceFile {
        match file {
            File::Content => &self.content,
            File::Manifest => &self.manifest,
        }
    }
}

/// Line and column, both from 1; the column counts characters.
pub(crate) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
