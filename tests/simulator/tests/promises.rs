//! What a configuration does not claim can be broken, and the search finds how; and it finds every
//! engine that is broken on purpose. (That nothing claimed can be broken is the long search's to say:
//! `cargo run --profile simulate -p simulator`.)

use simulator::configuration::{Configuration, Promise};
use simulator::sabotage::Sabotage;
use simulator::search::{Found, Search};

const SEED: u64 = 1;

fn search(
    configuration: Configuration,
    sabotage: Option<Sabotage>,
    histories: u64,
    wanted: fn(Configuration, Promise) -> bool,
) -> Found {
    Search { configuration, sabotage, seed: SEED, histories, wanted, threads: 2 }.run()
}

/// Finds a history that breaks `promise`, and shows its smallest form.
#[track_caller]
fn breaks(configuration: Configuration, wanted: fn(Configuration, Promise) -> bool) {
    let found = search(configuration, None, 5_000, wanted);
    let counterexample = found.counterexample.expect("a counterexample");
    assert!(!counterexample.notes.is_empty());
    println!("{configuration}: after {} histories\n{counterexample}", found.histories);
}

#[test]
fn memory_does_not_keep_anybody_from_paying_twice() {
    for configuration in [Configuration::M, Configuration::MR] {
        breaks(configuration, |_, promise| promise == Promise::P4);
    }
}

#[test]
fn memory_does_not_keep_a_payment_to_one_object() {
    for configuration in [Configuration::M, Configuration::MR] {
        breaks(configuration, |_, promise| promise == Promise::P5);
    }
}

#[test]
fn without_a_node_who_paid_may_never_be_served() {
    for configuration in [Configuration::ONE, Configuration::M, Configuration::S] {
        breaks(configuration, |_, promise| promise == Promise::P4MadeGood);
    }
}

#[test]
fn every_broken_engine_is_caught_within_1000_histories() {
    let mut missed = vec![];
    for sabotage in Sabotage::ALL {
        let found = search(Configuration::SR, Some(sabotage), 1_000, Search::claimed);
        match found.counterexample {
            Some(c) => println!("{sabotage:?}: after {} histories\n{c}\n", found.histories),
            None => missed.push(sabotage),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

#[test]
fn nothing_that_is_claimed_breaks_in_a_short_search() {
    for configuration in Configuration::ALL {
        let found = search(configuration, None, 300, Search::claimed);
        if let Some(counterexample) = found.counterexample {
            panic!("{configuration}: after {} histories\n{counterexample}", found.histories);
        }
        assert_eq!(found.histories, 300);
    }
}
