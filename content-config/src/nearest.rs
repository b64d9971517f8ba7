//! What was probably meant.

/// The candidate that is nearest to a text, if it is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = text.chars().count() / 3 + 1;
    let begun = |candidate: &str| text.len() >= 4 && candidate.starts_with(text);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = if begun(candidate) { 1 } else { strsim::osa_distance(text, candidate) };
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `` did you mean `x`? `` if something is near, and otherwise the whole choice.
pub(crate) fn suggest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match nearest(text, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there is {}", list(candidates)),
    }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// The first few of many: `` `a`, `b`, `c` and 7 more ``.
pub(crate) fn few<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 3;
    let count = words.len();
    if count <= SHOWN + 1 {
        return list(words);
    }
    let shown: Vec<_> = words.take(SHOWN).map(|word| format!("`{word}`")).collect();
    format!("{} and {} more", shown.join(", "), count - SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        assert_eq!(nearest("descripton", ["title", "description"]), Some("description"));
        assert_eq!(
            nearest("default_root", ["urls", "default_root_object"]),
            Some("default_root_object")
        );
        assert_eq!(nearest("color", ["title", "description"]), None);
        assert_eq!(
            suggest("x", ["alpha", "beta", "gamma"]),
            "there is `alpha`, `beta` and `gamma`"
        );
        assert_eq!(few(["a", "b", "c", "d", "e"].into_iter()), "`a`, `b`, `c` and 2 more");
        assert_eq!(few(["a"].into_iter()), "`a`");
    }
}
