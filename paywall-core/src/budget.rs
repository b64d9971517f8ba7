//! How many signatures a sandbox has a facilitator judge: a token bucket.
//!
//! A signature that recovers to nobody may be a smart wallet's, so each costs a `/verify`. Without
//! a bound, anyone could make the seller's facilitator work, and be throttled, for free.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::clock::Micros;
use crate::limits;

/// The buckets: one for each network that such signatures come from, bounded, and one for all.
#[derive(Debug, Default)]
pub struct Budget(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    all: Bucket,
    networks: HashMap<String, Bucket>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    taken: u32,
    filled: Micros,
}

impl Budget {
    /// Takes one for a network, if one is left for it and in all.
    pub fn take(&self, network: &str, now: Micros) -> bool {
        // Poisoned buckets are still numbers and times.
        let mut buckets = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if buckets.networks.len() >= limits::VERIFY_NETWORKS {
            buckets.networks.retain(|_, bucket| bucket.taken(now) > 0);
        }
        let known = buckets.networks.get(network).copied().unwrap_or_default();
        let room = buckets.networks.len() < limits::VERIFY_NETWORKS
            || buckets.networks.contains_key(network);
        let (mut own, mut all) = (known, buckets.all);
        let taken = room
            && own.take(now, limits::VERIFY_BURST_NETWORK)
            && all.take(now, limits::VERIFY_BURST);
        if taken {
            buckets.all = all;
            buckets.networks.insert(network.to_owned(), own);
        }
        taken
    }
}

impl Bucket {
    fn taken(&self, now: Micros) -> u32 {
        let due = now.millis_since(self.filled) / limits::VERIFY_REFILL_MS;
        self.taken.saturating_sub(u32::try_from(due).unwrap_or(u32::MAX))
    }

    fn take(&mut self, now: Micros, burst: u32) -> bool {
        let due = now.millis_since(self.filled) / limits::VERIFY_REFILL_MS;
        let taken = self.taken(now);
        // Until the bucket is full, what is left of a period counts towards the next one.
        let rest = match taken {
            0 => 0,
            _ => now.millis_since(self.filled) % limits::VERIFY_REFILL_MS,
        };
        if due > 0 || self.taken == 0 {
            self.filled = Micros(now.0 - rest * 1_000);
        }
        self.taken = taken;
        let left = taken < burst;
        self.taken += u32::from(left);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &Budget, networks: &[&str], at: Micros) -> usize {
        (0..1_000).filter(|n| budget.take(networks[n % networks.len()], at)).count()
    }

    fn at(millis: u64) -> Micros {
        Micros::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let budget = Budget::default();
        assert_eq!(taken(&budget, &["a"], at(0)), limits::VERIFY_BURST_NETWORK as usize);
        assert!(!budget.take("a", at(limits::VERIFY_REFILL_MS - 1)));
        assert!(budget.take("a", at(limits::VERIFY_REFILL_MS)));
        assert!(!budget.take("a", at(limits::VERIFY_REFILL_MS)));
        let long = at(limits::VERIFY_REFILL_MS * 10_000);
        assert_eq!(taken(&budget, &["a"], long), limits::VERIFY_BURST_NETWORK as usize);
    }

    #[test]
    fn one_network_does_not_take_what_is_the_others() {
        let budget = Budget::default();
        taken(&budget, &["a"], at(0));
        assert!(budget.take("b", at(0)));
        assert_eq!(
            taken(&budget, &["c", "d", "e", "f", "g", "h", "i"], at(0)),
            (limits::VERIFY_BURST - limits::VERIFY_BURST_NETWORK - 1) as usize
        );
    }
}
