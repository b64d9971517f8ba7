//! Names where there is little room.

use next_step::plain;

/// The same in so many characters: its end says more than its begin.
pub(crate) fn short(text: &str, width: usize) -> String {
    let text = plain(text);
    match text.chars().count() {
        count if count > width => {
            std::iter::once('…').chain(text.chars().skip(count - width + 1)).collect()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_stays() {
        assert_eq!(short("reports/2026.pdf", 8), "…026.pdf");
        assert_eq!(short("réports", 7), "réports");
        assert_eq!(short("a\u{1b}b", 3), "a\u{fffd}b");
    }
}
