//! Each table of `content.toml`, key by key.

use price_table::{BodyVersion, VerifyPolicy};
use toml::de::{DeTable, DeValue};

use super::reader::{At, Reader};
use super::{ExtraText, FacilitatorText, ObjectsFrom, RuleText, SaleText, Site, Terms, TokenText};
use crate::code::Code;
use crate::report::Problem;

/// The shortest window that a payment can have, seconds: the time that the function may take.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge>
const MIN_TIMEOUT_SECONDS: u32 = 30;

/// The longest window: a day, as the most generous public seller gives it.
/// <https://github.com/thirdweb-dev/js/pull/8317>
const MAX_TIMEOUT_SECONDS: u32 = 86_400;

/// The most decimals of a token: 10^77 is the last power of ten in a `uint256`.
const MAX_DECIMALS: u32 = 77;

pub(super) fn site(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> Site {
    let mut reader = Reader::new("[site]", table.span(), table.into_inner(), problems);
    if !reader.has("urls") {
        reader.missing("urls", "[\"https://...\"]");
    }
    if !reader.has("content") && !reader.has("manifest") {
        reader.missing("content", "\"content\"");
    }
    let urls = reader.strings("urls");
    let objects = match (reader.string("content"), reader.string("manifest")) {
        (Some(folder), Some(manifest)) => {
            reader.problems.push(
                Problem::new(Code::Duplicate, "the objects come from two places")
                    .at(manifest.span(), "from this file")
                    .at(folder.span(), "and from this folder")
                    .help("keep `content` or `manifest`, not both"),
            );
            None
        }
        (Some(folder), None) => Some(ObjectsFrom::Folder(folder)),
        (None, manifest) => manifest.map(ObjectsFrom::Manifest),
    };
    let site = Site {
        urls,
        objects,
        default_root_object: reader.string("default_root_object"),
        cors_origins: reader.strings("cors_origins"),
        body: reader.word("body", &[("v1", BodyVersion::V1), ("v2", BodyVersion::V2)]),
    };
    reader.finish();
    site
}

pub(super) fn terms(reader: &mut Reader<'_, '_>) -> Terms {
    let keys = ["accept", "pay_to", "facilitators", "max_timeout_seconds"];
    let keys = keys.into_iter().filter(|key| reader.has(key)).collect();
    Terms {
        accept: reader.strings("accept"),
        pay_to: reader.string("pay_to"),
        facilitators: facilitators(reader),
        max_timeout_seconds: reader.integer(
            "max_timeout_seconds",
            MIN_TIMEOUT_SECONDS,
            MAX_TIMEOUT_SECONDS,
        ),
        keys,
    }
}

fn facilitators(reader: &mut Reader<'_, '_>) -> Option<At<Vec<FacilitatorText>>> {
    const KEY: &str = "facilitators";
    let list = reader.list(KEY)?;
    let (span, count) = (list.span(), list.get_ref().len());
    let mut read = Vec::new();
    for item in list.into_inner() {
        let span = item.span();
        match item.into_inner() {
            DeValue::String(url) => read.push(FacilitatorText {
                url: At::new(span, url.into_owned()),
                verify: VerifyPolicy::WhenNeeded,
            }),
            DeValue::Table(table) => {
                let mut inner = Reader::new("a facilitator", span, table, reader.problems);
                if !inner.has("url") {
                    inner.missing("url", "\"https://...\"");
                }
                let url = inner.string("url");
                let words =
                    [("when-needed", VerifyPolicy::WhenNeeded), ("first", VerifyPolicy::First)];
                let verify = inner.word("verify", &words);
                inner.finish();
                read.extend(url.map(|url| FacilitatorText { url, verify }));
            }
            other => {
                let value = At::new(span, other);
                reader.wrong_type::<()>(KEY, &value, "URLs in quotes");
            }
        }
    }
    (read.len() == count).then(|| At::new(span, read))
}

pub(super) fn token(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> TokenText {
    let span = table.span();
    let before = problems.len();
    let mut reader = Reader::new("[[token]]", span.clone(), table.into_inner(), problems);
    if !reader.has("id") {
        reader.missing("id", "\"network/asset\"");
    }
    let mut token = TokenText {
        span,
        id: reader.string("id"),
        address: reader.string("address"),
        decimals: reader.integer("decimals", 0, MAX_DECIMALS),
        name: reader.string("name"),
        version: reader.string("version"),
        network: reader.string("network"),
        v1_name: reader.string("v1_name"),
        pay_to: reader.string("pay_to"),
        symbol: reader.string("symbol"),
        extra: extra(&mut reader),
        currency: reader.string("currency"),
        broken: false,
    };
    token.broken = reader.problems.len() > before;
    reader.finish();
    token
}

fn extra(reader: &mut Reader<'_, '_>) -> Option<At<Vec<ExtraText>>> {
    let table = reader.table("extra", "extra = { ... }")?;
    let (span, count) = (table.span(), table.get_ref().len());
    let mut entries = Vec::new();
    for (key, value) in table.into_inner() {
        let json = match value.get_ref() {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            _ => {
                reader.wrong_type::<()>(key.get_ref(), &value, "text in quotes, `true` or `false`");
                continue;
            }
        };
        let key = At::new(key.span(), key.into_inner().into_owned());
        entries.push(ExtraText { key, value: At::new(value.span(), json) });
    }
    (entries.len() == count).then(|| At::new(span, entries))
}

pub(super) fn rule(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> RuleText {
    let span = table.span();
    let mut reader = Reader::new("[[rule]]", span.clone(), table.into_inner(), problems);
    if !reader.has("path") {
        reader.missing("path", "\"folder/**\"");
    }
    let path = reader.string("path");
    let text = |text: Option<At<String>>| text.map(At::into_inner).unwrap_or_default();
    let (title, description) = (text(reader.string("title")), text(reader.string("description")));
    let mime_type = reader.string("mime_type");
    let terms = terms(&mut reader);
    let sale = sale(&mut reader, &terms);
    reader.finish();
    RuleText { span, path, sale, title, description, mime_type, terms }
}

fn sale(reader: &mut Reader<'_, '_>, terms: &Terms) -> Option<SaleText> {
    // If there, and yet not read below, then of the wrong type, which is reported.
    let is_there = reader.has("price") || reader.has("free");
    let mut keys = terms.keys.clone();
    keys.extend(reader.has("access").then_some("access"));
    let (free, price) = (reader.boolean("free"), reader.string("price"));
    let access = reader.string("access");
    let free_is_not_false = free.as_ref().is_none_or(|free| *free.get_ref());
    let span = reader.span.clone();
    let mut report = |problem| {
        reader.problems.push(problem);
        None
    };
    match (free.filter(|free| *free.get_ref()), price) {
        (Some(free), Some(price)) => report(
            Problem::new(Code::FreeWithTerms, "the rule is free and has a price")
                .at(price.span(), "this price")
                .at(free.span(), "but free")
                .help("keep `price` or `free = true`, not both"),
        ),
        (Some(free), None) if !keys.is_empty() => report(
            Problem::new(Code::FreeWithTerms, "the rule is free and has terms of payment")
                .at(
                    free.span(),
                    format!("free, which leaves no use for {}", crate::nearest::list(keys)),
                )
                .help("remove the terms, or write a `price` in place of `free`"),
        ),
        (Some(_), None) => Some(SaleText::Free),
        (None, Some(price)) => Some(SaleText::Priced { price, access }),
        (None, None) if is_there && free_is_not_false => None,
        (None, None) => report(
            Problem::new(Code::MissingKey, "[[rule]] has neither `price` nor `free`")
                .at(span, "what do its objects cost?")
                .help("add `price = \"0.01\"`, or `free = true`"),
        ),
    }
}
