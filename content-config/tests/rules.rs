//! For random rules and random objects, the compiled table says what the slow reference says.

mod reference;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use content_config::{Code, Compiled, Report, compile};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;

fn path(segments: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(segments), 1..5).prop_map(|segments| segments.join("/"))
}

fn patterns() -> impl Strategy<Value = BTreeSet<String>> {
    let pattern =
        path(&["a", "b", "é", "ab", "a*", "*b", "*é*", "a*b", "*", "*", "**", "**", "**"]);
    btree_set(pattern.prop_filter("`**/**` is refused", |p| !p.contains("**/**")), 1..12)
}

fn keys() -> impl Strategy<Value = BTreeSet<String>> {
    btree_set(path(&["a", "b", "é", "ab", "aab", "ba", "bé", "x*", "?"]), 1..20)
}

/// Compiles a table of these rules and objects.
fn table(patterns: &[&str], keys: &[&str]) -> Result<Compiled, Report> {
    let folder = tempfile::tempdir().unwrap();
    let mut content =
        "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"https://shop.example\"]\nmanifest = \"m.jsonl\"\n"
            .to_owned();
    for pattern in patterns {
        writeln!(content, "[[rule]]\npath = {pattern:?}\nfree = true").unwrap();
    }
    let lines: String = keys
        .iter()
        .map(|key| format!("{{\"key\":\"{key}\",\"size\":1,\"etag\":\"1\"}}\n"))
        .collect();
    fs::write(folder.path().join("content.toml"), content).unwrap();
    fs::write(folder.path().join("m.jsonl"), lines).unwrap();
    compile(&folder.path().join("content.toml"))
}

/// What must be reported of these rules and objects.
fn expected(patterns: &[&str], keys: &[&str]) -> BTreeSet<&'static str> {
    let mut codes = BTreeSet::new();
    let mut busy = BTreeSet::new();
    for key in keys {
        let winners = reference::winners(patterns, key);
        match winners.len() {
            0 => codes.insert(Code::ObjectWithoutRule.name()),
            1 => false,
            _ => codes.insert(Code::RulesTie.name()),
        };
        busy.extend(winners);
    }
    for pattern in patterns.iter().filter(|pattern| !busy.contains(*pattern)) {
        let shadowed = keys.iter().any(|key| reference::matches(pattern, key));
        codes.insert(if shadowed { Code::RuleShadowed } else { Code::RuleMatchesNothing }.name());
    }
    codes
}

/// Drops objects without one winner and rules without objects, until none are left of either.
fn repaired<'t>(
    mut patterns: Vec<&'t str>,
    mut keys: Vec<&'t str>,
) -> (Vec<&'t str>, Vec<&'t str>) {
    loop {
        let before = (patterns.len(), keys.len());
        keys.retain(|key| reference::winners(&patterns, key).len() == 1);
        let busy: BTreeSet<_> =
            keys.iter().flat_map(|key| reference::winners(&patterns, key)).collect();
        patterns.retain(|pattern| busy.contains(pattern));
        if before == (patterns.len(), keys.len()) {
            return (patterns, keys);
        }
    }
}

fn check(patterns: &[&str], keys: &[&str]) {
    let expected = expected(patterns, keys);
    match table(patterns, keys) {
        Ok(compiled) => {
            assert!(expected.is_empty(), "{expected:?} should have been reported");
            assert_eq!(compiled.table().objects.len(), keys.len());
            for key in keys {
                let listing = compiled.listing(key).expect("every object is in the table");
                assert_eq!(vec![listing.rule.pattern.as_ref()], reference::winners(patterns, key));
            }
        }
        Err(report) => {
            let found: BTreeSet<_> = report.problems().iter().map(|p| p.code.name()).collect();
            assert_eq!(found, expected, "{patterns:?} {keys:?}\n{report}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_compiled_table_agrees_with_the_reference(patterns in patterns(), keys in keys()) {
        let patterns: Vec<_> = patterns.iter().map(String::as_str).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        check(&patterns, &keys);
        let (patterns, keys) = repaired(patterns, keys);
        if !patterns.is_empty() {
            // Nothing is left to report, so there must be a table.
            prop_assert!(expected(&patterns, &keys).is_empty());
            check(&patterns, &keys);
            // In whatever order the rules stand.
            let reversed: Vec<_> = patterns.iter().rev().copied().collect();
            check(&reversed, &keys);
        }
    }

    #[test]
    fn patterns_match_as_the_reference_does(patterns in patterns(), keys in keys()) {
        for pattern in &patterns {
            let compiled = content_config::Pattern::parse(pattern).unwrap();
            for key in &keys {
                prop_assert_eq!(compiled.matches(key), reference::matches(pattern, key));
            }
            for other in &patterns {
                let other_compiled = content_config::Pattern::parse(other).unwrap();
                let beats = compiled.compare(&other_compiled).is_gt();
                prop_assert_eq!(beats, reference::beats(pattern, other), "{} {}", pattern, other);
            }
        }
    }
}
