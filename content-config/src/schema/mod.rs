//! `content.toml` as its text has it.

mod content;
mod reader;
mod tables;

use std::collections::HashSet;

use toml::de::DeTable;

use crate::code::Code;
use crate::report::{Problem, line_column};

pub(crate) use content::{
    Content, ExtraText, FacilitatorText, LogText, Mode, NextText, ObjectsFrom, PageText,
    RedemptionsText, RpcText, RuleText, SaleText, SampleText, Site, Store, Terms, TokenText,
};
pub(crate) use reader::At;
use reader::Reader;

/// Reads the text. All its errors of syntax are reported; if there are any, nothing else is, since
/// what could not be read would look missing.
pub(crate) fn parse(text: &str, problems: &mut Vec<Problem>) -> Option<Content> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // One a line: the others are mostly what follows from the first.
        let mut lines = HashSet::new();
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            if lines.insert(line_column(text, span.start).0) {
                problems.push(
                    Problem::new(Code::Syntax, "this is not TOML")
                        .at(span, error.message())
                        .help("see https://toml.io/en/v1.0.0 for how TOML is written"),
                );
            }
        }
        return None;
    }
    // Keys that the whole file lacks are reported at its start.
    let mut reader = Reader::new("content.toml", 0..0, document.into_inner(), problems);
    let (no_site, no_rule) = (!reader.has("site"), !reader.has("rule"));
    let (site, payment) = (reader.table("site", "[site]"), reader.table("payment", "[payment]"));
    let (tokens, rules) = (reader.tables("token"), reader.tables("rule"));
    let rpc = reader.table("rpc", "[rpc]");
    let redemptions = reader.table("redemptions", "[redemptions]");
    let page = reader.table("page", "[page]");
    let log = reader.table("log", "[log]");
    if no_site {
        reader.problems.push(
            Problem::new(Code::MissingKey, "content.toml has no `[site]`")
                .at(0..0, "nothing says where the content is sold")
                .help("add `[site]` with `id = \"my-shop\"`, `urls = [\"https://...\"]` and `content = \"content\"`"),
        );
    }
    if no_rule {
        reader.problems.push(
            Problem::new(Code::MissingKey, "content.toml has no `[[rule]]`")
                .at(text.len()..text.len(), "nothing says what the content costs")
                .help("add `[[rule]]` with `path = \"**\"` and `price = \"0.01\"`"),
        );
    }
    reader.finish();

    let site = site.map(|table| tables::site(table, problems));
    let payment = payment.map(|table| {
        let mut reader = Reader::new("[payment]", table.span(), table.into_inner(), problems);
        let terms = tables::terms(&mut reader);
        reader.finish();
        terms
    });
    let tokens = tokens.into_iter().map(|table| tables::token(table, problems)).collect();
    let rules = rules.into_iter().map(|table| tables::rule(table, problems)).collect();
    let rpc = rpc.map(|table| tables::rpc(table, problems)).unwrap_or_default();
    let redemptions =
        redemptions.map(|table| tables::redemptions(table, problems)).unwrap_or_default();
    let payment = payment.unwrap_or_default();
    let page = page.map(|table| tables::page(table, problems)).unwrap_or_default();
    let log = log.map(|table| tables::log(table, problems)).unwrap_or_default();
    Some(Content { site: site?, payment, tokens, rpc, redemptions, page, log, rules })
}
