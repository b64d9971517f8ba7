//! Each table of `content.toml`, key by key.

use std::ops::Range;

use price_table::{Auth, BodyVersion, Dialect, PassScope, Purchases, VerifyPolicy};
use toml::de::{DeTable, DeValue};

use super::content::{
    ExtraText, FacilitatorText, LogText, Mode, NextText, ObjectsFrom, PageText, RedemptionsText,
    RpcText, RuleText, SaleText, SampleText, Site, Store, Terms, TokenText,
};
use super::reader::{At, Reader};
use crate::code::Code;
use crate::report::Problem;

/// The shortest window that a payment can have, seconds. Of it 20 must be left on arrival: the
/// function may take 30, facilitators want 6 to be left, and clocks differ by 10.
const MIN_TIMEOUT_SECONDS: u32 = 60;

/// The longest window, seconds: a day, as the most generous public seller gives it
/// (<https://github.com/thirdweb-dev/js/pull/8317>). The function takes 25 hours, for clocks differ.
const MAX_TIMEOUT_SECONDS: u32 = 86_400;

/// The most confirmations: a week of Arbitrum, whose blocks are the shortest in use at 0.25 s.
/// <https://docs.arbitrum.io/how-arbitrum-works/bold/gentle-introduction>
const MAX_CONFIRMATIONS: u32 = 2_419_200;

/// The shortest life of a record, days. A payment may be valid for longer than one
/// ([`MAX_TIMEOUT_SECONDS`]), and its record must outlive it.
const MIN_KEEP_DAYS: u32 = 2;

/// The longest life of a record, days: ten years.
const MAX_KEEP_DAYS: u32 = 3_650;

/// The most decimals of a token: 10^77 is the last power of ten in a `uint256`.
const MAX_DECIMALS: u32 = 77;

pub(super) fn site(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> Site {
    let mut reader = Reader::new("[site]", table.span(), table.into_inner(), problems);
    if !reader.has("id") {
        reader.problems.push(
            Problem::new(Code::MissingKey, "[site] has no `id`")
                .at(reader.span.clone(), "`id` is missing here")
                .help(
                    "add `id = \"my-shop\"`, 1 to 32 of a-z, 0-9 and `-`; it must survive a new \
                     domain, bucket and stack, since changing it forgets open payments",
                ),
        );
    }
    if !reader.has("urls") {
        reader.missing("urls", "[\"https://...\"]");
    }
    if !reader.has("content") && !reader.has("manifest") {
        reader.missing("content", "\"content\"");
    }
    if !reader.has("discovery") {
        reader.problems.push(
            Problem::new(Code::MissingKey, "[site] does not say whether buyers may find it")
                .at(reader.span.clone(), "`discovery` is missing here")
                .help(
                    "add `discovery = true`: catalogues may list what is sold, and /openapi.json and its kin \
                     name every object and price to everybody; or `discovery = false`: only who knows a URL \
                     finds it",
                ),
        );
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
        span: reader.span.clone(),
        id: reader.string("id"),
        urls,
        objects,
        default_root_object: reader.string("default_root_object"),
        cors_origins: reader.strings("cors_origins"),
        body: reader.word("body", &[("v1", BodyVersion::V1), ("v2", BodyVersion::V2)]),
        sealed: reader.boolean("sealed").is_some_and(|wanted| *wanted.get_ref()),
        digests: reader.boolean("digests").is_some_and(|wanted| *wanted.get_ref()),
        published: reader.string("published"),
        discovery: reader.boolean("discovery"),
        name: reader.string("name"),
        tags: reader.strings("tags"),
        icon: reader.string("icon"),
        contact: reader.string("contact"),
        page: reader.boolean("page"),
        vouched_epoch: vouched_epoch(&mut reader),
        mode: mode(&mut reader),
    };
    if let (Some(ObjectsFrom::Manifest(_)), Some(published)) = (&site.objects, &site.published) {
        reader.problems.push(
            Problem::new(Code::MisplacedKey, "`published` has no meaning beside `manifest`")
                .at(published.span(), "the manifest has the ETags already")
                .help("remove it, or name the folder with `content`"),
        );
    }
    reader.finish();
    site
}

pub(super) fn page(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> PageText {
    let span = Some(table.span());
    let mut reader = Reader::new("[page]", table.span(), table.into_inner(), problems);
    let page = PageText {
        span,
        logo: reader.string("logo"),
        accent: reader.string("accent"),
        terms: reader.string("terms"),
        folder: reader.string("folder"),
    };
    reader.finish();
    page
}

pub(super) fn log(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> LogText {
    let mut reader = Reader::new("[log]", table.span(), table.into_inner(), problems);
    let log = LogText { free: reader.string("free") };
    reader.finish();
    log
}

pub(super) fn terms(reader: &mut Reader<'_, '_>) -> Terms {
    let keys = ["accept", "pay_to", "facilitators", "max_timeout_seconds", "purchases"];
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
        purchases: reader.stated_word(
            "purchases",
            &[("one-at-a-time", Purchases::OneAtATime), ("independent", Purchases::Independent)],
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
                auth: Auth::None,
                dialect: None,
                refusals: None,
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
                let words = [("none", Auth::None), ("bearer", Auth::Bearer), ("cdp", Auth::Cdp)];
                let auth = inner.word("auth", &words);
                let words = [
                    ("reference", Dialect::Reference),
                    ("cdp", Dialect::Cdp),
                    ("x402-rs", Dialect::X402Rs),
                ];
                let dialect = inner.stated_word("dialect", &words);
                let refusals = inner.strings("refusals");
                inner.finish();
                read.extend(url.map(|url| FacilitatorText {
                    url,
                    verify,
                    auth,
                    dialect,
                    refusals,
                }));
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
    let title = reader.string("title").map(At::into_inner).unwrap_or_default();
    let description = reader.string("description");
    let of_sales = ["sample", "sample_file"].into_iter().filter(|key| reader.has(key)).collect();
    let sample = sample(&mut reader);
    let mime_type = reader.string("mime_type");
    let terms = terms(&mut reader);
    let sale = sale(&mut reader, &terms, of_sales);
    let mode = mode(&mut reader);
    reader.finish();
    RuleText { span, path, sale, mode, title, description, sample, mime_type, terms }
}

fn sample(reader: &mut Reader<'_, '_>) -> Option<SampleText> {
    match (reader.json("sample"), reader.string("sample_file")) {
        (Some(value), Some(file)) => {
            reader.problems.push(
                Problem::new(Code::Duplicate, "the rule has two samples")
                    .at(file.span(), "this file")
                    .at(value.span(), "and this value")
                    .help("keep `sample` or `sample_file`, not both"),
            );
            None
        }
        (Some(value), None) => Some(SampleText::Value(value)),
        (None, file) => file.map(SampleText::File),
    }
}

fn sale(
    reader: &mut Reader<'_, '_>,
    terms: &Terms,
    of_sales: Vec<&'static str>,
) -> Option<SaleText> {
    // If there, and yet not read below, then of the wrong type, which is reported.
    let is_there = reader.has("price") || reader.has("free");
    let mut keys = terms.keys.clone();
    keys.extend(of_sales);
    let of_timed = reader.spans(&["pass", "access_epoch"]);
    keys.extend(["access", "next", "mode", "until"].into_iter().filter(|key| reader.has(key)));
    keys.extend(of_timed.iter().map(|(key, _)| key));
    let (free, price) = (reader.boolean("free"), reader.string("price"));
    let (next_is_there, next) = (reader.has("next"), next(reader));
    let access = reader.string("access");
    let pass = reader.word("pass", &[("object", PassScope::Object), ("rule", PassScope::Rule)]);
    let access_epoch = reader.integer("access_epoch", 0, u32::MAX).map_or(0, At::into_inner);
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
        (None, Some(_)) if next_is_there && next.is_none() => None,
        (None, Some(price)) => {
            Some(SaleText::Priced { price, next, access, pass, access_epoch, of_timed })
        }
        (None, None) if is_there && free_is_not_false => None,
        (None, None) => report(
            Problem::new(Code::MissingKey, "[[rule]] has neither `price` nor `free`")
                .at(span, "what do its objects cost?")
                .help("add `price = \"0.01\"`, or `free = true`"),
        ),
    }
}

/// Who pays: everyone, or everyone but those whom the web ACL vouches for, by the word of an epoch.
fn vouched_epoch(reader: &mut Reader<'_, '_>) -> Option<u32> {
    let unvouched = reader.word("who_pays", &[("everyone", false), ("unvouched", true)]);
    let place = reader.spans(&["vouched_epoch"]).pop();
    let epoch = reader.integer("vouched_epoch", 0, u32::MAX).map_or(0, At::into_inner);
    if let (false, Some((_, span))) = (unvouched, place) {
        reader.problems.push(
            Problem::new(Code::MisplacedKey, "`vouched_epoch` has no place here")
                .at(span, "nobody is vouched for, since everyone pays")
                .help("write `who_pays = \"unvouched\"` beside it, or remove it"),
        );
    }
    unvouched.then_some(epoch)
}

/// Without its end there is no dry run.
fn mode(reader: &mut Reader<'_, '_>) -> Option<Mode> {
    const EXAMPLE: &str = "2026-12-24T00:00:00Z";
    let (is_stated, has_end) = (reader.has("mode"), reader.spans(&["until"]).pop());
    let mode = reader.stated_word("mode", &[("charge", false), ("dry-run", true)]);
    let until = reader.time("until");
    let dry = mode.as_ref().map(|mode| *mode.get_ref());
    match (dry, has_end) {
        (Some(true), None) => reader.problems.push(
            Problem::new(Code::MissingKey, "a dry run has no `until`")
                .at(mode?.span(), "when does it end?")
                .help(format!("add `until = {EXAMPLE}`: from then on everything is charged")),
        ),
        (Some(true), Some(_)) => return until.map(|until| Mode::DryRun { until }),
        (Some(false), Some((_, span))) => reader.problems.push(not_dry(span)),
        (None, Some((_, span))) if !is_stated => reader.problems.push(not_dry(span)),
        (Some(false), None) => return Some(Mode::Charge),
        (None, _) => {}
    }
    None
}

fn not_dry(until: Range<usize>) -> Problem {
    Problem::new(Code::MisplacedKey, "`until` has no place here")
        .at(until, "for dry runs only")
        .help("write `mode = \"dry-run\"` beside it, or remove `until`")
}

fn next(reader: &mut Reader<'_, '_>) -> Option<NextText> {
    let table = reader.table("next", "next = { price = \"0.02\", from = 2026-12-24T00:00:00Z }")?;
    let mut inner = Reader::new("`next`", table.span(), table.into_inner(), reader.problems);
    for (key, example) in [("price", "\"0.02\""), ("from", "2026-12-24T00:00:00Z")] {
        if !inner.has(key) {
            inner.missing(key, example);
        }
    }
    let (price, from) = (inner.string("price"), inner.time("from"));
    inner.finish();
    price.zip(from).map(|(price, from)| NextText { price, from })
}

pub(super) fn rpc(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> Vec<RpcText> {
    let mut read = Vec::new();
    for (key, value) in table.into_inner() {
        let network = At::new(key.span(), key.into_inner().into_owned());
        let span = value.span();
        let before = problems.len();
        read.push(match value.into_inner() {
            DeValue::String(url) => {
                let url = Some(At::new(span, url.into_owned()));
                RpcText { url, ..RpcText::new(network, false) }
            }
            DeValue::Table(table) => {
                let mut reader = Reader::new("an RPC endpoint", span, table, problems);
                let url = reader.string("url");
                let secret = reader.boolean("secret");
                let second = reader.string("second");
                let confirmations = reader.integer("confirmations", 1, MAX_CONFIRMATIONS);
                reader.finish();
                let broken = problems.len() > before;
                RpcText { network, url, secret, second, confirmations, broken }
            }
            other => {
                let value = At::new(span.clone(), other);
                let mut reader = Reader::new("[rpc]", span, DeTable::new(), problems);
                let wanted = "a URL in quotes, or a table";
                reader.wrong_type::<()>(network.get_ref(), &value, wanted);
                RpcText::new(network, true)
            }
        });
    }
    read
}

pub(super) fn redemptions(table: At<DeTable<'_>>, problems: &mut Vec<Problem>) -> RedemptionsText {
    let span = table.span();
    let before = problems.len();
    let mut reader = Reader::new("[redemptions]", span.clone(), table.into_inner(), problems);
    let of_s3 = ["bucket", "region", "prefix", "keep_days", "accept_unresolved", "shared_pay_to"];
    let mut redemptions = RedemptionsText {
        span: Some(span),
        of_s3: reader.spans(&of_s3),
        store: reader.word("store", &[("memory", Store::Memory), ("s3", Store::S3)]),
        bucket: reader.string("bucket"),
        region: reader.string("region"),
        prefix: reader.string("prefix"),
        keep_days: reader.integer("keep_days", MIN_KEEP_DAYS, MAX_KEEP_DAYS),
        accept_unresolved: reader.boolean("accept_unresolved").is_some_and(At::into_inner),
        shared_pay_to: reader.boolean("shared_pay_to").is_some_and(At::into_inner),
        broken: false,
    };
    redemptions.broken = reader.problems.len() > before;
    reader.finish();
    redemptions
}
