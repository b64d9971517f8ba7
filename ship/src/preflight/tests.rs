use std::fs;

use super::*;

const PAYEE: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/// A shop on Base, whose payee nobody knows the key of, and how it is deployed.
struct Shop {
    folder: tempfile::TempDir,
    previous: Previous,
    accepted: Accepted,
    hosts: Vec<String>,
}

fn shop(more: &str, rule: &str) -> Shop {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    fs::write(folder.path().join("content/a.txt"), "a").unwrap();
    let text = format!(
        "[site]\nid = \"shop\"\ndiscovery = false\npage = false\nurls = [\"https://shop.example.com\"]\ncontent = \"content\"\n\
         [payment]\npay_to = \"0x1111111111111111111111111111111111111111\"\n\
         accept = [\"base/usdc\"]\nfacilitators = [\"https://facilitator.example.com\"]\n\
         {more}\n[[rule]]\npath = \"a.txt\"\nprice = \"0.01\"\n{rule}\n"
    );
    fs::write(folder.path().join("content.toml"), text).unwrap();
    Shop { folder, previous: Previous::None, accepted: Accepted::default(), hosts: Vec::new() }
}

impl Shop {
    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("content.toml")
    }

    fn look(&self) -> Preflight {
        let compiled = content_config::compile(&self.config());
        let compiled = compiled.unwrap_or_else(|report| panic!("{report}"));
        look(&self.config(), &compiled, &self.previous, &self.accepted, &self.hosts)
    }

    #[track_caller]
    fn passes(&self) -> Preflight {
        let preflight = self.look();
        preflight.check().unwrap();
        preflight
    }

    #[track_caller]
    fn refusal(&self) -> String {
        self.look().check().unwrap_err().to_string()
    }
}

#[test]
fn weaker_promises_are_accepted_by_name() {
    let mut shop = shop("", "");
    let error = shop.refusal();
    assert!(error.contains("--accept P4") && error.contains("--accept P5"), "{error}");
    shop.accepted.promises = vec![Promise::P4];
    let error = shop.refusal();
    assert!(!error.contains("--accept P4") && error.contains("--accept P5"), "{error}");
    shop.accepted.promises.push(Promise::P5);
    assert_eq!(shop.passes().record.accepted, ["P4", "P5"]);
}

#[test]
fn test_money_needs_no_word() {
    let shop = shop("", "accept = [\"base-sepolia/usdc\"]");
    shop.passes();
}

const S3: &str = "[redemptions]\nstore = \"s3\"\nbucket = \"shop-sales\"\nregion = \"us-east-1\"\n\
                  prefix = \"shop\"\nkeep_days = 30\n";

#[test]
fn a_store_without_a_chain_weakens_p4_alone() {
    let shop = shop(&format!("{S3}accept_unresolved = true"), "");
    let error = shop.refusal();
    assert!(error.contains("--accept P4") && error.contains("eip155:8453"), "{error}");
    assert!(!error.contains("P5"), "{error}");
}

#[test]
fn a_store_with_a_chain_keeps_all() {
    let rpc = "[rpc]\nbase = { url = \"https://rpc.example.com\" }";
    let shop = shop(&format!("{S3}{rpc}"), "");
    let parameters = shop.passes().parameters;
    let parameters: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        parameters,
        ["RedemptionsBucketName=shop-sales", "RedemptionsPrefix=shop/", "RedemptionsKeepDays=30"]
    );
}

#[test]
fn a_changed_payee_is_accepted_by_name() {
    let mut first = shop("", "");
    first.accepted.promises = vec![Promise::P4, Promise::P5];
    let record = first.passes().record;
    let kept = Record::from_json(record.to_json().as_bytes(), "kept").unwrap();
    assert_eq!(kept, record);
    assert!(Record::from_json(b"{}", "kept").is_err());

    first.previous = Previous::Known(kept);
    first.passes();
    let text = fs::read_to_string(first.config()).unwrap();
    let changed = text.replace("0x1111111111111111111111111111111111111111", PAYEE);
    // The test accounts of Anvil are refused on a main network whatever is accepted.
    fs::write(first.config(), &changed).unwrap();
    let report = content_config::compile(&first.config()).unwrap_err().to_string();
    assert!(report.contains("a test account would be paid"), "{report}");

    let other = "0x2222222222222222222222222222222222222222";
    let changed = text.replace("0x1111111111111111111111111111111111111111", other);
    fs::write(first.config(), &changed).unwrap();
    let error = first.refusal();
    assert!(error.contains(&format!("--accept-payee-change {other}")), "{error}");
    first.accepted.payees = vec![other.to_owned()];
    first.passes();
}

#[test]
fn a_lost_record_changes_every_payee() {
    let mut shop = shop("", "");
    shop.accepted.promises = vec![Promise::P4, Promise::P5];
    shop.previous = Previous::Unknown;
    assert!(shop.refusal().contains("--accept-payee-change 0x1111"));
}

#[test]
fn answers_must_name_the_site() {
    let mut shop = shop("", "accept = [\"base-sepolia/usdc\"]");
    for (host, fits) in [
        ("shop.example.com", true),
        ("*.example.com", true),
        ("d111111abcdef8.cloudfront.net", false),
        ("*.shop.example.com", false),
    ] {
        shop.hosts = vec![host.to_owned()];
        assert_eq!(shop.look().check().is_ok(), fits, "{host}");
    }
}

#[test]
fn independent_purchases_are_accepted_by_name() {
    let rpc = "[rpc]\nbase = { url = \"https://rpc.example.com\" }\n\
               base-sepolia = { url = \"https://rpc.example.com\" }";
    let mut main = shop(&format!("{S3}{rpc}"), "purchases = \"independent\"");
    assert!(main.refusal().contains("--accept-independent"));
    main.accepted.independent = true;
    main.passes();
    let more = "purchases = \"independent\"\naccept = [\"base-sepolia/usdc\"]";
    let test = shop(&format!("{S3}{rpc}"), more);
    test.passes();
}

#[test]
fn a_dry_run_on_a_main_network_is_accepted_by_name() {
    let rpc = "[rpc]\nbase = { url = \"https://rpc.example.com\" }\n\
               base-sepolia = { url = \"https://rpc.example.com\" }";
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let dry = format!("mode = \"dry-run\"\nuntil = {until:.0}");
    let mut main = shop(&format!("{S3}{rpc}"), &dry);
    assert!(main.refusal().contains("--accept-dry-run"));
    main.accepted.dry_run = true;
    main.passes();
    let test = shop(&format!("{S3}{rpc}"), &format!("{dry}\naccept = [\"base-sepolia/usdc\"]"));
    test.passes();
    assert!(test.look().summary.contains(&format!("not charged until {until:.0}")));
}
