//! Small plots in text.

/// Blocks of an eighth, two eighths and so on: <https://www.unicode.org/charts/PDF/U2580.pdf>.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// A bar of at most so many characters, that many for the most. What is not nothing is seen.
pub(crate) fn bar(value: f64, most: f64, width: usize) -> String {
    if value <= 0.0 || most <= 0.0 {
        return String::new();
    }
    let eighths = (value / most * (width * 8) as f64).round().clamp(1.0, (width * 8) as f64);
    let eighths = eighths as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend((!eighths.is_multiple_of(8)).then(|| EIGHTHS[eighths % 8 - 1]));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        let bars = [0.0, 0.001, 0.5, 1.0, 4.0, 8.0].map(|value| bar(value, 8.0, 4));
        assert_eq!(bars, ["", "▏", "▎", "▌", "██", "████"]);
        assert_eq!(bar(0.0, 0.0, 4), "");
        assert_eq!(bar(9.0, 8.0, 4), "████");
    }
}
