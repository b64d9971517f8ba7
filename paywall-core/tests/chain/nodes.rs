//! Nodes that answer in their own way, badly, or not at all.

use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::node::word;
use serde_json::{Value, json};

use crate::found::{evidence_at, idle, paid, unknown};
use crate::testnode::{OTHER, TestNode, payment};

#[test]
fn nodes_that_take_no_batches_or_short_ranges_are_asked_so() {
    let chain = idle().with(45, payment());
    for refusal in [
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "no batches" } }),
        json!([{ "jsonrpc": "2.0", "id": 0, "result": "0x1" }]),
        json!([]),
        Value::Null,
    ] {
        let mut node = TestNode::of(chain.clone());
        node.refuses_batches = Some(refusal);
        assert_eq!(evidence_at(&node, 3), paid(&chain, 45));
    }
    for most_blocks in [10, 50, 100] {
        let mut node = TestNode::of(chain.clone());
        node.most_blocks = most_blocks;
        assert_eq!(evidence_at(&node, 3), paid(&chain, 45), "{most_blocks}");
    }
}

#[test]
fn a_node_that_answers_badly_is_no_witness() {
    let block = "eth_getBlockByNumber";
    let (logs, receipt) = ("eth_getLogs", "eth_getTransactionReceipt");
    type Spoil = fn(&mut Value);
    let spoils: &[(&'static str, Spoil)] = &[
        ("eth_chainId", |result| *result = json!("0x1")),
        ("eth_blockNumber", |result| *result = json!("0x+1")),
        ("eth_blockNumber", |result| *result = json!(1_799)),
        ("eth_call", |result| *result = json!(format!("0x{:064x}", 2))),
        ("eth_call", |result| *result = json!("0x01")),
        (block, |result| result["timestamp"] = json!("now")),
        (block, |result| result["number"] = json!("0x1")),
        // Another chain's block at the height of the log: a reorganisation in between.
        (block, |result| result["hash"] = json!(format!("0x{:064x}", 9))),
        (logs, |result| *result = json!([])),
        (logs, |result| *result = json!({})),
        (logs, |result| result[0]["removed"] = json!(true)),
        (logs, |result| result[0]["address"] = json!(hex::encode(&OTHER))),
        (logs, |result| result[0]["topics"][1] = json!(hex::encode(&word(&OTHER)))),
        (logs, |result| result[0]["topics"][2] = json!(hex::encode(&[0x22; 32]))),
        (logs, |result| result[0]["blockNumber"] = json!("0x1")),
        (logs, |result| result[0]["logIndex"] = json!("0x7")),
        (logs, |result| {
            let log = result[0].clone();
            result.as_array_mut().unwrap().push(log);
        }),
        (receipt, |result| *result = Value::Null),
        (receipt, |result| result["status"] = json!("0x0")),
        (receipt, |result| result["status"] = Value::Null),
        (receipt, |result| result["transactionHash"] = json!(format!("0x{:064x}", 9))),
        (receipt, |result| result["blockHash"] = json!(format!("0x{:064x}", 9))),
        (receipt, |result| result["logs"] = json!([])),
        (receipt, |result| result["logs"][1]["removed"] = json!(true)),
        (receipt, |result| result["logs"].as_array_mut().unwrap().reverse()),
        (receipt, |result| {
            let log = result["logs"][0].clone();
            result["logs"].as_array_mut().unwrap().push(log);
        }),
    ];
    for (at, (method, spoil)) in spoils.iter().enumerate() {
        let mut node = TestNode::of(idle().with(45, payment()));
        node.spoil(method, *spoil);
        let evidence = evidence_at(&node, 3);
        assert!(unknown(&evidence), "{at}: {evidence:?}");
    }
    for nothing in [Value::Null, json!("0x"), json!({}), json!(true)] {
        let mut node = TestNode::of(idle().with(45, payment()));
        let value = nothing.clone();
        node.spoil = Some(Box::new(move |_, result| *result = value.clone()));
        assert!(unknown(&evidence_at(&node, 3)), "{nothing}");
    }
}

#[test]
fn a_node_that_keeps_no_state_so_deep_is_no_witness() {
    let mut node = TestNode::of(idle());
    node.keeps_states = 1;
    assert!(unknown(&evidence_at(&node, 3)));
}

#[test]
fn a_node_that_does_not_answer_is_no_witness() {
    let answered = |status, body: &str| Outcome::Answered {
        status,
        body: body.into(),
        location: None,
        extensions: None,
    };
    for outcome in [
        Outcome::NotSent("refused".into()),
        Outcome::Lost("reset".into()),
        answered(429, "{}"),
        answered(401, "{}"),
        answered(500, "[]"),
        answered(200, "<html>"),
        answered(200, ""),
        answered(200, "[]"),
        answered(200, "{\"id\":0}"),
        answered(200, "{\"id\":1,\"result\":\"0x14a34\"}"),
        answered(200, "{\"id\":0,\"result\":\"0x14a34\",\"error\":{\"code\":1}}"),
    ] {
        let mut node = TestNode::of(idle().with(45, payment()));
        node.outcome = Some(outcome.clone());
        assert!(unknown(&evidence_at(&node, 3)), "{outcome:?}");
    }
}

#[test]
fn a_node_that_refuses_is_not_asked_one_by_one() {
    let mut node = TestNode::of(idle());
    node.outcome = Some(Outcome::Answered {
        status: 429,
        body: b"{}".to_vec(),
        location: None,
        extensions: None,
    });
    evidence_at(&node, 3);
    assert_eq!(node.trips.get(), 1);
}
