//! Ten thousand files.

use std::time::Duration;

use super::server::Server;
use super::shop::Shop;

/// Bytes of each file: together more than the memory that may be used.
const SIZE: usize = 8 * 1024;

/// The most that ten times the files may take of memory, against the fewer. The table and the plan
/// grow by some hundred bytes a file; contents do not count at all.
const RATIO: f64 = 1.8;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_with_memory_flat() {
    let few = publish(1_000).await;
    let many = publish(10_000).await;
    println!("1,000 files: {few} kB; 10,000 files: {many} kB");
    let ratio = many as f64 / few as f64;
    assert!(ratio < RATIO, "{few} kB for 1,000 files, {many} kB for 10,000");
    let content = (10_000 * SIZE / 1024) as u64;
    // What the program itself takes is in both.
    assert!(many < few + content / 4, "{few} kB, {many} kB of memory for {content} kB of content");
}

/// Publishes so many files, and gives the most memory that it took, kB.
#[cfg(target_os = "linux")]
async fn publish(count: usize) -> u64 {
    let (server, shop) = (Server::start().await, Shop::new());
    for n in 0..count {
        let mut bytes = vec![b'x'; SIZE];
        bytes[..8].copy_from_slice(format!("{n:08}").as_bytes());
        shop.write(&format!("{}/{n}.bin", n % 100), bytes);
    }
    let mut run = shop.start(&server, &["--parallel", "32"]);
    let id = run.id().expect("it runs");
    let most = tokio::spawn(async move {
        let mut most = 0;
        // Gone, or a zombie without memory: it has ended.
        while let Some(now) = peak(id) {
            most = most.max(now);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        most
    });
    let status = tokio::time::timeout(Duration::from_secs(300), run.wait()).await;
    let status = status.expect("it ends").unwrap();
    assert!(status.success());
    assert_eq!(server.puts(), count);
    let manifest = std::fs::read_to_string(shop.path("published.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), count);
    most.await.unwrap()
}

/// The most memory that a process has had so far, kB.
#[cfg(target_os = "linux")]
fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
