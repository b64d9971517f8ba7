//! Files that are made here and published with the content: the documents for agents, and what the page loads.

use price_table::objects::BadObjects;
use price_table::{Objects, Rule, Sale};

use crate::compiled::{Compiled, Document, RuleNote};
use crate::objects::Found;
use crate::objects::folder::Digests;
use crate::objects::published::Published;
use crate::pattern::Pattern;

/// Adds documents to the objects on sale, for nothing. `line` is where `content.toml` asks for
/// them. Gives those that were added, and those that the seller has files of, which are left as they are.
pub(crate) fn publish(
    compiled: &mut Compiled,
    documents: Vec<Document>,
    line: usize,
    published: &Published,
) -> Result<(Vec<Document>, Vec<Document>), BadObjects> {
    let is_own = |document: &Document| compiled.listing(&document.key).is_some();
    let (own, documents): (Vec<_>, Vec<_>) = documents.into_iter().partition(is_own);
    for document in &documents {
        let pattern = Pattern::parse(&document.key).expect("a literal pattern");
        compiled.table.rules.to_mut().push(Rule {
            pattern: document.key.clone(),
            title: "".into(),
            description: "".into(),
            mime_type: None,
            currency: "".into(),
            sample: None,
            sale: Sale::Free,
        });
        let (quote, next, dry_run) = (None, None, None);
        compiled.notes.push(RuleNote { pattern, line, quote, next, dry_run });
        compiled.challenge_bytes.push(0);
        let mut found = found(document);
        published.correct(&mut found);
        compiled.objects.push(found);
    }
    compiled.table.objects = objects(compiled, &documents)?;
    compiled.objects.sort_by(|a, b| a.key.cmp(&b.key));
    Ok((documents, own))
}

fn found(document: &Document) -> Found {
    let Digests { size, etag, sha256, .. } =
        Digests::of(&*document.body, None).expect("memory can be read");
    Found {
        key: document.key.to_string(),
        size,
        mime_type: document.mime_type.to_owned(),
        etag,
        sha256: Some(sha256),
        parts: None,
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
