//! Instructions of the function's work, counted by valgrind's callgrind: what a 402 and a sale cost, whole and by stage,
//! against `edge-fn/instructions.toml`.
//!
//! A count is the difference of a long run and a short one, divided by how many more requests the long one had: what a
//! start costs is in both. Counts hardly move from run to run, so a budget is close to what was measured, in both
//! directions: what is beaten by a lot has to be written down anew, or the next slowdown hides below it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::child::Child;
use crate::shop::Shop;

/// Requests of the short and of the long run.
const FEW: usize = 20;
const MANY: usize = 120;
/// What is cheaper than its budget by this part is not what was measured any more.
const BEATEN: f64 = 0.9;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Of what.
    of: Kind,
    /// The functions that do it, with all that they call; none calls another of them. Without any, the whole process.
    #[serde(default)]
    functions: Vec<String>,
    most: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Quote,
    Sale,
}

/// Counts, and says whether all are within their budgets.
pub(crate) async fn count(function: &Path, budgets: &Path) -> bool {
    let text = fs::read_to_string(budgets).expect("budgets");
    let budgets: BTreeMap<String, Budget> = toml::from_str(&text).expect("budgets");
    let shop = Shop::open().await;
    let counted = [
        (Kind::Quote, counts(&shop, function, Kind::Quote)),
        (Kind::Sale, counts(&shop, function, Kind::Sale)),
    ];
    let counted = BTreeMap::from(counted);
    let mut within = true;
    for (name, budget) in &budgets {
        let counted = &counted[&budget.of];
        let found = match budget.functions[..] {
            [] => counted["PROGRAM TOTALS"],
            _ => budget
                .functions
                .iter()
                .map(|name| {
                    counted.get(name).unwrap_or_else(|| {
                        panic!("{name} is not called: is it another's part now?")
                    })
                })
                .sum(),
        };
        let verdict = match found / budget.most {
            ratio if ratio > 1.0 => "ABOVE its budget",
            ratio if ratio < BEATEN => {
                "so far below its budget that it hides the next slowdown: write it down anew"
            }
            _ => "within",
        };
        within &= verdict == "within";
        println!("{name}: {found:.0} instructions of {:.0}, {verdict}", budget.most);
    }
    within
}

/// Instructions a request, by function, with all that it calls.
fn counts(shop: &Shop, function: &Path, kind: Kind) -> BTreeMap<String, f64> {
    let few = run(shop, function, kind, FEW);
    let mut many = run(shop, function, kind, MANY);
    for (name, count) in &mut many {
        *count = (*count - few.get(name).unwrap_or(&0.0)) / (MANY - FEW) as f64;
    }
    many
}

fn run(shop: &Shop, function: &Path, kind: Kind, requests: usize) -> BTreeMap<String, f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet", "--error-exitcode=0"]);
    valgrind.arg(format!("--callgrind-out-file={}", file.display())).arg(function);
    let mut child = Child::start_by(valgrind, &shop.facilitator.url());
    let offer = shop.offer(&mut child);
    for _ in 0..requests {
        let (event, status) = match kind {
            Kind::Quote => (shop.quote(), 402),
            Kind::Sale => (shop.payment(&offer, &shop.fresh_wallet(), 60), 200),
        };
        assert_eq!(child.answer(&event).status, status);
    }
    child.end();
    let told = Command::new("callgrind_annotate")
        .args(["--inclusive=yes", "--threshold=100", "--auto=no", "--show-percs=no"])
        .arg(&file)
        .output()
        .expect("callgrind_annotate, of valgrind");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    // `12,345  file:function [object]`
    let told = String::from_utf8_lossy(&told.stdout);
    let line = |line: &str| {
        let (count, name) = line.trim().split_once("  ")?;
        let count: f64 = count.replace(',', "").parse().ok()?;
        let name = name.trim().trim_start_matches("???:");
        Some((name.split(" [").next()?.to_owned(), count))
    };
    let mut counts = BTreeMap::new();
    for (name, count) in told.lines().filter_map(line) {
        *counts.entry(name).or_insert(0.0) += count;
    }
    assert!(counts.contains_key("PROGRAM TOTALS"), "{told}");
    counts
}
