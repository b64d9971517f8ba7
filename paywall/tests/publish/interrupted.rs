//! A run that is killed.

use std::time::Duration;

use super::server::Server;
use super::shop::Shop;

const FILES: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_goes_on_where_it_stopped() {
    let (server, shop) = (Server::start().await, Shop::new());
    for n in 0..FILES {
        shop.write(&format!("{n}.txt"), format!("file {n}"));
    }
    server.make_puts_take(Duration::from_millis(100));
    let mut run = shop.start(&server, &["--parallel", "4"]);
    let mut waits = 0;
    while server.puts_so_far() < FILES / 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        waits += 1;
        assert!(waits < 3_000, "nothing is uploaded");
    }
    // SIGKILL: nothing can be tidied up.
    run.start_kill().unwrap();
    let status = run.wait().await.unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert!(!shop.path("published.jsonl").exists(), "no manifest of half a run");
    // What was on its way may still arrive.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let sent = server.puts();
    assert!((FILES / 3..FILES).contains(&sent), "{sent} of {FILES}");

    server.make_puts_take(Duration::ZERO);
    let out = shop.publish(&server, &[]).await.well();
    assert_eq!(server.puts(), FILES - sent, "{out}");
    assert!(out.contains(&format!("{sent} up to date")), "{out}");
    for n in 0..FILES {
        assert_eq!(server.get(&format!("{n}.txt")).await.bytes, format!("file {n}").as_bytes());
    }
    let manifest = std::fs::read_to_string(shop.path("published.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), FILES);
}
