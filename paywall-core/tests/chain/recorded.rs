//! Chain evidence from what a real node answered: Anvil, recorded by `record.mjs`.

use std::collections::BTreeSet;

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::node::{At, Authorization, Question, Said, ask, is_spent};
use paywall_core::purchase::{Finding, Look, Search, Sought};
use paywall_core::scheme::spending::Transfer;
use paywall_core::u256::U256;
use serde_json::{Value, json};

use crate::found::unknown;

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

    fn find(&self, method: &str, fits: impl Fn(&Value) -> bool) -> &Value {
        let asked = self.facts["asked"].as_array().unwrap();
        let found = asked.iter().find(|one| one["method"] == method && fits(&one["params"]));
        &found.unwrap_or_else(|| panic!("not recorded: {method}"))["answer"]
    }

    /// What it answered, as if one more block had come, so that its last one counts as paid.
    fn answer(&self, request: &Value) -> Value {
        let (method, params) = (request["method"].as_str().unwrap(), &request["params"]);
        let mut answer = match method {
            "eth_blockNumber" => json!({ "result": format!("0x{:x}", self.head() + 1) }),
            "eth_getLogs" => {
                let [from, to] = ["fromBlock", "toBlock"].map(|end| number(&params[0][end]));
                let same = |recorded: &Value| recorded[0]["topics"] == params[0]["topics"];
                let mut answer = self.find(method, same).clone();
                let logs = answer["result"].as_array_mut().unwrap();
                logs.retain(|log| (from..=to).contains(&number(&log["blockNumber"])));
                answer
            }
            _ => self.find(method, |recorded| recorded == params).clone(),
        };
        answer["id"] = request["id"].clone();
        answer
    }

    fn say(&self, questions: &[Question]) -> Said {
        ask(questions, &mut false, |body| {
            let answer = match serde_json::from_str(&body).unwrap() {
                Value::Array(batch) if self.batches => {
                    batch.iter().map(|r| self.answer(r)).collect()
                }
                Value::Array(_) => json!({ "error": { "code": -32600, "message": "no batches" } }),
                request => self.answer(&request),
            };
            Outcome::Answered {
                status: 200,
                body: answer.to_string().into_bytes(),
                location: None,
                extensions: None,
            }
        })
    }

    fn bytes<const N: usize>(&self, name: &str) -> [u8; N] {
        hex::decode_array(self.facts[name].as_str().unwrap()).unwrap()
    }

    /// Paid, by one of the recorded transactions.
    fn paid(&self, name: &str) -> Finding {
        let transaction = &self.facts["transactions"][name];
        let receipt = self.find("eth_getTransactionReceipt", |params| params[0] == *transaction);
        let time = self.time(number(&receipt["result"]["blockNumber"]));
        Finding::Paid {
            transaction: hex::decode_array(transaction.as_str().unwrap()).unwrap(),
            time,
        }
    }

    fn head(&self) -> u64 {
        number(&self.find("eth_blockNumber", |_| true)["result"])
    }

    /// The time of a block, in seconds.
    fn time(&self, height: u64) -> u64 {
        let block = self.find("eth_getBlockByNumber", |params| number(&params[0]) == height);
        number(&block["result"]["timestamp"])
    }

    /// The payment with this nonce, seen unspent when the chain began and valid for an hour.
    fn sought(&self, nonce: u8) -> Sought {
        let mut word = [0; 32];
        word[31] = nonce;
        let began = Micros::from_secs(self.time(0));
        Sought {
            chain_id: 84532,
            transfer: Transfer {
                authorization: Authorization {
                    token: self.bytes("token"),
                    from: self.bytes("payer"),
                    nonce: word,
                },
                to: self.bytes("payee"),
                value: U256::from_decimal(self.facts["value"].as_str().unwrap()).unwrap(),
            },
            ends: self.time(0) + 3_600,
            look: Some(Look { block: 0, at: began }),
            searched: None,
            sent_at: began,
            confirmations: 1,
        }
    }

    fn evidence(&self, sought: Sought) -> Finding {
        let mut search = Search::new(sought);
        loop {
            let said = self.say(&search.questions());
            if let Some(finding) = search.hear(&said, Micros(0)) {
                return finding;
            }
        }
    }
}

fn number(value: &Value) -> u64 {
    u64::from_str_radix(&value.as_str().unwrap()[2..], 16).unwrap()
}

#[test]
fn a_payment_that_a_third_party_submitted() {
    let mut node = Recorded::load();
    let right = node.paid("paid");
    assert_eq!(node.evidence(node.sought(1)), right);
    node.batches = false;
    assert_eq!(node.evidence(node.sought(1)), right);
    // Where nobody had looked, the search begins by a block's time.
    assert_eq!(node.evidence(Sought { look: None, ..node.sought(1) }), right);
}

#[test]
fn a_nonce_that_was_burned_on_another_payee() {
    let node = Recorded::load();
    assert_eq!(node.evidence(node.sought(2)), Finding::Never);
    // What the payer signed for another price is no payment of this one.
    let mut dearer = node.sought(1);
    dearer.transfer.value = 10_001.into();
    assert_eq!(node.evidence(dearer), Finding::Never);
}

#[test]
fn an_authorization_that_was_cancelled() {
    let node = Recorded::load();
    assert_eq!(node.evidence(node.sought(3)), Finding::Never);
}

#[test]
fn a_nonce_that_was_not_spent() {
    let node = Recorded::load();
    assert!(unknown(&node.evidence(node.sought(4))));
    let over = Sought { ends: node.time(node.head()), ..node.sought(4) };
    assert_eq!(node.evidence(over), Finding::Never);
}

#[test]
fn two_of_one_payer_in_one_transaction() {
    let node = Recorded::load();
    assert_eq!(node.evidence(node.sought(5)), Finding::Never);
    assert_eq!(node.evidence(node.sought(6)), node.paid("batched"));
}

#[test]
fn which_nonces_are_spent_now() {
    let node = Recorded::load();
    let spent: BTreeSet<_> = (1..=6)
        .filter(|nonce| {
            let authorization = node.sought(*nonce).transfer.authorization;
            let said = node.say(&[Question::State(authorization, At::Latest)]).unwrap();
            is_spent(&said[0]).unwrap()
        })
        .collect();
    assert_eq!(spent, BTreeSet::from([1, 2, 3, 5, 6]));
}
