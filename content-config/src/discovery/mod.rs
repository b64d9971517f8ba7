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

use price_table::objects::BadObjects;
use price_table::{Objects, Rule, Sale};
use serde_json::Value;

use crate::code::Code;
use crate::compiled::{Compiled, Document, RuleNote};
use crate::nearest::few;
use crate::objects::Found;
use crate::objects::folder::Digests;
use crate::objects::published::Published;
use crate::pattern::Pattern;
use crate::report::Problem;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// The documents of a table.
pub(crate) fn documents(compiled: &Compiled) -> Vec<Document> {
    let entries = entry::all(compiled);
    let document = |key, mime_type, body| Document { key, mime_type, body };
    vec![
        document(".well-known/x402", JSON, json(well_known::write(&entries))),
        document("llms.txt", TEXT, llms::write(compiled, &entries).into_bytes()),
        document("mcp/tools", JSON, json(mcp_tools::write(&entries))),
        document("openapi.json", JSON, json(openapi::write(compiled, &entries))),
    ]
}

/// Adds the documents to the objects on sale, for nothing. `line` is where `content.toml` asks for
/// them. Gives the keys that the seller has files of, which are left as they are.
pub(crate) fn publish(
    compiled: &mut Compiled,
    line: usize,
    published: &Published,
) -> Result<Vec<&'static str>, BadObjects> {
    let is_own = |document: &Document| compiled.listing(document.key).is_some();
    let (own, documents): (Vec<_>, Vec<_>) = documents(compiled).into_iter().partition(is_own);
    for document in &documents {
        let pattern = Pattern::parse(document.key).expect("a literal pattern");
        compiled.table.rules.to_mut().push(Rule {
            pattern: document.key.into(),
            title: "".into(),
            description: "".into(),
            mime_type: None,
            sample: None,
            sale: Sale::Free,
        });
        compiled.notes.push(RuleNote { pattern, line, quote: None, next: None });
        compiled.challenge_bytes.push(0);
        let mut found = found(document);
        published.correct(&mut found);
        compiled.objects.push(found);
    }
    compiled.table.objects = objects(compiled, &documents)?;
    compiled.objects.sort_by(|a, b| a.key.cmp(&b.key));
    compiled.documents = documents;
    Ok(own.iter().map(|document| document.key).collect())
}

/// Tells the seller whose files take the place of documents; `asked` is where `content.toml` asks for them.
pub(crate) fn displaced(own: &[&str], asked: Range<usize>) -> Option<Problem> {
    let (what, it) = match own {
        [] => return None,
        [_] => ("a file of yours takes the place of", "it"),
        _ => ("files of yours take the place of", "them"),
    };
    let message = format!("{what} {}", few(own.iter().copied()));
    let help = format!(
        "rename {it}, or keep {it} up to date by hand: agents read prices there, and want {it} free"
    );
    Some(
        Problem::new(Code::OwnDocument, message)
            .at(asked, format!("this would make {it}"))
            .help(help),
    )
}

fn found(document: &Document) -> Found {
    let Digests { size, etag, sha256, .. } =
        Digests::of(&*document.body).expect("memory can be read");
    Found {
        key: document.key.to_owned(),
        size,
        mime_type: document.mime_type.to_owned(),
        etag,
        sha256: Some(sha256),
        line: None,
    }
}

/// The objects of the table and the last ones that were found: the documents.
fn objects(compiled: &mut Compiled, documents: &[Document]) -> Result<Objects, BadObjects> {
    let table = &mut compiled.table;
    let first_rule = table.rules.len() - documents.len();
    let added = &compiled.objects[compiled.objects.len() - documents.len()..];
    let mut rows = table.objects.all().expect("a table in memory is as it was built");
    for (nth, found) in added.iter().enumerate() {
        let types = &mut table.mime_types;
        let known = types.iter().position(|known| *known == found.mime_type);
        let mime_type = known.unwrap_or_else(|| {
            types.to_mut().push(found.mime_type.clone().into());
            types.len() - 1
        });
        let rule = u16::try_from(first_rule + nth).map_err(|_| BadObjects::TooBig)?;
        let mime_type = u16::try_from(mime_type).map_err(|_| BadObjects::TooBig)?;
        rows.push(found.object(rule, mime_type));
    }
    Objects::build(&rows)
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
