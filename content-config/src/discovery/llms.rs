//! `llms.txt`: how to buy and what is for sale, in a page of Markdown. <https://llmstxt.org>

use std::fmt::Write as _;

use price_table::{Access, Offer, Rule, Sale};

use super::entry::{Entry, shop_name};
use super::guide;
use crate::compiled::Compiled;
use crate::networks;

/// Objects of one rule that are shown.
const SHOWN: usize = 20;

pub(super) fn write(compiled: &Compiled, entries: &[Entry<'_>]) -> String {
    let site = &compiled.table.site;
    let url = &site.urls[0];
    let mut text = format!(
        "# {}\n\n\
         > {} files for sale at {url}, one by one, paid by x402: GET a URL, get a 402 with the price, GET it again with a \
         payment.\n\n",
        shop_name(compiled),
        entries.len(),
    );
    if let Some(contact) = &site.contact {
        line(&mut text, format_args!("Questions go to {contact}.\n"));
    }
    line(&mut text, format_args!("{}", guide::how_to_buy(compiled)));
    for (index, rule) in compiled.table.rules.iter().enumerate() {
        let sold: Vec<_> = entries.iter().filter(|entry| entry.rule() == index).collect();
        if let (Sale::Priced { access, offers, .. }, [first, ..]) = (&rule.sale, &*sold) {
            heading(&mut text, rule, &first.note.price(), *access, offers);
            objects(&mut text, &sold);
        }
    }
    line(&mut text, format_args!("\n## Optional\n"));
    line(&mut text, format_args!("- [All files]({url}/.well-known/x402): their URLs, as JSON"));
    line(&mut text, format_args!("- [OpenAPI]({url}/openapi.json): files with prices and types"));
    text
}

fn heading(text: &mut String, rule: &Rule, price: &str, access: Access, offers: &[Offer]) {
    let title = if rule.title.is_empty() { &rule.pattern } else { &rule.title };
    let bought = match access {
        Access::Request => "one delivery".to_owned(),
        timed => format!("open for {}", crate::access::display(timed)),
    };
    line(text, format_args!("\n## {}: {price}, {bought}\n", flat(title)));
    if !rule.description.is_empty() {
        line(text, format_args!("{}\n", flat(&rule.description)));
    }
    let offers = offers.iter().map(|offer| {
        let network = networks::of(&offer.network);
        format!("{} on {} ({})", offer.symbol(), network.name, network.caip2)
    });
    line(text, format_args!("Paid in {}.\n", offers.collect::<Vec<_>>().join(", or ")));
    if let Some(sample) = &rule.sample {
        line(text, format_args!("What it is like, made up:\n\n    {sample}\n"));
    }
}

fn objects(text: &mut String, sold: &[&Entry<'_>]) {
    for entry in sold.iter().take(SHOWN) {
        let key = flat(&entry.listing.object.key).replace(['[', ']'], "");
        let (kind, size) = (entry.listing.mime_type, entry.listing.object.size);
        line(text, format_args!("- [{key}]({}): {kind}, {size} bytes", entry.url));
    }
    if sold.len() > SHOWN {
        line(text, format_args!("- and {} more", sold.len() - SHOWN));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing to memory does not fail");
}

/// In one line, as headings and list items must be.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
