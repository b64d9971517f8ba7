//! `[redemptions]`: where sales are remembered, and whether that is enough.

use price_table::{Access, Key, Redemptions, Sale, Terms};

use super::resolved_rule::ResolvedRule;
use super::rpc::Endpoints;
use crate::access;
use crate::code::Code;
use crate::nearest::list;
use crate::networks;
use crate::report::Problem;
use crate::schema::{At, RedemptionsText, Store};

/// The folder of the records, if nothing is said.
const DEFAULT_PREFIX: &str = "x402";

/// How many days a record is kept, if nothing is said.
const DEFAULT_KEEP_DAYS: u32 = 30;

const DAY_SECONDS: u64 = 24 * 60 * 60;

pub(crate) fn redemptions(
    text: &RedemptionsText,
    endpoints: &Endpoints,
    rules: &[ResolvedRule],
    problems: &mut Vec<Problem>,
) -> Option<Redemptions> {
    let before = problems.len();
    let redemptions = match text.store {
        Store::Memory => {
            problems.extend(text.of_s3.iter().map(|(key, span)| {
                let message = format!("`{key}` has no place in this `[redemptions]`");
                Problem::new(Code::MisplacedKey, message)
                    .at(span.clone(), "the memory of a sandbox has none")
                    .help(format!("add `store = \"s3\"`, or remove `{key}`"))
            }));
            Some(Redemptions::Memory)
        }
        Store::S3 => {
            let redemptions = s3(text, problems);
            resolvable(text, endpoints, rules, problems);
            kept(text, rules, problems);
            redemptions
        }
    };
    (problems.len() == before && !text.broken).then_some(redemptions)?
}

fn s3(text: &RedemptionsText, problems: &mut Vec<Problem>) -> Option<Redemptions> {
    let missing: Vec<_> = [("bucket", &text.bucket), ("region", &text.region)]
        .into_iter()
        .filter_map(|(key, value)| value.is_none().then_some(key))
        .collect();
    if let (false, false, Some(span)) = (missing.is_empty(), text.broken, &text.span) {
        problems.push(
            Problem::new(Code::MissingKey, format!("[redemptions] has no {}", list(missing)))
                .at(span.clone(), "which bucket, and where?")
                .help("add `bucket = \"...\"` and `region = \"us-east-1\"`; a bucket of its own is best"),
        );
    }
    let mut check = |what: &str, value: &Option<At<String>>, fits: fn(&str) -> bool, help: &str| {
        let Some(value) = value.as_ref().filter(|value| !fits(value.get_ref())) else { return };
        problems.push(
            Problem::new(Code::BadBucket, format!("{what} cannot be {:?}", value.get_ref()))
                .at(value.span(), "S3 or its clients refuse this")
                .help(help),
        );
    };
    check(
        "the bucket",
        &text.bucket,
        is_bucket,
        "write 3 to 63 lower-case letters, digits and hyphens; with a dot, TLS certificates do not fit",
    );
    check("the region", &text.region, is_region, "write one such as `us-east-1`");
    check(
        "the prefix",
        &text.prefix,
        is_prefix,
        "write letters, digits, `-`, `_`, `.` and single slashes between them, such as `x402`",
    );
    let owned = |text: &At<String>| text.get_ref().clone();
    let prefix = text.prefix.as_ref().map_or_else(|| DEFAULT_PREFIX.to_owned(), owned);
    Some(Redemptions::S3 {
        bucket: owned(text.bucket.as_ref()?).into(),
        region: owned(text.region.as_ref()?).into(),
        prefix: prefix.into(),
        keep_days: keep_days(text),
        shared_pay_to: text.shared_pay_to,
    })
}

fn keep_days(text: &RedemptionsText) -> u32 {
    text.keep_days.as_ref().map_or(DEFAULT_KEEP_DAYS, |days| *days.get_ref())
}

/// Who remembers that a payment's outcome is unknown must be able to find it out, or else the buyer
/// waits for ever.
fn resolvable(
    text: &RedemptionsText,
    endpoints: &Endpoints,
    rules: &[ResolvedRule],
    problems: &mut Vec<Problem>,
) {
    if text.accept_unresolved {
        return;
    }
    let mut blind: Vec<String> = Vec::new();
    for rule in rules.iter().filter_map(|rule| rule.rule.as_ref()) {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        for offer in offers.iter().filter(|offer| matches!(offer.terms, Terms::Evm(_))) {
            let name = networks::of(&offer.network).name;
            if !endpoints.has(&offer.network) && !blind.contains(&name) {
                blind.push(name);
            }
        }
    }
    let (false, Some(span)) = (blind.is_empty(), &text.span) else { return };
    let lines: String =
        blind.iter().map(|name| format!("\n\"{name}\" = {{ url = \"https://...\" }}")).collect();
    let names = list(blind.iter().map(String::as_str));
    problems.push(
        Problem::new(Code::UnresolvedSales, format!("nothing says how to look at {names}"))
            .at(span.clone(), "a payment with an unknown outcome would stay unknown")
            .help(format!(
                "add:\n[rpc]{lines}\nor `accept_unresolved = true` here: such buyers then get \
                 neither content nor another price until their payment's record expires"
            )),
    );
}

/// An access must not end with the record of its sale.
fn kept(text: &RedemptionsText, rules: &[ResolvedRule], problems: &mut Vec<Problem>) {
    let days = keep_days(text);
    for resolved in rules {
        let Some(Sale::Priced { access: bought @ Access::Seconds(seconds), .. }) =
            resolved.rule.as_ref().map(|rule| &rule.sale)
        else {
            continue;
        };
        // A payment can be bound a day before it settles, the longest that one may be valid.
        let needed = u64::from(*seconds).div_ceil(DAY_SECONDS) + 1;
        if needed > u64::from(days) {
            let place = text.keep_days.as_ref().map(At::span).or(text.span.clone());
            let problem = Problem::new(
                Code::ForgottenAccess,
                format!("access for {} would be forgotten early", access::display(*bought)),
            )
            .at(resolved.span.clone(), format!("open for {}", access::display(*bought)))
            .help(format!("write `keep_days = {needed}` or more"));
            problems.push(match place {
                Some(span) => problem.at(span, format!("records are kept for {days} days")),
                None => problem,
            });
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>, without dots.
fn is_bucket(name: &str) -> bool {
    let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| edge(*b) || *b == b'-')
        && edge(bytes[0])
        && edge(bytes[bytes.len() - 1])
}

/// `us-east-1`, `us-gov-west-1`:
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>
fn is_region(name: &str) -> bool {
    let parts: Vec<_> = name.split('-').collect();
    let [letters @ .., number] = parts.as_slice() else { return false };
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    letters.len() >= 2
        && letters.iter().all(word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_prefix(prefix: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    prefix.len() <= 128 && prefix.bytes().all(fits) && Key::parse(prefix).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_s3_takes() {
        for name in ["abc", "my-shop-records-111122223333", &"a".repeat(63)] {
            assert!(is_bucket(name), "{name}");
        }
        for name in ["", "ab", "Abc", "a.b", "-ab", "ab-", "a_b", &"a".repeat(64)] {
            assert!(!is_bucket(name), "{name}");
        }
        for name in ["us-east-1", "us-gov-west-1", "ap-southeast-5", "eu-central-1"] {
            assert!(is_region(name), "{name}");
        }
        for name in ["", "us", "us-east", "us-east-", "us-East-1", "us--1", "1", "us-east-1a"] {
            assert!(!is_region(name), "{name}");
        }
        for prefix in ["x402", "a/b.c_d-e"] {
            assert!(is_prefix(prefix), "{prefix}");
        }
        for prefix in ["", "/a", "a/", "a//b", "..", "a b", "é", &"a".repeat(129)] {
            assert!(!is_prefix(prefix), "{prefix}");
        }
    }
}
