//! Nodes that answer in their own way, badly, or not at all.

use serde_json::{Value, json};

use super::testnode::{TestNode, payment};
use super::tests::{DEADLINE, OTHER, evidence_at, idle, settled, unknown};
use super::word;
use crate::facilitator::Outcome;
use crate::hex;

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
        assert_eq!(evidence_at(&node, 3), settled(&chain, 45));
    }
    let mut node = TestNode::of(chain.clone());
    node.most_blocks = 100;
    assert_eq!(evidence_at(&node, 3), settled(&chain, 45));
}

#[test]
fn a_node_that_answers_badly_is_no_witness() {
    type Spoil = fn(&str, &mut Value);
    let spoils: &[Spoil] = &[
        |_, result| *result = Value::Null,
        |_, result| *result = json!("0x"),
        |method, result| {
            if method == "eth_chainId" {
                *result = json!("0x1")
            }
        },
        |method, result| {
            if method == "eth_blockNumber" {
                *result = json!("0x+1")
            }
        },
        |method, result| {
            if method == "eth_blockNumber" {
                *result = json!(1_799)
            }
        },
        |method, result| {
            if method == "eth_call" {
                *result = json!(format!("0x{:064x}", 2))
            }
        },
        |method, result| {
            if method == "eth_call" {
                *result = json!("0x01")
            }
        },
        |method, result| {
            if method == "eth_getBlockByNumber" {
                result["timestamp"] = json!("now")
            }
        },
        |method, result| {
            if method == "eth_getBlockByNumber" {
                result["hash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                *result = json!([])
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                *result = json!({})
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["removed"] = json!(true)
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["address"] = json!(hex::encode(&OTHER))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["topics"][1] = json!(hex::encode(&word(&OTHER)))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["topics"][2] = json!(hex::encode(&[0x22; 32]))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["blockNumber"] = json!("0x1")
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["logIndex"] = json!("0x7")
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                let log = result[0].clone();
                result.as_array_mut().unwrap().push(log)
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                *result = Value::Null
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["status"] = json!("0x0")
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["status"] = Value::Null
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["transactionHash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["blockHash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"] = json!([])
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"][1]["removed"] = json!(true)
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"].as_array_mut().unwrap().reverse()
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                let log = result["logs"][0].clone();
                result["logs"].as_array_mut().unwrap().push(log)
            }
        },
    ];
    for (at, spoil) in spoils.iter().enumerate() {
        let mut node = TestNode::of(idle().with(45, payment()));
        node.spoil = Some(Box::new(spoil));
        let evidence = evidence_at(&node, 3);
        assert!(unknown(&evidence), "{at}: {evidence:?}");
    }
}

#[test]
fn a_node_that_does_not_answer_is_no_witness() {
    let answered =
        |status, body: &str| Outcome::Answered { status, body: body.into(), location: None };
    for outcome in [
        Outcome::NotSent("refused".into()),
        Outcome::Lost("reset".into()),
        answered(429, "{}"),
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
    let mut late = TestNode::of(idle().with(45, payment()));
    late.now = DEADLINE;
    assert!(unknown(&evidence_at(&late, 3)));
    assert_eq!(late.trips.get(), 0);
}
