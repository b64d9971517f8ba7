use super::*;

const PAYEE: &str = "0x1111111111111111111111111111111111111111";

fn table(prefix: &str, payee: &str, more: &str) -> (tempfile::TempDir, content_config::Compiled) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("content/a.txt"), "a").unwrap();
    let text = format!(
        "[site]\nid = \"shop\"\nurls = [\"https://shop.example.com\"]\ncontent = \"content\"\n\
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

/// A stack as AWS tells of it, with the tags that a table gives it.
fn stack(name: &str, table: &Table, status: &str) -> Vec<Stack> {
    let lines = Tags::of(table).lines();
    let tags = lines.lines().map(|line| line.split_once('=').unwrap());
    let mut tags: Vec<_> =
        tags.map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
    tags.push(serde_json::json!({ "Key": "x402-stack", "Value": name }));
    let others = serde_json::json!({ "StackName": "other", "StackStatus": "CREATE_COMPLETE" });
    let one = serde_json::json!({ "StackName": name, "StackStatus": status, "Tags": tags });
    stacks::read(serde_json::json!({ "Stacks": [others, one] }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_payee_belongs_to_one_store() {
    let (_folder, own) = table("mine", PAYEE, "");
    let own = own.table();
    let done = "CREATE_COMPLETE";
    let (_folder, same) = table("theirs", PAYEE, "");
    let said = shared(own, "shop", &stack("sister", same.table(), done)).unwrap();
    for part in ["stack sister", PAYEE, "s3://sales/theirs", "s3://sales/mine"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(said.contains("Give each store a `pay_to` of its own"), "{said}");
    // Its own stack, one that is no more, another payee, the same store, and the seller's word.
    assert_eq!(shared(own, "sister", &stack("sister", same.table(), done)), None);
    assert_eq!(shared(own, "shop", &stack("sister", same.table(), "ROLLBACK_COMPLETE")), None);
    let other = "0x2222222222222222222222222222222222222222";
    let (_folder, paid) = table("theirs", other, "");
    assert_eq!(shared(own, "shop", &stack("sister", paid.table(), done)), None);
    assert_eq!(shared(own, "shop", &stack("sister", own, done)), None);
    let (_folder, word) = table("mine", PAYEE, "shared_pay_to = true");
    assert_eq!(shared(word.table(), "shop", &stack("sister", same.table(), done)), None);
}

#[test]
fn tags_keep_to_their_characters() {
    let (_folder, own) = table("mine", PAYEE, "");
    let lines = Tags::of(own.table()).lines();
    let hash = stacks::hash(PAYEE);
    assert_eq!(
        lines,
        format!("x402-site=shop\nx402-store=s3://sales/mine\nx402-payees-1={hash}\n")
    );
}

#[test]
fn another_version_of_a_holder_is_an_error() {
    assert!(read(br#"{"v":2,"site":"shop","stack":"a"}"#, "x").is_ok());
    assert!(read(br#"{"v":3,"site":"shop","stack":"a"}"#, "x").is_err());
    assert!(read(b"{}", "x").is_err());
}
