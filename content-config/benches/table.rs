//! How long 100,000 objects under 200 rules take to compile, and how long a look-up takes.
//!
//! `cargo bench -p content-config`

#[path = "../tests/catalogue/mod.rs"]
mod catalogue;

use catalogue::{Catalogue, OBJECTS, invented, key};
use content_config::{Compiled, compile};
use divan::{Bencher, black_box};

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

#[divan::bench(sample_size = 10_000)]
fn look_up_hit(bencher: Bencher<'_, '_>) {
    look_up(bencher, key);
}

#[divan::bench(sample_size = 10_000)]
fn look_up_miss(bencher: Bencher<'_, '_>) {
    look_up(bencher, invented);
}

/// Looks up keys all over the table, so that no cache helps more than it would in the function.
fn look_up(bencher: Bencher<'_, '_>, key: impl Fn(usize) -> String) {
    let compiled = table();
    let keys: Vec<_> = (0..OBJECTS).map(|nth| key(nth * 7_919 % OBJECTS)).collect();
    let mut next = keys.iter().cycle();
    bencher
        .bench_local(|| compiled.table().get(black_box(next.next().expect("endless"))).is_some());
}
