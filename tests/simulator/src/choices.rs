//! Where chance comes from: a stream of numbers that can be recorded, replayed and made simpler.
//!
//! Every decision of a history is one number of the stream, and 0 always means that nothing special
//! happens. So a history is its stream, and a simpler stream is a simpler history.

use std::cell::{Cell, RefCell};

/// The stream of one history.
#[derive(Debug)]
pub struct Choices {
    /// What to replay; after its end come zeros if `random` is `None`.
    given: Vec<u32>,
    made: RefCell<Vec<u32>>,
    random: Option<Cell<u64>>,
}

impl Choices {
    /// A stream that follows from `seed`.
    pub fn random(seed: u64) -> Self {
        Choices { given: vec![], made: RefCell::default(), random: Some(Cell::new(seed)) }
    }

    /// The numbers given, then zeros.
    pub fn replay(given: Vec<u32>) -> Self {
        Choices { given, made: RefCell::default(), random: None }
    }

    /// What was chosen so far.
    pub fn made(&self) -> Vec<u32> {
        self.made.borrow().clone()
    }

    /// A number below `n`.
    pub fn below(&self, n: u32) -> u32 {
        let mut made = self.made.borrow_mut();
        let number = match (self.given.get(made.len()), &self.random) {
            (Some(given), _) => given % n,
            (None, Some(state)) => {
                // The upper half of 64 bits, scaled: no bias that matters for `n` this small.
                ((u64::from((splitmix(state) >> 32) as u32) * u64::from(n)) >> 32) as u32
            }
            (None, None) => 0,
        };
        made.push(number);
        number
    }

    /// True in `permille` of 1,000 cases.
    pub fn chance(&self, permille: u32) -> bool {
        permille > 0 && self.below(1_000) >= 1_000 - permille
    }

    /// One of the things, the first by default.
    pub fn one_of<T: Copy>(&self, things: &[T]) -> T {
        things[self.below(things.len() as u32) as usize]
    }
}

/// <https://prng.di.unimi.it/splitmix64.c>
fn splitmix(state: &Cell<u64>) -> u64 {
    state.set(state.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
    let mut z = state.get();
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_repeats_and_then_is_plain() {
        let random = Choices::random(7);
        let first: Vec<_> = (1..50).map(|n| random.below(n)).collect();
        let again = Choices::replay(random.made());
        assert_eq!((1..50).map(|n| again.below(n)).collect::<Vec<_>>(), first);
        assert_eq!((again.below(9), again.chance(999), again.one_of(&['a', 'b'])), (0, false, 'a'));
    }
}
