//! What the chain says where the facilitators do not.

use paywall_core::facilitator::Endpoint;
use paywall_core::hex;
use price_table::{Access, Rpc, Sale};
use serde_json::{Value, json};

use crate::payment::ANVIL_0;
use crate::support::{NOW, Payment, Scenario, TX, failed, lost, offer, rule, settled, table, usdc};

/// `AuthorizationUsed` and `Transfer`, hashed: <https://eips.ethereum.org/EIPS/eip-3009>, ERC-20.
const USED: &str = "0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5";
const TRANSFER: &str = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/// The block in which a nonce is spent: at [`NOW`].
const SPENT_IN: u64 = 50;

fn shop() -> Scenario {
    let mut offer = offer();
    let url = Some("https://node.example".into());
    offer.network.rpc = Some(Rpc { url, second: None, confirmations: 3 });
    let priced = |access| crate::support::priced(offer.clone(), access);
    let rules = vec![priced(Access::Request), priced(Access::Seconds(600)), rule(Sale::Free)];
    Scenario::of(table(rules, &[("a.json", 0), ("timed.json", 1), ("free.txt", 2)]))
}

fn padded(address: &str) -> String {
    format!("0x{:0>64}", address[2..].to_lowercase())
}

/// A node whose chain has a block every 2 s, and in block 50 the transfer of `nonce`, if any.
fn node(head: u64, nonce: Option<u8>) -> impl Fn(&Value) -> Value {
    let hash = |number: u64| hex::encode(&[number as u8; 32]);
    move |asked| {
        let params = &asked["params"];
        let number = |value: &Value| match value.as_str() {
            Some("latest") => head,
            Some(text) => u64::from_str_radix(&text[2..], 16).unwrap(),
            None => panic!("{asked}"),
        };
        let nonce = nonce.map(|nonce| hex::encode(&[nonce; 32]));
        let log = |index: u64, topics: Value, data: String| {
            json!({
                "address": usdc().asset.address.eip55, "topics": topics, "data": data,
                "logIndex": format!("0x{index:x}"), "blockNumber": format!("0x{SPENT_IN:x}"),
                "blockHash": hash(SPENT_IN), "transactionHash": TX, "removed": false,
            })
        };
        let used = || log(0, json!([USED, padded(ANVIL_0), nonce]), "0x".into());
        let paid = || {
            let topics = json!([TRANSFER, padded(ANVIL_0), padded(offer().pay_to())]);
            log(1, topics, format!("0x{:064x}", 10_000))
        };
        match asked["method"].as_str().unwrap() {
            "eth_chainId" => json!("0x14a34"),
            "eth_blockNumber" => json!(format!("0x{head:x}")),
            "eth_getBlockByNumber" => {
                let number = number(&params[0]);
                let time = NOW + 2 * number - 2 * SPENT_IN;
                json!({
                    "number": format!("0x{number:x}"), "hash": hash(number),
                    "timestamp": format!("0x{time:x}"), "transactions": [],
                })
            }
            "eth_call" => {
                let call = params[0].to_string();
                let asks = nonce.is_some_and(|nonce| call.contains(&nonce[2..]));
                let spent = asks && number(&params[1]) >= SPENT_IN;
                json!(format!("0x{:064x}", u8::from(spent)))
            }
            "eth_getLogs" => {
                let filter = &params[0];
                let blocks = number(&filter["fromBlock"])..=number(&filter["toBlock"]);
                json!(if blocks.contains(&SPENT_IN) { vec![used()] } else { vec![] })
            }
            "eth_getTransactionReceipt" => json!({
                "transactionHash": TX, "blockNumber": format!("0x{SPENT_IN:x}"),
                "blockHash": hash(SPENT_IN), "status": "0x1", "logs": [used(), paid()],
            }),
            method => panic!("{method}"),
        }
    }
}

#[test]
fn a_payment_that_settled_behind_a_silent_facilitator_is_found() {
    let mut shop = shop();
    shop.settle = vec![lost()];
    shop.node = Some(Box::new(node(SPENT_IN + 1, Some(1))));
    // Not deep enough yet.
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
    shop.node = Some(Box::new(node(SPENT_IN + 2, Some(1))));
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.log.outcome, "resolved");
    assert_eq!(ended.log.transaction.as_deref(), Some(TX));
    assert!(ended.log.calls.iter().any(|call| call.endpoint == "settle"));
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
}

#[test]
fn a_nonce_that_is_refused_as_used_is_found_at_once() {
    let mut shop = shop();
    shop.settle = vec![failed("invalid_exact_evm_nonce_already_used")];
    shop.node = Some(Box::new(node(SPENT_IN + 9, Some(1))));
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
}

#[test]
fn the_payer_s_next_signature_takes_the_grant() {
    let mut shop = shop();
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    shop.node = Some(Box::new(node(SPENT_IN + 9, Some(1))));
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.log.outcome, "resolved_earlier");
    assert_eq!(ended.log.transaction.as_deref(), Some(TX));
    assert!(shop.calls.iter().all(|call| call.body == shop.calls[0].body));
}

#[test]
fn what_was_never_paid_stands_in_nobody_s_way() {
    let mut shop = shop();
    shop.settle = vec![lost()];
    let first = Payment::v2(1);
    shop.pay("/a.json", &first);
    shop.now += 70;
    // Its window closed at NOW + 60, which the chain is past, and its nonce is unspent.
    shop.node = Some(Box::new(node(SPENT_IN + 60, None)));
    shop.settle = vec![lost(), settled()];
    let before = (NOW + 200).to_string();
    let fresh = Payment::v2(2).with("/payload/authorization/validBefore", before);
    assert_eq!(shop.pay("/a.json", &fresh).log.outcome, "settled");
    assert_eq!(shop.pay("/a.json", &first).code(), (409, "payment_already_redeemed".into()));
}

#[test]
fn a_payment_that_was_never_paid_is_said_to_be_so() {
    let mut shop = shop();
    shop.settle = vec![lost()];
    let payment = Payment::v2(1);
    shop.pay("/a.json", &payment);
    shop.now += 70;
    shop.node = Some(Box::new(node(SPENT_IN + 60, None)));
    let ended = shop.pay("/a.json", &payment);
    assert_eq!(ended.code(), (409, "payment_never_settled".into()));
    assert_eq!(ended.body()["paywall"]["resendSamePayment"], false);
}

#[test]
fn a_signature_that_was_spent_elsewhere_owns_nothing() {
    let mut shop = shop();
    shop.node = Some(Box::new(node(SPENT_IN + 9, Some(2))));
    shop.pay("/timed.json", &Payment::v2(1)).granted();
    // Copied from the calldata of a sale of another shop of the same seller.
    let ended = shop.pay("/timed.json", &Payment::v2(2));
    assert_eq!(ended.code(), (409, "payment_nonce_reused".into()));
    assert_eq!(shop.pay("/timed.json", &Payment::v2(3)).log.outcome, "owned");
    // Where the node does not say, nothing is opened, and nothing is charged either.
    shop.node = None;
    let ended = shop.pay("/timed.json", &Payment::v2(4));
    assert_eq!(ended.code(), (503, "verification_unclear".into()));
    assert_eq!(shop.count(Endpoint::Settle), 1);
}

#[test]
fn the_chain_is_left_time_to_tell() {
    let mut shop = shop();
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    let again = shop.pay("/a.json", &Payment::v2(1));
    let asked = again.calls[0].timeout_ms;
    assert_eq!(
        asked,
        5_000 - paywall_core::limits::DEADLINE_MARGIN_MS - paywall_core::limits::EVIDENCE_MS
    );
}
