//! The documents by which agents find what is for sale: static files, free to read, made from the
//! table itself, so that no price in them can be stale.
//!
//! | Key | Read by |
//! | --- | --- |
//! | `.well-known/x402` | crawlers of x402 services |
//! | `openapi.json` | anything that reads OpenAPI, `x-payment-info` included |
//! | `mcp/tools` | the buyer of AWS's sample |
//! | `llms.txt` | language models and people |
//!
//! `discovery = true` in `[site]` adds them to the objects, each under a free rule for just its key.
//! A file of the seller's own with that key takes its place.

mod bazaar;
mod entry;
mod llms;
mod mcp_tools;
mod openapi;
mod well_known;

use price_table::objects::BadObjects;
use price_table::{Objects, Rule, Sale};
use serde_json::Value;

use crate::compiled::{Compiled, Document, RuleNote};
use crate::objects::Found;
use crate::objects::folder::Digests;
use crate::objects::published::Published;
use crate::pattern::Pattern;

/// How many objects a document describes one by one. In bigger shops, what has to be read whole
/// shows the first of them; `.well-known/x402` names all in any case.
pub const MAX_DESCRIBED: usize = 1_000;

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
/// them.
pub(crate) fn publish(
    compiled: &mut Compiled,
    line: usize,
    published: &Published,
) -> Result<(), BadObjects> {
    let taken = |document: &Document| compiled.listing(document.key).is_some();
    let documents: Vec<_> = documents(compiled).into_iter().filter(|d| !taken(d)).collect();
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
    Ok(())
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
