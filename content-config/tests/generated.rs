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

#[test]
fn who_sells_alone() {
    use price_table::Redemptions;

    let mut table = generated::TABLE.clone();
    assert!(!table.alone(), "somebody else sells to its payee");
    let Redemptions::S3 { shared_pay_to, .. } = &mut table.redemptions else { panic!("S3") };
    *shared_pay_to = false;
    assert!(table.alone());
    table.redemptions = Redemptions::Memory;
    assert!(!table.alone(), "each sandbox is the others' other seller");
}
