//! Chain evidence from what a real node answered: Anvil, recorded by `record.mjs`.

use std::collections::BTreeSet;

use paywall_core::chain::{Evidence, ExpectedTransfer, evidence, is_used};
use paywall_core::clock::Micros;
use paywall_core::drive::drive;
use paywall_core::facilitator::{Call, Outcome};
use paywall_core::hex;
use paywall_core::store::{Ask, Failed, Reply};
use paywall_core::u256::U256;
use paywall_core::world::{Called, RpcCall, World};
use price_table::Rpc;
use serde_json::{Value, json};

const DEADLINE: Micros = Micros::from_secs(5);

/// The recorded node, and whether it takes batches; Anvil does.
struct Recorded {
    facts: Value,
    batches: bool,
}

impl Recorded {
    fn load() -> Self {
        let facts = serde_json::from_str(include_str!("anvil.json")).unwrap();
        Recorded { facts, batches: true }
    }

    fn find(&self, method: &str, params: &Value) -> &Value {
        let asked = self.facts["asked"].as_array().unwrap();
        let found = asked.iter().find(|one| one["method"] == method && one["params"] == *params);
        &found.unwrap_or_else(|| panic!("not recorded: {method} {params}"))["answer"]
    }

    fn answer(&self, request: &Value) -> Value {
        let mut answer = self.find(request["method"].as_str().unwrap(), &request["params"]).clone();
        answer["id"] = request["id"].clone();
        answer
    }

    fn bytes<const N: usize>(&self, name: &str) -> [u8; N] {
        hex::decode_array(self.facts[name].as_str().unwrap()).unwrap()
    }

    fn transaction(&self, name: &str) -> [u8; 32] {
        hex::decode_array(self.facts["transactions"][name].as_str().unwrap()).unwrap()
    }

    /// The time of a block, in seconds.
    fn time(&self, number: &str) -> u64 {
        let block = self.find("eth_getBlockByNumber", &json!([number, false]));
        u64::from_str_radix(&block["result"]["timestamp"].as_str().unwrap()[2..], 16).unwrap()
    }

    fn head(&self) -> &str {
        self.find("eth_blockNumber", &json!([]))["result"].as_str().unwrap()
    }

    /// The payment with this nonce, bound when the chain began and valid for an hour.
    fn expected(&self, nonce: u8) -> ExpectedTransfer {
        let mut word = [0; 32];
        word[31] = nonce;
        ExpectedTransfer {
            chain_id: 84532,
            token: self.bytes("token"),
            from: self.bytes("payer"),
            nonce: word,
            to: self.bytes("payee"),
            value: U256::from_decimal(self.facts["value"].as_str().unwrap()).unwrap(),
            bound_at: Micros::from_secs(self.time("0x0")),
            valid_before: self.time("0x0") + 3_600,
        }
    }

    fn evidence(&self, expected: &ExpectedTransfer) -> Evidence {
        drive(evidence(
            self,
            &Rpc { url: None, second: None, confirmations: 1 },
            expected,
            DEADLINE,
        ))
    }
}

impl World for Recorded {
    fn now(&self) -> Micros {
        Micros(0)
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        let answer = match serde_json::from_str(&call.body).unwrap() {
            Value::Array(batch) if self.batches => batch.iter().map(|r| self.answer(r)).collect(),
            Value::Array(_) => json!({ "error": { "code": -32600, "message": "no batches" } }),
            request => self.answer(&request),
        };
        Outcome::Answered { status: 200, body: answer.to_string().into_bytes(), location: None }
            .into()
    }

    async fn call(&self, _: &Call) -> Called {
        unreachable!("no facilitator is asked")
    }

    async fn records(&self, _: Vec<Ask>, _: u64) -> Vec<Result<Reply, Failed>> {
        unreachable!("no record is needed")
    }
}

#[test]
fn a_payment_that_a_third_party_submitted() {
    let mut node = Recorded::load();
    let right = Evidence::Settled { transaction: node.transaction("paid") };
    assert_eq!(node.evidence(&node.expected(1)), right);
    node.batches = false;
    assert_eq!(node.evidence(&node.expected(1)), right);
}

#[test]
fn a_nonce_that_was_burned_on_another_payee() {
    let node = Recorded::load();
    assert_eq!(node.evidence(&node.expected(2)), Evidence::SpentOtherwise);
    // What the payer signed for another price is no payment of this one.
    let dearer = ExpectedTransfer { value: 10_001.into(), ..node.expected(1) };
    assert_eq!(node.evidence(&dearer), Evidence::SpentOtherwise);
}

#[test]
fn an_authorization_that_was_cancelled() {
    let node = Recorded::load();
    assert_eq!(node.evidence(&node.expected(3)), Evidence::Cancelled);
}

#[test]
fn a_nonce_that_was_not_spent() {
    let node = Recorded::load();
    assert!(matches!(node.evidence(&node.expected(4)), Evidence::Unknown(_)));
    let over = ExpectedTransfer { valid_before: node.time(node.head()) - 1, ..node.expected(4) };
    assert_eq!(node.evidence(&over), Evidence::NeverPaid);
}

#[test]
fn two_of_one_payer_in_one_transaction() {
    let node = Recorded::load();
    assert_eq!(node.evidence(&node.expected(5)), Evidence::SpentOtherwise);
    let right = Evidence::Settled { transaction: node.transaction("batched") };
    assert_eq!(node.evidence(&node.expected(6)), right);
}

#[test]
fn what_settled_before_it_was_bound() {
    let node = Recorded::load();
    let late = Micros::from_secs(node.time(node.head()) + 16);
    let expected = ExpectedTransfer { bound_at: late, ..node.expected(1) };
    assert_eq!(node.evidence(&expected), Evidence::SpentOtherwise);
}

#[test]
fn which_nonces_are_spent_now() {
    let node = Recorded::load();
    let rpc = Rpc { url: None, second: None, confirmations: 1 };
    let spent: BTreeSet<_> = (1..=6)
        .filter(|nonce| {
            let ExpectedTransfer { chain_id, token, from, nonce, .. } = node.expected(*nonce);
            drive(is_used(&node, &rpc, chain_id, &token, &from, &nonce, DEADLINE)).unwrap()
        })
        .collect();
    assert_eq!(spent, BTreeSet::from([1, 2, 3, 5, 6]));
}
