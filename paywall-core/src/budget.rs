//! How many signatures a sandbox has a facilitator judge: a token bucket.
//!
//! A signature that recovers to nobody may be a smart wallet's, so each costs a `/verify`. Without
//! a bound, anyone could make the seller's facilitator work, and be throttled, for free.

use std::sync::Mutex;

use crate::clock::Micros;
use crate::limits;

/// The bucket.
#[derive(Debug)]
pub struct Budget(Mutex<Bucket>);

#[derive(Debug)]
struct Bucket {
    left: u32,
    filled: Micros,
}

impl Default for Budget {
    fn default() -> Self {
        Budget(Mutex::new(Bucket { left: limits::VERIFY_BURST, filled: Micros(0) }))
    }
}

impl Budget {
    /// Takes one, if one is left.
    pub fn take(&self, now: Micros) -> bool {
        // A poisoned bucket is still a number and a time.
        let mut bucket = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let due = now.millis_since(bucket.filled) / limits::VERIFY_REFILL_MS;
        if due > 0 {
            let due = u32::try_from(due).unwrap_or(u32::MAX);
            bucket.left = bucket.left.saturating_add(due).min(limits::VERIFY_BURST);
            // Until the bucket is full, what is left of a period counts towards the next one.
            let rest = match bucket.left {
                limits::VERIFY_BURST => 0,
                _ => now.millis_since(bucket.filled) % limits::VERIFY_REFILL_MS,
            };
            bucket.filled = Micros(now.0 - rest * 1_000);
        }
        match bucket.left.checked_sub(1) {
            Some(left) => {
                bucket.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let budget = Budget::default();
        let at = |millis| Micros::from_millis(1_700_000_000_000 + millis);
        let taken = (0..1_000).filter(|_| budget.take(at(0))).count();
        assert_eq!(taken, limits::VERIFY_BURST as usize);
        assert!(!budget.take(at(limits::VERIFY_REFILL_MS - 1)));
        assert!(budget.take(at(limits::VERIFY_REFILL_MS)));
        assert!(!budget.take(at(limits::VERIFY_REFILL_MS)));
        let long = at(limits::VERIFY_REFILL_MS * 10_000);
        let taken = (0..1_000).filter(|_| budget.take(long)).count();
        assert_eq!(taken, limits::VERIFY_BURST as usize);
    }
}
