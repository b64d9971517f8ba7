//! What is claimed holds, with the checks of an unoptimised build. The long search, what is not claimed
//! and the engines that are broken on purpose: `cargo run --profile simulate -p simulator`.

use simulator::configuration::Configuration;
use simulator::search::Search;

#[test]
fn nothing_that_is_claimed_breaks_in_a_short_search() {
    for configuration in Configuration::ALL {
        let search = Search {
            configuration,
            mutant: None,
            seed: 1,
            histories: 50,
            wanted: &|promise| configuration.claims(promise),
            threads: 2,
            shrinks: false,
        };
        let found = search.run();
        if let Some(counterexample) = found.counterexample {
            panic!("{configuration}: after {} histories\n{counterexample}", found.histories);
        }
        assert_eq!(found.histories, 50);
    }
}
