//! Who is paid, by the address alone.

use content_config::{BadAddress, TEST_ACCOUNTS, parse_address, token_contract};

use crate::line::Line;

const WHAT: &str = "payee";

/// Addresses that money does not come back from, each with what it is.
#[rustfmt::skip]
const LOST: &[(&str, &str)] = &[
    // Where tokens are sent to be burnt: <https://etherscan.io/address/0x000000000000000000000000000000000000dEaD>.
    ("0x000000000000000000000000000000000000dEaD", "the burn address"),
    // <https://github.com/Uniswap/permit2#addresses>
    ("0x000000000022D473030F116dDEE9F6B43aC78BA3", "the contract Permit2"),
    // <https://www.multicall3.com/deployments>
    ("0xcA11bde05977b3631167028862bE2a173976CA11", "the contract Multicall3"),
    // <https://github.com/eth-infinitism/account-abstraction/releases>, 0.6 and 0.7.
    ("0x5FF137D4b0FDCD49DcA30c7CF57E578a026d2789", "the ERC-4337 entry point"),
    ("0x0000000071727De22E5E9d8BAf0edAc6f37da032", "the ERC-4337 entry point"),
    // <https://github.com/Arachnid/deterministic-deployment-proxy>
    ("0x4e59b44847b379578588920cA78FbF26c0B4956C", "the CREATE2 deployer"),
    // <https://docs.optimism.io/op-stack/protocol/smart-contracts#weth9>, on Base and other chains of the OP stack.
    ("0x4200000000000000000000000000000000000006", "the contract of wrapped ether"),
];

/// Wallets from which exchanges pay out: what is sent there is credited to nobody, since each customer has a deposit
/// address of their own. As the explorers label them.
#[rustfmt::skip]
const EXCHANGES: &[(&str, &str)] = &[
    // <https://etherscan.io/address/0x28C6c06298d514Db089934071355E5743bf21d60>
    ("0x28C6c06298d514Db089934071355E5743bf21d60", "Binance"),
    // <https://basescan.org/address/0x3304E22DDaa22bCdC5fCa2269b418046aE7b566A>
    ("0x3304E22DDaa22bCdC5fCa2269b418046aE7b566A", "Binance"),
    // <https://etherscan.io/address/0xA9D1e08C7793af67e9d92fe308d5697FB81d3E43>
    ("0xA9D1e08C7793af67e9d92fe308d5697FB81d3E43", "Coinbase"),
];

/// The highest address of a precompiled contract, as <https://www.evm.codes/precompiled> lists them, 0x100 included:
/// nobody has a key of those below.
const LAST_PRECOMPILE: u32 = 0x100;

/// Judges an address as `content.toml` has it.
pub(crate) fn judge(text: &str) -> Line {
    let mend =
        "--pay-to with the address of your own wallet, in the spelling that the wallet shows";
    let address = match parse_address(text) {
        Ok(address) => address,
        Err(BadAddress::Zero) => {
            return Line::wrong(WHAT, "the zero address would be paid: nobody has its key", mend);
        }
        Err(BadAddress::Checksum(right)) => {
            let why = format!("the checksum of {text} is wrong: a digit may be");
            return Line::wrong(
                WHAT,
                why,
                format!("compare it with your wallet; as it is: {right}"),
            );
        }
        Err(BadAddress::Shape) => {
            return Line::wrong(WHAT, format!("{text:?} is no address: 0x and 40 digits"), mend);
        }
    };
    if TEST_ACCOUNTS.contains(&text) {
        let why = format!("{text} is a public test account: everybody has its key");
        return Line::wrong(WHAT, why, mend);
    }
    if let Some(id) = token_contract(text) {
        let why = format!("{text} is the contract of {id}: money sent there is lost");
        return Line::wrong(WHAT, why, mend);
    }
    let (high, low) = address.bytes.split_at(16);
    let number = u32::from_be_bytes(low.try_into().expect("4 of 20 bytes"));
    if high.iter().all(|byte| *byte == 0) && number <= LAST_PRECOMPILE {
        let why = format!("{text} is a precompiled contract: money sent there is lost");
        return Line::wrong(WHAT, why, mend);
    }
    if let Some((_, is)) = LOST.iter().find(|(lost, _)| *lost == text) {
        return Line::wrong(WHAT, format!("{text} is {is}: money sent there is lost"), mend);
    }
    if let Some((_, of)) = EXCHANGES.iter().find(|(wallet, _)| *wallet == text) {
        let why =
            format!("{text} is a wallet of {of} itself, which credits nobody for what comes in");
        return Line::wrong(WHAT, why, format!("--pay-to with your own deposit address; {mend}"));
    }
    Line::right(WHAT, format!("{text} has its checksum, and is nobody else's that is known"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Verdict;

    #[test]
    fn addresses_are_spelled_right() {
        for (address, _) in LOST.iter().chain(EXCHANGES) {
            parse_address(address).unwrap_or_else(|bad| panic!("{address}: {bad:?}"));
        }
    }

    #[test]
    fn each_reason() {
        for (address, why) in [
            ("0x1234", "no address"),
            ("0x209693bc6afc0c5328ba36faf03c514ef312287c", "checksum"),
            ("0x0000000000000000000000000000000000000000", "zero address"),
            ("0x0000000000000000000000000000000000000009", "precompiled"),
            ("0x0000000000000000000000000000000000000100", "precompiled"),
            ("0x000000000000000000000000000000000000dEaD", "burn"),
            ("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "contract of base/usdc"),
            ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "public test account"),
            ("0x28C6c06298d514Db089934071355E5743bf21d60", "wallet of Binance"),
        ] {
            let line = judge(address);
            assert_eq!(line.verdict, Verdict::Wrong, "{line}");
            assert!(line.why.contains(why), "{line}");
        }
        for right in [
            "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "0x0000000000000000000000000000000000000101",
        ] {
            assert_eq!(judge(right).verdict, Verdict::Right);
        }
    }
}
