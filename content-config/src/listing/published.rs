//! What a site publishes beside its objects, as far as catalogues read it: `openapi.json`.

use std::fs;

use price_table::Sale;
use serde_json::Value;

use crate::compiled::Compiled;
use crate::objects::content::Source;

/// The document that x402scan and agentcash know a site by.
const OPENAPI: &str = "openapi.json";

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
