//! The generated source: it is what is checked in, it compiles, and it is the same table.

use std::fs;
use std::path::Path;

mod generated {
    include!("generated/price_table.rs");
}

#[test]
fn the_embedded_table_is_the_compiled_one() {
    let folder = Path::new("tests/generated");
    let compiled = content_config::compile(&folder.join("content.toml"))
        .unwrap_or_else(|report| panic!("{report}"));
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        compiled.write_into(folder).unwrap();
    }
    let stale = "stale: run this test with UPDATE_GENERATED=1, and again, and read the difference";
    let source = fs::read_to_string(folder.join(content_config::SOURCE_FILE)).unwrap();
    assert_eq!(compiled.rust_source(content_config::BLOB_FILE), source, "{stale}");
    assert_eq!(&generated::TABLE, compiled.table(), "{stale}");
}
