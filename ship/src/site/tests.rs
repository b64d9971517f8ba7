use std::fs;

use price_table::Table;

use super::claim::read;
use super::tags::hash;
use super::*;

const PAYEE: &str = "0x1111111111111111111111111111111111111111";

fn table(prefix: &str, payee: &str, more: &str) -> (tempfile::TempDir, content_config::Compiled) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("content/a.txt"), "a").unwrap();
    let text = format!(
        "[site]\nid = \"shop\"\ndiscovery = false\npage = false\nurls = [\"https://shop.example.com\"]\ncontent = \"content\"\n\
         [payment]\npay_to = \"{payee}\"\naccept = [\"base-sepolia/usdc\"]\n\
         facilitators = [\"https://facilitator.example.com\"]\n\
         [redemptions]\nstore = \"s3\"\nbucket = \"sales\"\nregion = \"us-east-1\"\n\
         prefix = \"{prefix}\"\naccept_unresolved = true\n{more}\n\
         [[rule]]\npath = \"a.txt\"\nprice = \"0.01\"\n"
    );
    let path = folder.path().join("content.toml");
    fs::write(&path, text).unwrap();
    let compiled = content_config::compile(&path).unwrap_or_else(|report| panic!("{report}"));
    (folder, compiled)
}

/// A stack of another project, and one with the tags that a table gives it.
fn stacks(name: &str, table: &Table, status: &str) -> [Stack; 2] {
    let other =
        Stack { name: "other".into(), status: "CREATE_COMPLETE".into(), ..Stack::default() };
    let mut tags = tags(table);
    tags.insert("x402-stack".to_owned(), name.to_owned());
    [other, Stack { name: name.to_owned(), status: status.to_owned(), tags }]
}

const DONE: &str = "CREATE_COMPLETE";

#[test]
fn a_payee_belongs_to_one_store() {
    let (_folder, own) = table("mine", PAYEE, "");
    let own = own.table();
    let (_folder, same) = table("theirs", PAYEE, "");
    let error = check(own, "shop", &stacks("sister", same.table(), DONE), false).unwrap_err();
    let said = next_step::Told::from(error).to_string();
    for part in ["stack sister", PAYEE, "s3://sales/theirs", "s3://sales/mine"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(said.contains("Give each store a `pay_to` of its own"), "{said}");
    // Its own stack, one that is no more, another payee, the same store, and the seller's word.
    let other = "0x2222222222222222222222222222222222222222";
    let (_folder, paid) = table("theirs", other, "");
    let (_folder, word) = table("mine", PAYEE, "shared_pay_to = true");
    for (table, stack, stacks) in [
        (own, "sister", stacks("sister", same.table(), DONE)),
        (own, "shop", stacks("sister", same.table(), "ROLLBACK_COMPLETE")),
        (own, "shop", stacks("sister", paid.table(), DONE)),
        (own, "shop", stacks("sister", own, DONE)),
        (word.table(), "shop", stacks("sister", same.table(), DONE)),
    ] {
        check(table, stack, &stacks, false).unwrap();
    }
}

#[test]
fn a_live_stack_keeps_its_id() {
    let (_folder, own) = table("mine", PAYEE, "");
    let mut live = stacks("shop", own.table(), DONE);
    check(own.table(), "shop", &live, false).unwrap();
    live[1].tags.insert("x402-site".to_owned(), "before".to_owned());
    let error = check(own.table(), "shop", &live, false).unwrap_err().to_string();
    assert!(error.contains("stack shop is live as \"before\""), "{error}");
    check(own.table(), "shop", &live, true).unwrap();
    check(own.table(), "another", &live, false).unwrap();
}

#[test]
fn tags_keep_to_their_characters() {
    let (_folder, own) = table("mine", PAYEE, "");
    let tags = tags(own.table());
    let lines: Vec<_> = tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let payees = format!("x402-payees-1={}", hash(PAYEE));
    assert_eq!(lines, [payees.as_str(), "x402-site=shop", "x402-store=s3://sales/mine"]);
}

#[test]
fn another_version_of_a_holder_is_an_error() {
    assert!(read(br#"{"v":2,"site":"shop","stack":"a"}"#, "x").is_ok());
    assert!(read(br#"{"v":3,"site":"shop","stack":"a"}"#, "x").is_err());
    assert!(read(b"{}", "x").is_err());
}
