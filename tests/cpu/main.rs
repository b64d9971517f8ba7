//! CPU time of the function, as ratios within one run: `docs/cpu.md`.
//!
//! ```text
//! cargo run -p journeys --example cpu -- compare NEW OLD   a 402 and a sale, nine pairs of two builds
//! cargo run -p journeys --example cpu -- feed FUNCTION     first sales against one wallet's thousandth
//! cargo run -p journeys --example cpu -- count FUNCTION BUDGETS   instructions by stage, under valgrind
//! cargo run -p journeys --example cpu -- serve FUNCTION N  a facilitator, and N payments, for `tests/package/compare.py`
//! ```
//!
//! Each function is a process that gets its events by a pipe, as `edge-fn/shim/child.py` gives them; it
//! pays nothing for HTTP to its front, so that what is compared is its own work. The facilitator is
//! `edge-local`'s. Linux only: the time is the kernel's count of what the process used.

mod child;
mod count;
mod shop;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use child::Child;
use clap::Parser;
use edge_local::buyer::Key;
use shop::Shop;

/// CPU time of the function, as ratios within one run.
#[derive(Debug, Parser)]
enum Cli {
    /// Of a 402 and of a sale, nine pairs of two builds
    Compare { new: PathBuf, old: PathBuf },
    /// Of first sales, against one wallet's thousandth
    Feed { function: PathBuf },
    /// Instructions by stage, against budgets; the function with its symbols
    Count { function: PathBuf, budgets: PathBuf },
    /// Prints a facilitator's URL, the event of a 402 and those of payments, and is it until its input ends
    Serve { function: PathBuf, payments: usize },
}

/// Pairs; the median counts.
const PAIRS: usize = 9;
/// What one side of a pair is given: so much that the kernel's hundredths of a second are some percent.
const QUOTES: usize = 50_000;
const SALES: usize = 2_000;
/// What neither may cost more than the other build's, and the thousandth sale more than a first.
const MOST_OF_OTHER: f64 = 1.03;
const MOST_OF_FIRST: f64 = 1.75;
/// Earlier sales of the wallet that buys often, and how many are then compared, one by one.
const EARLIER: usize = 1_000;
const COMPARED: usize = 200;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    let within = match Cli::parse() {
        Cli::Compare { new, old } => compare(&new, &old).await,
        Cli::Feed { function } => feed(&function).await,
        Cli::Count { function, budgets } => count::count(&function, &budgets).await,
        Cli::Serve { function, payments } => serve(&function, payments).await,
    };
    if within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn compare(new: &Path, old: &Path) -> bool {
    let shop = Shop::open().await;
    let (mut quotes, mut sales) = (vec![], vec![]);
    for pair in 0..PAIRS {
        // Who goes first takes turns.
        let order = if pair % 2 == 0 { [new, old] } else { [old, new] };
        let [a, b] = [once(&shop, order[0]).await, once(&shop, order[1]).await];
        let ((new_quote, new_sale), (old_quote, old_sale)) =
            if pair % 2 == 0 { (a, b) } else { (b, a) };
        println!(
            "pair {pair}: 402 {new_quote:.1} and {old_quote:.1} us, sale {new_sale:.0} and {old_sale:.0} us"
        );
        quotes.push(new_quote / old_quote);
        sales.push(new_sale / old_sale);
    }
    told("a 402, new over old", &mut quotes, MOST_OF_OTHER)
        & told("a sale, new over old", &mut sales, MOST_OF_OTHER)
}

/// Microseconds of a 402 and of a sale.
async fn once(shop: &Shop, function: &Path) -> (f64, f64) {
    let mut child = Child::start(function, &shop.facilitator.url());
    let quote = shop.quote();
    let _ = child.answer(&quote);
    let before = child.process_micros();
    for _ in 0..QUOTES {
        assert_eq!(child.answer(&quote).status, 402);
    }
    let quotes = (child.process_micros() - before) / QUOTES as f64;
    let offer = shop.offer(&mut child);
    let payments: Vec<_> =
        (0..SALES).map(|_| shop.payment(&offer, &shop.fresh_wallet(), 60)).collect();
    let before = child.process_micros();
    for payment in &payments {
        assert_eq!(child.answer(payment).status, 200);
    }
    (quotes, (child.process_micros() - before) / SALES as f64)
}

async fn feed(function: &Path) -> bool {
    let shop = Shop::open().await;
    let mut child = Child::start(function, &shop.facilitator.url());
    let offer = shop.offer(&mut child);
    let often = shop.fresh_wallet();
    // Windows of a day: all of it must be remembered.
    let buy = |child: &mut Child, wallet: &Key| {
        let payment = shop.payment(&offer, wallet, 86_000);
        let before = child.thread_micros();
        assert_eq!(child.answer(&payment).status, 200);
        child.thread_micros() - before
    };
    for _ in 0..EARLIER {
        buy(&mut child, &often);
    }
    let mut ratios = vec![];
    let (mut first, mut later) = (0.0, 0.0);
    for _ in 0..COMPARED {
        let pair = (buy(&mut child, &shop.fresh_wallet()), buy(&mut child, &often));
        (first, later) = (first + pair.0, later + pair.1);
        ratios.push(pair.1 / pair.0);
    }
    let n = COMPARED as f64;
    println!(
        "a first sale {:.0} us, sale 1,001 and later of one wallet {:.0} us",
        first / n,
        later / n
    );
    told("the thousandth sale over a first", &mut ratios, MOST_OF_FIRST)
}

async fn serve(function: &Path, payments: usize) -> bool {
    let shop = Shop::open().await;
    let offer = shop.offer(&mut Child::start(function, &shop.facilitator.url()));
    println!("{}\n{}", shop.facilitator.url(), shop.quote());
    for _ in 0..payments {
        println!("{}", shop.payment(&offer, &shop.fresh_wallet(), 86_000));
    }
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
        .await
        .is_ok()
}

/// Prints the median, and says whether it is within the bound.
fn told(what: &str, ratios: &mut [f64], most: f64) -> bool {
    ratios.sort_by(f64::total_cmp);
    let (median, least, greatest) = (ratios[ratios.len() / 2], ratios[0], ratios[ratios.len() - 1]);
    let within = median <= most;
    let verdict = if within { "within" } else { "ABOVE" };
    println!(
        "{what}: median {median:.3} of {} (from {least:.3} to {greatest:.3}), {verdict} {most}",
        ratios.len()
    );
    within
}
