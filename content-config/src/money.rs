//! Prices: decimal text in, atomic units out, exactly or not at all.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;

/// A price as it is written, without the zeros that mean nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    whole: String,
    fraction: String,
}

/// A price in a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// How much.
    pub price: Price,
    /// Of what, as its tokens say: `USD` if nothing else.
    pub currency: String,
}

/// A price that is asked later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextQuote {
    /// How much.
    pub quote: Quote,
    /// From when.
    pub from: Timestamp,
}

/// Why a price has no atomic units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inexact {
    /// So many decimals are needed.
    TooPrecise(usize),
    /// The amount is over `u128`.
    TooBig,
}

impl Price {
    /// Reads `0.01`, `3` or `12.50`: digits, and after a point at least one more.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        Some(Price {
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    /// The price in units of 10^-`decimals`.
    pub(crate) fn atomic(&self, decimals: u8) -> Result<u128, Inexact> {
        let decimals = usize::from(decimals);
        if self.fraction.len() > decimals {
            return Err(Inexact::TooPrecise(self.fraction.len()));
        }
        let digits = format!("{}{:0<decimals$}", self.whole, self.fraction);
        let digits = if digits.is_empty() { "0" } else { &digits };
        digits.parse().map_err(|_| Inexact::TooBig)
    }
}

impl Ord for Price {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |price: &Price| (price.whole.len(), price.whole.clone(), price.fraction.clone());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Price {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Price {
    /// With two decimals or as many as it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        write!(f, "{whole}.{:0<2}", self.fraction)
    }
}

impl fmt::Display for Quote {
    /// `$0.01` for dollars, `0.01 EUR` for other currencies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.currency.as_str() {
            "USD" => write!(f, "${}", self.price),
            currency => write!(f, "{} {currency}", self.price),
        }
    }
}

/// Atomic units as a decimal number, without zeros at the end.
///
/// ```
/// assert_eq!(content_config::decimal(10_000, 6), "0.01");
/// ```
pub fn decimal(amount: u128, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact() {
        for (text, decimals, atomic) in [
            ("0.01", 6, 10_000),
            ("1", 6, 1_000_000),
            ("1.50", 6, 1_500_000),
            ("0.000001", 6, 1),
            ("0.0000010", 6, 1),
            ("007", 0, 7),
            ("0", 0, 0),
            ("0.00", 18, 0),
            ("340282366920938463463.374607431768211455", 18, u128::MAX),
        ] {
            assert_eq!(Price::parse(text).unwrap().atomic(decimals), Ok(atomic), "{text}");
        }
    }

    #[test]
    fn inexact() {
        let atomic = |text, decimals| Price::parse(text).unwrap().atomic(decimals);
        assert_eq!(atomic("0.0000001", 6), Err(Inexact::TooPrecise(7)));
        assert_eq!(atomic("0.5", 0), Err(Inexact::TooPrecise(1)));
        assert_eq!(atomic("340282366920938463463.374607431768211456", 18), Err(Inexact::TooBig));
        assert_eq!(atomic("1", 77), Err(Inexact::TooBig));
    }

    #[test]
    fn not_a_price() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "$1", "1,5", " 1", "1_000", "١"] {
            assert_eq!(Price::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn displayed() {
        for (text, shown) in
            [("0.01", "$0.01"), ("0.000001", "$0.000001"), ("01.5", "$1.50"), ("7", "$7.00")]
        {
            let price = Price::parse(text).unwrap();
            assert_eq!(Quote { price, currency: "USD".into() }.to_string(), shown);
        }
        let price = Price::parse("0.01").unwrap();
        assert_eq!(Quote { price, currency: "EUR".into() }.to_string(), "0.01 EUR");
    }

    proptest::proptest! {
        #[test]
        fn the_order_is_that_of_the_amounts(one: u64, other: u64) {
            let price = |amount: u64| {
                Price::parse(&format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000)).unwrap()
            };
            let (a, b) = (price(one), price(other));
            proptest::prop_assert_eq!(a.atomic(6), Ok(u128::from(one)));
            proptest::prop_assert_eq!(a.cmp(&b), one.cmp(&other));
            proptest::prop_assert_eq!(Price::parse(&a.to_string()), Some(a));
        }
    }

    #[test]
    fn decimals() {
        for (amount, decimals, text) in [
            (1_000, 6, "0.001"),
            (1_000_000, 6, "1"),
            (10_500_000, 6, "10.5"),
            (100, 0, "100"),
            (1, 18, "0.000000000000000001"),
        ] {
            assert_eq!(decimal(amount, decimals), text);
        }
    }
}
