//! The buyer against a seller that settles with the facilitator.

use alloy_primitives::{B256, U256, address, b256, hex};
use clap::Parser;
use next_step::Outcome;

use super::seller::{Answer, CONTENT, Seller, respond, unsettled};
use super::*;
use crate::facilitator::Endpoint;

#[derive(clap::Parser)]
enum Command {
    Pay(PayArgs),
    Sign(SignArgs),
}

async fn sign(arguments: &[&str]) -> Outcome<String> {
    let Command::Sign(sign) = Command::parse_from([&["edge-local", "sign"], arguments].concat())
    else {
        panic!("another command");
    };
    Ok(sign.line().await?)
}

async fn pay(arguments: &[&str]) -> Outcome<()> {
    let Command::Pay(pay) = Command::parse_from([&["edge-local", "pay"], arguments].concat())
    else {
        panic!("another command");
    };
    let paid = tokio::time::timeout(std::time::Duration::from_secs(60), pay.run()).await;
    Ok(paid.expect("a buyer that gives up at last")?)
}

#[test]
fn the_test_key_signs_the_vector() {
    // Digest and signature computed with Python's eth_account.
    let key: Key = ANVIL_KEY.parse().expect("Anvil's key");
    assert_eq!(key.address(), address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
    let digest = b256!("4f4985a0c4a7592c738a9d385dac72ed9932049a3a642b4923659213c54fa8c6");
    let expected = hex!(
        "887688bfda2adc60488cb21d8355641dc7e6cae2acf979a4e510569110fbeb69"
        "12bfec8521359ee79ecbd2c6f8ba9ada97d499a910f5c0d4e274d0da99b8f3561c"
    );
    assert_eq!(key.sign(digest).expect("a signature"), expected);
    for wrong in ["", "0x12", &B256::ZERO.to_string(), &U256::MAX.to_string()] {
        assert!(wrong.parse::<Key>().is_err(), "{wrong:?}");
    }
}

#[tokio::test]
async fn a_signed_line_pays_once() {
    let seller = Seller::start(vec![]).await;
    for (path, arguments, name) in [
        ("/file", &[][..], "PAYMENT-SIGNATURE"),
        ("/file", &["--wire", "v1"], "X-PAYMENT"),
        ("/v1-only", &["--valid-for", "30"], "X-PAYMENT"),
    ] {
        let url = seller.url(path);
        let line = sign(&[&[url.as_str()], arguments].concat()).await.expect("a line");
        let (header, value) = line.split_once(": ").expect("one header");
        assert_eq!(header, name);
        assert!(!value.contains(char::is_whitespace));
        let before = seller.facilitator.ledger().transfers().len();
        for status in [200, 402] {
            let asked = client().expect("a client").get(&url).header(header, value);
            assert_eq!(asked.send().await.expect("an answer").status(), status);
            assert_eq!(seller.facilitator.ledger().transfers().len(), before + 1);
        }
    }
    let url = seller.url("/file");
    let line = sign(&[&url, "--header", "X-PAYMENT-SIGNATURE"]).await.expect("a line");
    assert!(line.starts_with("X-PAYMENT-SIGNATURE: "), "{line}");
}

#[tokio::test]
async fn what_cannot_be_signed_says_why() {
    let seller = Seller::start(vec![]).await;
    for (path, arguments, reason) in [
        ("/free", &[][..], "without a payment\n       fetch it with `curl"),
        ("/broken", &[], "not 402; not_for_sale"),
        ("/garbage", &[], "not standard base64"),
        ("/nothing", &[], "the terms have no offers"),
        ("/v1-only", &["--wire", "v2"], "no PAYMENT-REQUIRED header\n       try --wire v1"),
    ] {
        let url = seller.url(path);
        let error = sign(&[&[url.as_str()], arguments].concat()).await.expect_err(path);
        assert!(error.to_string().contains(reason), "{path}: {error}");
    }
    seller.facilitator.refuse_connections().await.expect("a held port");
    let error = sign(&[&seller.facilitator.url()]).await.expect_err("nobody listens");
    assert!(error.to_string().contains("is the seller running?"), "{error}");
}

#[tokio::test]
async fn pay_delivers_the_content_whole() {
    let seller = Seller::start(vec![]).await;
    let folder = tempfile::tempdir().expect("a folder");
    for (path, wire, transfers) in [("/file", "v2", 1), ("/file", "v1", 2), ("/free", "v2", 2)] {
        let file = folder.path().join(format!("{wire}{transfers}"));
        let output = file.to_str().expect("a path");
        pay(&[&seller.url(path), "--wire", wire, "--output", output]).await.expect("content");
        assert_eq!(std::fs::read(&file).expect("a file"), CONTENT);
        assert_eq!(seller.facilitator.ledger().transfers().len(), transfers);
    }
    let unwritable = folder.path().join("missing/file");
    let arguments = [&seller.url("/file"), "--output", unwritable.to_str().expect("a path")];
    let error = pay(&arguments).await.expect_err("nowhere to write");
    assert!(error.to_string().contains("nothing was paid"), "{error}");
    assert_eq!(seller.payments().len(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 3);
}

#[tokio::test]
async fn the_same_payment_is_sent_again_when_asked_for() {
    let seller = Seller::start(vec![unsettled("0", true), unsettled("0", true)]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    pay(&[&seller.url("/file"), "-o", file.to_str().expect("a path")]).await.expect("content");
    let payments = seller.payments();
    assert_eq!(payments.len(), 3);
    assert!(payments.iter().all(|payment| *payment == payments[0]));
    assert_eq!(seller.facilitator.ledger().transfers().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_again_unasked_or_for_ever() {
    let patient = || vec![unsettled("0", true); 9];
    let refused = || vec![respond(409, ("x", "y"), r#"{"error":"payment_used"}"#)];
    let cases: [(Vec<Answer>, usize, &[&str]); 4] = [
        (patient(), 4, &["settlement_unknown", "next step: ", "curl -H 'PAYMENT-SIGNATURE: "]),
        (vec![unsettled("0", false)], 1, &["settlement_unknown", "next step: "]),
        (vec![unsettled("86400", true)], 1, &["send this one again"]),
        (refused(), 1, &["409", "payment_used"]),
    ];
    for (scripted, sent, said) in cases {
        let seller = Seller::start(scripted).await;
        let error = pay(&[&seller.url("/file")]).await.expect_err("no content").to_string();
        assert!(said.iter().all(|words| error.contains(words)), "{error}");
        assert_eq!(seller.payments().len(), sent, "{error}");
        assert_eq!(seller.facilitator.count(Endpoint::Settle), 0);
    }
}
