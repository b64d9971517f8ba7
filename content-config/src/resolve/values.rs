//! What several tables check of their values.

use std::ops::Range;

use price_table::Address;

use crate::address::{self, BadAddress};
use crate::code::Code;
use crate::report::Problem;
use crate::schema::At;
use crate::solana;
use crate::web_url::BadUrl;

/// Reports values that a list has twice; `same` gives what makes them equal.
pub(super) fn duplicates<T, K: PartialEq>(
    what: &str,
    list: &[(At<T>, K)],
    problems: &mut Vec<Problem>,
) {
    for (at, (later, key)) in list.iter().enumerate() {
        if let Some((earlier, _)) = list[..at].iter().find(|(_, other)| other == key) {
            problems.push(
                Problem::new(Code::Duplicate, format!("{what} is listed twice"))
                    .at(later.span(), "again here")
                    .at(earlier.span(), "first here")
                    .help("remove one of them"),
            );
        }
    }
}

/// Reports a list that must not be empty.
pub(super) fn empty(key: &str, span: Range<usize>, example: &str) -> Problem {
    Problem::new(Code::MissingKey, format!("`{key}` is empty"))
        .at(span, "this list is empty")
        .help(format!("write at least one, such as `{key} = [{example}]`"))
}

pub(super) fn bad_url(what: &str, url: &At<String>, bad: BadUrl) -> Problem {
    let text = url.get_ref();
    let (code, label, help) = match bad {
        BadUrl::Shape => (
            Code::BadUrl,
            "not an absolute URL in ASCII, without query and fragment",
            "write it as `https://example.com`; a host with other letters in Punycode".to_owned(),
        ),
        BadUrl::Insecure => (
            Code::InsecureUrl,
            "plain http to another machine",
            format!(
                "write `https://{}`; plain http is for 127.0.0.1, [::1] and localhost only",
                text.trim_start_matches("http://")
            ),
        ),
        BadUrl::Path => (
            Code::BadUrl,
            "there is a path after the host",
            "write scheme, host and port only; paths come from the objects' keys".to_owned(),
        ),
        BadUrl::UserInfo => (
            Code::BadUrl,
            "there is a user name before the host",
            "remove what stands before the `@`; this file is no place for secrets".to_owned(),
        ),
    };
    Problem::new(code, format!("{what} cannot be {text:?}")).at(url.span(), label).help(help)
}

/// Reads an address or reports what is wrong with it.
pub(super) fn read_address(
    whose: &str,
    text: &At<String>,
    problems: &mut Vec<Problem>,
) -> Option<Address> {
    let (label, help) = match address::parse(text.get_ref()) {
        Ok(address) => return Some(address),
        Err(BadAddress::Shape) if solana::is_account(text.get_ref()) => (
            "this is an account on Solana",
            "write it in the `[[token]]` on Solana, and here an address on EVM networks".to_owned(),
        ),
        Err(BadAddress::Shape) => (
            "not `0x` and 40 hexadecimal digits",
            "copy the whole address from the wallet or the explorer".to_owned(),
        ),
        Err(BadAddress::Checksum(right)) => (
            "upper and lower case are the EIP-55 checksum, and it is wrong",
            format!("compare every digit with the source; if they are right, write {right:?}"),
        ),
        Err(BadAddress::Zero) => {
            ("this is the zero address", "money sent there is lost; write another".to_owned())
        }
    };
    problems.push(
        Problem::new(Code::BadAddress, format!("the address of {whose} is not right"))
            .at(text.span(), label)
            .help(help),
    );
    None
}
