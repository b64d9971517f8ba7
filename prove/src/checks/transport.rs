//! Whether a payment could travel in the clear.

use crate::answer::{Answer, Ask};
use crate::check::{Check, Finding, Judge, Probe, note, right};
use crate::known::Known;
use crate::sources::HTTPS;

use super::unpaid;

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let asks = match known.target.in_the_clear() {
        Some(url) => Ok(vec![Ask::get("plain HTTP", url).or_silence()]),
        None => Err("the URL is not one of https on its own port".to_owned()),
    };
    let check = Check {
        id: "transport.plain-http",
        what: "Over plain HTTP nothing is sold, and nothing is given away.",
        why: HTTPS,
        shows: &["location"],
        judge: Judge::Each(plain, "Over plain HTTP nothing is sold."),
    };
    vec![Probe { asks, checks: vec![check] }]
}

fn plain(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match answer.status {
        402 => {
            note("plain HTTP: 402; a payment sent there can be read and used by whoever carries it")
        }
        300..400 if answer.header("location").starts_with("http:") => {
            note("plain HTTP: led to plain HTTP")
        }
        200..300 => unpaid::same(known, ask, answer),
        status => right(format!("plain HTTP: {status}")),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::check::Verdict;
    use crate::target::Target;

    #[test]
    fn verdicts() {
        let answer = |status, location: Option<&str>, body: &str| {
            let mut headers = HeaderMap::new();
            if let Some(location) = location {
                headers.insert("location", location.parse().unwrap());
            }
            Answer { status, headers, body: body.into() }
        };
        let target = Target::parse("https://shop.example/a").unwrap();
        let known = Known::new(target, answer(402, None, "{}"));
        for (answer, verdict) in [
            (answer(403, None, ""), Verdict::Right),
            (answer(301, Some("https://shop.example/a"), ""), Verdict::Right),
            (answer(301, Some("http://shop.example/b"), ""), Verdict::Note),
            (answer(402, None, "{}"), Verdict::Note),
            (answer(200, None, "what is for sale"), Verdict::Wrong),
        ] {
            assert_eq!(plain(&known, &Ask::get("", ""), &answer).verdict, verdict, "{answer:?}");
        }
    }
}
