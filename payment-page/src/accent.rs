//! The seller's colour.

use std::fmt;
use std::str::FromStr;

/// A colour with which buttons are filled, `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

impl FromStr for Accent {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix('#').filter(|it| it.len() == 6).ok_or(())?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(());
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| ());
        Ok(Accent([part(0)?, part(2)?, part(4)?]))
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Accent {
    /// What the line in the style begins with that it takes the place of.
    pub(crate) const LINE: &'static str = ":root{--accent:";

    pub(crate) fn rule(self) -> String {
        format!("{}{self};--on-accent:{}}}", Self::LINE, self.text())
    }

    /// What is read on it: the one of black and white that stands out more, which is at least 4.5 to 1 on every colour.
    /// <https://www.w3.org/TR/WCAG22/#contrast-minimum>
    fn text(self) -> &'static str {
        let light = self.luminance();
        match 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 {
            true => "#fff",
            false => "#000",
        }
    }

    /// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
    fn luminance(self) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            dark if dark <= 0.04045 => dark / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours() {
        for wrong in ["", "#fff", "red", "0a58ca", "#0a58cg", "#0a58ca0", "#+a58ca", "#é58ca"] {
            assert!(wrong.parse::<Accent>().is_err(), "{wrong}");
        }
        for (accent, text) in
            [("#0A58CA", "#fff"), ("#ffff00", "#000"), ("#ffffff", "#000"), ("#000000", "#fff")]
        {
            let accent: Accent = accent.parse().unwrap();
            assert_eq!(accent.text(), text, "{accent}");
            assert_eq!(accent.to_string().parse(), Ok(accent));
        }
    }

    #[test]
    fn what_is_read_on_a_colour_stands_out() {
        for part in 0..=255 {
            let light = Accent([part; 3]).luminance() + 0.05;
            assert!((1.05 / light).max(light / 0.05) >= 4.5, "{part}");
        }
    }
}
