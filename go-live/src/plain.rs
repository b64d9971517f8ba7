//! Text from elsewhere, safe to print.

/// The most characters that are shown of it.
const MOST: usize = 2_000;

/// Without what steers a terminal, and not endless.
pub(crate) fn plain(text: &str) -> String {
    next_step::plain(text).chars().take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_endless() {
        assert_eq!(plain(&"ß".repeat(MOST + 1)).chars().count(), MOST);
    }
}
