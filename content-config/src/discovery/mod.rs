//! The documents by which agents find what is for sale: static files, free to read, made from the
//! table itself, so that no price in them can be stale.
//!
//! | Key | Read by |
//! | --- | --- |
//! | `openapi.json` | x402scan and `@agentcash/discovery`, from which agents choose; anything that reads OpenAPI |
//! | `llms.txt` | language models and people |
//! | `.well-known/x402` | crawlers of x402 services; x402scan and agentcash no longer |
//! | `mcp/tools` | the buyer of AWS's sample |
//!
//! `openapi.json` and `llms.txt` say how to buy, so that an agent needs nothing but the origin. Catalogues are told by
//! the 402 and by what the facilitator is sent: [`price_table::bazaar`].
//!
//! `discovery = true` in `[site]` adds them to the objects, each under a free rule for just its key.
//! A file of the seller's own with that key takes its place, and the seller is told so.

mod entry;
mod guide;
mod llms;
mod mcp_tools;
mod openapi;
mod surface;
mod well_known;

use std::ops::Range;

use serde_json::Value;

use crate::code::Code;
use crate::compiled::{Compiled, Document};
use crate::nearest::few;
use crate::report::Problem;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// The documents of a table.
pub(crate) fn documents(compiled: &Compiled) -> Vec<Document> {
    let entries = entry::all(compiled);
    let document = |key: &'static str, mime_type, body| Document {
        key: key.into(),
        mime_type,
        encoding: None,
        cache_control: None,
        body,
    };
    vec![
        document(".well-known/x402", JSON, json(well_known::write(&entries))),
        document("llms.txt", TEXT, llms::write(compiled, &entries).into_bytes()),
        document("mcp/tools", JSON, json(mcp_tools::write(&entries))),
        document("openapi.json", JSON, json(openapi::write(compiled, &entries))),
    ]
}

/// Tells the seller whose files take the place of documents; `asked` is where `content.toml` asks for them.
pub(crate) fn displaced(own: &[Document], asked: Range<usize>) -> Option<Problem> {
    let (what, it) = match own {
        [] => return None,
        [_] => ("a file of yours takes the place of", "it"),
        _ => ("files of yours take the place of", "them"),
    };
    let message = format!("{what} {}", few(own.iter().map(|document| &*document.key)));
    let help = format!(
        "rename {it}, or keep {it} up to date by hand: agents read prices there, and want {it} free"
    );
    Some(
        Problem::new(Code::OwnDocument, message)
            .at(asked, format!("this would make {it}"))
            .help(help),
    )
}

/// JSON with its keys in order, whichever features serde_json was built with: the build of the
/// function and the upload must come to the same bytes.
fn json(value: Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(&sorted(value)).expect("JSON serialises");
    text.push(b'\n');
    text
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, v)| (key, sorted(v))).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}
