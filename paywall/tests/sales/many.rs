//! More records than S3 lists at once: a thousand.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::payments::Payment;
use super::store::{Store, long_ago, payer};

const COUNT: u16 = 1_200;

/// Every so many is unresolved, and as many are charged without a grant.
const EVERY: u16 = 10;

/// The most that so many records may take of memory, against fifty.
const RATIO: f64 = 1.5;

async fn filled(count: u16) -> Store {
    let (store, at) = (Store::start().await, long_ago());
    let writing = (0..count).map(|n| {
        let store = &store;
        async move {
            let payment = Payment::new(payer(n), &format!("{n}.txt"), at);
            let account = match n % EVERY {
                0 => payment.under_way(),
                1 => payment.charged(),
                _ => payment.granted(),
            };
            store.put(&payment, &account).await;
        }
    });
    stream::iter(writing).buffer_unordered(16).collect::<Vec<_>>().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn more_records_than_a_page() {
    let store = filled(COUNT).await;
    let ended = store.list(&["--format", "json"]).await;
    assert!(
        ended.errors.contains("240 listed: 120 unresolved, 120 charged-not-granted"),
        "{}",
        ended.errors
    );
    assert!(ended.errors.contains("v2/accounts/: 1200"), "{}", ended.errors);
    let list: Vec<Value> = serde_json::from_str(&ended.well()).unwrap();
    let payers: Vec<_> = list.iter().map(|entry| entry["payer"].as_str().unwrap()).collect();
    assert_eq!(payers.len(), 240);
    let payers: std::collections::HashSet<_> = payers.into_iter().collect();
    assert_eq!(payers.len(), 240, "each once");
    let objects = list.iter().map(|entry| entry["name"].as_str().unwrap().to_owned());
    let expected = (0..COUNT).filter(|n| n % EVERY < 2).map(|n| format!("{n}.txt"));
    let sorted = |objects: Vec<String>| {
        let mut objects = objects;
        objects.sort_unstable();
        objects
    };
    assert_eq!(sorted(objects.collect()), sorted(expected.collect()));

    let out = store.list(&["--format", "csv", "--all"]).await.well();
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), usize::from(COUNT));

    #[cfg(target_os = "linux")]
    {
        let few = peak(&filled(50).await).await;
        let many = peak(&store).await;
        println!("50 records: {few} kB; 1,200 records: {many} kB");
        assert!((many as f64) < few as f64 * RATIO, "{few} kB for 50 records, {many} kB for 1,200");
    }
}

/// The most memory that listing everything takes, kB.
#[cfg(target_os = "linux")]
async fn peak(store: &Store) -> u64 {
    let mut command = store.command(&["--format", "csv", "--all"]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut run = command.spawn().unwrap();
    let id = run.id().expect("it runs");
    let most = tokio::spawn(async move {
        let mut most = 0;
        // Gone, or a zombie without memory: it has ended.
        while let Some(now) = resident(id) {
            most = most.max(now);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        most
    });
    let status = tokio::time::timeout(Duration::from_secs(300), run.wait()).await;
    assert!(status.expect("it ends").unwrap().success());
    most.await.unwrap()
}

/// The most memory that a process has had so far, kB.
#[cfg(target_os = "linux")]
fn resident(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
