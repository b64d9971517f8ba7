//! Passes: what they open, what ends them, and how they travel.

use paywall_core::clock::Micros;
use paywall_core::event::Headers;
use paywall_core::pass::{self, COOKIE, Issued, Keys, Subject};
use price_table::{Access, Listing, Object, PassScope, Purchases, Rule, Sale};
use proptest::prelude::*;

const NOW: Micros = Micros::from_secs(1_790_000_000);
const ENDS: u64 = NOW.secs() + 600;
const PAYER: &str = "0x209693bc6afc0c5328ba36faf03c514ef312287c";

fn keys(digits: &str) -> Keys {
    let keys: Vec<_> = digits.chars().map(|digit| digit.to_string().repeat(64)).collect();
    Keys::parse(&keys.join(" ")).unwrap()
}

fn rule(pattern: &'static str) -> Rule {
    let sale = Sale::Priced {
        offers: vec![].into(),
        access: Access::Seconds(600),
        pass: PassScope::Object,
        access_epoch: 0,
        purchases: Purchases::OneAtATime,
    };
    Rule {
        pattern: pattern.into(),
        title: "".into(),
        description: "".into(),
        mime_type: None,
        sale,
    }
}

fn listing<'a>(key: &'a str, rule: &'a Rule) -> Listing<'a> {
    let object = Object { key, etag: "\"e\"", rule: 0, mime_type: 0, size: 1_000 };
    Listing { object, rule, mime_type: "text/csv" }
}

fn of<'a>(listing: &'a Listing<'a>, scope: PassScope, access_epoch: u32) -> Subject<'a> {
    Subject { listing, scope, access_epoch }
}

fn issue(keys: &Keys, subject: Subject<'_>, path: &str) -> Issued {
    pass::issue(keys, subject, PAYER, ENDS, NOW, path).unwrap()
}

fn by_header(pass: &str) -> Headers {
    let mut headers = Headers::default();
    headers.set("X-PAYMENT-PASS", pass);
    headers
}

fn opens(pass: &str, keys: &Keys, subject: Subject<'_>, now: Micros) -> bool {
    pass::read(&by_header(pass), keys, subject, now).is_some()
}

#[test]
fn opens_its_object_until_it_ends() {
    let (rule, keys) = (rule("data/**"), keys("a"));
    let (one, other) = (listing("data/a.csv", &rule), listing("data/b.csv", &rule));
    let subject = of(&one, PassScope::Object, 7);
    let issued = issue(&keys, subject, "/data/a.csv");
    assert_eq!(issued.max_age, 600);

    let entitlement = pass::read(&by_header(&issued.text), &keys, subject, NOW).unwrap();
    assert_eq!((entitlement.payer(), entitlement.expires()), (PAYER, ENDS));
    assert!(opens(&issued.text, &keys, subject, Micros(ENDS * 1_000_000 - 1)));
    assert!(!opens(&issued.text, &keys, subject, Micros::from_secs(ENDS)));

    assert!(!opens(&issued.text, &keys, of(&other, PassScope::Object, 7), NOW));
    assert!(!opens(&issued.text, &keys, of(&one, PassScope::Rule, 7), NOW));
    assert_eq!(pass::issue(&keys, subject, PAYER, NOW.secs(), NOW, "/"), None);
}

#[test]
fn a_rules_pass_opens_what_the_rule_sells_by_its_pattern() {
    let keys = keys("a");
    let sold = rule("data/**");
    let issued = issue(&keys, of(&listing("data/a.csv", &sold), PassScope::Rule, 0), "/data/a.csv");
    // The same rule, after a change of price and words.
    let rebuilt = Rule { title: "New".into(), sale: Sale::Free, ..sold.clone() };
    let opens = |rule: &Rule| {
        let listing = listing("data/b.csv", rule);
        opens(&issued.text, &keys, of(&listing, PassScope::Rule, 0), NOW)
    };
    assert!(opens(&sold));
    assert!(opens(&rebuilt));
    assert!(!opens(&rule("data/*")));
    // A pattern is not a key of the same text.
    let object = rule("data/b.csv");
    let issued = issue(&keys, of(&listing("x", &object), PassScope::Rule, 0), "/x");
    let listing = listing("data/b.csv", &object);
    let subject = of(&listing, PassScope::Object, 0);
    assert!(pass::read(&by_header(&issued.text), &keys, subject, NOW).is_none());
}

#[test]
fn a_raised_epoch_and_a_revoked_key_end_it() {
    let rule = rule("**");
    let listing = listing("a", &rule);
    let issued = issue(&keys("a"), of(&listing, PassScope::Object, 3), "/a").text;
    assert!(opens(&issued, &keys("a"), of(&listing, PassScope::Object, 3), NOW));
    assert!(!opens(&issued, &keys("a"), of(&listing, PassScope::Object, 4), NOW));
    // Rotated: the new key signs, the old one verifies; then the old one goes.
    assert!(opens(&issued, &keys("ba"), of(&listing, PassScope::Object, 3), NOW));
    assert!(!opens(&issued, &keys("b"), of(&listing, PassScope::Object, 3), NOW));
    let newer = issue(&keys("ba"), of(&listing, PassScope::Object, 3), "/a").text;
    assert!(opens(&newer, &keys("b"), of(&listing, PassScope::Object, 3), NOW));
    assert!(!opens(&newer, &keys("a"), of(&listing, PassScope::Object, 3), NOW));
}

#[test]
fn by_cookie_among_others() {
    let rule = rule("**");
    let listing = listing("a", &rule);
    let subject = of(&listing, PassScope::Object, 0);
    let keys = keys("a");
    let pass = issue(&keys, subject, "/a").text;
    let reads = |cookie: &str| {
        let mut headers = Headers::default();
        headers.set("Cookie", cookie);
        pass::read(&headers, &keys, subject, NOW).is_some()
    };
    assert!(reads(&format!("{COOKIE}={pass}")));
    assert!(reads(&format!("theme=dark;{COOKIE}={pass};lang=en")));
    // Of a wider path, and over.
    assert!(reads(&format!("{COOKIE}=stale; {COOKIE}={pass}")));
    assert!(!reads(&format!("{COOKIE}={pass}x")));
    assert!(!reads(&format!("other={pass}; X{COOKIE}={pass}; {COOKIE}x={pass}")));
    assert!(!reads(""));
    // No more are tried than a browser could send by right.
    let many = format!("{COOKIE}=1.2.3.4; ").repeat(16);
    assert!(!reads(&format!("{many}{COOKIE}={pass}")));
    assert!(reads(&format!("{}{COOKIE}={pass}", &many[many.len() / 16..])));
}

#[test]
fn neither_cache_nor_origin_sees_it() {
    let mut headers = by_header("1.2.3.4");
    headers.set("Cookie", format!("a=1; {COOKIE}=1.2.3.4; b=2"));
    pass::strip(&mut headers);
    assert_eq!(headers.first("x-payment-pass"), None);
    assert_eq!(headers.first("cookie"), Some("a=1; b=2"));
    headers.set("Cookie", format!("{COOKIE}=1.2.3.4"));
    pass::strip(&mut headers);
    assert_eq!(headers.first("cookie"), None);
    headers.set("Cookie", "a=1;b=2");
    pass::strip(&mut headers);
    assert_eq!(headers.first("cookie"), Some("a=1;b=2"), "untouched without a pass");
}

#[test]
fn the_cookie_goes_where_the_object_is() {
    for (pattern, key, scope, viewer_path, path) in [
        ("data/**", "data/a.csv", PassScope::Object, "/data/a.csv", "/data/a.csv"),
        ("data/**", "data/a b+c", PassScope::Object, "/data/a%20b+c", "/data/a%20b+c"),
        ("data/**", "data/a;b", PassScope::Object, "/data/a;b", "/data/a%3Bb"),
        ("data/**", "data/é", PassScope::Object, "/data/é", "/data/%C3%A9"),
        ("data/**", "data/a.csv", PassScope::Rule, "/data/a.csv", "/data/"),
        ("**", "data/a.csv", PassScope::Rule, "/data/a.csv", "/"),
        ("a/b*/c", "a/b1/c", PassScope::Rule, "/a/b1/c", "/a/"),
        ("a b/**", "a b/c", PassScope::Rule, "/a%20b/c", "/"),
        ("data/a.csv", "data/a.csv", PassScope::Rule, "/data/a.csv", "/data/a.csv"),
    ] {
        let rule = rule(pattern);
        let listing = listing(key, &rule);
        let issued = issue(&keys("a"), of(&listing, scope, 0), viewer_path);
        assert_eq!(issued.path, path, "{pattern} {key}");
        assert_eq!(
            issued.cookie(),
            format!(
                "__Secure-x402-pass={}; Path={path}; Max-Age=600; Secure; HttpOnly; SameSite=Lax",
                issued.text
            )
        );
    }
}

proptest! {
    /// No other text than the one issued opens anything.
    #[test]
    fn every_change_of_the_text_ends_it(at in 0_usize..200, with in "[0-9a-zA-Z._-]") {
        let rule = rule("**");
        let listing = listing("a", &rule);
        let subject = of(&listing, PassScope::Object, 0);
        let pass = issue(&keys("a"), subject, "/a").text;
        let at = at % pass.len();
        let changed = format!("{}{with}{}", &pass[..at], &pass[at + 1..]);
        prop_assert_eq!(opens(&changed, &keys("a"), subject, NOW), changed == pass);
        let longer = format!("{}{with}{}", &pass[..at], &pass[at..]);
        prop_assert!(!opens(&longer, &keys("a"), subject, NOW));
        prop_assert!(!opens(&pass[..at], &keys("a"), subject, NOW));
    }

    /// Whatever a payer is called, its pass is fit for a cookie, a header and a URL, and reads back.
    #[test]
    fn any_payer(payer in "\\PC{0,80}", ends in 1_u64..u64::from(u32::MAX)) {
        let rule = rule("**");
        let listing = listing("a", &rule);
        let subject = of(&listing, PassScope::Object, 0);
        let now = Micros::from_secs(ends - 1);
        let pass = pass::issue(&keys("a"), subject, &payer, ends, now, "/a").unwrap().text;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-:".contains(&b);
        prop_assert!(pass.bytes().all(fits) && pass.len() < 200, "{}", pass);
        prop_assert!(opens(&pass, &keys("a"), subject, now));
    }

    #[test]
    fn nothing_else_is_a_pass(text in "\\PC{0,120}") {
        let rule = rule("**");
        let listing = listing("a", &rule);
        prop_assert!(!opens(&text, &keys("a"), of(&listing, PassScope::Object, 0), NOW));
    }
}
