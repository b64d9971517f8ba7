//! Aligned columns.

use std::io::{self, Write};

/// On which side a column is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Writes rows under a heading, two spaces between the columns.
pub(super) fn write<const N: usize>(
    heading: [(&str, Align); N],
    rows: &[[String; N]],
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].0.len()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut line = |cells: [&str; N]| {
        let padded = (0..N).map(|column| {
            let (cell, width) = (cells[column], widths[column]);
            match heading[column].1 {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            }
        });
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    line(heading.map(|(title, _)| title))?;
    rows.iter().try_for_each(|row| line(std::array::from_fn(|column| row[column].as_str())))
}

/// `512 B`, `4.1 kB`: powers of 1,000, as S3's bill counts.
pub(super) fn bytes(count: u64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    // 999,950 would round to 1000.0 kB.
    match units.into_iter().find(|(size, _)| count as f64 >= size * 0.999_95) {
        Some((size, unit)) => format!("{:.1} {unit}", count as f64 / size),
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (5 << 40, "5.5 TB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn aligned() {
        let mut out = Vec::new();
        let rows = [["é".to_owned(), "1".to_owned()], ["ab".to_owned(), "22".to_owned()]];
        write([("K", Align::Left), ("NUM", Align::Right)], &rows, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "K   NUM\né     1\nab   22\n");
    }
}
