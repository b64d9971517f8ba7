//! `docs/records.md` shows what is stored: its examples are made here by the code that makes the
//! records, and its tables name every field and every limit. `UPDATE_DOCS=1` rewrites the examples.

#![expect(
    clippy::disallowed_methods,
    reason = "a test compares a page with the code, or writes it"
)]

use std::collections::BTreeSet;

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::purchase::{
    Account, AccountKind, Bill, Binding, Learnt, Look, Mark, Open, PaymentId, Sells, SiteHolder,
    To, Transaction, VERSION, Why,
};
use paywall_core::receipt::Receipt;
use paywall_core::subject::{Kind, Subject};
use paywall_core::wire::Wire;
use serde::Serialize;
use serde_json::Value;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/records.md");

/// When the first payment is presented.
const AT: u64 = 1_800_000_000;

/// USDC of Base Sepolia: <https://developers.circle.com/stablecoins/usdc-contract-addresses>.
const TOKEN: &str = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";

const SOLANA: &str = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";

fn subject() -> Subject {
    Subject { site: "shop".into(), kind: Kind::Object, name: "reports/2026.pdf".into() }
}

/// The payer's payment of a number.
fn mark(n: u8) -> Mark {
    let asset = hex::decode_array(TOKEN).unwrap();
    let payment = PaymentId::Eip3009 { chain_id: 84532, asset, from: [0x22; 20], nonce: [n; 32] };
    Mark { payment, digest: [0xd0 | n; 32], signature: [0x50 | n; 32] }
}

fn open(n: u8, at: u64) -> Open {
    Open {
        mark: mark(n),
        own_key: true,
        bill: Bill {
            wire: Wire::V1,
            network: "eip155:84532".into(),
            v1: Some("base-sepolia".into()),
            asset: TOKEN.into(),
            amount: 10_000,
            pay_to: "0x1111111111111111111111111111111111111111".into(),
        },
        ends: at + 60,
        sells: Sells { seconds: None, epoch: 0 },
        origin: [0xa1; 8],
        holder: format!("request-{n}"),
        lease: Micros::from_secs(at + 30),
        sent_at: Micros::from_secs(at),
        facilitator: "https://facilitator.example.com".into(),
        body: "{\"x402Version\":1,\"paymentPayload\":{},\"paymentRequirements\":{}}".into(),
        look: Some(Look { block: 31_415_926, at: Micros::from_secs(at) }),
        searched: None,
        contradicted: false,
        hint: None,
    }
}

fn receipt(n: u8) -> Receipt {
    let json = format!(
        "{{\"transaction\":\"{}\",\"network\":\"base-sepolia\",\"payer\":\"{}\"}}",
        hex::encode(&[0x70 | n; 32]),
        hex::encode(&[0x22; 20])
    );
    serde_json::from_str(&json).unwrap()
}

fn binding() -> Binding {
    let Mark { payment, digest, signature } = mark(1);
    Binding {
        v: VERSION,
        writer: "request-1/1".into(),
        payment,
        digest,
        signature,
        subject: subject(),
        account: AccountKind::Payer,
        bound_at: Micros::from_secs(AT),
    }
}

fn account() -> Account {
    Account::new(&subject(), &mark(1).payment.payer_name())
}

/// While a payment is under way, with every field that an open payment may have.
fn under_way() -> Account {
    let mut account = account();
    account.writer = "request-1/2".into();
    account.open = Some(Open {
        sells: Sells { seconds: Some(600), epoch: 3 },
        searched: Some(31_416_926),
        contradicted: true,
        hint: Some(hex::encode(&[0x71; 32])),
        ..open(1, AT)
    });
    account
}

/// After a sale that was granted to it.
fn sold() -> Account {
    let mut account = account();
    let open = open(1, AT);
    account.open = Some(open.clone());
    let (mark, now) = (open.mark.clone(), Micros(AT * 1_000_000 + 1_500_000));
    let at = account.sell(&open, receipt(1), Learnt::Facilitator, now);
    account.grant(at, To { mark: &mark, origin: open.origin, ends: open.ends }, now);
    account.writer = "request-1/2".into();
    account
}

/// After as many sales and refusals as are packed, one payment that was given up, and tidying.
fn packed() -> Account {
    let mut account = account();
    for n in 0..=limits::WHOLE_SALES as u8 {
        let open = open(n, AT + u64::from(n));
        let now = open.sent_at;
        let at = account.sell(&open, receipt(n), Learnt::Chain, now);
        account.grant(at, To { mark: &open.mark, origin: open.origin, ends: open.ends }, now);
    }
    for n in 0..=limits::WHOLE_SALES as u8 {
        let mut open = open(n, AT + u64::from(n));
        open.mark.digest = [0x90 | n; 32];
        account.close(&open, Why::Refused, "insufficient_funds", open.sent_at);
    }
    let later = Micros::from_secs(AT + 500);
    account.tidy(later);
    // What stays whole is shown by the other examples.
    account.sales.clear();
    account.closed.clear();
    let lost = Open { hint: Some(hex::encode(&[0x79; 32])), ..open(9, AT) };
    account.close(&lost, Why::GivenUp, "", Micros::from_secs(AT + 400));
    account.writer = "request-9/4".into();
    account
}

fn transaction() -> Transaction {
    let payment = PaymentId::Opaque { digest: [0x33; 32] };
    Transaction::new("request-1/3".into(), payment, "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9Co")
}

/// An example: its name in the page, where such a record is, and what is in it.
fn example(name: &'static str, key: String, record: &impl Serialize) -> (&'static str, String) {
    let json = serde_json::to_string_pretty(record).unwrap();
    (name, format!("`{key}`\n\n```json\n{json}\n```"))
}

fn examples() -> Vec<(&'static str, String)> {
    let account_key = Account::key(&subject(), &mark(1).payment.payer_name()).to_string();
    vec![
        example("binding", Binding::key(&mark(1).payment).to_string(), &binding()),
        example("open", account_key.clone(), &under_way()),
        example("sold", account_key.clone(), &sold()),
        example("closed", account_key, &packed()),
        example(
            "transaction",
            Transaction::key(SOLANA, &transaction().transaction).to_string(),
            &transaction(),
        ),
        example(
            "site",
            SiteHolder::key("shop").to_string(),
            &SiteHolder::new("shop", "x402-paywall"),
        ),
    ]
}

/// The page with its examples made anew: what stands between their marks.
fn renewed(page: &str) -> String {
    let mut page = page.to_owned();
    for (name, text) in examples() {
        let (begin, end) = (format!("<!-- example {name} -->\n"), "<!-- end -->");
        let start = page.find(&begin).unwrap_or_else(|| panic!("no example {name}")) + begin.len();
        let stop = start + page[start..].find(end).expect("it ends");
        page.replace_range(start..stop, &format!("\n{text}\n\n"));
    }
    page
}

fn page() -> String {
    std::fs::read_to_string(PAGE).unwrap()
}

#[test]
fn the_examples_are_what_is_stored() {
    let (page, renewed) = (page(), renewed(&page()));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // At once: the other tests read it meanwhile.
        let draft = format!("{PAGE}.draft");
        std::fs::write(&draft, &renewed).unwrap();
        std::fs::rename(draft, PAGE).unwrap();
    }
    assert!(
        std::fs::read_to_string(PAGE).unwrap() == renewed,
        "docs/records.md is stale: run UPDATE_DOCS=1 cargo test -p paywall-core --test records_doc"
    );
    assert_eq!(page.matches("<!-- example ").count(), examples().len());
}

#[test]
fn what_is_written_has_no_other_bytes() {
    // The page shows lines; what is stored has none.
    for stored in [binding().record(0).json, under_way().record(0).json, packed().record(0).json] {
        assert!(!stored.contains([' ', '\n']), "{stored}");
    }
    assert_eq!(under_way().record(0).json, serde_json::to_string(&under_way()).unwrap());
}

#[test]
fn every_field_is_explained() {
    let page = page();
    let named: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name))
        .collect();
    let mut fields = BTreeSet::new();
    let records = [
        serde_json::to_value(binding()).unwrap(),
        serde_json::to_value(under_way()).unwrap(),
        serde_json::to_value(sold()).unwrap(),
        serde_json::to_value(packed()).unwrap(),
        serde_json::to_value(transaction()).unwrap(),
        serde_json::to_value(SiteHolder::new("shop", "x402-paywall")).unwrap(),
    ];
    for record in &records {
        collect(record, &mut fields);
    }
    let missing: Vec<_> = fields.iter().filter(|field| !named.contains(field.as_str())).collect();
    assert!(missing.is_empty(), "docs/records.md does not explain {missing:?}");
}

fn collect(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                fields.insert(name.clone());
                collect(value, fields);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| collect(value, fields)),
        _ => {}
    }
}

#[test]
fn the_times_of_the_page_are_the_codes() {
    let page = page();
    for (says, seconds) in [
        ("300 s", limits::RELEASE_SECONDS),
        ("1 day", limits::NODE_RELEASE_SECONDS / 86_400),
        ("25 h", limits::WINDOW_MOST_SECONDS / 3_600),
        ("120 s", limits::RESEND_SECONDS),
        ("3 times", u64::from(limits::RESENDS)),
        ("newest 8", limits::WHOLE_SALES as u64),
        ("newest 1,000", limits::PACKED_OVER as u64),
        ("2 days", limits::PACKED_OVER_SECONDS / 86_400),
        ("10,000 packed", limits::PACKED_MOST as u64),
        ("1 h", limits::OPAQUE_WINDOW_SECONDS / 3_600),
        ("24 h", limits::TRANSACTION_SECONDS / 3_600),
    ] {
        let number: String = says.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(number.parse::<u64>().unwrap(), seconds, "{says}");
        assert!(page.contains(says), "docs/records.md does not say {says}");
    }
}

#[test]
fn a_packed_entry_is_read_as_the_page_says() {
    use base64::Engine as _;
    let account = packed();
    let text = String::from(account.finished);
    assert_eq!(text.len(), 16);
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
    assert_eq!(bytes[..4], (AT as u32 + 60).to_be_bytes());
    assert_eq!(bytes[4..], mark(0).digest[..8]);
}
