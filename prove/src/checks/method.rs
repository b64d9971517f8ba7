//! Whether a method, a range or a condition opens what is for sale.

use http::Method;

use crate::answer::{Answer, Ask};
use crate::check::{Check, Finding, Judge, Probe, note, right, wrong};
use crate::known::{Gives, Known};
use crate::sources::{CONDITIONS, HEAD, METHODS, RANGES};

use super::unpaid;

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let url = known.target.url();
    let ask = |label: &str| Ask::get(label, &url);
    let others = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let others = others.map(|method| ask(method.as_str()).method(method.clone()));
    let mut conditions = vec![
        ask("any tag").header("If-None-Match", "*"),
        ask("a date to come").header("If-Modified-Since", "Thu, 31 Dec 2099 23:59:59 GMT"),
    ];
    if let Some(bought) = &known.bought {
        for (name, header) in [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")] {
            if !bought.header(header).is_empty() {
                conditions.push(ask("what was bought").header(name, bought.header(header)));
            }
        }
    }
    let ranges = ["bytes=0-0", "bytes=0-9", "bytes=-10", "bytes=0-4,6-9", "bytes=99999999999-"];
    let ranges = ranges.map(|range| ask(&format!("Range: {range}")).header("Range", range));
    let check = |id, what, why, shows, judge| [Check { id, what, why, shows, judge }];
    vec![
        Probe::new(
            vec![ask("HEAD").method(Method::HEAD)],
            check(
                "method.head",
                "HEAD is answered as GET would be: 402, and nothing of the content.",
                HEAD,
                &["content-length", "etag", "last-modified"],
                Judge::Each(head, "HEAD is not answered as if it were paid."),
            ),
        ),
        Probe::new(
            others.to_vec(),
            check(
                "method.others",
                "No other method gives the content, and none is an error of the server's.",
                METHODS,
                &["allow", "content-type"],
                Judge::Each(other, "No other method opened it."),
            ),
        ),
        Probe::new(
            ranges.to_vec(),
            check(
                "range.unpaid",
                "Who asks for a part without paying is given none.",
                RANGES,
                &["content-range", "content-length"],
                Judge::Each(range, "No part was given."),
            ),
        ),
        Probe::new(
            conditions,
            check(
                "condition.unpaid",
                "Conditions are not judged before the payment is: no 304 without one.",
                CONDITIONS,
                &["etag", "last-modified"],
                Judge::Each(unpaid::same, "No condition was judged unpaid."),
            ),
        ),
    ]
}

/// What OPTIONS is answered describes the resource, and is not it.
fn other(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match ask.method == Method::OPTIONS
        && answer.is_success()
        && known.gives(answer) != Gives::Content
    {
        true => right(format!("OPTIONS: {}", answer.status)),
        false => unpaid::other(known, ask, answer),
    }
}

fn head(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    if !answer.is_success() {
        return unpaid::same(known, ask, answer);
    }
    let tells: Vec<_> = ["content-length", "etag", "last-modified"]
        .into_iter()
        .filter(|name| !matches!(answer.header(name), "" | "0"))
        .collect();
    match tells.is_empty() {
        true => note(format!(
            "HEAD: {}, where GET is 402; it tells nothing of the content",
            answer.status
        )),
        false => wrong(format!(
            "HEAD: {}, where GET is 402; it tells the content's {}",
            answer.status,
            tells.join(", ")
        )),
    }
}

fn range(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match answer.status {
        206 => wrong(format!("{}: 206 with {} bytes, unpaid", ask.label, answer.body.len())),
        416 if !answer.header("content-range").is_empty() => {
            note(format!("{}: 416 tells the content's length", ask.label))
        }
        416 => right("416"),
        _ => unpaid::same(known, ask, answer),
    }
}
