//! `[page]`: how the page for browsers looks.

use std::ops::Range;

use payment_page::Accent;
use price_table::Key;

use crate::code::Code;
use crate::report::Problem;
use crate::schema::{At, Content, PageText};
use crate::web_url;

/// The longest link, bytes: every page bears it.
const MAX_LINK: usize = 254;

/// As [`PageText`], checked; the logo is looked up among the objects.
#[derive(Default)]
pub(crate) struct Look {
    pub(crate) logo: Option<At<String>>,
    pub(crate) accent: Option<Accent>,
    pub(crate) terms: Option<String>,
    pub(crate) folder: String,
}

/// How the page looks; `None` if the seller wants none.
pub(crate) fn look(content: &Content, problems: &mut Vec<Problem>) -> Option<Look> {
    let text = &content.page;
    if let Some(off) = content.site.page.as_ref().filter(|wanted| !wanted.get_ref()) {
        if let Some(span) = &text.span {
            problems.push(
                Problem::new(Code::MisplacedKey, "[page] has no meaning beside `page = false`")
                    .at(span.clone(), "how the page looks")
                    .at(off.span(), "there is none")
                    .help("remove one of the two"),
            );
        }
        return None;
    }
    let PageText { logo, accent, terms, folder, .. } = text;
    Some(Look {
        logo: logo.clone(),
        accent: accent.as_ref().and_then(|accent| self::accent(accent, problems)),
        terms: terms.as_ref().and_then(|terms| link(terms, problems)),
        folder: folder.as_ref().and_then(|it| self::folder(it, problems)).unwrap_or_default(),
    })
}

fn accent(text: &At<String>, problems: &mut Vec<Problem>) -> Option<Accent> {
    let accent = text.get_ref().parse().ok();
    if accent.is_none() {
        let label = "not `#` and six hexadecimal digits".to_owned();
        problems.push(bad("this is no colour", text.span(), label, "write `#0a58ca`, for example"));
    }
    accent
}

fn link(text: &At<String>, problems: &mut Vec<Problem>) -> Option<String> {
    let given = text.get_ref();
    let path = |path: &str| path.bytes().all(|b| b.is_ascii_graphic()) && !path.starts_with("//");
    let label = match given.len() {
        long if long > MAX_LINK => format!("{long} bytes; {MAX_LINK} fit"),
        _ if given.starts_with('/') && path(given) => return Some(given.clone()),
        _ if given.starts_with("https://") && web_url::is_public(given) => {
            return Some(given.clone());
        }
        _ => "neither an https URL nor a path on the site".to_owned(),
    };
    let help = "write `https://example.com/terms` or `/terms.html`";
    problems.push(bad("the terms of sale cannot be read there", text.span(), label, help));
    None
}

fn folder(text: &At<String>, problems: &mut Vec<Problem>) -> Option<String> {
    let folder = text.get_ref().trim_matches('/');
    if Key::parse(&format!("{folder}/a")).is_ok() && folder.len() <= MAX_LINK {
        return Some(folder.to_owned());
    }
    let label = "not a folder that keys can be in".to_owned();
    let help = "write such as `premium`: the page's files are published there, for a function that only that path has";
    problems.push(bad("the page's files cannot be published there", text.span(), label, help));
    None
}

/// A value of `[page]` that cannot be.
pub(crate) fn bad(message: &str, span: Range<usize>, label: String, help: &str) -> Problem {
    Problem::new(Code::BadPage, message).at(span, label).help(help)
}
