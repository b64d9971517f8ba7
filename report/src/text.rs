//! The report for a terminal.

use std::io::{self, Write};

use next_step::plain;

use crate::Report;
use crate::money::{Purse, Sum};
use crate::plot::bar;
use crate::short::short;
use crate::traffic::{Traffic, percent, percentile};

/// So many lines of what can have very many.
const MOST: usize = 15;
/// A bar's characters.
const WIDTH: usize = 30;

/// Writes it.
///
/// # Errors
///
/// It cannot be written.
pub fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut text = Vec::new();
    told(report, &mut text)?;
    // A bar of nothing leaves a space behind.
    String::from_utf8_lossy(&text).lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn told(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "report of {} (UTC)", report.days)?;
    if report.money.purses.is_empty() {
        writeln!(out, "\nthe ledger has nothing of these days")?;
    }
    report.money.purses.iter().try_for_each(|purse| money(out, purse))?;
    match &report.traffic {
        Some(traffic) => requests(out, traffic),
        None => writeln!(
            out,
            "\nwithout --log: what came of requests, and how long facilitators took, is not known"
        ),
    }
}

fn money(out: &mut impl Write, purse: &Purse) -> io::Result<()> {
    let name = purse.token.as_ref().map_or(purse.asset.as_str(), |(symbol, _)| symbol);
    writeln!(out, "\n{} on {}", plain(name), plain(&purse.network))?;
    let mut line = |what: &str, sum: Sum| {
        writeln!(out, "  {what:<22} {:>24}  {:>8}", plain(&purse.whole(sum.amount)), sum.rows)
    };
    line("sales", purse.sales)?;
    if purse.by_log_alone.rows > 0 {
        line("  by the log alone", purse.by_log_alone)?;
    }
    let owed = Sum {
        rows: purse.owed.len() as u64,
        amount: purse.owed.iter().fold(0, |sum, row| sum.saturating_add(row.amount)),
    };
    line("refunds owed", owed)?;
    for (what, sum) in [
        ("paid back", purse.paid_back),
        ("under way or unclear", purse.open),
        ("not ours", purse.not_ours),
    ] {
        if sum.rows > 0 {
            line(what, sum)?;
        }
    }
    if !purse.claims.is_empty() {
        writeln!(
            out,
            "  claimed, and no chain shows it: {} (`paywall books` names them)",
            purse.claims.len()
        )?;
    }
    let days: Vec<_> = purse.by_day.iter().map(|(day, sum)| (day.to_string(), *sum)).collect();
    sums(out, purse, "by day", &days, usize::MAX)?;
    sums(out, purse, "by object", &purse.by_object, MOST)?;
    sums(out, purse, "by payer", &purse.by_payer, MOST)?;
    if !purse.owed.is_empty() {
        writeln!(out, "\n  refunds owed")?;
    }
    for row in purse.owed.iter().take(MOST) {
        writeln!(
            out,
            "    {:>20}  {}  {}  {}",
            plain(&purse.whole(row.amount)),
            plain(&row.payer),
            row.posting.name(),
            plain(row.name.as_deref().unwrap_or_default())
        )?;
    }
    more(out, purse.owed.len(), MOST)
}

fn sums(
    out: &mut impl Write,
    purse: &Purse,
    what: &str,
    all: &[(String, Sum)],
    most: usize,
) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {what}")?;
    let top = all.iter().map(|(_, sum)| purse.drawn(sum.amount)).fold(0.0, f64::max);
    for (name, sum) in all.iter().take(most) {
        writeln!(
            out,
            "    {:<44} {:>20} {:>7}  {}",
            short(name, 44),
            plain(&purse.whole(sum.amount)),
            sum.rows,
            bar(purse.drawn(sum.amount), top, WIDTH)
        )?;
    }
    more(out, all.len(), most)
}

fn more(out: &mut impl Write, all: usize, most: usize) -> io::Result<()> {
    match all.checked_sub(most) {
        None | Some(0) => Ok(()),
        Some(left) => writeln!(out, "    and {left} more"),
    }
}

fn requests(out: &mut impl Write, traffic: &Traffic) -> io::Result<()> {
    writeln!(out, "\nrequests, by {} lines of the log, which may lack some", traffic.lines)?;
    let most = [traffic.asked, traffic.paying, traffic.sold].into_iter().max().unwrap_or_default();
    for (what, count) in [
        ("402, asked to pay", traffic.asked),
        ("with a payment", traffic.paying),
        ("sold", traffic.sold),
    ] {
        let of = percent(count, traffic.asked);
        writeln!(
            out,
            "  {what:<22} {count:>10} {of:>9}  {}",
            bar(count as f64, most as f64, WIDTH)
        )?;
    }
    for (what, count) in [("opened again", traffic.again), ("free, or by a pass", traffic.free)] {
        writeln!(out, "  {what:<22} {count:>10}")?;
    }
    if traffic.unreadable > 0 {
        writeln!(out, "  {:<22} {:>10}", "unreadable lines", traffic.unreadable)?;
    }
    if !traffic.refused.is_empty() {
        writeln!(out, "\n  refused, by code (docs/codes.md)")?;
        let most = traffic.refused[0].1;
        for (code, count) in traffic.refused.iter().take(MOST) {
            writeln!(
                out,
                "    {:<44} {count:>10}  {}",
                short(code, 44),
                bar(*count as f64, most as f64, WIDTH)
            )?;
        }
        more(out, traffic.refused.len(), MOST)?;
    }
    if !traffic.settles.is_empty() {
        writeln!(out, "\n  /settle, ms{:>44} {:>8} {:>8} {:>8}", "calls", "p50", "p90", "p99")?;
        for (to, all) in &traffic.settles {
            let [p50, p90, p99] = [50, 90, 99].map(|percent| percentile(all, percent));
            writeln!(out, "    {:<44} {:>7} {p50:>8} {p90:>8} {p99:>8}", short(to, 44), all.len())?;
        }
    }
    if !traffic.objects.is_empty() {
        writeln!(out, "\n  402 to sale, by object{:>34} {:>8} {:>9}", "402", "sold", "")?;
        for (key, asked, sold) in traffic.objects.iter().take(MOST) {
            writeln!(
                out,
                "    {:<44} {asked:>8} {sold:>8} {:>9}",
                short(key, 44),
                percent(*sold, *asked)
            )?;
        }
        more(out, traffic.objects.len(), MOST)?;
    }
    Ok(())
}
