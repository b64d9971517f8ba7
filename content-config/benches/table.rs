//! How long 100,000 objects under 200 rules take to compile, and how long a look-up takes.
//!
//! `cargo bench -p content-config`

#[path = "../tests/catalogue/mod.rs"]
mod catalogue;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use catalogue::{Catalogue, OBJECTS, invented, key};
use content_config::{Compiled, compile};
use divan::{Bencher, black_box};
use price_table::{ReadAt, Table, file};

fn main() {
    divan::main();
}

fn table() -> Compiled {
    compile(&Catalogue::new().path()).unwrap_or_else(|report| panic!("{report}"))
}

#[divan::bench(sample_count = 5)]
fn compile_100_000_objects(bencher: Bencher<'_, '_>) {
    let catalogue = Catalogue::new();
    bencher.bench_local(|| compile(&catalogue.path()).is_ok());
}

/// What is read whole has 256 KiB at most.
#[divan::bench(sample_size = 10_000)]
fn look_up_in_memory(bencher: Bencher<'_, '_>) {
    let compiled = compile(Path::new("sample/content.toml")).unwrap();
    let table = file::whole(compiled.file()).unwrap();
    let keys: Vec<_> =
        compiled.listings().into_iter().map(|listing| listing.object.key.into_owned()).collect();
    look_up(bencher, &table, |nth| keys[nth % keys.len()].clone());
}

#[divan::bench(sample_size = 10_000)]
fn look_up_by_reads(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    std::fs::write(&path, table().file()).unwrap();
    look_up(bencher, &open(&path), key);
}

#[divan::bench(sample_size = 10_000)]
fn miss_by_reads(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    std::fs::write(&path, table().file()).unwrap();
    look_up(bencher, &open(&path), invented);
}

#[divan::bench]
fn open_100_000_objects(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    std::fs::write(&path, table().file()).unwrap();
    bencher.bench_local(|| open(&path));
}

fn open(path: &Path) -> Table {
    let opened = File::open(path).unwrap();
    let bytes = opened.metadata().unwrap().len();
    file::open(Opened(opened), bytes).unwrap()
}

#[derive(Debug)]
struct Opened(File);

impl ReadAt for Opened {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, at)
    }
}

/// Looks up keys all over the table, so that no cache helps more than it would in the function.
fn look_up(bencher: Bencher<'_, '_>, table: &Table, key: impl Fn(usize) -> String) {
    let keys: Vec<_> = (0..OBJECTS).map(|nth| key(nth * 7_919 % OBJECTS)).collect();
    let mut next = keys.iter().cycle();
    bencher.bench_local(|| {
        table.get(black_box(next.next().expect("endless"))).is_ok_and(|found| found.is_some())
    });
}
