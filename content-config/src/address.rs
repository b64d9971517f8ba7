//! EVM addresses, with their checksum.

use price_table::Address;
use sha3::{Digest as _, Keccak256};

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// Not `0x` and 40 hexadecimal digits.
    Shape,
    /// The checksum is wrong or missing; this is the right spelling.
    Checksum(String),
    /// The zero address.
    Zero,
}

/// Reads an address whose EIP-55 checksum is right. An address in lower case has no checksum, and
/// so nothing that tells a typing error; it is refused.
///
/// # Errors
///
/// It is not one to pay to.
pub fn parse(text: &str) -> Result<Address, BadAddress> {
    let bytes = text.strip_prefix("0x").and_then(from_hex).ok_or(BadAddress::Shape)?;
    if bytes == [0; 20] {
        return Err(BadAddress::Zero);
    }
    let eip55 = eip55(&bytes);
    if eip55 != text {
        return Err(BadAddress::Checksum(eip55));
    }
    Ok(Address { bytes, eip55: eip55.into() })
}

/// The spelling of <https://eips.ethereum.org/EIPS/eip-55>: a letter is upper case where the
/// digit at its place in the Keccak-256 of the lower-case spelling is 8 or more.
fn eip55(bytes: &[u8; 20]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = Keccak256::digest(digits.as_bytes());
    let spelled = digits.char_indices().map(|(at, digit)| {
        let nibble = hash[at / 2] >> (4 * (1 - at % 2)) & 15;
        if nibble >= 8 { digit.to_ascii_uppercase() } else { digit }
    });
    "0x".chars().chain(spelled).collect()
}

fn from_hex(digits: &str) -> Option<[u8; 20]> {
    if digits.len() != 40 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 20];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

/// The accounts of the public test mnemonic that Anvil and Hardhat start with: everybody has their
/// keys. <https://getfoundry.sh/anvil/overview/>
pub const TEST_ACCOUNTS: [&str; 10] = [
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
    "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
    "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
    "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
    "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_eip_55() {
        for address in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(parse(address).unwrap().eip55, address);
        }
    }

    #[test]
    fn refusals() {
        let right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for wrong in [right.to_lowercase(), right.replace("0x5a", "0x5A").replace("Aeb", "aeb")] {
            assert_eq!(parse(&wrong), Err(BadAddress::Checksum(right.into())), "{wrong}");
        }
        for shape in
            ["", "0x", &right[2..], &right[..41], "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"]
        {
            assert_eq!(parse(shape), Err(BadAddress::Shape), "{shape}");
        }
        assert_eq!(parse(&format!("0x{}", "0".repeat(40))), Err(BadAddress::Zero));
    }

    #[test]
    fn the_test_accounts_are_spelled_right() {
        for address in TEST_ACCOUNTS {
            parse(address).unwrap();
        }
    }
}
