use std::fs;

use super::*;

const PAYEE: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/// A shop on Base, whose payee nobody knows the key of.
fn shop(more: &str, rule: &str) -> (tempfile::TempDir, Arguments) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("content/a.txt"), "a").unwrap();
    let text = format!(
        "[site]\nid = \"shop\"\nurls = [\"https://shop.example.com\"]\ncontent = \"content\"\n\
         [payment]\npay_to = \"0x1111111111111111111111111111111111111111\"\n\
         accept = [\"base/usdc\"]\nfacilitators = [\"https://facilitator.example.com\"]\n\
         {more}\n[[rule]]\npath = \"a.txt\"\nprice = \"0.01\"\n{rule}\n"
    );
    let path = folder.path().join("content.toml");
    fs::write(&path, text).unwrap();
    let arguments = Arguments {
        content_config: path,
        previous: None,
        previous_unknown: false,
        accept: Vec::new(),
        accept_independent: false,
        accept_payee_change: Vec::new(),
        site_host: Vec::new(),
        record: Some(folder.path().join("record.json")),
        parameters: Some(folder.path().join("parameters")),
    };
    (folder, arguments)
}

fn refusal(arguments: &Arguments) -> String {
    format!("{:#}", run(arguments).unwrap_err())
}

#[test]
fn weaker_promises_are_accepted_by_name() {
    let (_folder, mut shop) = shop("", "");
    let error = refusal(&shop);
    assert!(error.contains("--accept P4") && error.contains("--accept P5"), "{error}");
    shop.accept = vec![Promise::P4];
    let error = refusal(&shop);
    assert!(!error.contains("--accept P4") && error.contains("--accept P5"), "{error}");
    shop.accept.push(Promise::P5);
    run(&shop).unwrap();
    assert_eq!(Record::read(&shop.record.unwrap()).unwrap().accepted, ["P4", "P5"]);
}

#[test]
fn test_money_needs_no_word() {
    let (_folder, shop) = shop("", "accept = [\"base-sepolia/usdc\"]");
    run(&shop).unwrap();
}

const S3: &str = "[redemptions]\nstore = \"s3\"\nbucket = \"shop-sales\"\nregion = \"us-east-1\"\n\
                  prefix = \"shop\"\nkeep_days = 30\n";

#[test]
fn a_store_without_a_chain_weakens_p4_alone() {
    let (_folder, shop) = shop(&format!("{S3}accept_unresolved = true"), "");
    let error = refusal(&shop);
    assert!(error.contains("--accept P4") && error.contains("eip155:8453"), "{error}");
    assert!(!error.contains("P5"), "{error}");
}

#[test]
fn a_store_with_a_chain_keeps_all() {
    let rpc = "[rpc]\nbase = { url = \"https://rpc.example.com\" }";
    let (_folder, shop) = shop(&format!("{S3}{rpc}"), "");
    run(&shop).unwrap();
    let parameters = fs::read_to_string(shop.parameters.unwrap()).unwrap();
    assert_eq!(
        parameters,
        "RedemptionsBucketName=shop-sales\nRedemptionsPrefix=shop/\nRedemptionsKeepDays=30\n"
    );
}

#[test]
fn a_changed_payee_is_accepted_by_name() {
    let (folder, mut first) = shop("", "");
    first.accept = vec![Promise::P4, Promise::P5];
    run(&first).unwrap();
    let previous = folder.path().join("previous.json");
    fs::rename(first.record.as_ref().unwrap(), &previous).unwrap();

    first.previous = Some(previous);
    run(&first).unwrap();
    let text = fs::read_to_string(&first.content_config).unwrap();
    let changed = text.replace("0x1111111111111111111111111111111111111111", PAYEE);
    // The test accounts of Anvil are refused on a main network whatever is accepted.
    fs::write(&first.content_config, &changed).unwrap();
    assert!(refusal(&first).contains("a test account would be paid"));

    let other = "0x2222222222222222222222222222222222222222";
    let changed = text.replace("0x1111111111111111111111111111111111111111", other);
    fs::write(&first.content_config, &changed).unwrap();
    let error = refusal(&first);
    assert!(error.contains(&format!("--accept-payee-change {other}")), "{error}");
    first.accept_payee_change = vec![other.to_owned()];
    run(&first).unwrap();
}

#[test]
fn a_lost_record_changes_every_payee() {
    let (_folder, mut shop) = shop("", "");
    shop.accept = vec![Promise::P4, Promise::P5];
    shop.previous_unknown = true;
    assert!(refusal(&shop).contains("--accept-payee-change 0x1111"));
}

#[test]
fn answers_must_name_the_site() {
    let (_folder, mut shop) = shop("", "accept = [\"base-sepolia/usdc\"]");
    for (host, fits) in [
        ("shop.example.com", true),
        ("*.example.com", true),
        ("d111111abcdef8.cloudfront.net", false),
        ("*.shop.example.com", false),
    ] {
        shop.site_host = vec![host.to_owned()];
        assert_eq!(run(&shop).is_ok(), fits, "{host}");
    }
}

#[test]
fn independent_purchases_are_accepted_by_name() {
    let rpc = "[rpc]\nbase = { url = \"https://rpc.example.com\" }\n\
               base-sepolia = { url = \"https://rpc.example.com\" }";
    let (_folder, mut main) = shop(&format!("{S3}{rpc}"), "purchases = \"independent\"");
    assert!(refusal(&main).contains("--accept-independent"));
    main.accept_independent = true;
    run(&main).unwrap();
    let more = "purchases = \"independent\"\naccept = [\"base-sepolia/usdc\"]";
    let (_folder, test) = shop(&format!("{S3}{rpc}"), more);
    run(&test).unwrap();
}
