//! The report as one page that needs nothing else: no script, no request.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::Report;
use crate::money::{Purse, Sum};
use crate::short::short;
use crate::traffic::{Traffic, percent, percentile};

/// So many rows of what can have very many.
const MOST: usize = 50;
/// A label's room, in characters.
const LABEL: usize = 40;
/// Bars of one picture: more cannot be told apart.
const BARS: usize = 20;
const BLUE: RGBColor = RGBColor(10, 88, 202);
const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid;padding-bottom:.25rem}h3{margin-bottom:.25rem}\
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .75rem .25rem 0;\
border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}\
figure{margin:1rem 0;background:#fff;border-radius:.5rem}svg{display:block;width:100%;height:auto}\
.scroll{overflow-x:auto}";

/// The page.
///
/// # Errors
///
/// A picture cannot be drawn.
pub fn page(report: &Report) -> Result<String, String> {
    let mut purses = Vec::new();
    for purse in &report.money.purses {
        purses.push(money(purse)?);
    }
    let traffic = report.traffic.as_ref().map(told).transpose()?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "Sales of " (report.days) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Sales of " (report.days) " (UTC)" }
                @if purses.is_empty() { p { "The ledger has nothing of these days." } }
                @for purse in &purses { (purse) }
                @match &traffic {
                    Some(traffic) => (traffic),
                    None => p { "No log was given: what came of requests, and how long facilitators took, is not known." },
                }
            }
        }
    };
    Ok(page.into_string())
}

fn money(purse: &Purse) -> Result<Markup, String> {
    let name = purse.token.as_ref().map_or(purse.asset.as_str(), |(symbol, _)| symbol);
    let owed = Sum {
        rows: purse.owed.len() as u64,
        amount: purse.owed.iter().fold(0, |sum, row| sum.saturating_add(row.amount)),
    };
    let lines = [
        ("Sales", purse.sales),
        ("of these by the log alone", purse.by_log_alone),
        ("Refunds owed", owed),
        ("Paid back", purse.paid_back),
        ("Under way or unclear", purse.open),
        ("Not ours", purse.not_ours),
    ];
    let days: Vec<_> =
        purse.by_day.iter().map(|(day, sum)| (day.to_string(), purse.drawn(sum.amount))).collect();
    let objects: Vec<_> = purse
        .by_object
        .iter()
        .take(BARS)
        .map(|(key, sum)| (key.clone(), purse.drawn(sum.amount)))
        .collect();
    let by_day = columns(&format!("Sales a day, {name}"), &days)?;
    let by_object = bars(&format!("Sales by object, {name}"), &objects)?;
    Ok(html! {
        section {
            h2 { (name) " on " (purse.network) }
            table {
                @for (what, sum) in lines.iter().filter(|(_, sum)| sum.rows > 0) {
                    tr { th scope="row" { (what) } td.n { (purse.whole(sum.amount)) } td.n { (sum.rows) } }
                }
            }
            @if !purse.claims.is_empty() {
                p { (purse.claims.len()) " more are claimed, and no chain shows them: " code { "paywall books" } " names them." }
            }
            (by_day)
            (by_object)
            (sums(purse, "By day", "Day", &purse.by_day.iter().map(|(day, sum)| (day.to_string(), *sum)).collect::<Vec<_>>()))
            (sums(purse, "By object", "Object", &purse.by_object))
            (sums(purse, "By payer", "Payer", &purse.by_payer))
            @if !purse.owed.is_empty() {
                h3 { "Refunds owed" }
                div.scroll { table {
                    tr { th { "Why" } th { "Object" } th { "Payer" } th { "Transaction" } th.n { "Amount" } }
                    @for row in purse.owed.iter().take(MOST) {
                        tr {
                            td title=(row.posting.about()) { (row.posting.name()) }
                            td { (row.name.as_deref().unwrap_or_default()) }
                            td { (row.payer) }
                            td { (row.transaction.as_deref().unwrap_or_default()) }
                            td.n { (purse.whole(row.amount)) }
                        }
                    }
                } }
                (more(purse.owed.len()))
            }
        }
    })
}

fn sums(purse: &Purse, title: &str, what: &str, all: &[(String, Sum)]) -> Markup {
    html! {
        @if !all.is_empty() {
            h3 { (title) }
            div.scroll { table {
                tr { th { (what) } th.n { "Sold" } th.n { "Amount" } }
                @for (name, sum) in all.iter().take(MOST) {
                    tr { td { (name) } td.n { (sum.rows) } td.n { (purse.whole(sum.amount)) } }
                }
            } }
            (more(all.len()))
        }
    }
}

fn more(all: usize) -> Markup {
    html! { @if all > MOST { p { "And " (all - MOST) " more." } } }
}

fn told(traffic: &Traffic) -> Result<Markup, String> {
    let funnel = [
        ("402, asked to pay".to_owned(), traffic.asked as f64),
        ("with a payment".to_owned(), traffic.paying as f64),
        ("sold".to_owned(), traffic.sold as f64),
    ];
    let funnel = bars("From 402 to sale, requests", &funnel)?;
    let refused: Vec<_> = traffic
        .refused
        .iter()
        .take(BARS)
        .map(|(code, count)| (code.clone(), *count as f64))
        .collect();
    let refused = bars("Refused, by code", &refused)?;
    let settles: Vec<_> =
        traffic.settles.iter().map(|(to, all)| (to.clone(), percentile(all, 90) as f64)).collect();
    let settles = bars("/settle by facilitator, p90, ms", &settles)?;
    Ok(html! {
        section {
            h2 { "Requests" }
            p { "By " (traffic.lines) " lines of the log, which AWS delivers at best effort."
                @if traffic.unreadable > 0 { " " (traffic.unreadable) " lines cannot be read." } }
            table {
                tr { th { "" } th.n { "Requests" } th.n { "of 402s" } }
                tr { td { "402, asked to pay" } td.n { (traffic.asked) } td.n {} }
                tr { td { "With a payment" } td.n { (traffic.paying) } td.n { (percent(traffic.paying, traffic.asked)) } }
                tr { td { "Sold" } td.n { (traffic.sold) } td.n { (percent(traffic.sold, traffic.asked)) } }
                tr { td { "Opened again" } td.n { (traffic.again) } td.n {} }
                tr { td { "Free, or by a pass" } td.n { (traffic.free) } td.n {} }
            }
            (funnel)
            (refused)
            (settles)
            @if !traffic.refused.is_empty() {
                h3 { "Refused" }
                table {
                    tr { th { "Code" } th.n { "Requests" } }
                    @for (code, count) in traffic.refused.iter().take(MOST) { tr { td { (code) } td.n { (count) } } }
                }
                (more(traffic.refused.len()))
            }
            @if !traffic.settles.is_empty() {
                h3 { "How long facilitators took to settle, ms" }
                table {
                    tr { th { "Facilitator" } th.n { "Calls" } th.n { "p50" } th.n { "p90" } th.n { "p99" } }
                    @for (to, all) in &traffic.settles {
                        tr { td { (to) } td.n { (all.len()) }
                            @for percent in [50, 90, 99] { td.n { (percentile(all, percent)) } } }
                    }
                }
            }
            @if !traffic.objects.is_empty() {
                h3 { "By object" }
                div.scroll { table {
                    tr { th { "Object" } th.n { "402" } th.n { "Sold" } th.n { "" } }
                    @for (key, asked, sold) in traffic.objects.iter().take(MOST) {
                        tr { td { (key) } td.n { (asked) } td.n { (sold) } td.n { (percent(*sold, *asked)) } }
                    }
                } }
                (more(traffic.objects.len()))
            }
        }
    })
}

/// A column for each day.
fn columns(title: &str, values: &[(String, f64)]) -> Result<Markup, String> {
    if values.is_empty() {
        return Ok(html! {});
    }
    let top = values.iter().map(|(_, value)| *value).fold(0.0, f64::max) * 1.1;
    figure(title, (960, 300), |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(72)
            .build_cartesian_2d((0..values.len() as i32).into_segmented(), 0.0..top)?;
        let name = |at: &SegmentValue<i32>| match at {
            SegmentValue::CenterOf(at) => values.get(*at as usize).map(|(name, _)| name.clone()),
            _ => None,
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .x_labels(values.len().min(8))
            .x_label_formatter(&|at| name(at).unwrap_or_default())
            .draw()?;
        chart.draw_series(
            Histogram::vertical(&chart)
                .style(BLUE.filled())
                .margin(if values.len() > 60 { 0 } else { 2 })
                .data(values.iter().enumerate().map(|(at, (_, value))| (at as i32, *value))),
        )?;
        Ok(())
    })
}

/// A bar for each name, the first on top.
fn bars(title: &str, values: &[(String, f64)]) -> Result<Markup, String> {
    if values.is_empty() {
        return Ok(html! {});
    }
    let top = values.iter().map(|(_, value)| *value).fold(0.0, f64::max) * 1.1;
    let height = 80 + 26 * values.len() as u32;
    let last = values.len() as i32 - 1;
    figure(title, (960, height), |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(28)
            .y_label_area_size(300)
            .build_cartesian_2d(
                0.0..top.max(f64::MIN_POSITIVE),
                (0..values.len() as i32).into_segmented(),
            )?;
        let name = |at: &SegmentValue<i32>| match at {
            SegmentValue::CenterOf(at) => values
                .get(usize::try_from(last - at).unwrap_or(usize::MAX))
                .map(|(name, _)| short(name, LABEL)),
            _ => None,
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .y_labels(values.len() + 1)
            .y_label_formatter(&|at| name(at).unwrap_or_default())
            .draw()?;
        chart.draw_series(
            Histogram::horizontal(&chart)
                .style(BLUE.filled())
                .margin(3)
                .data(values.iter().enumerate().map(|(at, (_, value))| (last - at as i32, *value))),
        )?;
        Ok(())
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

fn figure(
    title: &str,
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<Markup, String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?)).map_err(|why| format!("{title}: {why}"))?;
    }
    // Its size is what it is drawn for; on a page it is as wide as there is room.
    let fixed = format!("width=\"{}\" height=\"{}\" ", size.0, size.1);
    let svg = svg.replacen(&fixed, "", 1);
    Ok(html! { figure role="img" aria-label=(title) { (PreEscaped(svg)) } })
}
