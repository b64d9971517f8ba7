//! What was bought for the catalogues: a file with a line of JSON for each step, in the order in which they were taken.
//!
//! A payment is written down before it is sent. So whoever was cut off sends the same one again, and signs no other until
//! it is refused.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The file, which no other run has open.
pub(super) struct Record {
    file: File,
    path: String,
    last: HashMap<String, Step>,
    transactions: HashSet<String>,
}

/// How every line begins.
const BEGINNING: &[u8] = b"{\"url\":\"";

/// The last that is known of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Step {
    /// This payment is on its way, or was taken without an answer.
    Sent(Payment),
    /// It was bought.
    Bought { at: u64, network: String, transaction: String },
    /// The payment signed at that time was made, or may have been, and opens nothing any more.
    Spent { at: u64, said: String },
    /// The payment was not taken.
    Refused { said: String },
}

/// A payment as it is sent, and what its receipt must name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payment {
    /// When it was signed, in seconds since 1970.
    pub(super) at: u64,
    pub(super) payer: String,
    /// The CAIP-2 name.
    pub(super) network: String,
    /// The header's name.
    pub(super) header: String,
    /// The header's value.
    pub(super) value: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    url: String,
    #[serde(flatten)]
    step: Step,
}

impl Record {
    /// Opens the file, or begins it. A last line that was cut off was not acted upon, and goes; nothing else does, since
    /// it may be another file that was named.
    pub(super) fn open(path: &Path) -> Result<Record, Error> {
        let named = || path.display().to_string();
        let not_opened =
            |why: io::Error| Error::RecordNotOpened { path: named(), why: why.to_string() };
        let mut options = OpenOptions::new();
        // It holds payments.
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(path).map_err(not_opened)?;
        // What is read from a pipe never ends.
        if !file.metadata().map_err(not_opened)?.is_file() {
            return Err(not_opened(io::Error::other("it is no file")));
        }
        file.try_lock().map_err(|why| match why {
            TryLockError::WouldBlock => Error::AtOnce { path: named() },
            TryLockError::Error(why) => not_opened(why),
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(not_opened)?;
        let damaged =
            |nth: usize, why: String| Error::RecordDamaged { path: named(), line: nth + 1, why };
        let mut record =
            Record { path: named(), last: HashMap::new(), transactions: HashSet::new(), file };
        let mut whole = 0;
        for (nth, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if line.ends_with(b"\n") {
                let Line { url, step } =
                    serde_json::from_slice(line).map_err(|why| damaged(nth, why.to_string()))?;
                record.keep(url, step);
                whole += line.len();
            } else if !line.starts_with(BEGINNING) && !BEGINNING.starts_with(line) {
                return Err(damaged(nth, "it begins as none of them does".to_owned()));
            }
        }
        record
            .file
            .set_len(whole as u64)
            .and_then(|()| record.file.seek(SeekFrom::End(0)))
            .and_then(|_| sync_folder(path))
            .map_err(not_opened)?;
        Ok(record)
    }

    fn keep(&mut self, url: String, step: Step) {
        if let Step::Bought { transaction, .. } = &step {
            self.transactions.insert(transaction.clone());
        }
        self.last.insert(url, step);
    }

    /// Whether something was bought by this transaction.
    pub(super) fn knows(&self, transaction: &str) -> bool {
        self.transactions.contains(transaction)
    }

    pub(super) fn last(&self, url: &str) -> Option<&Step> {
        self.last.get(url)
    }

    /// Writes a step down for good.
    pub(super) fn write(&mut self, url: &str, step: Step) -> Result<(), Error> {
        let line = Line { url: url.to_owned(), step };
        let text = serde_json::to_string(&line).expect("JSON serialises") + "\n";
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written
            .map_err(|why| Error::NotRecorded { path: self.path.clone(), why: why.to_string() })?;
        self.keep(line.url, line.step);
        Ok(())
    }
}

/// A new file is in its folder for good when the folder is written too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn sent(value: &str) -> Step {
        let [payer, network, header] = ["0xa", "eip155:1", "PAYMENT-SIGNATURE"].map(Into::into);
        Step::Sent(Payment { at: 1, payer, network, header, value: value.into() })
    }

    #[test]
    fn what_was_written_is_read_by_the_next_run_and_by_no_other_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("listings.jsonl");
        let mut record = Record::open(&path).unwrap();
        record.write("u", sent("a")).unwrap();
        assert!(matches!(Record::open(&path), Err(Error::AtOnce { .. })));
        let bought = Step::Bought { at: 1, network: "n".into(), transaction: "t".into() };
        record.write("v", bought.clone()).unwrap();
        drop(record);
        let record = Record::open(&path).unwrap();
        assert_eq!((record.last("u"), record.last("v")), (Some(&sent("a")), Some(&bought)));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_that_was_cut_off_is_as_if_it_had_not_been_begun() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("listings.jsonl");
        Record::open(&path).unwrap().write("u", sent("ä")).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            let mut record = Record::open(&path).unwrap();
            assert_eq!(record.last("u"), Some(&sent("ä")), "{cut}");
            record.write("u", sent("b")).unwrap();
            drop(record);
            assert_eq!(Record::open(&path).unwrap().last("u"), Some(&sent("b")), "{cut}");
        }
        fs::write(&path, "no JSON\n").unwrap();
        assert!(matches!(Record::open(&path), Err(Error::RecordDamaged { line: 1, .. })));
    }

    #[test]
    fn another_file_that_was_named_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let line = r#"{"url":"u","refused":{"said":"no"}}"#;
        for (other, damaged) in
            [(r#"{"site":"a"}"#.to_owned(), 1), (format!("{line}\nb"), 2), ("a\nb".to_owned(), 1)]
        {
            fs::write(&path, &other).unwrap();
            let opened = Record::open(&path);
            let is_damaged =
                matches!(opened, Err(Error::RecordDamaged { line, .. }) if line == damaged);
            assert!(is_damaged, "{other}");
            assert_eq!(fs::read_to_string(&path).unwrap(), other);
        }
        assert!(matches!(Record::open(folder.path()), Err(Error::RecordNotOpened { .. })));
        // Nor is waited for the end of what has none.
        let opened = Record::open(Path::new("/dev/null"));
        assert!(
            matches!(opened, Err(Error::RecordNotOpened { why, .. }) if why == "it is no file")
        );
    }

    #[test]
    fn a_transaction_is_known_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("listings.jsonl");
        let mut record = Record::open(&path).unwrap();
        let bought = Step::Bought { at: 1, network: "n".into(), transaction: "t".into() };
        record.write("u", bought).unwrap();
        record.write("u", sent("a")).unwrap();
        assert!(record.knows("t") && !record.knows("s"));
        drop(record);
        assert!(Record::open(&path).unwrap().knows("t"));
    }
}
