//! `llms.txt`: what is for sale, in a page of Markdown. <https://llmstxt.org>

use std::fmt::Write as _;

use price_table::{Access, Sale};

use super::entry::Entry;
use crate::compiled::Compiled;

/// Objects of one rule that are shown.
const SHOWN: usize = 20;

pub(super) fn write(compiled: &Compiled, entries: &[Entry<'_>]) -> String {
    let site = &compiled.table.site.urls[0];
    let host = site.split_once("://").map_or(site.as_ref(), |(_, host)| host);
    let mut text = format!(
        "# {host}\n\n\
         > Files sold one by one over HTTP by x402: GET a URL, get a 402 with the price, GET it again \
         with a payment.\n\n\
         The offers are in the `PAYMENT-REQUIRED` header (x402 v2) and in the JSON body (v1); the \
         payment goes into `PAYMENT-SIGNATURE` (v2) or `X-PAYMENT` (v1). A refusal's `paywall` object \
         says what to do next; on a 503, send the same payment again and do not sign another.\n"
    );
    for (index, rule) in compiled.table.rules.iter().enumerate() {
        let of_rule = |entry: &&Entry<'_>| usize::from(entry.listing.object.rule) == index;
        let (Sale::Priced { access, .. }, mut sold) =
            (&rule.sale, entries.iter().filter(of_rule).peekable())
        else {
            continue;
        };
        let Some(first) = sold.peek() else { continue };
        let title = if rule.title.is_empty() { rule.pattern.as_ref() } else { &rule.title };
        let bought = match access {
            Access::Request => "one delivery".to_owned(),
            timed => format!("open for {}", crate::access::display(*timed)),
        };
        let price = first.note.price();
        line(&mut text, format_args!("\n## {}: {price}, {bought}\n", flat(title)));
        if !rule.description.is_empty() {
            line(&mut text, format_args!("{}\n", flat(&rule.description)));
        }
        let sold: Vec<_> = sold.collect();
        for entry in sold.iter().take(SHOWN) {
            let key = flat(&entry.listing.object.key).replace(['[', ']'], "");
            let kind = entry.listing.mime_type;
            line(
                &mut text,
                format_args!(
                    "- [{key}]({}): {kind}, {} bytes",
                    entry.url, entry.listing.object.size
                ),
            );
        }
        if sold.len() > SHOWN {
            line(&mut text, format_args!("- and {} more", sold.len() - SHOWN));
        }
    }
    line(&mut text, format_args!("\n## Optional\n"));
    line(
        &mut text,
        format_args!("- [All objects]({site}/.well-known/x402): their URLs, and terms"),
    );
    line(
        &mut text,
        format_args!("- [OpenAPI]({site}/openapi.json): one operation for each object"),
    );
    text
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing to memory does not fail");
}

/// In one line, as headings and list items must be.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
