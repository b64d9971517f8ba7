//! Hexadecimal with the `0x` that EVM values wear.

/// Reads `0x` and an even number of digits.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.strip_prefix("0x")?.as_bytes().as_chunks() else { return None };
    let mut bytes = vec![0; pairs.len()];
    read(pairs, &mut bytes)?;
    Some(bytes)
}

/// Reads `0x` and exactly `N` bytes.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    digits(text.strip_prefix("0x")?)
}

/// Reads exactly `N` bytes, without `0x`.
pub fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, []) = text.as_bytes().as_chunks() else { return None };
    let mut bytes = [0; N];
    (pairs.len() == N).then(|| read(pairs, &mut bytes))??;
    Some(bytes)
}

fn read(pairs: &[[u8; 2]], bytes: &mut [u8]) -> Option<()> {
    for ([high, low], byte) in pairs.iter().zip(bytes) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(())
}

/// Writes `0x` and lower-case digits.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![b'0'; 2 + bytes.len() * 2];
    text[1] = b'x';
    for (pair, byte) in text[2..].as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    }
    String::from_utf8(text).expect("digits are ASCII")
}

/// Arrays of bytes in records, for `#[serde(with)]`.
pub mod array {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes [`super::encode`]'s text.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        super::encode(bytes).serialize(serializer)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(deserializer)?;
        super::decode_array(&text).ok_or_else(|| D::Error::custom("not 0x and digits"))
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        assert_eq!(encode(&[0x00, 0xaf]), "0x00af");
        assert_eq!(decode("0x00aF"), Some(vec![0x00, 0xaf]));
        assert_eq!(decode("0x"), Some(vec![]));
        for bad in ["", "00af", "0x0", "0xzz", "0X00", "0x+1", "0xé"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
        assert_eq!(decode_array::<2>("0x00af"), Some([0x00, 0xaf]));
        assert_eq!(decode_array::<3>("0x00af"), None);
    }
}
