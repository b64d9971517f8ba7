//! Many histories: a search for one that breaks a promise, and the smallest like it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::choices::Choices;
use crate::configuration::{Configuration, Promise};
use crate::history::{self, Ended};
use crate::mutant::Mutant;
use crate::oracle::Violation;
use crate::wallet::Drawer;

/// A history that breaks a promise.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The seed that found it.
    pub seed: u64,
    /// How many choices its smallest form has.
    pub choices: usize,
    /// What is broken.
    pub violation: Violation,
    /// Its smallest form, in words.
    pub notes: Vec<String>,
}

/// What to look for.
pub struct Search<'w> {
    /// What the seller configured.
    pub configuration: Configuration,
    /// What is broken in the engine, on purpose.
    pub mutant: Option<Mutant>,
    /// The first seed.
    pub seed: u64,
    /// How many histories.
    pub histories: u64,
    /// Which promises must break for it to count.
    pub wanted: &'w (dyn Fn(Promise) -> bool + Sync),
    /// How many threads.
    pub threads: usize,
    /// Whether to look for the smallest one like it, and tell it in words: that takes longer.
    pub shrinks: bool,
}

/// What was found.
pub struct Found {
    /// How many histories ran.
    pub histories: u64,
    /// How many sales they ended with.
    pub sales: u64,
    /// Refusals that note 4 of section 8 allows.
    pub allowed: u64,
    /// The first counterexample.
    pub counterexample: Option<Counterexample>,
}

thread_local! {
    static DRAWER: Rc<Drawer> = Rc::default();
}

/// Runs one history on this thread.
pub fn run(
    configuration: Configuration,
    mutant: Option<Mutant>,
    choices: Choices,
    notes: bool,
) -> Ended {
    let drawer = DRAWER.with(Rc::clone);
    history::run(configuration, mutant, drawer, choices, notes)
}

impl Search<'_> {
    /// Searches until something is found or all histories ran.
    pub fn run(&self) -> Found {
        let [next, ran, sales, allowed] = [const { AtomicU64::new(0) }; 4];
        let first: Mutex<Option<Counterexample>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let done = first.lock().expect("no panic").is_some();
                        if number >= self.histories || done {
                            return;
                        }
                        let seed = self.seed.wrapping_add(number);
                        let ended =
                            run(self.configuration, self.mutant, Choices::random(mix(seed)), false);
                        ran.fetch_add(1, Ordering::Relaxed);
                        sales.fetch_add(ended.sales, Ordering::Relaxed);
                        allowed.fetch_add(ended.allowed.into(), Ordering::Relaxed);
                        if let Some(violation) = self.pick(&ended) {
                            let found = self.shrink(seed, ended.choices, violation.promise);
                            first.lock().expect("no panic").get_or_insert(found);
                        }
                    }
                });
            }
        });
        Found {
            histories: ran.into_inner(),
            sales: sales.into_inner(),
            allowed: allowed.into_inner(),
            counterexample: first.into_inner().expect("no panic"),
        }
    }

    /// Runs all histories, and says which promises were broken how often, and by which seed first.
    pub fn survey(&self) -> BTreeMap<Promise, (u64, u64)> {
        let next = AtomicU64::new(0);
        let broken: Mutex<BTreeMap<Promise, (u64, u64)>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= self.histories {
                            return;
                        }
                        let seed = self.seed.wrapping_add(number);
                        let choices = Choices::random(mix(seed));
                        let ended = run(self.configuration, self.mutant, choices, false);
                        let mut promises: Vec<_> =
                            ended.violations.iter().map(|violation| violation.promise).collect();
                        promises.sort_unstable();
                        promises.dedup();
                        for promise in promises {
                            let mut broken = broken.lock().expect("no panic");
                            let entry = broken.entry(promise).or_insert((0, seed));
                            *entry = (entry.0 + 1, entry.1.min(seed));
                        }
                    }
                });
            }
        });
        broken.into_inner().expect("no panic")
    }

    fn pick(&self, ended: &Ended) -> Option<Violation> {
        let mut wanted = ended.violations.iter().filter(|v| (self.wanted)(v.promise));
        wanted.next().cloned()
    }

    /// Cuts choices out and makes others plain, as long as the promise stays broken.
    fn shrink(&self, seed: u64, mut choices: Vec<u32>, promise: Promise) -> Counterexample {
        let violated = |ended: Ended| {
            let mut violations = ended.violations.into_iter();
            violations.find(|v| v.promise == promise).expect("what was kept breaks the promise")
        };
        if !self.shrinks {
            let ended =
                run(self.configuration, self.mutant, Choices::replay(choices.clone()), false);
            let (choices, violation) = (choices.len(), violated(ended));
            return Counterexample { seed, choices, violation, notes: vec![] };
        }
        let broken = |choices: &[u32]| {
            let ended =
                run(self.configuration, self.mutant, Choices::replay(choices.to_vec()), false);
            ended.violations.iter().any(|violation| violation.promise == promise)
        };
        let mut tries = 1_500;
        let mut size = choices.len() / 2;
        while size > 0 && tries > 0 {
            let (mut at, mut better) = (0, false);
            while at < choices.len() && tries > 0 {
                let end = (at + size).min(choices.len());
                let cut = [&choices[..at], &choices[end..]].concat();
                let mut plain = choices.clone();
                plain[at..end].fill(0);
                tries -= 2;
                if broken(&cut) {
                    (choices, better) = (cut, true);
                } else if plain != choices && broken(&plain) {
                    (choices, better) = (plain, true);
                    at = end;
                } else {
                    at = end;
                }
            }
            if !better {
                size /= 2;
            }
        }
        while choices.last() == Some(&0) {
            choices.pop();
        }
        let ended = run(self.configuration, self.mutant, Choices::replay(choices.clone()), true);
        let notes = ended.notes.clone();
        Counterexample { seed, choices: choices.len(), violation: violated(ended), notes }
    }
}

/// Neighbouring seeds must not give neighbouring streams.
fn mix(seed: u64) -> u64 {
    seed.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(29) ^ 0x5851_f42d_4c95_7f2d
}

impl std::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        let Violation { promise, how } = &self.violation;
        write!(f, "{promise}: {how} (seed {}, {} choices)", self.seed, self.choices)
    }
}
