//! Passes: what they open, what ends them, and how they travel.

use paywall_core::clock::Micros;
use paywall_core::event::Headers;
use paywall_core::pass::{self, Issued, Keys, Scope};
use paywall_core::subject::{Kind, Subject};
use proptest::prelude::*;

const NOW: Micros = Micros::from_secs(1_790_000_000);
const ENDS: u64 = NOW.secs() + 600;
const PAYER: &str = "0x209693bc6afc0c5328ba36faf03c514ef312287c";

fn keys(digits: &str) -> Keys {
    let keys: Vec<_> = digits.chars().map(|digit| digit.to_string().repeat(64)).collect();
    Keys::parse(&keys.join(" ")).unwrap()
}

fn subject(site: &str, kind: Kind, name: &str) -> Subject {
    Subject { site: site.into(), kind, name: name.into() }
}

fn object(key: &str) -> Subject {
    subject("shop", Kind::Object, key)
}

fn rule(pattern: &str) -> Subject {
    subject("shop", Kind::Rule, pattern)
}

fn of(subject: &Subject, access_epoch: u32) -> Scope<'_> {
    Scope { subject, access_epoch }
}

fn issue(keys: &Keys, scope: Scope<'_>, path: &str) -> Issued {
    pass::issue(keys, scope, PAYER, ENDS, NOW, path).unwrap()
}

fn by_header(pass: &str) -> Headers {
    let mut headers = Headers::default();
    headers.set("X-PAYMENT-PASS", pass);
    headers
}

fn by_cookie(cookies: &str) -> Headers {
    let mut headers = Headers::default();
    headers.set("Cookie", cookies);
    headers
}

/// What a browser sends of a cookie.
fn cookie(issued: &Issued) -> String {
    issued.cookie().split(';').next().unwrap().to_owned()
}

fn opens(pass: &str, keys: &Keys, scope: Scope<'_>, now: Micros) -> bool {
    pass::read(&by_header(pass), keys, scope, now).is_some()
}

#[test]
fn opens_its_object_until_it_ends() {
    let keys = keys("a");
    let sold = object("data/a.csv");
    let scope = of(&sold, 7);
    let issued = issue(&keys, scope, "/data/a.csv");
    assert_eq!(issued.max_age, 600);

    let entitlement = pass::read(&by_header(&issued.text), &keys, scope, NOW).unwrap();
    assert_eq!((entitlement.payer(), entitlement.expires()), (PAYER, ENDS));
    assert!(opens(&issued.text, &keys, scope, Micros(ENDS * 1_000_000 - 1)));
    assert!(!opens(&issued.text, &keys, scope, Micros::from_secs(ENDS)));
    assert_eq!(pass::issue(&keys, scope, PAYER, NOW.secs(), NOW, "/"), None);
}

#[test]
fn opens_nothing_else() {
    let keys = keys("a");
    for (sold, other) in [
        (object("data/a.csv"), object("data/b.csv")),
        (rule("data/**"), rule("data/*")),
        // A pattern is not a key of the same text.
        (object("data/a.csv"), rule("data/a.csv")),
        (rule("data/a.csv"), object("data/a.csv")),
        // Two sites on one store, or with the same keys.
        (object("index.html"), subject("sister", Kind::Object, "index.html")),
        (rule("**"), subject("sister", Kind::Rule, "**")),
        (subject("a", Kind::Object, "bc"), subject("ab", Kind::Object, "c")),
    ] {
        let issued = issue(&keys, of(&sold, 0), "/");
        assert!(opens(&issued.text, &keys, of(&sold, 0), NOW));
        assert!(!opens(&issued.text, &keys, of(&other, 0), NOW), "{sold:?} {other:?}");
        // Nor under the name that the other one's cookie has.
        let name = issue(&keys, of(&other, 0), "/").cookie_name;
        let renamed = by_cookie(&format!("{name}={}", issued.text));
        assert_eq!(pass::read(&renamed, &keys, of(&other, 0), NOW), None);
    }
}

#[test]
fn a_raised_epoch_and_a_revoked_key_end_it() {
    let sold = object("a");
    let issued = issue(&keys("a"), of(&sold, 3), "/a").text;
    assert!(opens(&issued, &keys("a"), of(&sold, 3), NOW));
    assert!(!opens(&issued, &keys("a"), of(&sold, 4), NOW));
    // Rotated: the new key signs, the old one verifies; then the old one goes.
    assert!(opens(&issued, &keys("ba"), of(&sold, 3), NOW));
    assert!(!opens(&issued, &keys("b"), of(&sold, 3), NOW));
    let newer = issue(&keys("ba"), of(&sold, 3), "/a").text;
    assert!(opens(&newer, &keys("b"), of(&sold, 3), NOW));
    assert!(!opens(&newer, &keys("a"), of(&sold, 3), NOW));
}

#[test]
fn by_cookie_among_others() {
    let (sold, keys) = (object("a"), keys("a"));
    let issued = issue(&keys, of(&sold, 0), "/a");
    let (name, pass) = (&issued.cookie_name, &issued.text);
    let reads = |cookies: &str| pass::read(&by_cookie(cookies), &keys, of(&sold, 0), NOW).is_some();
    assert!(reads(&format!("{name}={pass}")));
    assert!(reads(&format!("theme=dark;{name}={pass};lang=en")));
    // Of another spelling of the path, and over.
    assert!(reads(&format!("{name}=stale; {name}={pass}")));
    assert!(!reads(&format!("{name}={pass}x")));
    assert!(!reads(&format!("other={pass}; X{name}={pass}; {name}x={pass}")));
    assert!(!reads(&format!("__Secure-x402-pass={pass}; __Secure-x402-={pass}")));
    assert!(!reads(""));
    // However many passes a browser has for other subjects of the path, its own is found.
    let others: String = (0..50).map(|n| format!("__Secure-x402-{n:08x}=1.2.3.4; ")).collect();
    assert!(reads(&format!("{others}{name}={pass}")));
    // Of one name no more are tried than a browser could send by right.
    let many = |count: usize| format!("{}{name}={pass}", format!("{name}=1.2.3.4; ").repeat(count));
    assert!(reads(&many(3)));
    assert!(!reads(&many(4)));
}

#[test]
fn two_rules_of_one_path_keep_two_cookies() {
    let keys = keys("a");
    let (reports, tables) = (rule("**/*.pdf"), rule("**/*.csv"));
    let (one, other) =
        (issue(&keys, of(&reports, 0), "/a/b.pdf"), issue(&keys, of(&tables, 0), "/a/b.csv"));
    assert_eq!((one.path.as_str(), other.path.as_str()), ("/", "/"));
    assert_ne!(one.cookie_name, other.cookie_name);
    let both = by_cookie(&format!("{}; {}", cookie(&one), cookie(&other)));
    for sold in [&reports, &tables] {
        assert!(pass::read(&both, &keys, of(sold, 0), NOW).is_some(), "{sold:?}");
    }
    // A browser keeps the last one of a name and path: so another sale of one rule renews its own.
    assert_eq!(issue(&keys, of(&reports, 0), "/c.pdf").cookie_name, one.cookie_name);
}

#[test]
fn neither_cache_nor_origin_sees_it() {
    let mut headers = by_header("1.2.3.4");
    headers.set(
        "Cookie",
        "a=1; __Secure-x402-01234567=1.2.3.4; b=2; __Secure-x402-89abcdef=5; __Secure-x402-pass=6",
    );
    pass::strip(&mut headers);
    assert_eq!(headers.first("x-payment-pass"), None);
    assert_eq!(headers.first("cookie"), Some("a=1; b=2"));
    headers.set("Cookie", "__Secure-x402-01234567=1.2.3.4");
    pass::strip(&mut headers);
    assert_eq!(headers.first("cookie"), None);
    headers.set("Cookie", "a=1;b=2");
    pass::strip(&mut headers);
    assert_eq!(headers.first("cookie"), Some("a=1;b=2"), "untouched without a pass");
}

#[test]
fn the_cookie_goes_where_the_object_is() {
    for (sold, viewer_path, path) in [
        (object("data/a.csv"), "/data/a.csv", "/data/a.csv"),
        (object("data/a b+c"), "/data/a%20b+c", "/data/a%20b+c"),
        (object("data/a;b"), "/data/a;b", "/data/a%3Bb"),
        (object("data/é"), "/data/é", "/data/%C3%A9"),
        (rule("data/**"), "/data/a.csv", "/data/"),
        (rule("**"), "/data/a.csv", "/"),
        (rule("a/b*/c"), "/a/b1/c", "/a/"),
        (rule("a b/**"), "/a%20b/c", "/"),
        (rule("data/a.csv"), "/data/a.csv", "/data/a.csv"),
    ] {
        let issued = issue(&keys("a"), of(&sold, 0), viewer_path);
        assert_eq!(issued.path, path, "{sold:?}");
        let hash = paywall_core::hex::encode(&sold.hash());
        assert_eq!(
            issued.cookie(),
            format!(
                "__Secure-x402-{}={}; Path={path}; Max-Age=600; Secure; HttpOnly; SameSite=Lax",
                &hash[2..10],
                issued.text
            )
        );
    }
}

proptest! {
    /// No other text than the one issued opens anything.
    #[test]
    fn every_change_of_the_text_ends_it(at in 0_usize..200, with in "[0-9a-zA-Z._-]") {
        let sold = object("a");
        let scope = of(&sold, 0);
        let pass = issue(&keys("a"), scope, "/a").text;
        let at = at % pass.len();
        let changed = format!("{}{with}{}", &pass[..at], &pass[at + 1..]);
        prop_assert_eq!(opens(&changed, &keys("a"), scope, NOW), changed == pass);
        let longer = format!("{}{with}{}", &pass[..at], &pass[at..]);
        prop_assert!(!opens(&longer, &keys("a"), scope, NOW));
        prop_assert!(!opens(&pass[..at], &keys("a"), scope, NOW));
    }

    /// Whatever a payer is called, its pass is fit for a cookie, a header and a URL, and reads back.
    #[test]
    fn any_payer(payer in "\\PC{0,80}", ends in 1_u64..u64::from(u32::MAX)) {
        let sold = object("a");
        let scope = of(&sold, 0);
        let now = Micros::from_secs(ends - 1);
        let pass = pass::issue(&keys("a"), scope, &payer, ends, now, "/a").unwrap().text;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-:".contains(&b);
        prop_assert!(pass.bytes().all(fits) && pass.len() < 200, "{}", pass);
        prop_assert!(opens(&pass, &keys("a"), scope, now));
    }

    #[test]
    fn nothing_else_is_a_pass(text in "\\PC{0,120}") {
        prop_assert!(!opens(&text, &keys("a"), of(&object("a"), 0), NOW));
    }
}
