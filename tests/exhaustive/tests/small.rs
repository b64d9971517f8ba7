//! A small world is searched to its end, and broken rules are found. All worlds:
//! `cargo run --profile simulate -p exhaustive`.

use exhaustive::mutant::Mutant;
use exhaustive::scenario::{Budget, Scenario};
use exhaustive::search::{Until, search};
use exhaustive::{telling, worlds};

fn world(name: &str) -> Scenario {
    worlds::all(0).into_iter().find(|scenario| scenario.name == name).unwrap()
}

#[test]
fn one_payment_twice_and_nothing_goes_wrong() {
    let none = Budget { faults: 0, store: 0, facilitator: 0, node: 0, deaths: 0, cancels: 0 };
    let scenario = Scenario { budget: none, ..world("twice") };
    let found = search(&scenario, Until::End);
    assert!(found.broken.is_none(), "{}", telling::report(&scenario, &found));
    // Two requests, each in several steps, in any order.
    assert!(found.states > 50 && found.ends > 1, "{found:?}");
    assert!(found.count.is_empty(), "{found:?}");
}

#[test]
fn a_search_that_is_repeated_visits_the_same() {
    let scenario = world("late-chain");
    let (one, two) = (search(&scenario, Until::End), search(&scenario, Until::End));
    assert_eq!((one.states, one.steps, one.ends), (two.states, two.steps, two.ends));
}

#[test]
fn a_payment_that_is_not_bound_is_found() {
    for mutant in [Mutant::NoBinding, Mutant::RefusalUnseen] {
        let scenario = worlds::broken_by(mutant).unwrap();
        let found = search(&scenario, Until::Find);
        let (steps, broken) = found.broken.unwrap();
        let told = telling::history(&scenario, &steps);
        assert!(told.contains(&broken), "{told}");
    }
}
