//! The shop itself: networks, store, seal, URLs, and what is published.

use content_config::{Compiled, is_test_network};
use price_table::{Offer, Sale, Table};
use ship::preflight::Preflight;

use crate::line::Line;

/// Names under which nobody sells: RFC 2606, <https://www.rfc-editor.org/rfc/rfc2606>, and the distribution of AWS's
/// documentation, which stands in the examples here.
const EXAMPLES: [&str; 8] = [
    "example",
    "test",
    "invalid",
    "localhost",
    "example.com",
    "example.net",
    "example.org",
    "d111111abcdef8.cloudfront.net",
];

/// Judges all of it; `preflight` is what a deployment would be told.
pub(crate) fn judge(compiled: &Compiled, preflight: &Preflight) -> Vec<Line> {
    let table = compiled.table();
    let mut lines = vec![networks(table)];
    lines.extend(promises(preflight));
    lines.extend(table.site.urls.iter().map(|url| place(url)));
    lines.push(seal(table));
    lines.extend(published(compiled));
    let warnings = compiled.warnings().problems().iter();
    lines.extend(warnings.map(|problem| {
        let mend = problem.help.clone().unwrap_or_else(|| "`paywall check` shows where".to_owned());
        Line::warning("content", problem.message.clone(), mend)
    }));
    lines
}

/// Every offer of a table.
pub(crate) fn offers(table: &Table) -> impl Iterator<Item = &Offer> {
    table.rules.iter().flat_map(|rule| match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers.as_ref(),
    })
}

fn networks(table: &Table) -> Line {
    const WHAT: &str = "network";
    if let Some(test) = offers(table).find(|offer| is_test_network(&offer.network.caip2)) {
        return Line::wrong(
            WHAT,
            format!("{} is a test network: who pays there pays nothing", test.network.caip2),
            "write a token of a main network in its place, or leave it out",
        );
    }
    let mut names: Vec<&str> = offers(table).map(|offer| &*offer.network.caip2).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => Line::wrong(WHAT, "nothing is sold: every rule is free", "give a rule a `price`"),
        names => Line::right(WHAT, format!("all is sold for money, on {}", names.join(", "))),
    }
}

/// What a deployment would refuse, each by the word that it takes.
fn promises(preflight: &Preflight) -> Vec<Line> {
    const WHAT: &str = "promises";
    if preflight.refused.is_empty() {
        return vec![Line::right(WHAT, "a deployment would weaken none")];
    }
    let lines = preflight.refused.iter().map(|why| {
        let word = ["P4", "P5"].into_iter().find(|word| why.contains(&format!("weakens {word}")));
        // How a deployment is told that it is meant is said when it is made.
        let why = why.find(" or --accept").map_or(why.as_str(), |at| &why[..at]);
        let why = why.trim_end_matches([',', ';']);
        Line::wrong(WHAT, why, "a deployment refuses it as well")
            .unless(word.unwrap_or("independent"))
    });
    lines.collect()
}

fn place(url: &str) -> Line {
    const WHAT: &str = "urls";
    let mend =
        "write the distribution's URL into [site] urls: `paywall status` shows it as SiteUrl";
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.strip_prefix('[').map_or_else(
        || host.split(':').next().unwrap_or(host),
        |v6| v6.split(']').next().unwrap_or(v6),
    );
    let loopback = host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    let within = |name: &&str| {
        host.strip_suffix(*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if loopback || EXAMPLES.iter().any(within) {
        return Line::wrong(WHAT, format!("{url} is not where anybody buys"), mend);
    }
    Line::right(WHAT, format!("{url} is a public name"))
}

fn seal(table: &Table) -> Line {
    const WHAT: &str = "seal";
    match table.site.sealed {
        true => Line::right(WHAT, "without the function no URL reaches an object"),
        false => Line::warning(
            WHAT,
            "the objects lie under their own names: what leads round the function gives them away",
            "write `sealed = true` in [site] and publish again",
        ),
    }
}

fn published(compiled: &Compiled) -> [Line; 2] {
    const WHAT: &str = "published";
    let record = match compiled.record() {
        Some(_) => Line::right(WHAT, "what is published is on record"),
        None => Line::warning(
            WHAT,
            "what was published is not on record: in a bucket encrypted by KMS, ETags are others than here",
            "`published = \"published.jsonl\"` in [site] keeps them, where `paywall publish` reads them",
        ),
    };
    let discovery = match compiled.documents() {
        [] => Line::warning(
            "discovery",
            "no agent and no catalogue learns what is for sale: only who knows a URL buys",
            "`discovery = true` in [site] tells them, if strangers may know every key and price",
        ),
        documents => Line::right("discovery", format!("{} documents for agents", documents.len())),
    };
    [record, discovery]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Verdict;

    #[test]
    fn where_nobody_buys() {
        for url in [
            "http://127.0.0.1:8402",
            "http://[::1]:8402",
            "http://localhost:8402",
            "https://shop.example",
            "https://www.example.com",
            "https://a.test",
            "https://d111111abcdef8.cloudfront.net",
        ] {
            assert_eq!(place(url).verdict, Verdict::Wrong, "{url}");
        }
        for url in ["https://notexample.com", "https://d3kx9.cloudfront.net", "https://shop.dev"] {
            assert_eq!(place(url).verdict, Verdict::Right, "{url}");
        }
    }
}
