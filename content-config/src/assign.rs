//! Which rule sells which object.

use crate::pattern::Pattern;

/// The rule of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Winner {
    /// No pattern matches.
    Nobody,
    /// The most specific pattern that matches.
    Rule(usize),
    /// Equally specific ones, in the order of the file; at least two.
    Tie(Vec<usize>),
}

/// The winner for every key.
pub(crate) fn assign<'k>(patterns: &[Pattern], keys: impl Iterator<Item = &'k str>) -> Vec<Winner> {
    // From the most specific, so that the first match wins; the sort is stable, so that rules
    // which tie stay in the order of the file.
    let mut order: Vec<usize> = (0..patterns.len()).collect();
    order.sort_by(|a, b| patterns[*b].compare(&patterns[*a]));
    keys.map(|key| {
        let mut matching = order.iter().copied().filter(|rule| patterns[*rule].matches(key));
        let Some(first) = matching.next() else { return Winner::Nobody };
        let ties = matching.take_while(|rule| patterns[first].compare(&patterns[*rule]).is_eq());
        let ties: Vec<_> = ties.collect();
        if ties.is_empty() {
            Winner::Rule(first)
        } else {
            Winner::Tie([first].into_iter().chain(ties).collect())
        }
    })
    .collect()
}
