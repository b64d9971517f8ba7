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

/// The one condition that only who has the content can put.
const BY_ETAG: &str = "a condition is judged unpaid";

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

/// What is said of the rows that are not as they should be; some at a time, since each waits for sockets.
fn missed(rows: &[Row], judged: impl Fn(&Row) -> Option<String> + Sync) -> String {
    let judged = &judged;
    let all = std::thread::scope(|scope| {
        let some = rows.chunks(rows.len().div_ceil(4));
        let all: Vec<_> = some
            .map(|rows| scope.spawn(|| rows.iter().filter_map(judged).collect::<Vec<_>>()))
            .collect();
        all.into_iter().flat_map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    all.join("\n")
}

/// Rows of which other checks have this verdict than should.
fn other_than(verdict: Verdict, rows: &'static [Row], url: &str) -> String {
    missed(rows, |(what, expected, fault)| {
        let report = tried(*fault, url, Some(ANVIL_KEY));
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        let lines = report.of(verdict).map(|line| format!("\n  {}: {}", line.id, line.says));
        let lines: String = lines.collect();
        (ids(&report, verdict) != expected).then(|| format!("{what}: expected {expected:?}{lines}"))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_found_by_its_own_checks() {
    assert_eq!(with_facilitator(|url| other_than(Verdict::Wrong, WRONG, &url)).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_noted() {
    assert_eq!(with_facilitator(|url| other_than(Verdict::Note, NOTED, &url)).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_seller_limits_is_not_tried() {
    assert_eq!(with_facilitator(|url| other_than(Verdict::NotTried, LIMITED, &url)).await, "");
}

/// Without a purchase there is less to compare with: what may be another resource is a note then.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_else_is_wrong_and_little_is_missed() {
    let missed = with_facilitator(|url| {
        missed(WRONG, |(what, expected, fault)| {
            let report = tried(*fault, &url, None);
            let (wrong, noted) = (ids(&report, Verdict::Wrong), ids(&report, Verdict::Note));
            let needs_a_purchase = |id: &str| {
                id.starts_with("purchase.") || id.starts_with("cache.after") || *what == BY_ETAG
            };
            let seen = |id: &&str| wrong.contains(id) || noted.contains(id) || needs_a_purchase(id);
            let fine = wrong.iter().all(|id| expected.contains(id)) && expected.iter().all(seen);
            (!fine).then(|| format!("{what}: wrong {wrong:?}, noted {noted:?}"))
        })
    });
    assert_eq!(missed.await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_check_is_without_a_fault_that_it_finds() {
    let report = with_facilitator(|url| tried(Fault::None, &url, None)).await;
    let found = WRONG.iter().chain(NOTED).flat_map(|(_, ids, _)| ids.iter().copied());
    let found: BTreeSet<_> = found.chain([ELSEWHERE]).collect();
    let all: BTreeSet<_> = report.checks.iter().map(|line| line.id).collect();
    assert_eq!(all.difference(&found).collect::<Vec<_>>(), [&""; 0]);
}
