//! Rules as their documentation says it, slow and obvious.

/// Whether a pattern matches a key.
pub(crate) fn matches(pattern: &str, key: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let key: Vec<&str> = key.split('/').collect();
    segments(&pattern, &key)
}

fn segments(pattern: &[&str], key: &[&str]) -> bool {
    match pattern {
        [] => key.is_empty(),
        ["**"] => !key.is_empty(),
        ["**", rest @ ..] => (0..=key.len()).any(|skipped| segments(rest, &key[skipped..])),
        [first, rest @ ..] => {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            !key.is_empty()
                && characters(&chars(first), &chars(key[0]))
                && segments(rest, &key[1..])
        }
    }
}

fn characters(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skipped| characters(rest, &text[skipped..])),
        [first, rest @ ..] => text.first() == Some(first) && characters(rest, &text[1..]),
    }
}

/// Whether one pattern is more specific than another.
pub(crate) fn beats(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('/'), other.split('/'));
    loop {
        let (a, b) = (one.next(), other.next());
        if a.is_none() && b.is_none() {
            return false;
        }
        if rank(a) != rank(b) {
            return rank(a) > rank(b);
        }
    }
}

/// Literal, then the more literal characters, then the end, then `**`.
fn rank(segment: Option<&str>) -> usize {
    match segment {
        Some("**") => 0,
        None => 1,
        Some(segment) if segment.contains('*') => 2 + segment.replace('*', "").chars().count(),
        Some(_) => usize::MAX,
    }
}

/// The patterns that match a key and that no other matching one beats.
pub(crate) fn winners<'p>(patterns: &[&'p str], key: &str) -> Vec<&'p str> {
    let matching: Vec<_> = patterns.iter().copied().filter(|p| matches(p, key)).collect();
    let unbeaten = |pattern: &&str| !matching.iter().any(|other| beats(other, pattern));
    matching.iter().copied().filter(unbeaten).collect()
}
