//! Which objects `openapi.json` describes: as many as its readers take whole, shared out over the rules.

use super::entry::Entry;

/// The most operations. Over it `@agentcash/discovery`, and x402scan with it, warn that agents have no room for them
/// (`L2_ROUTE_COUNT_HIGH`). <https://www.npmjs.com/package/@agentcash/discovery>
const MAX_OPERATIONS: usize = 40;

/// The objects to describe, in the order of their keys: the first of each rule, then the second of each, while there is
/// room.
pub(super) fn choose<'e, 'a>(entries: &'e [Entry<'a>]) -> Vec<&'e Entry<'a>> {
    fair(entries, Entry::rule, MAX_OPERATIONS)
}

fn fair<T>(all: &[T], rule: impl Fn(&T) -> usize, most: usize) -> Vec<&T> {
    let mut seen: Vec<usize> = Vec::new();
    let mut ranked: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(place, one)| {
            let rule = rule(one);
            if seen.len() <= rule {
                seen.resize(rule + 1, 0);
            }
            seen[rule] += 1;
            (seen[rule], place)
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(most);
    ranked.sort_unstable_by_key(|(_, place)| *place);
    ranked.into_iter().map(|(_, place)| &all[place]).collect()
}

#[cfg(test)]
mod tests {
    use price_table::Key;

    use super::fair;

    #[test]
    fn each_rule_has_one_while_they_last() {
        let all = ["a1", "a2", "a3", "a4", "b1", "c1", "c2"];
        let rule = |text: &&str| usize::from(text.as_bytes()[0] - b'a');
        let chosen = |most| fair(&all, rule, most).into_iter().copied().collect::<Vec<_>>();
        assert_eq!(chosen(2), ["a1", "b1"]);
        assert_eq!(chosen(3), ["a1", "b1", "c1"]);
        assert_eq!(chosen(5), ["a1", "a2", "b1", "c1", "c2"]);
        assert_eq!(chosen(6), ["a1", "a2", "a3", "b1", "c1", "c2"]);
        assert_eq!(chosen(40), all);
    }

    /// Readers look a path up as it is, and then take each one for a regular expression, without escaping it. A sign
    /// that means something there would make them fail on other objects too; braces would be a parameter, and slashes
    /// in a row or at the end are dropped. The canonical spelling has none of them.
    #[test]
    fn a_path_is_a_regular_expression_of_itself() {
        let key = Key::parse("a (1)/[x]{y}*+?|^$%#;,'\"<>é.json").unwrap();
        let path = key.to_uri_path();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/%-._~".contains(c);
        assert!(path.chars().all(plain), "{path}");
        for wrong in ["a//b", "a/", "/a"] {
            assert!(Key::parse(wrong).is_err(), "{wrong}");
        }
    }
}
