//! Text from elsewhere, safe to show.

/// Without what steers a terminal or a page, or turns around what is read:
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>.
pub fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers() {
        assert_eq!(
            plain("a\u{1b}[2J\u{9b}1mb\u{202e}c\u{2066}\nß"),
            "a\u{fffd}[2J\u{fffd}1mb\u{fffd}c\u{fffd}\u{fffd}ß"
        );
        assert_eq!(plain("réports/a.json"), "réports/a.json");
    }
}
