//! `check`: what is wrong, or what is for sale.

use cloudfront::limits::PACKAGE_BYTES;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use price_table::Redemptions;
use price_table::challenge::MAX_HEADER_BYTES;
use serde::Serialize;

use super::columns::{self, Align};
use super::listing;
use super::outcome::Outcome;
use super::words::{access, access_column, network_name, objects_per_rule, offers, purchases};
use crate::favicon;
use crate::listing::{Review, ask, review};
use crate::online::{self, Client, Finding, Weight};
use crate::{Compiled, Quote, Report, Severity};

/// What is asked for beside the summary.
pub(super) struct Asked<'a> {
    /// What facilitators, nodes and a validator say.
    pub(super) online: bool,
    /// What catalogues make of what is named; of everything, if nothing is.
    pub(super) listing: Option<&'a str>,
}

impl Asked<'_> {
    /// What catalogues make of it, if that is asked; or why nothing is for sale under its name.
    fn review(&self, compiled: &Compiled) -> Result<Option<Review>, String> {
        let Some(named) = self.listing else { return Ok(None) };
        let wanted = listing::wanted(compiled, named)?;
        let mut found = review(compiled, &wanted, Timestamp::now());
        if self.online {
            ask(&mut found, &Client::new());
        }
        Ok(Some(found))
    }

    fn findings(&self, compiled: &Compiled) -> Option<Vec<Finding>> {
        self.online.then(|| online::check(compiled))
    }
}

/// Prints the summary, or what catalogues make of what is sold.
pub(super) fn text(
    path: &Path,
    compiled: &Compiled,
    asked: &Asked<'_>,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<Outcome> {
    let review = match asked.review(compiled) {
        Ok(review) => review,
        Err(why) => return not_for_sale(&why, errors),
    };
    match &review {
        Some(review) => listing::text(path, review, out)?,
        None => summary(path, compiled, out)?,
    }
    let findings = asked.findings(compiled);
    if let Some(findings) = &findings {
        writeln!(out)?;
        show(findings, out)?;
    }
    Ok(outcome(findings.as_deref(), review.as_ref()))
}

fn not_for_sale(why: &str, errors: &mut dyn Write) -> io::Result<Outcome> {
    writeln!(errors, "error: {why}")?;
    Ok(Outcome::NotForSale)
}

fn summary(path: &Path, compiled: &Compiled, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::new(compiled);
    writeln!(
        out,
        "{}: {} objects, {}, {} rules\n",
        path.display(),
        summary.objects,
        columns::bytes(summary.bytes),
        summary.rules.len()
    )?;
    let rows: Vec<_> = summary
        .rules
        .iter()
        .map(|rule| {
            let challenge = match rule.challenge_bytes {
                0 => "-".to_owned(),
                bytes => format!("{bytes} of {MAX_HEADER_BYTES}"),
            };
            [
                rule.pattern.to_owned(),
                rule.line.to_string(),
                rule.price.clone(),
                access_column(rule.access.clone(), rule.purchases),
                rule.objects.to_string(),
                challenge,
            ]
        })
        .collect();
    let heading = [
        ("RULE", Align::Left),
        ("LINE", Align::Right),
        ("PRICE", Align::Right),
        ("ACCESS", Align::Left),
        ("OBJECTS", Align::Right),
        ("CHALLENGE BYTES", Align::Right),
    ];
    columns::write(heading, &rows, out)?;
    writeln!(out)?;
    let sealed = match summary.sealed {
        true => "yes",
        false => "no: what leads round the function is free",
    };
    let page = match summary.page {
        true => "people at a browser pay with their wallet",
        false => "none: browsers are answered as software is",
    };
    let no_favicon = match summary.favicon {
        Some(false) if !compiled.documents().is_empty() => {
            format!("none: x402scan shows the shop without a picture; {}", favicon::HELP)
        }
        _ => String::new(),
    };
    let lines = [
        ("site", summary.site.to_owned()),
        ("sold at", summary.sites.join(", ")),
        ("prices", summary.prices.clone().unwrap_or_else(|| "everything is free".to_owned())),
        ("networks", summary.networks.join(", ")),
        ("paid to", summary.payees.join(", ")),
        ("paid by", summary.who_pays.unwrap_or_default().to_owned()),
        ("settled by", summary.facilitators.join(", ")),
        ("remembered", summary.store.clone()),
        ("sealed", sealed.to_owned()),
        ("page", page.to_owned()),
        ("favicon", no_favicon),
        ("table", summary.table.clone()),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "{name:<10}  {value}")?;
    }
    Ok(())
}

fn show(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for Finding { severity, message, help } in findings {
        let severity = match severity {
            Weight::Ok => "ok",
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        writeln!(out, "{severity:<10}  {message}")?;
        if let Some(help) = help {
            writeln!(out, "{:<10}  Help: {help}", "")?;
        }
    }
    Ok(())
}

/// Prints all of it as JSON, errors included.
pub(super) fn json(
    path: &Path,
    result: &Result<Compiled, Report>,
    asked: &Asked<'_>,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<Outcome> {
    let (report, summary) = match result {
        Ok(compiled) => (compiled.warnings(), Some(Summary::new(compiled))),
        Err(report) => (report, None),
    };
    let config = path.display().to_string();
    let compiled = result.as_ref().ok();
    let listing = match compiled.map_or(Ok(None), |compiled| asked.review(compiled)) {
        Ok(listing) => listing,
        Err(why) => return not_for_sale(&why, errors),
    };
    let online = compiled.and_then(|compiled| asked.findings(compiled));
    let end = match compiled {
        Some(_) => outcome(online.as_deref(), listing.as_ref()),
        None => Outcome::Errors,
    };
    let ok = end == Outcome::Done;
    let answer = Answer { config, ok, problems: problems(report), online, listing, summary };
    serde_json::to_writer_pretty(&mut *out, &answer)?;
    writeln!(out)?;
    Ok(end)
}

fn outcome(findings: Option<&[Finding]>, review: Option<&Review>) -> Outcome {
    let is_error = |finding: &Finding| finding.severity == Weight::Error;
    let wrong = findings.is_some_and(|all| all.iter().any(is_error));
    let refused = review.is_some_and(Review::refused);
    if wrong || refused { Outcome::Errors } else { Outcome::Done }
}

#[derive(Serialize)]
struct Answer<'a> {
    config: String,
    ok: bool,
    problems: Vec<ProblemJson<'a>>,
    /// What facilitators and nodes said, if they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    online: Option<Vec<Finding>>,
    /// What catalogues make of what is sold, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<Review>,
    summary: Option<Summary<'a>>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<&'a str>,
}

fn problems(report: &Report) -> Vec<ProblemJson<'_>> {
    let json = report.problems().iter().map(|problem| {
        let place = report.place(problem);
        ProblemJson {
            severity: match problem.code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: problem.code.name(),
            message: &problem.message,
            file: place.map(|(file, ..)| file),
            line: place.map(|(_, line, _)| line),
            column: place.map(|(.., column)| column),
            help: problem.help.as_deref(),
        }
    });
    json.collect()
}

#[derive(Serialize)]
struct Summary<'a> {
    objects: usize,
    bytes: u64,
    /// The lowest and the highest; `None` if everything is free.
    prices: Option<String>,
    /// What records and passes know the site by.
    site: &'a str,
    sites: Vec<&'a str>,
    /// Whether the objects lie below a folder that the function alone knows.
    sealed: bool,
    /// Whether people at a browser are shown a page to pay on.
    page: bool,
    /// Whether catalogues find a picture; `None` if that cannot be told here.
    favicon: Option<bool>,
    networks: Vec<String>,
    payees: Vec<&'a str>,
    /// Who pays, where that is not everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    who_pays: Option<&'static str>,
    facilitators: Vec<&'a str>,
    /// Where sales are remembered: `memory`, or the folder in S3.
    store: String,
    /// The bytes of its file, and how many objects a package has room for.
    table: String,
    rules: Vec<RuleJson<'a>>,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    pattern: &'a str,
    line: usize,
    price: String,
    access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchases: Option<&'static str>,
    objects: usize,
    /// 0 if free.
    challenge_bytes: usize,
}

impl<'a> Summary<'a> {
    fn new(compiled: &'a Compiled) -> Self {
        let table = compiled.table();
        let counts = objects_per_rule(compiled);
        let rules = compiled.notes().iter().zip(table.rules.iter()).enumerate();
        let all_offers = || table.rules.iter().flat_map(offers);
        let distinct = |texts: &mut dyn Iterator<Item = &'a str>| -> Vec<&'a str> {
            texts.collect::<BTreeSet<_>>().into_iter().collect()
        };
        let own = || compiled.objects.iter().filter(|found| !payment_page::is_file(&found.key));
        let networks: BTreeSet<_> = all_offers().map(network_name).collect();
        let facilitators = all_offers().flat_map(|offer| offer.facilitators.iter());
        Summary {
            objects: own().count(),
            bytes: own().map(|found| found.size).sum(),
            prices: prices(compiled),
            site: &table.site.id,
            sites: table.site.urls.iter().map(AsRef::as_ref).collect(),
            networks: networks.into_iter().collect(),
            payees: distinct(&mut all_offers().map(price_table::Offer::pay_to)),
            facilitators: distinct(&mut facilitators.map(|facilitator| facilitator.url.as_ref())),
            who_pays: (table.site.vouched_epoch.is_some())
                .then_some("everyone but those whom the web ACL vouches for"),
            sealed: table.site.sealed,
            page: table.site.page.is_some(),
            favicon: favicon::is_there(compiled),
            store: match &table.redemptions {
                Redemptions::Memory => "memory".to_owned(),
                Redemptions::S3 { bucket, prefix, shared_pay_to, .. } => {
                    let shared = if *shared_pay_to { ", the payee shared with others" } else { "" };
                    format!("s3://{bucket}/{prefix}{shared}")
                }
            },
            table: table_bytes(compiled),
            rules: rules
                .filter(|(_, (note, _))| !payment_page::is_file(note.pattern.as_str()))
                .map(|(at, (note, rule))| RuleJson {
                    pattern: note.pattern.as_str(),
                    line: note.line,
                    price: note.price_now(),
                    access: access(rule),
                    purchases: purchases(rule),
                    objects: counts[at],
                    challenge_bytes: compiled.challenge_bytes()[at],
                })
                .collect(),
        }
    }
}

/// What a package may hold, less what the function itself takes.
const ROOM: u64 = (PACKAGE_BYTES - 1_024 * 1_024) as u64;

fn table_bytes(compiled: &Compiled) -> String {
    let (bytes, objects) = (compiled.file().len(), &compiled.table().objects);
    // As if nothing could be compressed, and half of the slots were empty.
    let each = objects.file_bytes().div_ceil(objects.len().max(1) as u64) + 12;
    let fit = ROOM / each / 1_000 * 1_000;
    format!("{bytes} bytes; at least {fit} objects like these fit into a package's 50 MB")
}

/// The range of prices from now on, in each currency.
fn prices(compiled: &Compiled) -> Option<String> {
    let mut currencies: BTreeMap<&str, Vec<&Quote>> = BTreeMap::new();
    let now = Timestamp::now();
    for quote in compiled.notes().iter().flat_map(|note| note.quotes(now)) {
        currencies.entry(&quote.currency).or_default().push(quote);
    }
    let range = |quotes: &Vec<&Quote>| {
        let low = quotes.iter().min_by_key(|quote| &quote.price)?;
        let high = quotes.iter().max_by_key(|quote| &quote.price)?;
        Some(if low == high { low.to_string() } else { format!("{low} to {high}") })
    };
    let ranges: Vec<_> = currencies.values().filter_map(range).collect();
    (!ranges.is_empty()).then(|| ranges.join(", "))
}
