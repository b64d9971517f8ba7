//! Which class an answer is in that is no success: codes first, then the status.

use price_table::{Dialect, Text};

use super::answer::Answer;
use super::class::{Class, Table};
use super::{cdp, reference, revert, shapes, x402_rs};
use crate::facilitator::Endpoint;

/// What was found, and the code or text that it was found by; empty if there is none.
pub(super) struct Judged {
    /// The class. Never guarded, and never opaque.
    pub(super) class: Class,
    /// What the facilitator said, or the code that stands for it.
    pub(super) code: String,
}

impl Judged {
    fn new(class: Class, code: &str) -> Self {
        Judged { class, code: code.to_owned() }
    }

    /// Whether the answer speaks for itself, so that its status does not count.
    pub(super) fn is_listed(&self) -> bool {
        self.class != Class::Unlisted
    }
}

/// The table of a dialect.
pub(super) fn table(dialect: Dialect) -> &'static Table {
    match dialect {
        Dialect::Reference => &reference::TABLE,
        Dialect::Cdp => &cdp::TABLE,
        Dialect::X402Rs => &x402_rs::TABLE,
    }
}

/// What one code or text is worth in a dialect, without what stands beside it.
pub(super) fn class(dialect: Dialect, text: &str) -> Option<Class> {
    shapes::PAYER.class(text).or_else(|| table(dialect).class(text))
}

/// Judges an answer by what it says; [`Class::Unlisted`] leaves its status to be looked at.
///
/// The first code counts, and a later one only where the first is opaque; but one that may have been said
/// after sending counts wherever it stands.
pub(super) fn judge(
    dialect: Dialect,
    vouched: &[Text],
    endpoint: Endpoint,
    answer: &Answer<'_>,
) -> Judged {
    let mut first: Option<Judged> = None;
    for name in answer.names().chain(std::iter::once(answer.text())).filter(|name| !name.is_empty())
    {
        let said = one(dialect, vouched, endpoint, answer, name);
        let is_first = first.as_ref().is_none_or(|first| first.class == Class::Opaque);
        match said.class {
            Class::Unknown => return said,
            // Words beside an opaque code are looked at below.
            Class::Unlisted if first.is_some() => {}
            _ if is_first => first = Some(said),
            _ => {}
        }
    }
    match first {
        None => Judged::new(Class::Unlisted, ""),
        Some(judged) if judged.class == Class::Opaque => by_words(dialect, answer, &judged.code),
        Some(judged) if judged.class == Class::Unlisted && dialect == Dialect::Reference => {
            // TypeScript's v1 scheme and Python 2.0 put a message in the code's place.
            match answer.json["errorReason"].as_str().and_then(revert::of) {
                Some((code, class)) => Judged::new(class, code),
                None => judged,
            }
        }
        Some(judged) => judged,
    }
}

/// One name: as it stands, or Go's `code: message`.
fn one(
    dialect: Dialect,
    vouched: &[Text],
    endpoint: Endpoint,
    answer: &Answer<'_>,
    name: &str,
) -> Judged {
    let of = |text: &str| {
        let is_refusal_of_old = dialect == Dialect::X402Rs && answer.json["isValid"] == false;
        let old = is_refusal_of_old.then(|| x402_rs::NOT_VALID.class(text)).flatten();
        let listed = old.or_else(|| class(dialect, text));
        // A seller may vouch for what this version does not know; not against what it does know.
        listed.or_else(|| vouched.iter().any(|code| code == text).then_some(Class::Reason))
    };
    let (class, code, message) = match (of(name), name.split_once(": ")) {
        (Some(class), _) => (class, name, None),
        (None, Some((code, message))) if !code.contains(char::is_whitespace) => {
            (of(code).unwrap_or(Class::Unlisted), code, Some(message))
        }
        (None, _) => (Class::Unlisted, name, None),
    };
    // A check of `/verify` sends nothing, so its words need no guard.
    let messages = || answer.messages().chain(message);
    let is_bare = endpoint == Endpoint::Verify || messages().next().is_none();
    let is_revert = messages().all(revert::is_in);
    let class = match class {
        Class::Guarded if is_bare || is_revert => Class::Reason,
        Class::GuardedBalance if is_bare => Class::Balance,
        Class::GuardedBalance if is_revert && messages().all(revert::is_of_balance) => {
            Class::Unused
        }
        Class::GuardedBalance if is_revert => Class::Balance,
        Class::Guarded | Class::GuardedBalance => Class::Unknown,
        class => class,
    };
    Judged::new(class, code)
}

/// A code that says nothing, judged by the words beside it: x402-rs' `unexpected_error` is a revert of
/// its estimate, x402.org's a scheme that it does not have, and both are anything else.
fn by_words(dialect: Dialect, answer: &Answer<'_>, code: &str) -> Judged {
    let by_revert = || match dialect {
        Dialect::X402Rs => answer.words().find_map(revert::of),
        _ => None,
    };
    let listed = answer.words().find_map(|words| {
        class(dialect, words).filter(|class| *class != Class::Opaque).map(|class| (words, class))
    });
    match listed.or_else(by_revert) {
        Some((code, class)) => Judged::new(class, code),
        None => Judged::new(Class::Unknown, code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Words;

    /// An operator reads the codes that are known, letter by letter.
    #[test]
    fn a_known_code_comes_through_into_a_line() {
        for dialect in [Dialect::Reference, Dialect::Cdp, Dialect::X402Rs] {
            for group in table(dialect).whole.iter().chain(shapes::PAYER.whole) {
                for code in group.codes.split_terminator('\n') {
                    let code = format!("{}{code}", group.prefix);
                    assert_eq!(Words::said(&code), code.as_str());
                }
            }
        }
    }

    /// A code in two groups would be worth what the first one says.
    #[test]
    fn no_code_stands_in_two_groups() {
        for dialect in [Dialect::Reference, Dialect::Cdp, Dialect::X402Rs] {
            let table = table(dialect);
            let groups = table.whole.iter().chain(shapes::PAYER.whole);
            let mut codes: Vec<_> = groups
                .flat_map(|group| {
                    let codes = group.codes.split_terminator('\n');
                    codes.map(|code| format!("{}{code}", group.prefix))
                })
                .collect();
            let all = codes.len();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), all, "{dialect:?}");
        }
    }
}
