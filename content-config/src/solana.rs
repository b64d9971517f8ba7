//! Solana accounts: public keys and mints alike.

/// The bytes of an account's address. <https://solana.com/docs/core/accounts>
const ACCOUNT_BYTES: usize = 32;

/// The System Program, all zeros. Money sent there is lost.
/// <https://solana.com/docs/core/programs#system-program>
pub(crate) const SYSTEM_PROGRAM: &str = "11111111111111111111111111111111";

/// Whether a text is an account: 32 bytes in base58. There is no checksum, so this catches what is
/// no account at all, and few typing errors.
pub fn is_account(text: &str) -> bool {
    bs58::decode(text).onto(&mut [0; ACCOUNT_BYTES]) == Ok(ACCOUNT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_others() {
        let usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
        for account in [usdc, SYSTEM_PROGRAM] {
            assert!(is_account(account), "{account}");
        }
        for other in [
            "",
            &usdc[2..],
            &format!("{usdc}1"),
            &format!("1{SYSTEM_PROGRAM}"),
            // No base58: 0, O, I and l are left out of it.
            &usdc.replace('E', "0"),
            &usdc.replace('E', "l"),
            &format!(" {usdc}"),
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        ] {
            assert!(!is_account(other), "{other:?}");
        }
    }
}
