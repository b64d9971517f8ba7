//! Other ways to write a path.

use crate::answer::Ask;
use crate::target::Target;

/// How two spellings relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Percent,
    Dots,
    Folders,
    Slashes,
    Case,
    Suffix,
    Malformed,
}

/// Folders that sellers often give away.
const FREE: [&str; 3] = ["/assets", "/static", "/free"];

/// Spellings of one kind, each with what it is.
pub(crate) fn spellings(path: &str, kind: Kind) -> Vec<(String, String)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let first = name.chars().next().filter(char::is_ascii_alphanumeric);
    let rest = name.get(1..).unwrap_or_default();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |label: &str, spelled: String| {
        if spelled.starts_with('/')
            && spelled != path
            && all.iter().all(|(_, other)| *other != spelled)
        {
            all.push((label.to_owned(), spelled));
        }
    };
    match kind {
        Kind::Percent => {
            if let Some(first) = first {
                add("a letter in hex", format!("{folder}/%{:02x}{rest}", first as u32));
                add("a letter in upper-case hex", format!("{folder}/%{:02X}{rest}", first as u32));
            }
            let whole: String = path
                .bytes()
                .map(|byte| match byte {
                    byte if byte.is_ascii_alphanumeric() => format!("%{byte:02X}"),
                    byte => char::from(byte).to_string(),
                })
                .collect();
            if !path.contains('%') {
                add("every letter in hex", whole);
            }
        }
        Kind::Dots => {
            add("a dot segment", format!("/.{path}"));
            add("up and down again", format!("/x402-prove/..{path}"));
            add("up in hex", format!("/x402-prove/%2e%2e{path}"));
            add("up in half hex", format!("/x402-prove/.%2E{path}"));
        }
        Kind::Folders => {
            for free in FREE {
                add("out of a folder that is often free", format!("{free}/..{path}"));
                add("the same in hex", format!("{free}/%2e%2e{path}"));
                add("the same with a slash in hex", format!("{free}/..%2f{}", &path[1..]));
                add("the same with a backslash", format!("{free}/..\\{}", &path[1..]));
            }
        }
        Kind::Slashes => {
            add("a second slash in front", format!("/{path}"));
            add("a second slash within", format!("{folder}//{name}"));
            add("a slash at the end", format!("{path}/"));
            add("a backslash", format!("{folder}\\{name}"));
            add("a slash in hex", format!("{folder}%2f{name}"));
            add("a backslash in hex", format!("{folder}%5c{name}"));
        }
        Kind::Case => {
            add("upper case", path.to_uppercase());
            add("a name in upper case", format!("{folder}/{}", name.to_uppercase()));
            add("lower case", path.to_lowercase());
        }
        Kind::Suffix => {
            for (label, suffix) in [
                ("a parameter", ";x=1"),
                ("a NUL", "%00"),
                ("a NUL and a suffix", "%00.html"),
                ("a space", "%20"),
                ("a line end", "%0a"),
                ("a dot", "."),
                ("a question mark in hex", "%3fx=1"),
                ("a hash in hex", "%23"),
                ("another name behind it", "/x.css"),
            ] {
                add(label, format!("{path}{suffix}"));
            }
        }
        Kind::Malformed => {
            add("a slash in overlong UTF-8", format!("{folder}%c0%af{name}"));
            add("a dot pair in overlong UTF-8", format!("/x402-prove/%c0%ae%c0%ae{path}"));
            add("no hex after a percent sign", format!("{path}%zz"));
            add("a percent sign at the end", format!("{path}%"));
            add("bytes that are no UTF-8", format!("{path}%ff"));
            if let Some(first) = first {
                add("a letter in hex, twice", format!("{folder}/%25{:02x}{rest}", first as u32));
            }
        }
    }
    all
}

/// Requests without a payment, one for each spelling.
pub(crate) fn asks(target: &Target, kind: Kind) -> Vec<Ask> {
    let spelled = spellings(&target.path, kind).into_iter();
    let mut asks: Vec<_> =
        spelled.map(|(label, path)| Ask::get(label, target.spelled(&path)).or_silence()).collect();
    if kind == Kind::Suffix {
        let mark = if target.query.is_empty() { "?" } else { "&" };
        asks.push(Ask::get("another query", format!("{}{mark}x402-prove=1", target.url())));
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_differs_and_can_be_sent() {
        let all = [
            Kind::Percent,
            Kind::Dots,
            Kind::Folders,
            Kind::Slashes,
            Kind::Case,
            Kind::Suffix,
            Kind::Malformed,
        ];
        for path in ["/reports/2026/market.json", "/", "/a", "/%C3%BC/b%20c", "/1/"] {
            for kind in all {
                for (label, spelled) in spellings(path, kind) {
                    assert_ne!(spelled, path, "{label}");
                    let uri: http::Uri = format!("https://shop.example{spelled}").parse().unwrap();
                    assert_eq!(uri.path(), spelled, "{label}");
                }
            }
        }
        let spelled = spellings("/a/b", Kind::Percent).into_iter().map(|(_, path)| path);
        assert_eq!(spelled.collect::<Vec<_>>(), ["/a/%62", "/%61/%62"]);
    }
}
