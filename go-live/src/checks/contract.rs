//! Whether the payee is a contract, which may not be able to send on what it gets.

use crate::line::Line;

const WHAT: &str = "contract";

/// What the code of an account begins with that has a key and has handed its calls to a contract, 20 bytes of whose
/// address follow: <https://eips.ethereum.org/EIPS/eip-7702>.
const DELEGATED: &str = "0xef0100";

/// Judges what a node says to `eth_getCode`.
pub(crate) fn judge(payee: &str, network: &str, said: &Result<String, String>) -> Line {
    match said {
        Ok(code) if code == "0x" => {
            Line::right(WHAT, format!("{payee} is no contract on {network}"))
        }
        Ok(code) if is_delegated(code) => {
            Line::right(WHAT, format!("{payee} has a key of its own, and is delegated to a contract on {network}"))
        }
        Ok(code) if code.starts_with("0x") => Line::wrong(
            WHAT,
            format!("{payee} is a contract on {network}: one that cannot send tokens keeps them for ever"),
            "pay an account with a key; a wallet that is a contract, such as a Safe, is accepted by its address once you \
             have sent a token from it there",
        )
        .unless(payee),
        Ok(other) => not_known(payee, network, other),
        Err(why) => not_known(payee, network, why),
    }
}

/// Judges that there is nobody to ask.
pub(crate) fn no_node(payee: &str, network: &str) -> Line {
    Line::not_checked(
        WHAT,
        format!("whether {payee} is a contract on {network} is not known: no node is at hand"),
        format!(
            "--rpc {network}=URL names a node that is asked; one in the secrets is found by --secrets FILE"
        ),
    )
}

fn not_known(payee: &str, network: &str, why: &str) -> Line {
    Line::not_checked(
        WHAT,
        format!("whether {payee} is a contract on {network} is not known: {why}"),
        format!("--rpc {network}=URL names another node"),
    )
}

fn is_delegated(code: &str) -> bool {
    code.len() == DELEGATED.len() + 40 && code.starts_with(DELEGATED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Verdict;

    #[test]
    fn what_code_says() {
        let of = |said: Result<&str, &str>| {
            let said = said.map(str::to_owned).map_err(str::to_owned);
            judge("0x1", "eip155:8453", &said)
        };
        let delegated = format!("0xef0100{}", "a".repeat(40));
        assert_eq!(of(Ok("0x")).verdict, Verdict::Right);
        assert_eq!(of(Ok(&delegated)).verdict, Verdict::Right);
        assert_eq!(of(Ok(&format!("{delegated}00"))).verdict, Verdict::Wrong);
        let contract = of(Ok("0x6080"));
        assert_eq!((contract.verdict, contract.word.as_deref()), (Verdict::Wrong, Some("0x1")));
        for unknown in [Ok("null"), Err("no such method")] {
            assert_eq!(of(unknown).verdict, Verdict::NotChecked);
        }
    }
}
