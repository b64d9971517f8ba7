//! The 402 as a browser shows it: a template that the compiler makes, filled in for each answer.
//!
//! It is here because the compiler must measure what the function will send. What it must say of the site alone is in
//! the template already; what differs between answers stands there as a mark, U+0001 and the [`Slot`]'s letter.

use serde::Serialize;

use crate::challenge::{self, MAX_PAGE_BYTES};
use crate::table::{Access, Listing, Quoted, Sale};

/// The most bytes of the JSON for agents, which the caller fills in: a refusal without contact. The compiler counts
/// with it.
pub const MAX_PAYWALL_BYTES: usize = 384;

/// As much of a title and of a file's name as is shown, characters.
const SHOWN: usize = 100;

/// The longest URL that is shown, bytes.
const MAX_URL: usize = 400;

/// What stands before a slot's letter. No text of `content.toml` gets into a template with it: the compiler refuses
/// control characters there.
const MARK: char = '\u{1}';

/// What differs between answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// What the object is called.
    Title,
    /// What it is.
    Description,
    /// The beginning of that, for previews.
    Summary,
    /// What the first offer asks, in the price's currency.
    Price,
    /// Every offer, a list item each.
    Offers,
    /// The file's name.
    File,
    /// Its MIME type.
    Type,
    /// Its size.
    Size,
    /// What one payment buys.
    Access,
    /// Its URL.
    Url,
    /// The JSON for agents.
    Paywall,
    /// The JSON for the page's script: name, size, type, seconds, time.
    Page,
    /// The terms, in a data block of their own, if they fit.
    Terms,
}

impl Slot {
    /// Each with its name in the page's source.
    pub const NAMES: [(&str, Slot); 13] = [
        ("title", Slot::Title),
        ("description", Slot::Description),
        ("summary", Slot::Summary),
        ("price", Slot::Price),
        ("offers", Slot::Offers),
        ("file", Slot::File),
        ("type", Slot::Type),
        ("size", Slot::Size),
        ("access", Slot::Access),
        ("url", Slot::Url),
        ("paywall", Slot::Paywall),
        ("page", Slot::Page),
        ("terms", Slot::Terms),
    ];

    /// How it stands in a template.
    pub fn mark(self) -> String {
        String::from_iter([MARK, char::from(b'a' + self as u8)])
    }

    fn of(letter: u8) -> Option<Slot> {
        let nth = usize::from(letter.wrapping_sub(b'a'));
        Slot::NAMES.get(nth).map(|(_, slot)| *slot)
    }
}

/// What the page's script is told of an object.
#[derive(Serialize)]
struct Facts<'a> {
    /// The name to save it under.
    file: &'a str,
    /// Bytes.
    size: u64,
    #[serde(rename = "type")]
    mime_type: &'a str,
    /// How long one payment opens it; 0 if it buys one download.
    seconds: u32,
    /// The function's clock.
    time: u64,
}

/// What a page is of.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The object.
    pub listing: &'a Listing<'a>,
    /// Its absolute URL.
    pub url: &'a str,
    /// What agents are told, in JSON: some ask as browsers do.
    pub paywall: &'a str,
    /// What `PAYMENT-REQUIRED` holds, in JSON.
    pub terms: &'a str,
    /// Seconds since 1970: prices change.
    pub time: u64,
}

/// Whether every mark is a slot's.
pub(crate) fn is_sound(template: &str) -> bool {
    template.split(MARK).skip(1).all(|part| part.bytes().next().and_then(Slot::of).is_some())
}

/// The page, with the terms if they fit: in it they cost no second request.
pub fn render(template: &str, shown: Shown<'_>) -> String {
    let terms = format!(
        "<script type=\"application/json\" id=\"terms\">{}</script>",
        json_in_script(shown.terms)
    );
    let page = fill(template, shown);
    let (before, after) = page.split_once(MARK).unwrap_or((&page, ""));
    let terms = if page.len() + terms.len() <= MAX_PAGE_BYTES { terms } else { String::new() };
    [before, &terms, after].concat()
}

/// How long the page is at most, without the terms, whenever it is asked for.
pub fn bytes(template: &str, listing: &Listing<'_>, url: &str) -> usize {
    let paywall = &" ".repeat(MAX_PAYWALL_BYTES);
    let page = |time| fill(template, Shown { listing, url, paywall, terms: "", time }).len();
    challenge::TIMES.map(page).into_iter().max().unwrap_or_default()
}

/// All but the terms, for which the bare [`MARK`] is left.
fn fill(template: &str, shown: Shown<'_>) -> String {
    let mut parts = template.split(MARK);
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (letter, rest) = part.split_at(part.len().min(1));
        match letter.bytes().next().and_then(Slot::of) {
            Some(Slot::Terms) => page.push(MARK),
            Some(slot) => page += &text(slot, shown),
            None => {}
        }
        page += rest;
    }
    page
}

fn text(slot: Slot, Shown { listing, url, paywall, time, .. }: Shown<'_>) -> String {
    let (object, rule) = (&listing.object, listing.rule);
    let file = last(object.key.rsplit('/').next().unwrap_or_default());
    match slot {
        Slot::Title if rule.title.is_empty() => escape(file),
        Slot::Title => escape(first(&rule.title)),
        Slot::Description => escape(&rule.description),
        Slot::Summary => escape(first(&rule.description)),
        Slot::Price => {
            let first = challenge::quoted(listing, time).next();
            first.map(|quoted| price(quoted, &rule.currency)).unwrap_or_default()
        }
        Slot::Offers => challenge::quoted(listing, time).map(offer).collect(),
        Slot::File => escape(file),
        Slot::Type => escape(listing.mime_type),
        Slot::Size => size(object.size),
        Slot::Access => match seconds(listing) {
            0 => "one download".to_owned(),
            seconds => format!("downloads for {}", duration(seconds)),
        },
        Slot::Url if url.len() > MAX_URL => "URL".to_owned(),
        Slot::Url => escape(url),
        Slot::Paywall => json_in_script(paywall),
        Slot::Page => {
            let (size, mime_type, seconds) = (object.size, listing.mime_type, seconds(listing));
            let facts = Facts { file, size, mime_type, seconds, time };
            json_in_script(&serde_json::to_string(&facts).unwrap_or_default())
        }
        Slot::Terms => String::new(),
    }
}

/// How long one payment opens an object.
fn seconds(listing: &Listing<'_>) -> u32 {
    match listing.rule.sale {
        Sale::Priced { access: Access::Seconds(seconds), .. } => seconds,
        _ => 0,
    }
}

/// `$0.01`, or `0.02 EUR`.
fn price(Quoted { offer, amount }: Quoted<'_>, currency: &str) -> String {
    let amount = units(amount, offer.decimals());
    match currency {
        "USD" => format!("${amount}"),
        _ => format!("{amount} {}", escape(currency)),
    }
}

fn offer(Quoted { offer, amount }: Quoted<'_>) -> String {
    let amount = units(amount, offer.decimals());
    let (symbol, network) = (escape(offer.symbol()), escape(&offer.network.name));
    let payee = escape(offer.pay_to());
    format!("<li>{amount} {symbol} on {network}, to <code>{payee}</code></li>")
}

/// Atomic units as a decimal number of the token; of money, with two decimals or more.
fn units(amount: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        tenths if tenths.len() == 1 => format!("{whole}.{tenths}0"),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// `1.2 MB`: in steps of 1,000, as browsers tell sizes.
fn size(bytes: u64) -> String {
    let (mut unit, mut name) = (1, "bytes");
    for next in ["kB", "MB", "GB"] {
        if bytes / unit < 1_000 {
            break;
        }
        (unit, name) = (unit * 1_000, next);
    }
    match bytes % unit * 10 / unit {
        0 => format!("{} {name}", bytes / unit),
        tenths => format!("{}.{tenths} {name}", bytes / unit),
    }
}

/// `24 hours`: in the largest unit that has no rest.
fn duration(seconds: u32) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds")];
    let fits = |(unit, _): &(u32, &str)| seconds.is_multiple_of(*unit) && seconds / unit > 1;
    let (unit, name) = units.into_iter().find(fits).unwrap_or((1, "seconds"));
    format!("{} {name}", seconds / unit)
}

fn first(text: &str) -> &str {
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// The end, since what a file is stands there.
fn last(text: &str) -> &str {
    let start = text.char_indices().nth_back(SHOWN - 1).map_or(0, |(at, _)| at);
    &text[start..]
}

/// Text for HTML, and for its attributes in quotes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            MARK => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// JSON that ends no script and begins no comment in one: outside of its strings it has none of these
/// characters. <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>
fn json_in_script(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe += "\\u003c",
            '>' => safe += "\\u003e",
            '&' => safe += "\\u0026",
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_names() {
        for (nth, (name, slot)) in Slot::NAMES.into_iter().enumerate() {
            assert_eq!(slot as usize, nth, "{name}");
            assert_eq!(Slot::of(slot.mark().as_bytes()[1]), Some(slot));
        }
        assert_eq!((Slot::of(b'a' - 1), Slot::of(b'a' + 13)), (None, None));
        assert!(is_sound(&format!("<p>{}</p>", Slot::Terms.mark())));
        assert!(!is_sound("<p>\u{1}") && !is_sound("<p>\u{1}z"));
    }

    #[test]
    fn atomic_units_as_people_write_them() {
        for (amount, decimals, text) in [
            (10_000, 6, "0.01"),
            (100_000, 6, "0.10"),
            (1, 6, "0.000001"),
            (1_000_000, 6, "1"),
            (1_234_500, 6, "1.2345"),
            (7, 0, "7"),
            (10_u128.pow(18), 18, "1"),
        ] {
            assert_eq!(units(amount, decimals), text);
        }
    }

    #[test]
    fn sizes_and_times() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (1_234, "1.2 kB"),
            (20_000_000, "20 MB"),
            (999_999, "999.9 kB"),
            (5_600_000_000_000, "5600 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        for (seconds, text) in [
            (86_400, "24 hours"),
            (172_800, "2 days"),
            (90, "90 seconds"),
            (60, "60 seconds"),
            (3_600, "60 minutes"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn no_json_ends_its_script() {
        let json = serde_json::json!({ "message": "</script><!-- & ]]>\u{2028}\"\\" });
        let text = json_in_script(&json.to_string());
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json);
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<a href=\"&'\">"), "&lt;a href=&quot;&amp;&#39;&quot;&gt;");
        assert_eq!(escape("\u{1}a"), "\u{fffd}a");
    }

    #[test]
    fn long_names_are_cut_where_it_matters_least() {
        let long = "é".repeat(150) + ".csv";
        assert_eq!(last(&long).chars().count(), 100);
        assert!(last(&long).ends_with(".csv"));
        assert_eq!(first(&long), "é".repeat(100));
        assert_eq!((first("a"), last("a")), ("a", "a"));
    }
}
