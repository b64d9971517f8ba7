//! Whether a packaged function may be deployed, and what there is to know of it.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use content_config::Compiled;
use price_table::{Object, Rule, Sale, Seal, file};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use site_secrets::SiteSeal;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::Error;

/// A packaged function that may be deployed.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The file itself.
    pub zip: Vec<u8>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The same in base64, as Lambda has it.
    pub code_sha256: String,
    /// Its length.
    pub bytes: u64,
    /// How Lambda's Python starts it.
    pub shim: String,
    /// Which of Lambda@Edge's quotas it fits.
    pub quota: String,
    /// The version of the tool that packaged it, where that is known.
    pub version: Option<String>,
}

/// What `paywall build` says of a zip.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packaged {
    sha256: String,
    code_sha256: String,
    bytes: u64,
    shim: String,
    rehearsal: bool,
    quota: String,
    version: Option<String>,
}

/// Reads the zip that `paywall build` made, and what it says of it, which lies beside, as `.json`. `compiled` is what
/// `config` sells: the zip's table must be its.
///
/// # Errors
///
/// It may not be deployed, or is not there.
pub fn read(zip: &Path, compiled: &Compiled, config: &Path) -> Result<Artifact, Error> {
    let (name, json) = (zip.display().to_string(), zip.with_extension("json"));
    let bytes = fs::read(zip)
        .map_err(|why| Error::NoPackage { zip: name.clone(), why: why.to_string() })?;
    let text = fs::read(&json).map_err(|why| Error::NoPackageRecord {
        json: json.display().to_string(),
        why: why.to_string(),
    })?;
    let json = json.display().to_string();
    let packaged: Packaged = serde_json::from_slice(&text)
        .map_err(|why| Error::NotAPackageRecord { json: json.clone(), why: why.to_string() })?;
    let hash = Sha256::digest(&bytes);
    let sha256: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let code_sha256 = STANDARD.encode(hash);
    if sha256 != packaged.sha256 || code_sha256 != packaged.code_sha256 {
        return Err(Error::OtherPackage { zip: name, json });
    }
    if packaged.rehearsal {
        return Err(Error::Rehearsal { zip: name });
    }
    let table = part(&bytes, file::NAME)
        .map_err(|why| Error::NotAPackage { zip: name.clone(), why: why.to_string() })?;
    // One without a table does not start.
    if table.is_some_and(|table| table != compiled.file()) {
        return Err(Error::OtherTable { zip: name, config: config.display().to_string() });
    }
    let Packaged { bytes: length, shim, quota, version, .. } = packaged;
    Ok(Artifact { zip: bytes, sha256, code_sha256, bytes: length, shim, quota, version })
}

/// What a function answers for, and where it asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// What its objects' keys begin with in the bucket: nothing, or the seal and a slash.
    pub prefix: String,
    /// The keys of what is priced, sorted.
    pub priced: Vec<String>,
    /// The keys of what is free, sorted.
    pub free: Vec<String>,
    /// What of the priced is not charged for, to begin with.
    pub dry_run: Option<DryRun>,
}

/// Priced objects that are given away for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// How many.
    pub objects: usize,
    /// Until when the last of them is, seconds since 1970.
    pub until: u64,
}

impl Sold {
    /// What a function with this table and this seal would.
    pub fn of(compiled: &Compiled, seal: Option<&Seal>) -> Self {
        Sold::sorted(
            &compiled.table().rules,
            seal,
            compiled.listings().iter().map(|one| &one.object),
        )
    }

    fn sorted<'o>(
        rules: &[Rule],
        seal: Option<&Seal>,
        objects: impl Iterator<Item = &'o Object<'o>>,
    ) -> Self {
        let (mut priced, mut free, mut dry_run) = (Vec::new(), Vec::new(), None);
        for object in objects {
            let sale = rules.get(usize::from(object.rule)).map(|rule| &rule.sale);
            let keys = if let Some(Sale::Free) = sale { &mut free } else { &mut priced };
            keys.push(object.key.to_string());
            if let Some(&Sale::Priced { dry_run: Some(ends), .. }) = sale {
                let DryRun { objects, until } = dry_run.unwrap_or(DryRun { objects: 0, until: 0 });
                dry_run = Some(DryRun { objects: objects + 1, until: until.max(ends) });
            }
        }
        priced.sort_unstable();
        free.sort_unstable();
        let prefix = seal.map_or_else(String::new, |seal| format!("{}/", seal.as_str()));
        Sold { prefix, priced, free, dry_run }
    }
}

/// What the package in these bytes answers for; `None` if it has no table, and so does not start.
///
/// # Errors
///
/// It cannot be told: it is no package, or of another version of this tool.
pub fn sells(zip: &[u8], name: &str) -> Result<Option<Sold>, Error> {
    let bad = |why: String| Error::NotTold { package: name.to_owned(), why };
    let Some(table) = part(zip, file::NAME).map_err(|why| bad(why.to_string()))? else {
        return Ok(None);
    };
    let table = file::whole(table).map_err(|why| bad(why.to_string()))?;
    let seal = seal_of(zip).map_err(bad)?;
    let objects = table.objects.all().map_err(|why| bad(why.to_string()))?;
    Ok(Some(Sold::sorted(&table.rules, seal.as_ref().map(|sealed| &sealed.seal), objects.iter())))
}

/// The seal in a zip that is named, if it has one.
///
/// # Errors
///
/// It is no package.
pub fn seal(zip: &Path) -> Result<Option<SiteSeal>, Error> {
    let name = zip.display().to_string();
    let bytes = fs::read(zip)
        .map_err(|why| Error::NoPackage { zip: name.clone(), why: why.to_string() })?;
    seal_of(&bytes).map_err(|why| Error::NotAPackage { zip: name, why })
}

fn seal_of(bytes: &[u8]) -> Result<Option<SiteSeal>, String> {
    let text = part(bytes, SiteSeal::NAME).map_err(|why| why.to_string())?;
    let parsed = text.map(|text| SiteSeal::parse(&String::from_utf8_lossy(&text)));
    parsed.transpose().map_err(|why| why.to_string())
}

/// An entry of a zip, if it has it.
fn part(zip: &[u8], name: &str) -> Result<Option<Vec<u8>>, ZipError> {
    let mut bytes = Vec::new();
    match ZipArchive::new(Cursor::new(zip))?.by_name(name) {
        Ok(mut packaged) => packaged.read_to_end(&mut bytes)?,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip with the sample's table, or its record's, changed.
    fn check(
        table: impl FnOnce(&mut Vec<u8>),
        record: impl FnOnce(&mut serde_json::Value),
    ) -> Result<Artifact, Error> {
        let folder = tempfile::tempdir().unwrap();
        let config = Path::new("..").join(content_config::SAMPLE);
        let compiled = content_config::compile(&config).unwrap();
        let mut bytes = compiled.file();
        table(&mut bytes);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(file::NAME, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        let hash = Sha256::digest(&bytes);
        let mut json = serde_json::json!({
            "sha256": hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "codeSha256": STANDARD.encode(hash),
            "bytes": 5, "shim": "exec", "rehearsal": false, "quota": "fits",
        });
        record(&mut json);
        let zip = folder.path().join("edge-fn.zip");
        fs::write(&zip, bytes).unwrap();
        fs::write(folder.path().join("edge-fn.json"), json.to_string()).unwrap();
        read(&zip, &compiled, &config)
    }

    #[test]
    fn what_may_be_deployed() {
        let says = |checked: Result<Artifact, Error>| checked.err().unwrap().to_string();
        let artifact = check(|_| (), |_| ()).ok().unwrap();
        assert_eq!((artifact.bytes, &*artifact.shim, &*artifact.quota), (5, "exec", "fits"));
        assert!(says(check(|_| (), |json| json["rehearsal"] = true.into())).contains("throw-away"));
        let other = |json: &mut serde_json::Value| json["sha256"] = "ab".into();
        assert!(says(check(|_| (), other)).contains("not the file"));
        assert!(says(check(|table| table[99] ^= 1, |_| ())).contains("another table"));
    }

    #[test]
    fn what_is_sold_is_told_by_the_package_as_before_it_was_packed() {
        let config = Path::new("..").join(content_config::SAMPLE);
        let compiled = content_config::compile(&config).unwrap();
        let seal = SiteSeal { site: "s".to_owned(), seal: Seal::new([7; Seal::LENGTH]) };
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in
            [(file::NAME, compiled.file()), (SiteSeal::NAME, seal.to_json().into_bytes())]
        {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, &bytes).unwrap();
        }
        let zip = zip.finish().unwrap().into_inner();
        let sold = sells(&zip, "package").unwrap().unwrap();
        assert_eq!(sold, Sold::of(&compiled, Some(&seal.seal)));
        assert_eq!(sold.prefix, format!("{}/", seal.seal.as_str()));
        let has = |keys: &[String], key: &str| keys.iter().any(|it| it == key);
        assert!(has(&sold.priced, "reports/2026/market.json") && has(&sold.free, "free/hello.txt"));
        assert_eq!(sold.priced.len() + sold.free.len(), compiled.contents().count());
    }
}
