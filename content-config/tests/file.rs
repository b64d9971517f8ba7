//! The table's file: what is read is what was written, and nothing else is read.

mod catalogue;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use catalogue::{Catalogue, OBJECTS, invented, key};
use content_config::Compiled;
use price_table::page::Slot;
use price_table::{Damaged, ReadAt, Table, file};

/// Bytes read by need, as a large file is.
#[derive(Debug)]
struct Held(Vec<u8>);

impl ReadAt for Held {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        let from = usize::try_from(at).unwrap();
        let bytes = self.0.get(from..from + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

#[derive(Debug)]
struct Opened(File);

impl ReadAt for Opened {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, at)
    }
}

/// A table with every kind of everything in it.
fn everything() -> Compiled {
    compile(Path::new("tests/everything/content.toml"))
}

fn compile(path: &Path) -> Compiled {
    content_config::compile(path).unwrap_or_else(|report| panic!("{report}"))
}

fn by_need(bytes: Vec<u8>) -> Result<Table, Damaged> {
    let length = bytes.len() as u64;
    file::by_need(Arc::new(Held(bytes)), length)
}

/// Whoever changes the format must give it another version.
#[test]
fn the_format_is_the_one_of_this_version() {
    let stale = "run this with UPDATE_TABLE=1, and raise the version in price-table/src/file.rs";
    let path = "tests/everything/table.bin";
    let mut table = everything().table().clone();
    table.site.page = Some(format!("<p>{}</p>", Slot::Title.mark()).into());
    let bytes = file::write(&table).unwrap();
    assert_eq!(file::whole(bytes.clone()).unwrap(), table);
    if std::env::var_os("UPDATE_TABLE").is_some() {
        std::fs::write(path, &bytes).unwrap();
    }
    assert!(std::fs::read(path).unwrap() == bytes, "{stale}");
}

#[test]
fn of_free_objects_one_line_in_so_many_is_logged_and_never_none() {
    let compiled = everything();
    assert_eq!(compiled.table().site.free_lines, 50);
    let plain = compile(Path::new("sample/content.toml"));
    assert_eq!(plain.table().site.free_lines, 1);
    let mut none = compiled.table().clone();
    none.site.free_lines = 0;
    assert!(file::whole(file::write(&none).unwrap()).is_err());
}

#[test]
fn what_is_read_is_what_was_written() {
    let compiled = everything();
    let bytes = compiled.file();
    assert_eq!(&file::whole(bytes.clone()).unwrap(), compiled.table());
    assert_eq!(&by_need(bytes.clone()).unwrap(), compiled.table());
    assert_eq!(&file::open(Held(bytes.clone()), bytes.len() as u64).unwrap(), compiled.table());
}

/// Each byte changed in turn, in each way that one bit can: the table is not opened, or the object that
/// the byte belongs to is an error, or, by need, nothing that is asked for has changed.
#[test]
fn no_byte_can_change_a_price() {
    let compiled = everything();
    let (bytes, good) = (compiled.file(), compiled.table());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            assert!(file::whole(bad.clone()).is_err(), "byte {at}, bit {bit}");
            let Ok(table) = by_need(bad) else { continue };
            for listing in compiled.listings() {
                let key = &listing.object.key;
                if let Ok(found) = table.get(key) {
                    let (found, listing) = (found.unwrap(), good.get(key).unwrap().unwrap());
                    assert_eq!((found.object, found.rule), (listing.object, listing.rule));
                }
                assert!(!matches!(table.get("invented"), Ok(Some(_))));
            }
        }
    }
}

#[test]
fn no_length_but_its_own() {
    let bytes = everything().file();
    for length in 0..bytes.len() {
        assert!(file::whole(bytes[..length].to_vec()).is_err(), "{length}");
        assert!(by_need(bytes[..length].to_vec()).is_err(), "{length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(file::whole(longer.clone()).is_err() && by_need(longer).is_err());
}

#[test]
fn another_version_is_named() {
    let mut bytes = everything().file();
    bytes[7] = 9;
    let why = file::whole(bytes).unwrap_err().to_string();
    assert!(why.contains("version 9") && why.contains("package both anew"), "{why}");
    let why = file::whole(b"PK\x03\x04".repeat(50)).unwrap_err().to_string();
    assert!(why.contains("is no price table"), "{why}");
}

/// Sizes have more than 32 bits.
#[test]
fn what_has_more_than_4_gib_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content.toml");
    let text = "[site]\nid = \"shop\"\ndiscovery = true\nurls = [\"https://shop.example\"]\n\
                manifest = \"list.jsonl\"\n[[rule]]\npath = \"**\"\nfree = true\n";
    std::fs::write(&path, text).unwrap();
    for bytes in [1_u64 << 32, 6_000_000_000, 50_000_000_000] {
        let line = format!("{{\"key\":\"big.bin\",\"size\":{bytes},\"etag\":\"1-90\"}}\n");
        std::fs::write(folder.path().join("list.jsonl"), line).unwrap();
        let read = by_need(compile(&path).file()).unwrap();
        let object = read.get("big.bin").unwrap().unwrap().object;
        assert_eq!((object.size, &*object.etag), (bytes, "\"1-90\""));
    }
}

/// A large file is read by need, and ten thousand bits that flip change no price.
#[test]
fn a_hundred_thousand_objects_with_flipped_bits() {
    const FLIPS: usize = 10_000;
    let compiled = compile(&Catalogue::new().path());
    let bytes = compiled.file();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    std::fs::write(&path, &bytes).unwrap();
    let from_file = file::open(Opened(File::open(&path).unwrap()), bytes.len() as u64).unwrap();
    for nth in (0..OBJECTS).step_by(97) {
        assert_eq!(
            from_file.get(&key(nth)).unwrap().map(|found| (found.object, found.rule)),
            compiled.listing(&key(nth)).map(|listing| (listing.object, listing.rule))
        );
        assert!(from_file.get(&invented(nth)).unwrap().is_none());
    }

    // Flips within the objects; those of the head are all seen at the start, as above.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut bad = bytes.clone();
    let head = bytes.len() - 200_000;
    for _ in 0..FLIPS {
        let at = head + usize::try_from(next() % 200_000).unwrap();
        bad[at] ^= 1 << (next() % 8);
    }
    let table = by_need(bad).unwrap();
    let (mut wrong, mut right) = (0, 0);
    for nth in 0..OBJECTS {
        match table.get(&key(nth)) {
            Err(_) => wrong += 1,
            Ok(found) => {
                let (found, listing) = (found.unwrap(), compiled.listing(&key(nth)).unwrap());
                assert_eq!((found.object, found.rule), (listing.object, listing.rule));
                right += 1;
            }
        }
    }
    assert!(wrong > 1_000 && right > 50_000, "{wrong} refused, {right} as they were");
}

#[test]
fn who_sells_alone() {
    use price_table::Redemptions;

    let mut table = everything().table().clone();
    assert!(!table.alone(), "somebody else sells to its payee");
    let Redemptions::S3 { shared_pay_to, .. } = &mut table.redemptions else { panic!("S3") };
    *shared_pay_to = false;
    assert!(table.alone());
    table.redemptions = Redemptions::Memory;
    assert!(!table.alone(), "each sandbox is the others' other seller");
}
