//! The function's folder as the zip that Lambda takes.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Cursor, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloudfront::limits::{OLD_PACKAGE_BYTES, PACKAGE_BYTES};
use price_table::file;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use site_secrets::SiteSeal;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::error::Error;
use crate::seal::fingerprint;
use crate::secrets::is_rehearsal;

const BOOTSTRAP: &str = "bootstrap";
const SECRETS: &str = "secrets.json";

/// From 10 on, `zip` compresses by zopfli, with 15 rounds less than this.
const ZOPFLI: i64 = 24;
const ZLIB: i64 = 9;

/// What is zipped, and where to.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The folder with `bootstrap`, `index.py`, `table.bin` and `secrets.json`, and the `seal.json` of a sealed site.
    pub folder: PathBuf,
    /// The zip to write.
    pub output: PathBuf,
    /// Where `bootstrap` is kept compressed: that takes seconds, and it is the same for every table.
    pub compressed: PathBuf,
    /// How Lambda's Python starts it.
    pub shim: String,
    /// Which commit `bootstrap` was built from.
    pub commit: String,
}

/// Zips the function's folder, and writes what there is to know of the zip beside it, as `.json`.
///
/// # Errors
///
/// What is missing, wrong or too big.
pub fn make(arguments: &Arguments) -> Result<Package, Error> {
    let Arguments { folder, output, compressed, shim, commit } = arguments;
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|why| Error::not_read(&path, why))
    };
    let table = read(file::NAME)?;
    let sells = file::whole(table.clone()).map_err(|why| Error::BadTable {
        table: folder.join(file::NAME).display().to_string(),
        why: why.to_string(),
    })?;
    let (objects, sealed) = (sells.objects.len(), sells.site.sealed);
    // A parser's message may quote a secret: only the place is told.
    let secrets: Value = serde_json::from_slice(&read(SECRETS)?).map_err(|why| {
        let path = folder.join(SECRETS).display().to_string();
        Error::SecretsNotJson { path, line: why.line(), column: why.column() }
    })?;
    let rehearsal = is_rehearsal(&secrets);

    let (index, bootstrap) = (read("index.py")?, read(BOOTSTRAP)?);
    let (secrets, seal) = (read(SECRETS)?, sealed.then(|| read(SiteSeal::NAME)).transpose()?);
    let mut texts = vec![("index.py", &*index), (SECRETS, &*secrets), (file::NAME, &*table)];
    texts.extend(seal.as_deref().map(|seal| (SiteSeal::NAME, seal)));
    let kept = keep_compressed(&bootstrap, compressed)?;
    let zip = zipped(kept, &texts).map_err(not_zipped)?;
    if zip.len() > PACKAGE_BYTES {
        return Err(Error::TooBig { bytes: zip.len(), most: PACKAGE_BYTES });
    }
    let quota = match zip.len() <= OLD_PACKAGE_BYTES {
        true => "fits the old 1 MB quota",
        false => "needs the 50 MB quota",
    };

    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let digest = Sha256::digest(&zip);
    let (sha256, table_sha256) = (hex(&digest), hex(&Sha256::digest(&table)));
    let parsed = seal.and_then(|seal| SiteSeal::parse(&String::from_utf8_lossy(&seal)).ok());
    let fingerprint = parsed.map(|sealed| fingerprint(&sealed.seal));
    let about = json!({
        "sha256": sha256,
        "codeSha256": STANDARD.encode(digest),
        "bytes": zip.len(),
        "quota": quota,
        "shim": shim,
        "rehearsal": rehearsal,
        "sealed": sealed,
        "seal": fingerprint,
        "commit": commit,
        "version": env!("CARGO_PKG_VERSION"),
        "objects": objects,
        "tableBytes": table.len(),
        "tableSha256": table_sha256,
    });
    write(output, &zip)?;
    write(&output.with_extension("json"), format!("{about:#}\n").as_bytes())?;
    Ok(Package { path: output.clone(), about })
}

fn not_zipped(why: impl fmt::Display) -> Error {
    Error::NotZipped { why: why.to_string() }
}

/// A zip of the function, which is compressed already, and of these texts.
fn zipped(bootstrap: Vec<u8>, texts: &[(&str, &[u8])]) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.raw_copy_file(ZipArchive::new(Cursor::new(bootstrap))?.by_name(BOOTSTRAP)?)?;
    for (name, bytes) in texts {
        entry(&mut zip, name, bytes, ZLIB)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// A zip that was written.
#[derive(Debug)]
pub struct Package {
    path: PathBuf,
    /// What there is to know of it, as it stands beside it.
    pub about: Value,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str| self.about[name].as_str().unwrap_or_default();
        let note = match self.about["rehearsal"] == true {
            true => ", throw-away keys: not to be deployed",
            false => "",
        };
        let (bytes, objects) = (&self.about["bytes"], &self.about["objects"]);
        let (quota, shim) = (text("quota"), text("shim"));
        writeln!(f, "{}: {bytes} bytes ({quota}), {shim} shim{note}", self.path.display())?;
        let sealed = if self.about["sealed"] == true { ", sealed" } else { "" };
        writeln!(f, "  table   {objects} objects, {} bytes{sealed}", self.about["tableBytes"])?;
        writeln!(f, "  sha256  {}", text("sha256"))
    }
}

/// A zip of these bytes alone: the one that is kept, if it is of these bytes.
fn keep_compressed(bytes: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    if let Ok(kept) = fs::read(path)
        && is_of(&kept, bytes).unwrap_or(false)
    {
        return Ok(kept);
    }
    let compress = || -> ZipResult<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        entry(&mut zip, BOOTSTRAP, bytes, ZOPFLI)?;
        Ok(zip.finish()?.into_inner())
    };
    let zip = compress().map_err(not_zipped)?;
    write(path, &zip)?;
    Ok(zip)
}

fn is_of(zip: &[u8], bytes: &[u8]) -> ZipResult<bool> {
    let mut unpacked = Vec::with_capacity(bytes.len());
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut file = archive.by_name(BOOTSTRAP)?;
    let as_made = (file.unix_mode(), file.compression());
    file.read_to_end(&mut unpacked)?;
    Ok(unpacked == bytes && as_made == (Some(0o100_755), CompressionMethod::Deflated))
}

fn entry(
    zip: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    bytes: &[u8],
    level: i64,
) -> ZipResult<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        // The earliest time that a zip can say, the same for every build.
        .last_modified_time(DateTime::default())
        // Whatever the umask: Lambda runs the function as another user than its owner.
        // https://repost.aws/knowledge-center/lambda-deployment-package-errors
        .unix_permissions(if name == BOOTSTRAP { 0o755 } else { 0o644 });
    zip.start_file(name, options)?;
    Ok(zip.write_all(bytes)?)
}

/// Whole or not at all, and for nobody else's eyes: the secrets are in it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let written = || -> io::Result<()> {
        let new = path.with_added_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        fs::rename(&new, path)
    };
    written().map_err(|why| Error::not_written(path, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(bootstrap: &[u8], key: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(content_config::SAMPLE);
        write("bootstrap", bootstrap);
        write("index.py", b"import os\n");
        write("table.bin", &content_config::compile(&sample).unwrap().file());
        write("secrets.json", json!({"handover": [key], "pass": [key]}).to_string().as_bytes());
        write("seal.json", b"{}");
        folder
    }

    fn package(folder: &Path, outside: &Path) -> (Vec<u8>, Value) {
        let output = outside.join("edge-fn.zip");
        let compressed = outside.join("bootstrap.zip");
        let (shim, commit) = ("exec".to_owned(), "c".to_owned());
        make(&Arguments {
            folder: folder.to_owned(),
            output: output.clone(),
            compressed,
            shim,
            commit,
        })
        .unwrap();
        let about = serde_json::from_slice(&fs::read(output.with_extension("json")).unwrap());
        (fs::read(output).unwrap(), about.unwrap())
    }

    #[test]
    fn five_files_with_their_modes_and_the_same_bytes_each_time() {
        let (one, outside) = (folder(b"one", "ab"), tempfile::tempdir().unwrap());
        let (zip, about) = package(one.path(), outside.path());
        let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
        let entries: Vec<_> = (0..archive.len())
            .map(|at| {
                let file = archive.by_index(at).unwrap();
                (file.name().unwrap().into_owned(), file.unix_mode().unwrap())
            })
            .collect();
        let plain = |name: &str| (name.to_owned(), 0o100_644);
        assert_eq!(
            entries,
            [
                ("bootstrap".to_owned(), 0o100_755),
                plain("index.py"),
                plain("secrets.json"),
                plain("table.bin"),
                plain("seal.json")
            ]
        );
        // The documents for agents among them, and the page's files.
        assert_eq!((&about["objects"], &about["rehearsal"]), (&json!(13), &json!(false)));
        assert_eq!(package(one.path(), outside.path()).0, zip);
        assert_eq!(package(one.path(), tempfile::tempdir().unwrap().path()).0, zip);
    }

    #[test]
    fn what_is_kept_compressed_is_that_of_this_function() {
        let outside = tempfile::tempdir().unwrap();
        for bootstrap in [b"one", b"two"] {
            let folder = folder(bootstrap, "ab");
            let (zip, _) = package(folder.path(), outside.path());
            let mut unpacked = Vec::new();
            let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
            archive.by_name("bootstrap").unwrap().read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, bootstrap);
        }
        fs::write(outside.path().join("bootstrap.zip"), "PK").unwrap();
        package(folder(b"one", "ab").path(), outside.path());
    }

    #[test]
    fn throw_away_keys_are_found_and_a_bad_table_is_no_package() {
        let outside = tempfile::tempdir().unwrap();
        let rehearsal = folder(b"one", &format!("{}ab", "72656865617273616C"));
        assert_eq!(package(rehearsal.path(), outside.path()).1["rehearsal"], true);
        let bad = folder(b"one", "ab");
        fs::write(bad.path().join("table.bin"), "no table").unwrap();
        let arguments = Arguments {
            folder: bad.path().to_owned(),
            output: outside.path().join("bad.zip"),
            compressed: outside.path().join("bootstrap.zip"),
            shim: "exec".to_owned(),
            commit: "c".to_owned(),
        };
        let why = make(&arguments).unwrap_err().to_string();
        assert!(why.contains("price table"), "{why}");
        assert!(!outside.path().join("bad.zip").exists());
    }
}
