//! Texts of other people's, where they are shown.

use std::borrow::Cow;

/// Terminals obey control characters, and some of the texts are other people's.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    match text.contains(char::is_control) {
        true => text.escape_debug().to_string().into(),
        false => text.into(),
    }
}

/// Spreadsheets run cells that begin so as formulas; a quote in front makes them texts.
/// <https://owasp.org/www-community/attacks/CSV_Injection>
pub(crate) fn inert(text: String) -> Cow<'static, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(inert(text.to_owned()), format!("'{text}"));
        }
        for text in ["", "0x00", "a=1", "reports/a.json", "'"] {
            assert_eq!(inert(text.to_owned()), text);
        }
    }

    #[test]
    fn terminals_are_told_nothing() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(plain("réports/a.json"), "réports/a.json");
    }
}
