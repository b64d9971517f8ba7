//! What an object is: its MIME type, by its key and its bytes.

use std::str;

/// Extensions that the list of `mime_guess` lacks or means something else by.
const OWN: &[(&str, &str)] = &[
    // <https://jsonlines.org/>, as most tools call it; it has no registration.
    ("jsonl", "application/jsonl"),
    // <https://www.rfc-editor.org/rfc/rfc8216#section-10>
    ("m3u8", "application/vnd.apple.mpegurl"),
    // <https://www.iana.org/assignments/media-types/video/iso.segment>
    ("m4s", "video/iso.segment"),
    // Pieces of video beside their `.m3u8`: TypeScript, which shares the extension, is rarely sold.
    // <https://www.rfc-editor.org/rfc/rfc3555#section-4.2.9>
    ("ts", "video/mp2t"),
];

/// Types other than `text/...` whose charset readers take from the header.
const ALSO_TEXT: &[&str] = &["application/javascript", "application/xhtml+xml", "application/xml"];

/// What a name alone says; no charset, which is the bytes' to say.
pub(crate) fn of_name(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let own = extension.and_then(|extension| OWN.iter().find(|(known, _)| *known == extension));
    match own {
        Some((_, mime_type)) => (*mime_type).to_owned(),
        None => mime_guess::from_path(key).first_or_octet_stream().essence_str().to_owned(),
    }
}

/// What name and bytes say: a text in UTF-8 says so, or readers take it for Latin-1.
pub(crate) fn of(key: &str, is_utf8: bool) -> String {
    let mime_type = of_name(key);
    let is_text = mime_type.starts_with("text/") || ALSO_TEXT.contains(&mime_type.as_str());
    if is_text && is_utf8 { mime_type + "; charset=utf-8" } else { mime_type }
}

/// What to send as `Content-Type` with these bytes: what the table says of a file in a folder.
pub fn content_type(key: &str, bytes: &[u8]) -> String {
    let mut utf8 = Utf8::default();
    utf8.update(bytes);
    of(key, utf8.finish())
}

/// Whether bytes that come in pieces are UTF-8. A zero is in no text, and in every second place of
/// UTF-16.
#[derive(Default)]
pub(crate) struct Utf8 {
    /// The beginning of a character whose end is still to come: 3 bytes at most.
    begun: Vec<u8>,
    broken: bool,
}

impl Utf8 {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        if self.broken {
            return;
        }
        self.broken = piece.contains(&0);
        let mut rest = piece;
        // Byte by byte through what the last piece began, so that the rest needs no copy.
        while let ([_, ..], Some((first, after))) = (self.begun.as_slice(), rest.split_first()) {
            self.begun.push(*first);
            rest = after;
            match str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(error) if error.error_len().is_some() => self.broken = true,
                Err(_) => {}
            }
            if self.broken {
                return;
            }
        }
        if let Err(error) = str::from_utf8(rest) {
            self.broken |= error.error_len().is_some();
            self.begun = rest[error.valid_up_to()..].to_vec();
        }
    }

    pub(crate) fn finish(self) -> bool {
        !self.broken && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_names_and_bytes() {
        for (key, bytes, mime_type) in [
            ("a.txt", "más".as_bytes(), "text/plain; charset=utf-8"),
            ("a.txt", b"m\xe1s", "text/plain"),
            ("a.txt", b"m\0s\0", "text/plain"),
            ("a.csv", b"a,b", "text/csv; charset=utf-8"),
            ("a.md", b"# a", "text/markdown; charset=utf-8"),
            ("a.html", b"<p>", "text/html; charset=utf-8"),
            ("a.xml", b"<a/>", "text/xml; charset=utf-8"),
            ("a.css", b"", "text/css; charset=utf-8"),
            ("a.js", b"1", "text/javascript; charset=utf-8"),
            ("a.json", b"{}", "application/json"),
            ("a.svg", b"<svg/>", "image/svg+xml"),
            ("a.png", b"ascii", "image/png"),
            ("video/1.TS", b"G", "video/mp2t"),
            ("1.m4s", b"", "video/iso.segment"),
            ("1.m3u8", b"#EXTM3U", "application/vnd.apple.mpegurl"),
            ("1.jsonl", b"{}", "application/jsonl"),
            ("folder.ts/a", b"a", "application/octet-stream"),
            ("ts", b"a", "application/octet-stream"),
        ] {
            assert_eq!(content_type(key, bytes), mime_type, "{key}");
        }
    }

    #[test]
    fn pieces_make_the_same_text() {
        let text = "é€😀 and a\u{feff}";
        for bytes in [text.as_bytes(), &text.as_bytes()[1..], &text.as_bytes()[..text.len() - 1]] {
            for size in 1..=bytes.len() {
                let mut utf8 = Utf8::default();
                bytes.chunks(size).for_each(|piece| utf8.update(piece));
                assert_eq!(utf8.finish(), str::from_utf8(bytes).is_ok(), "{size} of {bytes:?}");
            }
        }
    }
}
