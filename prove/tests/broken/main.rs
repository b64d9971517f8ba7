//! A seller that breaks one rule at a time: each fault is found, by its own checks and by no others.

mod faults;
mod seller;
mod server;

use std::collections::BTreeSet;
use std::time::Duration;

use edge_local::buyer::ANVIL_KEY;
use edge_local::facilitator::Facilitator;
use prove::{Buyer, Http, Limits, Report, Session, Target, Verdict, prove};

use faults::{LIMITED, NOTED, Row, WRONG};
use seller::{Fault, OTHER, PATH, Seller};
use server::Server;

fn limits() -> Limits {
    Limits { pause: Duration::ZERO, answer: Duration::from_secs(20), ..Limits::default() }
}

/// Tries a seller with this fault, with the funded test key or without one.
fn tried(fault: Fault, facilitator: &str, key: Option<&str>) -> Report {
    let mut seller = Seller::new(fault, facilitator.to_owned());
    let server = Server::start(move |request| seller.answer(request));
    let target = |path| Target::parse(&format!("http://{}{path}", server.address)).unwrap();
    let buyer = Buyer::new(key.map(|key| key.parse().unwrap()), None).unwrap();
    let mut session = Session::new(Http::new(&limits()), limits());
    prove(&mut session, &target(PATH), &buyer, Some(&target(OTHER)), |_| {}).unwrap()
}

fn ids(report: &Report, verdict: Verdict) -> BTreeSet<&'static str> {
    report.of(verdict).map(|line| line.id).collect()
}

/// Runs blocking work beside the facilitator.
async fn with_facilitator<T: Send + 'static>(work: impl FnOnce(String) -> T + Send + 'static) -> T {
    let facilitator = Facilitator::start(Default::default()).await.unwrap();
    let url = facilitator.url();
    tokio::task::spawn_blocking(move || work(url)).await.unwrap()
}

/// What no local server can show.
const ELSEWHERE: &str = "transport.plain-http";

#[tokio::test(flavor = "multi_thread")]
async fn of_a_right_seller_all_is_right() {
    with_facilitator(|url| {
        let report = tried(Fault::None, &url, Some(ANVIL_KEY));
        for verdict in [Verdict::Wrong, Verdict::Note] {
            assert_eq!(ids(&report, verdict), BTreeSet::new(), "{report:#?}");
        }
        assert_eq!(ids(&report, Verdict::NotTried), [ELSEWHERE].into());
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains(&ANVIL_KEY[2..]));

        let unbought = tried(Fault::None, &url, None);
        assert_eq!(ids(&unbought, Verdict::Wrong), BTreeSet::new(), "{unbought:#?}");
        let all =
            |report: &Report| report.checks.iter().map(|line| line.id).collect::<BTreeSet<_>>();
        assert_eq!(all(&unbought), all(&report));
        for line in unbought.of(Verdict::NotTried) {
            let needs =
                ["purchase.", "cache.after", ELSEWHERE].iter().any(|id| line.id.starts_with(id));
            assert!(needs && !line.says.is_empty(), "{line:?}");
        }
    })
    .await;
}

fn found(rows: &[Row], verdict: Verdict, url: &str) -> Vec<String> {
    let mut missed = Vec::new();
    for (what, expected, fault) in rows {
        let report = tried(*fault, url, Some(ANVIL_KEY));
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        if ids(&report, verdict) != expected {
            let lines: Vec<_> =
                report.of(verdict).map(|line| format!("\n  {}: {}", line.id, line.says)).collect();
            missed.push(format!("{what}: expected {expected:?}{}", lines.concat()));
        }
    }
    missed
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_found_by_its_own_checks() {
    let missed = with_facilitator(|url| {
        std::thread::scope(|scope| {
            let some = WRONG.chunks(WRONG.len().div_ceil(4));
            let all: Vec<_> =
                some.map(|rows| scope.spawn(|| found(rows, Verdict::Wrong, &url))).collect();
            all.into_iter().flat_map(|one| one.join().unwrap()).collect::<Vec<_>>()
        })
    });
    let missed = missed.await;
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_noted() {
    let missed = with_facilitator(|url| found(NOTED, Verdict::Note, &url)).await;
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_seller_limits_is_not_tried() {
    let missed = with_facilitator(|url| found(LIMITED, Verdict::NotTried, &url)).await;
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_check_is_without_a_fault_that_it_finds() {
    let report = with_facilitator(|url| tried(Fault::None, &url, None)).await;
    let found: BTreeSet<_> =
        WRONG.iter().chain(NOTED).flat_map(|(_, ids, _)| ids.iter().copied()).collect();
    let unfound: Vec<_> = report
        .checks
        .iter()
        .map(|line| line.id)
        .filter(|id| !found.contains(id) && *id != ELSEWHERE)
        .collect();
    assert!(unfound.is_empty(), "{unfound:?}");
}
