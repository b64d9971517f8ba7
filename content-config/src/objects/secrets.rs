//! Whether a file in the content folder holds secrets of a site: there it would be sold.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use price_table::{Seal, file};
use serde_json::Value;

/// The largest document that is looked at, bytes: four times what an SSM parameter of the standard tier holds.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
const LARGEST: u64 = 4 * 4096;

/// What a package's list of entries fits into, at its end.
/// <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3.12
const ENTRIES: u64 = 4096;

/// Whether a file of so many bytes is such a document, or a package with them in it.
pub(super) fn are_in_file(path: &Path, bytes: u64) -> bool {
    let document = bytes <= LARGEST && fs::read(path).is_ok_and(|bytes| are_in(&bytes));
    document || is_package(path, bytes).unwrap_or(false)
}

/// Whether a zip names the entries of a packaged function.
fn is_package(path: &Path, bytes: u64) -> io::Result<bool> {
    let mut zip = File::open(path)?;
    let mut start = [0; 4];
    if bytes < 4 || zip.read_exact(&mut start).is_err() || start != *b"PK\x03\x04" {
        return Ok(false);
    }
    let mut end = Vec::new();
    zip.seek(SeekFrom::Start(bytes.saturating_sub(ENTRIES)))?;
    zip.read_to_end(&mut end)?;
    let names = |name: &str| end.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    Ok(["index.py", "secrets.json", file::NAME].into_iter().all(names))
}

/// Whether bytes are the function's document of secrets, one with what facilitators want to see, or a seal's.
fn are_in(bytes: &[u8]) -> bool {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return false };
    let keys = ["handover", "pass"].iter().all(|name| json[name].is_array());
    let proofs = json["facilitators"].as_object().is_some_and(|all| {
        all.values().any(|proof| ["bearer", "cdp"].iter().any(|kind| proof.get(kind).is_some()))
    });
    let seal = json["site"].is_string() && json["seal"].as_str().and_then(Seal::parse).is_some();
    keys || proofs || seal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets() {
        for (text, are) in [
            (r#"{"site": "a", "handover": ["1"], "pass": ["2"]}"#, true),
            (r#"{"facilitators": {"https://f.example": {"bearer": "t"}}}"#, true),
            (r#"{"facilitators": {"https://f.example": {"cdp": {}}}}"#, true),
            (r#"{"facilitators": {"https://f.example": {"name": "F"}}}"#, false),
            (r#"{"pass": ["north"], "summit": ["south"]}"#, false),
            (r#"{"site": "a", "seal": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#, true),
            (r#"{"site": "a", "seal": "grey"}"#, false),
            (r#"["handover", "pass"]"#, false),
            ("handover, pass", false),
            ("", false),
        ] {
            assert_eq!(are_in(text.as_bytes()), are, "{text}");
        }
    }

    #[test]
    fn a_package_holds_secrets_and_another_zip_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let zip = |name: &str, entries: &[&str]| {
            let path = folder.path().join(name);
            let mut bytes = b"PK\x03\x04".repeat(1_500);
            entries.iter().for_each(|entry| bytes.extend(entry.as_bytes()));
            fs::write(&path, &bytes).unwrap();
            are_in_file(&path, bytes.len() as u64)
        };
        assert!(zip("edge-fn.zip", &["bootstrap", "index.py", "secrets.json", "table.bin"]));
        assert!(!zip("other.zip", &["index.py", "secrets.json"]));
        fs::write(folder.path().join("names"), "index.py secrets.json table.bin").unwrap();
        assert!(!are_in_file(&folder.path().join("names"), 31));
    }
}
