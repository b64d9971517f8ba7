//! What a configuration does not claim can be broken, and the search finds how; and it finds every
//! engine that is broken on purpose. (That nothing claimed can be broken is the long search's to say:
//! `cargo run --profile simulate -p simulator`.)

use simulator::configuration::{Configuration, Promise};
use simulator::mutant::Mutant;
use simulator::search::{Found, Search};

fn search(
    configuration: Configuration,
    mutant: Option<Mutant>,
    histories: u64,
    wanted: &(dyn Fn(Promise) -> bool + Sync),
) -> Found {
    Search { configuration, mutant, seed: 1, histories, wanted, threads: 2, shrinks: false }.run()
}

#[test]
fn what_is_not_claimed_breaks() {
    for configuration in Configuration::ALL {
        for promise in configuration.unclaimed() {
            let found = search(configuration, None, 2_000, &|broken| broken == promise);
            assert!(found.counterexample.is_some(), "{configuration}: {promise}");
        }
    }
}

#[test]
fn every_broken_engine_is_caught_within_1000_histories() {
    let mut missed = vec![];
    for mutant in Mutant::ALL {
        let wanted = |promise: Promise| mutant.breaks().contains(&promise);
        let found = search(mutant.configuration(), Some(mutant), 1_000, &wanted);
        if found.counterexample.is_none() {
            missed.push(mutant);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

#[test]
fn nothing_that_is_claimed_breaks_in_a_short_search() {
    for configuration in Configuration::ALL {
        let found = search(configuration, None, 100, &|promise| configuration.claims(promise));
        if let Some(counterexample) = found.counterexample {
            panic!("{configuration}: after {} histories\n{counterexample}", found.histories);
        }
        assert_eq!(found.histories, 100);
    }
}
