//! The table against what a bucket has, both ways.

use std::collections::HashMap;
use std::fmt;

use price_table::Seal;
use serde::Deserialize;

use super::content::Content;
use super::manifest::Line;
use crate::Compiled;

/// An object as a bucket lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The key, without the prefix that is the distribution's origin path.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// In quotes.
    pub etag: String,
}

/// How a bucket differs from the table.
#[derive(Clone, Debug, Default)]
pub struct Difference<'a> {
    /// On sale, and not in the bucket: who pays gets an error.
    pub missing: Vec<Content<'a>>,
    /// In the bucket with another size or ETag.
    pub changed: Vec<(Content<'a>, Stored)>,
    /// In the bucket, and not on sale: nobody can get it through the function.
    pub unpriced: Vec<Stored>,
    /// How many are the same.
    pub same: usize,
}

/// Why a listing cannot be read.
#[derive(Debug)]
pub struct BadListing(String);

impl Difference<'_> {
    /// Whether all that is on sale is there as the table has it. What is not on sale does no harm.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty()
    }
}

impl Compiled {
    /// Compares with what a bucket has.
    pub fn diff(&self, stored: impl IntoIterator<Item = Stored>) -> Difference<'_> {
        let mut stored: HashMap<String, Stored> =
            stored.into_iter().map(|object| (object.key.clone(), object)).collect();
        let mut difference = Difference::default();
        for content in self.contents() {
            match stored.remove(content.key) {
                None => difference.missing.push(content),
                Some(there)
                    if (there.size, there.etag.as_str()) == (content.size, content.etag) =>
                {
                    difference.same += 1;
                }
                Some(there) => difference.changed.push((content, there)),
            }
        }
        difference.unpriced = stored.into_values().collect();
        difference.unpriced.sort_by(|a, b| a.key.cmp(&b.key));
        difference
    }
}

impl Stored {
    /// Reads a listing: what `aws s3api list-objects-v2` prints, or a manifest. Objects outside of
    /// `prefix` are left out, and so is the prefix itself.
    ///
    /// # Errors
    ///
    /// [`BadListing`] if it is neither.
    pub fn read(text: &str, prefix: &str) -> Result<Vec<Stored>, BadListing> {
        let listed = if is_manifest(text) { lines(text)? } else { listing(text)? };
        let within = listed.into_iter().filter_map(|object| {
            let key = object.key.strip_prefix(prefix)?.to_owned();
            // The console makes such an object for what it shows as a folder.
            (!key.is_empty() && !key.ends_with('/')).then_some(Stored { key, ..object })
        });
        Ok(within.collect())
    }

    /// The same of a sealed site's bucket: what lies below its seal, which is left out as well. A manifest has none.
    ///
    /// # Errors
    ///
    /// As [`Stored::read`], and if more than one folder could be the seal.
    pub fn read_sealed(text: &str, prefix: &str) -> Result<Vec<Stored>, BadListing> {
        let stored = Stored::read(text, prefix)?;
        if is_manifest(text) {
            return Ok(stored);
        }
        let mut seals: Vec<Seal> = Vec::new();
        let mut inside = Vec::new();
        for object in stored {
            let Some((folder, key)) = object.key.split_once('/') else { continue };
            let Some(seal) = Seal::parse(folder) else { continue };
            if !seals.contains(&seal) {
                seals.push(seal);
            }
            inside.push(Stored { key: key.to_owned(), ..object });
        }
        match seals.len() {
            0 | 1 => Ok(inside),
            count => Err(BadListing(format!(
                "{count} folders look like seals; list the site's alone, with --prefix"
            ))),
        }
    }
}

fn is_manifest(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .is_none_or(|first| serde_json::from_str::<Line>(first).is_ok())
}

/// The CLI prints nothing at all of an empty bucket, or an object without a list.
fn listing(text: &str) -> Result<Vec<Stored>, BadListing> {
    if !text.trim_start().starts_with('{') {
        return Err(BadListing("it is no JSON object".to_owned()));
    }
    let listing: Listing =
        serde_json::from_str(text).map_err(|error| BadListing(error.to_string()))?;
    if listing.truncated {
        let why = "it is cut off; list without --max-items and --no-paginate";
        return Err(BadListing(why.to_owned()));
    }
    Ok(listing.contents)
}

fn lines(text: &str) -> Result<Vec<Stored>, BadListing> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(nth, line)| {
            let Line { key, size, etag, .. } = serde_json::from_str(line).map_err(|error| {
                BadListing(format!("line {} is not an object of a manifest: {error}", nth + 1))
            })?;
            let bare = etag.trim_matches('"');
            Ok(Stored { key, size, etag: format!("\"{bare}\"") })
        })
        .collect()
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
#[derive(Deserialize)]
struct Listing {
    #[serde(rename = "Contents", default, deserialize_with = "contents")]
    contents: Vec<Stored>,
    /// The CLI follows the pages itself, unless it is told not to.
    #[serde(rename = "IsTruncated", alias = "NextToken", default, deserialize_with = "truthy")]
    truncated: bool,
}

fn contents<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Stored>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Content {
        key: String,
        size: u64,
        #[serde(rename = "ETag")]
        etag: String,
    }
    let list = Option::<Vec<Content>>::deserialize(from)?.unwrap_or_default();
    Ok(list.into_iter().map(|c| Stored { key: c.key, size: c.size, etag: c.etag }).collect())
}

fn truthy<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(!matches!(value, serde_json::Value::Bool(false) | serde_json::Value::Null))
}

impl fmt::Display for BadListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BadListing(why) = self;
        write!(
            f,
            "{why}; what is wanted is a manifest, or `aws s3api list-objects-v2 --bucket BUCKET --output json`"
        )
    }
}

impl std::error::Error for BadListing {}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, prefix: &str) -> Vec<String> {
        let stored = Stored::read(text, prefix).unwrap_or_else(|bad| panic!("{bad}"));
        stored.into_iter().map(|object| object.key).collect()
    }

    #[test]
    fn listings_of_the_cli() {
        let text = r#"{"Contents":[
            {"Key":"p/a b+é","Size":1,"ETag":"\"x\"","StorageClass":"STANDARD"},
            {"Key":"p/folder/","Size":0,"ETag":"\"y\""},
            {"Key":"elsewhere","Size":0,"ETag":"\"z\""}], "RequestCharged": null}"#;
        assert_eq!(keys(text, "p/"), ["a b+é"]);
        assert_eq!(keys(text, ""), ["p/a b+é", "elsewhere"]);
        for empty in ["", "\n", "{}", r#"{"RequestCharged": null}"#, r#"{"Contents": null}"#] {
            assert_eq!(keys(empty, ""), Vec::<String>::new(), "{empty:?}");
        }
    }

    #[test]
    fn manifests() {
        let text = "{\"key\":\"a\",\"size\":1,\"etag\":\"x\"}\n\n{\"key\":\"b\",\"size\":1,\"etag\":\"\\\"y\\\"\"}\n";
        let stored = Stored::read(text, "").unwrap();
        assert_eq!((stored[0].etag.as_str(), stored[1].etag.as_str()), ("\"x\"", "\"y\""));
        assert_eq!(keys(text.lines().next().unwrap(), ""), ["a"], "one line is a manifest too");
    }

    #[test]
    fn what_lies_below_a_seal() {
        let (seal, other) = ("s3".repeat(13), "q7".repeat(13));
        let read = |keys: &[String]| {
            let contents: Vec<_> = keys
                .iter()
                .map(|key| serde_json::json!({"Key": key, "Size": 1, "ETag": "\"x\""}))
                .collect();
            let text = serde_json::json!({ "Contents": contents }).to_string();
            let stored = Stored::read_sealed(&text, "p/");
            stored.map(|stored| stored.into_iter().map(|it| it.key).collect::<Vec<_>>())
        };
        let (inside, outside) = (format!("p/{seal}/a/b"), "p/a/b".to_owned());
        assert_eq!(read(&[inside.clone(), outside.clone()]).unwrap(), ["a/b"]);
        // The function looks for nothing there.
        assert_eq!(read(&[outside]).unwrap(), Vec::<String>::new());
        let many = read(&[inside, format!("p/{other}/a")]).unwrap_err().to_string();
        assert!(many.contains("2 folders look like seals"), "{many}");
        assert!(!many.contains(&seal) && !many.contains(&other), "{many}");
        let manifest = Stored::read_sealed(r#"{"key":"a","size":1,"etag":"x"}"#, "").unwrap();
        assert_eq!(manifest[0].key, "a");
    }

    #[test]
    fn what_is_no_listing() {
        for text in [
            "a b c",
            "[]",
            r#"{"Contents":[{"Key":"a"}]}"#,
            r#"{"Contents":[],"IsTruncated":true}"#,
            r#"{"Contents":[],"NextToken":"abc"}"#,
        ] {
            assert!(Stored::read(text, "").is_err(), "{text}");
        }
    }
}
