//! One request's answer: the truth from `verify.rs`, or what a fault makes of it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, B256, address, keccak256};
use serde_json::{Value, json};

use super::call::{Call, Endpoint};
use super::fault::{Fault, Faults, Reply, Work};
use super::ledger::{Ledger, transaction_hash};
use super::options::Options;
use super::verify;
use super::wire::{self, Malformed, Payment};

/// How many calls are remembered; more than any test makes, and little enough for a long run.
pub const CALLS_KEPT: usize = 10_000;

/// Anvil's third account, named in `/supported` as the one that submits.
const SIGNER: Address = address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");

/// What every connection shares.
pub(crate) struct Shared {
    clock: Arc<dyn Fn() -> u64 + Send + Sync>,
    pub(crate) ledger: Ledger,
    record: Mutex<Record>,
}

/// What is remembered between requests, besides the ledger.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) calls: VecDeque<Call>,
    pub(crate) faults: Faults,
    /// Hashes of payments that `/verify` found valid and that were not settled since.
    verified: HashSet<B256>,
}

impl Shared {
    pub(crate) fn new(options: Options) -> Shared {
        let Options { clock } = options;
        Shared { clock, ledger: Ledger::default(), record: Mutex::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn reply(&self, endpoint: Endpoint, body: &[u8]) -> Reply {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let fault = {
            let mut record = self.lock();
            if record.calls.len() == CALLS_KEPT {
                record.calls.pop_front();
            }
            record.calls.push_back(Call { endpoint, body: request.clone() });
            record.faults.take(endpoint)
        };
        let truth = || {
            let (status, body) = self.answer(endpoint, body);
            Reply::json(status, &body)
        };
        match fault {
            None => truth(),
            Some(Fault::AnswerLate(wait)) => {
                let reply = truth();
                tokio::time::sleep(wait).await;
                reply
            }
            Some(Fault::DemandVerify) => match endpoint {
                Endpoint::Settle if !self.lock().verified.contains(&payment_hash(&request)) => {
                    let network = request["paymentPayload"]["network"].as_str();
                    let reason = "Payment must be verified before settlement";
                    let network = network.unwrap_or("unknown");
                    Reply::json(
                        200,
                        &json!({"success": false, "errorReason": reason, "network": network}),
                    )
                }
                _ => truth(),
            },
            Some(Fault::Drop(work)) => {
                if work == Work::Done {
                    truth();
                }
                Reply::Dropped
            }
            Some(Fault::Garble(work, garble)) => {
                let body = match work {
                    Work::Done => self.answer(endpoint, body).1,
                    Work::Skipped => claim(endpoint, body),
                };
                garble.spoil(endpoint, &request, body)
            }
            Some(Fault::WorkLate(wait)) => {
                tokio::time::sleep(wait).await;
                truth()
            }
        }
    }

    /// The true answer, the work done.
    fn answer(&self, endpoint: Endpoint, body: &[u8]) -> (u16, Value) {
        if endpoint == Endpoint::Supported {
            return (200, wire::supported(SIGNER));
        }
        let payment = match Payment::read(body) {
            Ok(payment) => payment,
            Err(malformed) => return (malformed.status(), json!({"error": malformed.to_string()})),
        };
        let hash = payment_hash(&serde_json::from_slice(body).unwrap_or_default());
        let now = (self.clock)();
        if endpoint == Endpoint::Verify {
            let outcome = verify::verify(&self.ledger, &payment, now);
            if outcome.is_ok() {
                self.lock().verified.insert(hash);
            }
            (200, wire::verified(&payment, outcome))
        } else {
            let outcome = verify::settle(&self.ledger, &payment, now);
            self.lock().verified.remove(&hash);
            (200, wire::settled(&payment, outcome))
        }
    }
}

/// What success would look like, nothing having been done.
fn claim(endpoint: Endpoint, body: &[u8]) -> Value {
    let claimed = Payment::read(body).and_then(|payment| match endpoint {
        Endpoint::Supported => Ok(wire::supported(SIGNER)),
        Endpoint::Verify => Ok(wire::verified(&payment, Ok(()))),
        Endpoint::Settle => {
            let signed = payment.domain().zip(payment.authorization());
            let (domain, authorization) = signed.ok_or(Malformed::Parameters)?;
            Ok(wire::settled(&payment, Ok(transaction_hash(&domain, &authorization))))
        }
    });
    claimed.unwrap_or_else(|malformed| json!({"error": malformed.to_string()}))
}

fn payment_hash(request: &Value) -> B256 {
    keccak256(request["paymentPayload"].to_string())
}
