//! Texts of other people's, in spreadsheets.

use std::borrow::Cow;

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
}
