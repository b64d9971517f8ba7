//! Offers on networks that are not EVM: what of `content.toml` reaches the 402.

use std::fs;

use content_config::{Code, Compiled, Report, compile};
use price_table::challenge::{self, MAX_HEADER_BYTES};
use price_table::{Listing, Terms};
use serde_json::{Value, json};

/// Both copies of the challenge header together, so that Node clients, which stop at 16 KB of
/// headers, have room for the others.
const MAX_BOTH_COPIES_BYTES: usize = 12 * 1024;

const EVM_PAYEE: &str = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";

/// Anvil's account 1.
const TEST_PAYEE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const SOLANA_USDC: &str = "
    [[token]]
    id = 'solana/usdc'
    pay_to = '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin'
    extra = { app = 'reports', feePayer = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4' }";

const STELLAR_USDC: &str = "
    [[token]]
    id = 'stellar/usdc'
    network = 'stellar:pubnet'
    address = 'CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75'
    decimals = 7
    pay_to = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN'
    extra = { areFeesSponsored = true }";

/// Compiles one rule that accepts these tokens, with these keys in `[payment]`.
fn table(accept: &[&str], payment: &str, description: &str) -> Result<Compiled, Report> {
    let folder = tempfile::tempdir().unwrap();
    // TOML writes a control character in four digits.
    let description = format!("{description:?}").replace("\\u{1}", "\\u0001");
    let content = format!(
        "[site]
        id = 'shop'
        discovery = false
        page = false
        urls = ['https://d111111abcdef8.cloudfront.net']
        manifest = 'm.jsonl'
        [payment]
        accept = {accept:?}
        facilitators = ['https://facilitator.example']
        {payment}
        {SOLANA_USDC}
        {STELLAR_USDC}
        [[rule]]
        path = '**'
        price = '0.25'
        description = {description}"
    );
    fs::write(folder.path().join("content.toml"), content).unwrap();
    let manifest = "{\"key\":\"reports/2026/freight-rates.pdf\",\"size\":1,\"etag\":\"1\"}\n";
    fs::write(folder.path().join("m.jsonl"), manifest).unwrap();
    compile(&folder.path().join("content.toml"))
}

fn five_offers(description: &str) -> Result<Compiled, Report> {
    let accept = ["base/usdc", "solana/usdc", "arbitrum/usdc", "stellar/usdc", "celo/usdc"];
    table(&accept, &format!("pay_to = '{EVM_PAYEE}'"), description)
}

fn listing(compiled: &Compiled) -> Listing<'_> {
    compiled.listing("reports/2026/freight-rates.pdf").expect("it is listed")
}

/// `accepts` of the 402, as v1 and v2 clients read it.
fn accepts(compiled: &Compiled) -> (Value, Value) {
    let listing = listing(compiled);
    let v1 = serde_json::to_value(challenge::v1(&listing, "", "", 0)).unwrap();
    let v2 = serde_json::to_value(challenge::v2(&listing, "", "", 0)).unwrap();
    (v1["accepts"].clone(), v2["accepts"].clone())
}

#[test]
fn five_offers_stay_in_order_and_fit() {
    let description = "d".repeat(200);
    let compiled = five_offers(&description).unwrap_or_else(|report| panic!("{report}"));
    let (_, v2) = accepts(&compiled);
    let networks: Vec<_> = (0..5).map(|nth| v2[nth]["network"].as_str().unwrap()).collect();
    let solana = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
    assert_eq!(networks, ["eip155:8453", solana, "eip155:42161", "stellar:pubnet", "eip155:42220"]);
    assert_eq!(v2[3]["extra"], json!({ "areFeesSponsored": true, "paymentFlow": "upfront" }));
    let bytes = compiled.challenge_bytes()[0];
    // What is sent with the longest error is as long as was counted.
    let error = "e".repeat(challenge::MAX_ERROR_BYTES);
    let listing = listing(&compiled);
    let url = challenge::resource_url(&compiled.table().site.urls[0], &listing);
    assert_eq!(challenge::header(&challenge::v2(&listing, &url, &error, 0)).len(), bytes);
    assert!(2 * bytes < MAX_BOTH_COPIES_BYTES, "{bytes}");
}

#[test]
fn five_offers_with_too_long_a_description() {
    // As many bytes of JSON in 500 characters: a control character takes six of them.
    let long = |bytes: usize| "\u{1}".repeat(bytes / 6) + &"d".repeat(bytes % 6);
    let report = five_offers(&long(3_000)).unwrap_err();
    let errors: Vec<_> = report.problems().iter().map(|problem| problem.code).collect();
    assert!(errors.contains(&Code::ChallengeTooBig), "{report}");
    // The longest that fits fills the cap: base64 grows by four bytes at a time.
    let fits = |bytes: &usize| five_offers(&long(*bytes)).is_ok();
    let lengths: Vec<_> = (200..3_000).collect();
    let longest = lengths[lengths.partition_point(fits) - 1];
    let compiled = five_offers(&long(longest)).unwrap();
    assert_eq!(compiled.challenge_bytes(), [MAX_HEADER_BYTES], "{longest}");
}

#[test]
fn solana_as_clients_read_it() {
    // No `pay_to` for EVM networks is asked for where there is none.
    let compiled = table(&["solana/usdc"], "", "").unwrap_or_else(|report| panic!("{report}"));
    let (v1, v2) = accepts(&compiled);
    let extra = |flow: &[(&str, &str)]| {
        let stated =
            [("feePayer", "2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4"), ("app", "reports")];
        stated.iter().chain(flow).map(|(k, v)| ((*k).to_owned(), json!(v))).collect::<Value>()
    };
    assert_eq!(
        v2,
        json!([{
            "scheme": "exact",
            "network": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
            "amount": "250000",
            "asset": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
            "payTo": "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
            "maxTimeoutSeconds": 300,
            "extra": extra(&[("paymentFlow", "upfront")]),
        }])
    );
    assert_eq!(v1[0]["network"], "solana");
    assert_eq!(v1[0]["maxAmountRequired"], "250000");
    assert_eq!(v1[0]["extra"], extra(&[]));
}

#[test]
fn the_v1_body_has_only_what_every_v1_client_can_read_if_there_is_any() {
    let names = |compiled: &Compiled| -> Vec<String> {
        let (v1, _) = accepts(compiled);
        let offers = v1.as_array().unwrap().iter();
        offers.map(|offer| offer["network"].as_str().unwrap().to_owned()).collect()
    };
    let five = five_offers("").unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(names(&five), ["base"]);
    let solana = table(&["solana/usdc"], "", "").unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(names(&solana), ["solana"]);
}

#[test]
fn every_spelling_of_a_network_is_the_same_offer() {
    let offers = |id| {
        let compiled = table(&[id], "", "").unwrap_or_else(|report| panic!("{report}"));
        challenge::offers(&listing(&compiled)).to_vec()
    };
    let by_name = offers("solana/usdc");
    assert_eq!(by_name, offers("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/usdc"));
    let Terms::PassThrough(terms) = &by_name[0].terms else { panic!("Solana is not EVM") };
    assert_eq!((terms.symbol.as_ref(), terms.decimals), ("USDC", 6));
    assert_eq!(
        terms.extra,
        r#"{"app":"reports","feePayer":"2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4"}"#
    );
}

#[test]
fn a_test_payee_on_an_evm_test_network_does_not_bar_solana() {
    let payment = format!("pay_to = '{TEST_PAYEE}'");
    assert!(table(&["base-sepolia/usdc", "solana/usdc"], &payment, "").is_ok());
    let report = table(&["base/usdc", "solana/usdc"], &payment, "").unwrap_err();
    assert!(report.problems().iter().any(|problem| problem.code == Code::TestPayee), "{report}");
}

#[test]
fn an_evm_token_still_needs_its_payee() {
    let report = table(&["solana/usdc", "base/usdc"], "", "").unwrap_err();
    let codes: Vec<_> = report.problems().iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::MissingKey], "{report}");
}
