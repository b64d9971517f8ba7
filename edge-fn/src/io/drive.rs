//! The loop: does what each step asks for, and hands the answer back.

use std::sync::Mutex;

use super::clock::now;
use super::http::Http;
use crate::store::Store;
use crate::walk::{Decision, Step};

/// Walks to the end.
pub fn drive(mut step: Step<'_>, store: &Mutex<impl Store>, http: &Http) -> Decision {
    // A sandbox serves one request at a time; the lock is never waited for.
    let mut store = store.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    loop {
        step = match step {
            Step::Recall(ticket, then) => then.resume(store.recall(&ticket, now()), now()),
            Step::Verify(call, then) => then.resume(&http.post(&call), now()),
            Step::Claim(ticket, submission, then) => {
                then.resume(store.claim(ticket, submission, now()), now())
            }
            Step::Settle(call, then) => then.resume(&http.post(&call), now()),
            Step::Resolve(call, then) => then.resume(&http.post(&call), now()),
            Step::Record(id, ending, then) => then.resume(store.record(&id, ending, now())),
            Step::Done(decision) => return *decision,
        }
    }
}
