//! `facilitators`: who settles, and by which table each one's answers are read.

use std::collections::BTreeSet;

use price_table::{Dialect, Facilitator, Text};

use super::values::{bad_url, duplicates, empty};
use crate::code::Code;
use crate::report::Problem;
use crate::schema::{At, Content, FacilitatorText};
use crate::web_url;

/// Whose domain runs the facilitator of test networks, at its own name and at `www.`:
/// <https://docs.x402.org/core-concepts/facilitator>
const TEST_DOMAIN: &str = "x402.org";

/// Where Coinbase's Developer Platform answers:
/// <https://docs.cdp.coinbase.com/x402/core-concepts/facilitator>
const CDP_DOMAIN: &str = "api.cdp.coinbase.com";

/// An example that does not redirect: nothing that carries a payment follows a redirect.
const EXAMPLE: &str = "\"https://www.x402.org/facilitator\"";

/// The most codes that a seller can vouch for with one facilitator.
const MAX_REFUSALS: usize = 32;

/// The longest code, bytes: the longest that a facilitator is known to say has half of it.
const MAX_REFUSAL_BYTES: usize = 128;

/// Whether a facilitator settles on test networks only.
pub(super) fn is_for_tests(facilitator: &Facilitator) -> bool {
    web_url::is_within(&facilitator.url, TEST_DOMAIN)
}

pub(super) fn facilitators(
    list: &At<Vec<FacilitatorText>>,
    problems: &mut Vec<Problem>,
) -> Option<At<Vec<Facilitator>>> {
    if list.get_ref().is_empty() {
        problems.push(empty("facilitators", list.span(), EXAMPLE));
        return None;
    }
    let mut read = Vec::new();
    let mut urls = Vec::new();
    for text in list.get_ref() {
        let FacilitatorText { url, verify, auth, dialect, refusals } = text;
        let codes = match refusals {
            None => Some(Vec::new()),
            Some(list) => self::refusals(list, problems),
        };
        let base = match web_url::base(url.get_ref()) {
            Ok(base) => base,
            Err(bad) => {
                problems.push(bad_url("a facilitator's URL", url, bad));
                continue;
            }
        };
        urls.push((url.clone(), base.clone()));
        let dialect = dialect.as_ref().map_or_else(|| of_host(&base), |stated| *stated.get_ref());
        let (verify, auth) = (*verify, *auth);
        read.extend(codes.map(|codes| {
            let refusals = codes.into_iter().map(Text::from).collect::<Vec<_>>().into();
            Facilitator { url: base.into(), verify, auth, dialect, refusals }
        }));
    }
    duplicates("the facilitator", &urls, problems);
    (read.len() == list.get_ref().len()).then(|| At::new(list.span(), read))
}

/// Reports facilitators that are named in several lists, and not alike. Records, secrets and breakers
/// know them by URL, so what is said of one holds in every rule; only `verify` is each list's own.
pub(super) fn contradictions(content: &Content, problems: &mut Vec<Problem>) {
    let rules = content.rules.iter().map(|rule| &rule.terms);
    let lists = std::iter::once(&content.payment).chain(rules);
    let named = lists.filter_map(|terms| terms.facilitators.as_ref()).flat_map(At::get_ref);
    let mut known: Vec<(String, &FacilitatorText)> = Vec::new();
    for text in named {
        let Ok(base) = web_url::base(text.url.get_ref()) else { continue };
        let Some((_, earlier)) = known.iter().find(|(other, _)| *other == base) else {
            known.push((base, text));
            continue;
        };
        let read = |text: &FacilitatorText| {
            text.dialect.as_ref().map_or_else(|| of_host(&base), |stated| *stated.get_ref())
        };
        let key = match () {
            () if read(earlier) != read(text) => "dialect",
            () if earlier.auth != text.auth => "auth",
            () if vouched(earlier) != vouched(text) => "refusals",
            () => continue,
        };
        problems.push(
            Problem::new(
                Code::FacilitatorContradiction,
                format!("one facilitator has two kinds of `{key}`"),
            )
            .at(text.url.span(), "here otherwise")
            .at(earlier.url.span(), "first here")
            .help(format!("say the same `{key}` wherever this facilitator is named")),
        );
    }
}

fn vouched(text: &FacilitatorText) -> BTreeSet<&str> {
    let codes = text.refusals.iter().flat_map(At::get_ref);
    codes.map(|code| code.get_ref().as_str()).collect()
}

/// The dialect of those that are known; others are mostly the reference or built on it.
fn of_host(url: &str) -> Dialect {
    if web_url::is_within(url, CDP_DOMAIN) { Dialect::Cdp } else { Dialect::Reference }
}

fn refusals(list: &At<Vec<At<String>>>, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let before = problems.len();
    let codes = list.get_ref();
    if codes.len() > MAX_REFUSALS {
        problems.push(
            Problem::new(Code::BadRefusal, format!("{} `refusals` are too many", codes.len()))
                .at(list.span(), format!("{MAX_REFUSALS} fit"))
                .help("list only what this facilitator says of payments that it did not submit"),
        );
    }
    for code in codes {
        let label = match code.get_ref().len() {
            _ if code.get_ref().trim().is_empty() => "this is empty".to_owned(),
            1..=MAX_REFUSAL_BYTES => continue,
            long => format!("{long} bytes; {MAX_REFUSAL_BYTES} fit"),
        };
        problems.push(
            Problem::new(Code::BadRefusal, "a refusal is the code that the facilitator answers")
                .at(code.span(), label)
                .help("copy the whole code from the log line, such as `invalid_scheme`"),
        );
    }
    let keyed: Vec<_> = codes.iter().map(|code| (code.clone(), code.get_ref().clone())).collect();
    duplicates("the refusal", &keyed, problems);
    (problems.len() == before).then(|| keyed.into_iter().map(|(_, code)| code).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_says_its_dialect() {
        for url in [
            "https://api.cdp.coinbase.com/platform/v2/x402",
            "https://api.cdp.coinbase.com.",
            "https://eu.API.cdp.coinbase.com:8443/x402",
        ] {
            assert_eq!(of_host(url), Dialect::Cdp, "{url}");
        }
        for url in [
            "https://xapi.cdp.coinbase.com",
            "https://api.cdp.coinbase.com.example",
            "https://example/api.cdp.coinbase.com",
            "https://cdp.coinbase.com",
        ] {
            assert_eq!(of_host(url), Dialect::Reference, "{url}");
        }
    }
}
