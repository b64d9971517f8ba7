//! A list of objects: one JSON object a line.
//!
//! ```text
//! {"key":"reports/a.json","size":512,"type":"application/json","etag":"\"0cc1...\"","sha256":"3/1g...="}
//! ```

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Found, SPLIT, digests, is_mime_type, kinds, too_big, unsellable};
use crate::code::Code;
use crate::report::Problem;

/// A line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The key, canonical.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// By the key's extension if it is not there: S3's own listings do not have it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// With or without its quotes.
    pub etag: String,
    /// SHA-256 of the bytes in base64, as S3's `x-amz-checksum-sha256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Reads the text. Empty lines mean nothing.
pub(crate) fn parse(text: &str) -> (Vec<Found>, Vec<Problem>) {
    let mut found: Vec<Found> = Vec::new();
    let mut problems = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = at..at + line.trim_end().len();
        at += line.len();
        if !line.trim().is_empty() {
            match object(line.trim_end(), span) {
                Ok(object) => found.push(object),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let mut first: HashMap<&str, &Range<usize>> = HashMap::new();
    for object in &found {
        let Some(line) = &object.line else { continue };
        if let Some(earlier) = first.get(object.key.as_str()) {
            problems.push(
                Problem::new(
                    Code::Duplicate,
                    format!("the object {:?} is listed twice", object.key),
                )
                .at_manifest(line.clone(), "again here")
                .at_manifest((*earlier).clone(), "first here")
                .help("remove one of the lines"),
            );
        } else {
            first.insert(&object.key, line);
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    (found, problems)
}

fn object(line: &str, span: Range<usize>) -> Result<Found, Problem> {
    let Line { key, size, mime_type: stated, etag, sha256 } =
        serde_json::from_str(line).map_err(|error| {
            // serde_json appends a place in the line, which the caret shows better.
            let message = error.to_string();
            let message =
                message.rsplit_once(" at line").map_or(message.as_str(), |(what, _)| what);
            let column = line.char_indices().nth(error.column().saturating_sub(1));
            let start = span.start + column.map_or(0, |(at, _)| at);
            let example = r#"{"key":"a.json","size":512,"type":"application/json","etag":"..."}"#;
            Problem::new(Code::BadManifestLine, "the line is not an object on sale")
                .at_manifest(start..span.end.max(start), message)
                .help(format!("write one object a line, such as {example}"))
        })?;
    if let Some(bad) = unsellable(&key) {
        return Err(Problem::new(
            Code::BadObject,
            format!("the key {key:?} cannot be sold: {bad}"),
        )
        .at_manifest(span, "no canonical URL leads to it")
        .help("copy the object to another key, and list that"));
    }
    if let Some(why) = too_big(size) {
        return Err(Problem::new(
            Code::BadObject,
            format!("the object {key:?} cannot be sold: {why}"),
        )
        .at_manifest(span, "in this line")
        .help(SPLIT));
    }
    let bare = etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&etag);
    // The opaque tag of https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3, in ASCII.
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_graphic() && b != b'"') {
        return Err(Problem::new(Code::BadManifestLine, format!("{etag:?} is not an ETag"))
            .at_manifest(span, "in this line")
            .help("copy the ETag as S3 lists it"));
    }
    if let Some(bad) = stated.as_ref().filter(|stated| !is_mime_type(stated)) {
        return Err(Problem::new(Code::BadMimeType, format!("{bad:?} is not a MIME type"))
            .at_manifest(span, "in this line")
            .help("write one such as `application/json`, or leave `type` out"));
    }
    if let Some(bad) = sha256.as_ref().filter(|text| digests::parse(text).is_none()) {
        return Err(Problem::new(Code::BadManifestLine, format!("{bad:?} is not a SHA-256"))
            .at_manifest(span, "in this line")
            .help(
                "write its 32 bytes in base64, as S3's `x-amz-checksum-sha256`, or leave it out",
            ));
    }
    Ok(Found {
        mime_type: stated.unwrap_or_else(|| kinds::of_name(&key)),
        key,
        size,
        etag: format!("\"{bare}\""),
        sha256,
        parts: None,
        line: Some(span),
    })
}

/// Writes the list.
pub(crate) fn write<'a>(
    objects: impl Iterator<Item = &'a Found>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for object in objects {
        let line = Line {
            key: object.key.clone(),
            size: object.size,
            mime_type: Some(object.mime_type.clone()),
            etag: object.etag.clone(),
            sha256: object.sha256.clone(),
        };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_lists_read_back() {
        let text = "{\"key\":\"b é.txt\",\"size\":5,\"etag\":\"00ff\"}\n\n\
                    {\"key\":\"a\",\"size\":0,\"type\":\"x/y\",\"etag\":\"\\\"1-2\\\"\"}";
        let (found, problems) = parse(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(found[0].etag, "\"1-2\"");
        assert_eq!(
            (found[1].mime_type.as_str(), found[1].etag.as_str()),
            ("text/plain", "\"00ff\"")
        );

        let mut written = Vec::new();
        write(found.iter(), &mut written).unwrap();
        let strip = |found: Vec<Found>| -> Vec<_> {
            found.into_iter().map(|found| Found { line: None, ..found }).collect()
        };
        assert_eq!(strip(parse(&String::from_utf8(written).unwrap()).0), strip(found));
    }
}
