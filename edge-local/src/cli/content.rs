//! What the function sells, and from which folder.

use std::path::PathBuf;

use content_config::{Compiled, Document};
use price_table::{Key, Sale};

use super::changes::Inputs;
use crate::Bucket;
use crate::error::Error;

/// The sample's objects that the README shows; other content has its first ones shown.
const FREE: &str = "free/hello.txt";
const PRICED: &str = "reports/2026/market.json";

/// What is served, and what to show of it.
#[derive(Debug)]
pub(super) struct Content {
    /// The table of the `content.toml`, if it could be compiled.
    pub(super) table: Option<Vec<u8>>,
    /// Whether it sells what lies below a seal.
    pub(super) sealed: bool,
    /// What the table was made from.
    pub(super) inputs: Inputs,
    /// Where it is.
    pub(super) bucket: Bucket,
    /// What is published with the files of a folder, and is not in it.
    pub(super) documents: Vec<Document>,
    /// URL path of an object that is free.
    pub(super) free: Option<String>,
    /// URL path of an object that has a price.
    pub(super) priced: Option<String>,
}

/// The content of `folder`, of `bucket`, or of the folder that `content.toml` names: the one that the
/// function sells. A `content.toml` with errors matters only if it is needed.
pub(super) fn find(
    config: Option<PathBuf>,
    folder: Option<PathBuf>,
    bucket: Option<Bucket>,
    table_is_needed: bool,
) -> Result<Content, Error> {
    let needed = (folder.is_none() && bucket.is_none()) || table_is_needed;
    let compiled = match compile(config) {
        Ok(compiled) => Some(compiled),
        Err(error) if needed => return Err(error),
        Err(_) => None,
    };
    let bucket = match (folder, bucket) {
        (Some(_), Some(_)) => return Err(Error::TwoContents {}),
        (Some(folder), None) => Bucket::Folder(folder),
        (None, Some(bucket)) => bucket,
        (None, None) => {
            Bucket::Folder(compiled.as_ref().and_then(folder_of).ok_or(Error::NoFolder {})?)
        }
    };
    let example = |preferred, is_free| example(compiled.as_ref()?, preferred, is_free, &bucket);
    let table = compiled.as_ref().map(Compiled::file);
    let sealed = compiled.as_ref().is_some_and(|compiled| compiled.table().site.sealed);
    let documents = compiled.iter().flat_map(Compiled::generated).cloned().collect();
    let inputs = Inputs::of(compiled.as_ref().map_or(&[], Compiled::inputs));
    let (free, priced) = (example(FREE, true), example(PRICED, false));
    Ok(Content { table, sealed, inputs, documents, free, priced, bucket })
}

fn compile(config: Option<PathBuf>) -> Result<Compiled, Error> {
    let path = content_config::find(config)?;
    content_config::compile(&path).map_err(|report| Error::Content {
        config: path.display().to_string(),
        report: report.render(true),
    })
}

/// None, where the objects come from a manifest.
fn folder_of(compiled: &Compiled) -> Option<PathBuf> {
    compiled.inputs().iter().find(|input| input.is_dir()).cloned()
}

/// An object that a viewer can be shown: the preferred one, or the first by key. What a bucket behind
/// an API holds is not looked up.
fn example(compiled: &Compiled, preferred: &str, is_free: bool, bucket: &Bucket) -> Option<String> {
    let is_there = |key: &str| match bucket {
        Bucket::Folder(folder) => folder.join(key).is_file(),
        Bucket::S3(_) => true,
    };
    let key = compiled
        .listings()
        .into_iter()
        .filter(|listing| matches!(listing.rule.sale, Sale::Free) == is_free)
        .map(|listing| listing.object.key)
        .filter(|key| is_there(key) && compiled.generated().all(|made| made.key != *key))
        .min_by_key(|key| (key != preferred, key.clone()))?;
    Some(Key::parse(&key).ok()?.to_uri_path())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_sample_shows_what_the_readme_shows() {
        let sample = Path::new("..").join(content_config::SAMPLE);
        let compiled = content_config::compile(&sample).unwrap();
        let folder = Bucket::Folder(folder_of(&compiled).unwrap());
        assert_eq!(example(&compiled, FREE, true, &folder).unwrap(), "/free/hello.txt");
        assert_eq!(
            example(&compiled, PRICED, false, &folder).unwrap(),
            "/reports/2026/market.json"
        );
        assert_eq!(example(&compiled, "another", true, &folder).unwrap(), "/free/hello.txt");
        assert_eq!(example(&compiled, FREE, true, &Bucket::Folder("elsewhere".into())), None);
    }
}
