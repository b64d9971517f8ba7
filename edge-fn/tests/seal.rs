//! The seal beside the function: it and the table must be of one mind, or nothing starts.

use std::fs;

use edge_fn::io::{seal, table};
use price_table::{Seal, file};
use site_secrets::SiteSeal;
use tempfile::TempDir;

fn folder(sealed: bool) -> TempDir {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
    let mut table = content_config::compile(sample.as_ref()).unwrap().table().clone();
    table.site.sealed = sealed;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file::NAME), file::write(&table).unwrap()).unwrap();
    folder
}

fn opened(folder: &TempDir, document: Option<&str>) -> Result<Option<Seal>, String> {
    let path = folder.path().join(SiteSeal::NAME);
    match document {
        Some(text) => fs::write(&path, text).unwrap(),
        None => assert!(!path.exists()),
    }
    seal::open(folder.path(), table::open(folder.path()).unwrap())
}

#[test]
fn a_sealed_table_needs_its_own_seal() {
    let seal = Seal::new([5; Seal::LENGTH]);
    let of = |site: &str| SiteSeal { site: site.into(), seal: seal.clone() }.to_json();
    assert_eq!(opened(&folder(true), Some(&of("sample"))), Ok(Some(seal.clone())));
    assert_eq!(opened(&folder(false), None), Ok(None));
    for (sealed, document, why) in [
        (true, None, "there is no seal"),
        (false, Some(of("sample")), "is not `sealed`"),
        (true, Some(of("other")), "of the site other; the table sells sample"),
        (true, Some("{}".to_owned()), "lacks the field \"site\""),
        (true, Some(String::new()), "is not JSON"),
    ] {
        let folder = folder(sealed);
        let said = opened(&folder, document.as_deref()).unwrap_err();
        assert!(said.contains(why) && said.contains("seal.json"), "{said}");
        assert!(!said.contains(seal.as_str()), "{said}");
        let checked = edge_fn::start::check(folder.path()).unwrap_err().to_string();
        assert_eq!(checked, said);
    }
}
