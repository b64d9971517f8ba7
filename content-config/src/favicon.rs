//! Whether a shop has a picture where catalogues look for one: x402scan shows it, and `@agentcash/discovery` warns where
//! there is none (`FAVICON_MISSING`). <https://www.npmjs.com/package/@agentcash/discovery>

use std::fs;

use price_table::Sale;

use crate::{Compiled, Source};

/// `COMMON_FAVICON_PATHS` of it.
const KEYS: [&str; 3] = ["favicon.ico", "favicon.png", "favicon.svg"];

/// How there is one.
pub(crate) const HELP: &str =
    "add a free favicon.ico, favicon.png or favicon.svg, or a link to one in the page under /";

/// Whether there is a picture, or a link to one in the page under `/`; `None` where that page is not here.
pub(crate) fn is_there(compiled: &Compiled) -> Option<bool> {
    let free = |key: &str| compiled.listing(key).is_some_and(|it| it.rule.sale == Sale::Free);
    if KEYS.iter().any(|key| free(key)) {
        return Some(true);
    }
    let Some(root) = compiled.table().site.default_root_object.as_deref().filter(|key| free(key))
    else {
        return Some(false);
    };
    match compiled.contents().find(|content| content.key == root)?.source {
        Source::File(path) => Some(fs::read(path).is_ok_and(|page| links_to_icon(&page))),
        Source::Generated(_) => Some(false),
        Source::Elsewhere => None,
    }
}

/// `<link rel="icon" ...>`, or `shortcut icon`.
fn links_to_icon(page: &[u8]) -> bool {
    let page = String::from_utf8_lossy(page).to_ascii_lowercase();
    page.split("<link").skip(1).any(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        let rel = tag.split("rel=").nth(1).unwrap_or_default();
        let rel = match rel.chars().next() {
            Some(quote @ ('"' | '\'')) => rel[1..].split(quote).next().unwrap_or_default(),
            _ => rel.split_whitespace().next().unwrap_or_default(),
        };
        rel.split_whitespace().any(|word| word.trim_end_matches('/') == "icon")
    })
}

#[cfg(test)]
mod tests {
    use super::links_to_icon;

    #[test]
    fn links() {
        for page in [
            "<link rel=\"icon\" href=\"/i.png\">",
            "<html><LINK href=/i.png REL='shortcut icon'>",
            "<link rel=stylesheet href=a.css><link rel=icon href=i.svg>",
        ] {
            assert!(links_to_icon(page.as_bytes()), "{page}");
        }
        for page in [
            "",
            "icon",
            "<link rel=\"stylesheet\" href=\"/icon.css\">",
            "<a rel=\"icon\">",
            "<link",
        ] {
            assert!(!links_to_icon(page.as_bytes()), "{page}");
        }
    }
}
