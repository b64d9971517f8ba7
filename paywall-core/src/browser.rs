//! Whether a person opens a URL in a browser: they are shown a page, and everybody else is answered in JSON.
//!
//! [Fetch metadata](https://www.w3.org/TR/fetch-metadata/) says it where it is there: only browsers send it, to HTTPS
//! and loopback alone, and it tells a navigation of a window from a frame's, a script's and a picture's. Elsewhere
//! `Accept` must name HTML and prefer it, which programs do as well, such as Java's; so the agent must also begin as
//! browsers do: <https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1>, <https://webaim.org/blog/user-agent-string-history/>.

use crate::event::Headers;

/// What decides, as `Vary` has it.
pub const DECIDES: &str = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, User-Agent";

/// Whether the answer to these header fields is to be a page.
pub fn opens_a_page(headers: &Headers) -> bool {
    let html = weight(headers, "text/html");
    match (headers.first("sec-fetch-mode"), headers.first("sec-fetch-dest")) {
        (None, None) => {
            let agent = headers.first("user-agent").unwrap_or_default();
            let json = weight(headers, "application/json").map_or(0, |json| json.weight);
            let prefers = |html: Match| html.whole && html.weight > json;
            html.is_some_and(prefers) && agent.starts_with("Mozilla/")
        }
        (mode, dest) => {
            let navigates = mode == Some("navigate") && dest == Some("document");
            navigates && html.is_some_and(|html| html.weight > 0)
        }
    }
}

/// What `Accept` says of a type.
#[derive(Clone, Copy)]
struct Match {
    /// It is named, and not only by a wildcard.
    whole: bool,
    /// Of a thousand.
    weight: u16,
}

/// By the most specific range that the type is in; `None` if it is in none.
fn weight(headers: &Headers, wanted: &str) -> Option<Match> {
    let (kind, _) = wanted.split_once('/')?;
    let mut best = None;
    for range in headers.all("accept").flat_map(|accept| accept.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let specific = match name.split_once('/') {
            _ if name.eq_ignore_ascii_case(wanted) => 2,
            Some((of, "*")) if of.eq_ignore_ascii_case(kind) => 1,
            Some(("*", "*")) => 0,
            _ => continue,
        };
        let q = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let weight = q.map_or(1_000, thousandths);
        if best.is_none_or(|(known, _)| known <= specific) {
            best = Some((specific, Match { whole: specific == 2, weight }));
        }
    }
    best.map(|(_, found)| found)
}

/// A weight, `0`, `1` or up to three digits after the point; anything else is none.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2>
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    match whole {
        "1" if fraction.bytes().all(|b| b == b'0') => 1_000,
        "0" if digits => {
            fraction.bytes().chain(*b"000").take(3).fold(0, |sum, b| sum * 10 + u16::from(b - b'0'))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROME: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
    const MOZILLA: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    /// `sun.net.www.protocol.http.HttpURLConnection`.
    const JAVA: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";

    fn asked(fields: &[(&str, &str)]) -> bool {
        let mut headers = Headers::default();
        fields.iter().for_each(|(name, value)| headers.add(name, *value));
        opens_a_page(&headers)
    }

    #[test]
    fn by_fetch_metadata() {
        let metadata = |mode: &str, dest: &str, accept: &str| {
            let fields =
                [("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest), ("User-Agent", MOZILLA)];
            asked(&[&fields[..], &[("Accept", accept)]].concat())
        };
        assert!(metadata("navigate", "document", CHROME));
        assert!(metadata("navigate", "document", "*/*"));
        for (mode, dest, accept) in [
            ("navigate", "iframe", CHROME),
            ("navigate", "object", CHROME),
            ("no-cors", "empty", CHROME),
            ("no-cors", "image", "image/avif,image/webp,*/*"),
            ("cors", "empty", "*/*"),
            ("cors", "document", CHROME),
            ("navigate", "document", "text/html;q=0"),
            ("navigate", "document", "*/*, text/html;q=0.000"),
            ("navigate", "document", "application/json"),
        ] {
            assert!(!metadata(mode, dest, accept), "{mode} {dest} {accept}");
        }
        // Node's fetch sends one of them alone.
        assert!(!asked(&[("Sec-Fetch-Mode", "cors"), ("Accept", CHROME), ("User-Agent", MOZILLA)]));
        assert!(!asked(&[("Sec-Fetch-Mode", "navigate"), ("Accept", CHROME)]));
        assert!(!asked(&[("Sec-Fetch-Dest", "document"), ("Accept", CHROME)]));
    }

    #[test]
    fn without_fetch_metadata() {
        for accept in [
            CHROME,
            "text/html",
            "TEXT/HTML",
            "application/json;q=0.9, text/html",
            "text/html;q=0.9,*/*;q=0.8",
            "text/html;level=1;q=0.5, application/json;q=0.499",
        ] {
            assert!(asked(&[("Accept", accept), ("User-Agent", MOZILLA)]), "{accept}");
        }
        for (accept, agent) in [
            (CHROME, "curl/8.14.1"),
            (CHROME, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
            (JAVA, "Java/17.0.9"),
            (JAVA, MOZILLA),
            ("*/*", MOZILLA),
            ("", MOZILLA),
            ("text/*", MOZILLA),
            ("text/html;q=0", MOZILLA),
            ("text/html;q=0, */*", MOZILLA),
            ("text/html, application/json", MOZILLA),
            ("application/json, text/html;q=0.1", MOZILLA),
            ("text/html;q=2", MOZILLA),
            ("text/html;q=x", MOZILLA),
        ] {
            let expected = accept == JAVA;
            let page = asked(&[("Accept", accept), ("User-Agent", agent)]);
            assert_eq!(page, expected && agent == MOZILLA, "{accept} {agent}");
        }
        assert!(!asked(&[("User-Agent", MOZILLA)]));
    }
}
