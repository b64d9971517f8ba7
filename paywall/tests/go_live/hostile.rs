//! Objects bought once each of a shop that means ill, or is broken.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_local::buyer::ANVIL_KEY;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::purchase::text;
use crate::shop::{PAYEE, Told, paywall};

const BASE_SEPOLIA: (&str, &str) = ("eip155:84532", "0x036CbD53842c5426634e7929541eC2318f3dCF7e");
const FUJI: (&str, &str) = ("eip155:43113", "0x5425890298aed601595a70AB815c96711a31Bc65");

/// An answer: what comes before its body, the body, and whether it never ends.
struct Answer(String, Vec<u8>, bool);

/// A shop with `a.txt` for a cent, which asks for that and answers payments with what it is told.
struct Shop {
    folder: TempDir,
    payments: Receiver<Value>,
    answers: Sender<Answer>,
}

impl Shop {
    fn new(accept: &str, asked: &'static [(&'static str, &'static str)]) -> Shop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        fs::write(folder.path().join("content/a.txt"), "worth a cent").unwrap();
        fs::write(folder.path().join("content/b.txt"), "free").unwrap();
        let config = text(&url, accept, PAYEE).replace("discovery = false", "discovery = true");
        fs::write(folder.path().join("content.toml"), config).unwrap();
        let (answers, to_give) = channel::<Answer>();
        let (paid, payments) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut request) = (stream.unwrap(), Vec::new());
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
                    request.push(byte[0]);
                }
                let head = String::from_utf8(request).unwrap();
                let header = |line: &str| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("payment-signature").then(|| value.to_owned())
                };
                let answer = match head.lines().find_map(header) {
                    None => Answer(terms(asked), Vec::new(), true),
                    Some(value) => {
                        let json = BASE64_STANDARD.decode(value).unwrap();
                        paid.send(serde_json::from_slice(&json).unwrap()).unwrap();
                        to_give.recv().unwrap()
                    }
                };
                give(&mut stream, &answer);
            }
        });
        Shop { folder, payments, answers }
    }

    fn will(&self, head: &str, body: impl Into<Vec<u8>>, endless: bool) {
        self.answers.send(Answer(head.to_owned(), body.into(), endless)).unwrap();
    }

    fn will_refuse(&self, status: &str, code: &str) {
        let body = json!({"paywall": {"code": code, "message": "no", "nextStep": "none"}});
        self.will(status, body.to_string(), false);
    }

    fn seed(&self, more: &[&str]) -> Told {
        let words = [&["seed-listings", "a.txt", "--key-env", "PAYER", "--yes"][..], more].concat();
        Told::of(paywall(self.folder.path(), &words).env("PAYER", ANVIL_KEY).output().unwrap())
    }

    /// The nonces that came since it was asked last.
    fn nonces(&self) -> Vec<Value> {
        let nonce = |payment: Value| payment["payload"]["authorization"]["nonce"].clone();
        self.payments.try_iter().map(nonce).collect()
    }
}

fn terms(asked: &[(&str, &str)]) -> String {
    let accepts: Vec<_> = asked
        .iter()
        .map(|(network, asset)| {
            json!({
                "scheme": "exact", "network": network, "asset": asset, "payTo": PAYEE, "amount": "10000",
                "maxTimeoutSeconds": 60, "extra": {"name": "USDC", "version": "2"},
            })
        })
        .collect();
    let terms = json!({"x402Version": 2, "accepts": accepts}).to_string();
    format!("402 x\r\npayment-required: {}", BASE64_STANDARD.encode(terms))
}

fn give(stream: &mut TcpStream, Answer(head, body, endless): &Answer) {
    let length = if *endless { u64::MAX / 2 } else { body.len() as u64 };
    let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let mut sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    while *endless && sent.is_ok() {
        sent = stream.write_all(&[b' '; 1 << 16]);
    }
}

#[test]
fn a_payment_that_was_made_is_not_made_again() {
    for code in ["payment_already_used", "payment_unproven", "payment_given_up"] {
        let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
        // Taken, and the answer got lost; the next run comes when the payment opens nothing any more.
        shop.will("502 x", "", false);
        assert!(!shop.seed(&[]).done);
        shop.will_refuse("409 x", code);
        let late = shop.seed(&[]);
        assert!(late.done && late.out.contains("left "), "{code}: {}{}", late.out, late.errors);
        let nonces = shop.nonces();
        assert!(nonces.len() == 2 && nonces[0] == nonces[1], "{code}: {nonces:?}");
        let again = shop.seed(&[]);
        assert!(again.done && again.out.contains("nothing to buy"), "{code}: {}", again.out);
        // By name it is bought anew; one that can never be made keeps nothing from being bought.
        shop.will_refuse("409 x", "payment_never_settled");
        let renewed = shop.seed(&["--renew", "0"]);
        assert!(renewed.errors.contains("refused"), "{code}: {}", renewed.errors);
        shop.will("502 x", "", false);
        shop.seed(&[]);
        let nonces = shop.nonces();
        assert!(nonces.len() == 2 && nonces[0] != nonces[1], "{code}: {nonces:?}");
    }
}

#[test]
fn what_is_not_said_of_the_payment_leaves_it_open() {
    let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = format!("307 x\r\nlocation: http://{}/a.txt", elsewhere.local_addr().unwrap());
    let mut first = None;
    for answer in ["404", "403", &to, "503", "endless", "other"] {
        match answer {
            "404" => shop.will_refuse("404 x", "not_for_sale"),
            "endless" => shop.will("200 x\r\npayment-response: AAAA", "", true),
            "other" => shop.will("403 x", "", true),
            status => shop.will(
                &format!("{status}{}", if status.len() > 3 { "" } else { " x" }),
                "{}",
                false,
            ),
        }
        let told = shop.seed(&[]);
        assert!(!told.done, "{answer}: {}", told.out);
        let nonces = shop.nonces();
        assert_eq!(nonces.len(), 1, "{answer}: {}", told.errors);
        assert_eq!(first.get_or_insert_with(|| nonces[0].clone()), &nonces[0], "{answer}");
    }
    assert!(elsewhere.accept().is_err(), "the payment went elsewhere");
}

#[test]
fn a_refusal_after_the_shop_may_have_forgotten_proves_nothing() {
    let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
    shop.will("502 x", "", false);
    shop.seed(&[]);
    let record = shop.folder.path().join("listings.jsonl");
    let written = fs::read_to_string(&record).unwrap();
    let mut line: Value = serde_json::from_str(&written).unwrap();
    let at = line["sent"]["at"].as_u64().unwrap();
    line["sent"]["at"] = (at - 3 * 24 * 60 * 60).into();
    fs::write(&record, format!("{line}\n")).unwrap();
    shop.will_refuse("402 x", "invalid_exact_evm_payload_authorization_valid_before");
    let late = shop.seed(&[]);
    assert!(late.done && late.out.contains("not known so late"), "{}{}", late.out, late.errors);
    assert_eq!(shop.nonces().len(), 2);
}

#[test]
fn the_sum_that_was_said_is_paid() {
    let shop = Shop::new("base-sepolia/usdc\", \"avalanche-fuji/usdc", &[FUJI, BASE_SEPOLIA]);
    shop.will("502 x", "", false);
    let told = shop.seed(&[]);
    assert!(told.out.contains("for 0.01 USDC on eip155:84532"), "{}{}", told.out, told.errors);
    let payment = shop.payments.recv().unwrap();
    assert_eq!(payment["accepted"]["network"], "eip155:84532");
}

#[test]
fn a_payment_of_real_money_is_sent_again_by_name_alone() {
    let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
    shop.will("502 x", "", false);
    shop.seed(&[]);
    assert_eq!(shop.nonces().len(), 1);
    let record = shop.folder.path().join("listings.jsonl");
    let written = fs::read_to_string(&record).unwrap();
    fs::write(&record, written.replace("eip155:84532", "eip155:8453")).unwrap();
    let told = shop.seed(&[]);
    assert!(!told.done && told.errors.contains("--main-network eip155:8453"), "{}", told.errors);
    assert_eq!(shop.nonces().len(), 0);
}

#[test]
fn a_receipt_steers_no_terminal() {
    let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
    let receipt = json!({"success": true, "network": "\u{9b}2J\u{202e}".repeat(5_000)}).to_string();
    let head = format!("200 x\r\npayment-response: {}", BASE64_STANDARD.encode(receipt));
    shop.will(&head, "worth a cent", false);
    let told = shop.seed(&[]);
    assert!(told.errors.contains("its receipt is not right"), "{}", told.errors);
    assert!(!told.errors.contains(['\u{9b}', '\u{202e}']) && told.errors.len() < 20_000);
}

#[test]
fn a_record_is_not_begun_in_the_content_folder_by_a_link() {
    let shop = Shop::new("base-sepolia/usdc", &[BASE_SEPOLIA]);
    let there = shop.folder.path().join("content/r");
    std::os::unix::fs::symlink("content/r", shop.folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink("link", shop.folder.path().join("listings.jsonl")).unwrap();
    let told = shop.seed(&[]);
    assert!(!told.done && told.errors.contains("content folder"), "{}", told.errors);
    assert!(!there.exists());
}
