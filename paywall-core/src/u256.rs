//! `uint256` as EIP-3009 signs it: 32 bytes, big-endian.

use std::fmt;

/// A `uint256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct U256(pub [u8; 32]);

impl U256 {
    /// Reads a decimal number; `None` for anything else, or 2^256 and more.
    pub fn from_decimal(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let mut bytes = [0_u8; 32];
        for digit in text.bytes() {
            let mut carry = u16::from(digit.checked_sub(b'0').filter(|d| *d < 10)?);
            for byte in bytes.iter_mut().rev() {
                let value = u16::from(*byte) * 10 + carry;
                [_, *byte] = value.to_be_bytes();
                carry = value >> 8;
            }
            if carry != 0 {
                return None;
            }
        }
        Some(U256(bytes))
    }

    /// As seconds since the epoch; anything past `u64` is as good as never.
    pub fn saturating_secs(&self) -> u64 {
        let (high, low) = self.0.split_at(24);
        if high.iter().any(|byte| *byte != 0) {
            return u64::MAX;
        }
        u64::from_be_bytes(low.try_into().expect("32 - 24 bytes"))
    }

    /// The number, if it is under 2^128.
    pub fn to_u128(self) -> Option<u128> {
        let (high, low) = self.0.split_at(16);
        let low = low.try_into().expect("32 - 16 bytes");
        high.iter().all(|byte| *byte == 0).then(|| u128::from_be_bytes(low))
    }
}

impl fmt::Display for U256 {
    /// Decimal, as the x402 wire writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut digits = Vec::with_capacity(78);
        while digits.is_empty() || rest.iter().any(|byte| *byte != 0) {
            let mut remainder = 0_u16;
            for byte in &mut rest {
                let value = remainder << 8 | u16::from(*byte);
                *byte = (value / 10) as u8;
                remainder = value % 10;
            }
            digits.push(b'0' + remainder as u8);
        }
        digits.reverse();
        f.write_str(std::str::from_utf8(&digits).expect("digits are ASCII"))
    }
}

impl From<u128> for U256 {
    fn from(value: u128) -> Self {
        let mut bytes = [0; 32];
        bytes[16..].copy_from_slice(&value.to_be_bytes());
        U256(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges() {
        let max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(U256::from_decimal(max), Some(U256([0xff; 32])));
        assert_eq!(U256::from_decimal(&max.replace("9935", "9936")), None);
        assert_eq!(U256::from_decimal(&format!("{max}0")), None);
        assert_eq!(U256([0xff; 32]).to_string(), max);
        assert_eq!(U256::from_decimal("0"), Some(U256([0; 32])));
        for bad in ["", "-1", "+1", "0x10", "1.0", "1 ", "１"] {
            assert_eq!(U256::from_decimal(bad), None, "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_u128(value: u128) {
            assert_eq!(U256::from(value).to_u128(), Some(value));
            proptest::prop_assert_eq!(
                U256::from_decimal(&value.to_string()),
                Some(U256::from(value))
            );
            proptest::prop_assert_eq!(U256::from(value).to_string(), value.to_string());
        }

        #[test]
        fn seconds(value: u64) {
            proptest::prop_assert_eq!(U256::from(u128::from(value)).saturating_secs(), value);
            let huge = U256::from(u128::from(value) + (1 << 64));
            proptest::prop_assert_eq!(huge.saturating_secs(), u64::MAX);
        }
    }
}
