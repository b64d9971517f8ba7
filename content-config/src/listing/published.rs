//! What a site publishes beside its objects, as far as catalogues read it: `openapi.json`, and a picture.

use std::fs;

use price_table::Sale;
use serde_json::Value;

use crate::compiled::Compiled;
use crate::objects::content::Source;

/// The document that x402scan and agentcash know a site by.
const OPENAPI: &str = "openapi.json";

/// Where they look for a picture, unless the page under `/` links to one:
/// <https://www.npmjs.com/package/@agentcash/discovery>, `COMMON_FAVICON_PATHS`.
const FAVICONS: [&str; 3] = ["favicon.ico", "favicon.png", "favicon.svg"];

/// `openapi.json`, wherever it comes from.
pub(super) enum OpenApi {
    /// Made from the table.
    Made(Value),
    /// A file of the seller's own.
    Own(Value),
    /// A file that says nothing to them. Holds why.
    Unreadable(String),
    /// An object whose bytes are not here.
    Elsewhere,
}

impl OpenApi {
    pub(super) fn of(compiled: &Compiled) -> Self {
        let Some(content) = compiled.contents().find(|content| content.key == OPENAPI) else {
            return OpenApi::Unreadable("there is none".to_owned());
        };
        if compiled.table().rules[content.rule].sale != Sale::Free {
            return OpenApi::Unreadable("it has a price, and nobody buys it to look".to_owned());
        }
        let read = |bytes: &[u8]| serde_json::from_slice(bytes);
        match content.source {
            Source::Generated(bytes) => OpenApi::Made(read(bytes).expect("documents are JSON")),
            Source::Elsewhere => OpenApi::Elsewhere,
            Source::File(path) => {
                match fs::read(path)
                    .map_err(|why| why.to_string())
                    .and_then(|bytes| read(&bytes).map_err(|why| format!("it is no JSON: {why}")))
                {
                    Ok(document) => OpenApi::Own(document),
                    Err(why) => OpenApi::Unreadable(why),
                }
            }
        }
    }

    /// The document, if it can be read here.
    pub(super) fn document(&self) -> Option<&Value> {
        match self {
            OpenApi::Made(document) | OpenApi::Own(document) => Some(document),
            OpenApi::Unreadable(_) | OpenApi::Elsewhere => None,
        }
    }

    /// What it says of a `GET` of a path.
    pub(super) fn operation(&self, path: &str) -> Option<&Value> {
        self.document()?.get("paths")?.get(path)?.get("get")
    }
}

/// Whether there is a picture, or a link to one in the page under `/`; `None` where that page is not here.
pub(super) fn has_favicon(compiled: &Compiled) -> Option<bool> {
    let free = |key: &str| compiled.listing(key).is_some_and(|it| it.rule.sale == Sale::Free);
    if FAVICONS.iter().any(|key| free(key)) {
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
