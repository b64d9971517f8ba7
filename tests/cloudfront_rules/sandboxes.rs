//! Time, memory, freezing, and which sandbox runs what.

use std::time::Duration;

use edge_local::Credentials;
use reqwest::StatusCode;

use crate::shop::{Shop, eventually, is_gone, state};

async fn is_killed(shop: Shop, path: &str, reason: &str) {
    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK);
    let before = shop.edge.sandboxes();
    let answer = shop.get(path).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.x_cache(), "LambdaExecutionError");
    assert!(shop.logged(reason), "{:#?} should say {reason}", shop.edge.log_lines());
    let pid = *before.values().next().expect("a sandbox");
    assert!(is_gone(pid), "it is dead by the time of the answer");

    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK, "the next request works");
    let after = shop.edge.sandboxes();
    assert_eq!(after.keys().collect::<Vec<_>>(), [&2], "in a new sandbox");
}

#[tokio::test]
async fn too_slow() {
    let shop = Shop::with(|options| options.timeout = Duration::from_millis(500)).await;
    is_killed(shop, "/sleep", "took longer than 500ms; killed").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn too_much_memory() {
    is_killed(Shop::open().await, "/eat-memory", "may use 134217728; killed").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn too_much_memory_for_a_moment() {
    is_killed(Shop::open().await, "/gulp", "may use 134217728; killed").await;
}

async fn never_comes_up(how: &str, reason: &str) {
    let shop = Shop::with(|options| {
        options.extra_env.push(("MISBEHAVE_AT_START".into(), how.into()));
        options.init_timeout = Duration::from_millis(500);
    })
    .await;
    for _ in 0..2 {
        let answer = shop.get("/hello.txt").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.x_cache(), "LambdaExecutionError");
    }
    assert!(shop.logged(reason), "{:#?} should say {reason}", shop.edge.log_lines());
    assert!(shop.edge.sandboxes().is_empty());
}

#[tokio::test]
async fn an_exit_at_the_start() {
    never_comes_up("exit", "exited before it answered (exit status: 3)").await;
}

#[tokio::test]
async fn a_start_without_end() {
    never_comes_up("sleep", "did not poll for work within 500ms").await;
}

#[tokio::test]
async fn an_error_reported_at_the_start() {
    never_comes_up("error", "no such module").await;
}

#[tokio::test]
async fn an_exit_between_invocations_costs_nothing() {
    let shop = Shop::open().await;
    assert_eq!(shop.get("/die-later").await.status, StatusCode::OK);
    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK);
    eventually("the log names the exit", || shop.logged("exit status: 4")).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn frozen_between_invocations() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK);
        let pid = shop.edge.sandboxes()[&1];
        eventually("the sandbox is stopped", || state(pid) == Some('T')).await;
    }
}

#[tokio::test]
async fn one_request_at_a_time_in_each_sandbox() {
    let shop = Shop::with(|options| options.sandboxes = 2).await;
    let slow = || shop.get("/slow");
    let (a, b, c, d) = tokio::join!(slow(), slow(), slow(), slow());
    for answer in [a, b, c, d] {
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "slow"));
    }
    assert_eq!(shop.edge.sandboxes().len(), 2, "no more than allowed");
}

#[tokio::test]
async fn the_sandbox_used_last_comes_first() {
    let shop = Shop::open().await;
    let (a, b) = tokio::join!(shop.get("/slow"), shop.get("/slow"));
    assert_eq!((a.status, b.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(shop.edge.sandboxes().len(), 2);
    for _ in 0..5 {
        shop.get("/generated").await;
    }
    let used: Vec<String> = shop
        .edge
        .log_lines()
        .into_iter()
        .filter(|line| line.contains("GET /generated"))
        .map(|line| line.split("  ").nth(2).expect("a sandbox").to_owned())
        .collect();
    assert_eq!(used.len(), 5);
    assert!(used.iter().all(|sandbox| *sandbox == used[0]), "{used:?}");
}

#[tokio::test]
async fn a_full_queue_is_a_503() {
    let shop = Shop::with(|options| {
        options.sandboxes = 1;
        options.queue = 1;
    })
    .await;
    let slow = || shop.get("/slow");
    let (a, b, c) = tokio::join!(slow(), slow(), slow());
    let refused: Vec<_> =
        [&a, &b, &c].into_iter().filter(|answer| answer.status != StatusCode::OK).collect();
    assert_eq!(refused.len(), 1, "one runs, one waits, one is turned away");
    assert_eq!(refused[0].status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused[0].x_cache(), "LambdaLimitExceeded");
    assert!(shop.logged("the queue is full"));
}

#[tokio::test]
async fn the_function_finishes_though_the_viewer_leaves() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let left = tokio::time::timeout(Duration::from_millis(100), shop.get("/slow")).await;
    assert!(left.is_err(), "the viewer left first");
    assert_eq!(shop.get("/generated").await.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(shop.edge.sandboxes().keys().collect::<Vec<_>>(), [&1], "in the same sandbox");
}

#[tokio::test]
async fn the_environment_is_lambdas_alone() {
    let shop = Shop::with(|options| {
        options.facilitator_url = Some("http://127.0.0.1:9".into());
        options.extra_env.push(("MISBEHAVE_AT_START".into(), "tell-environment".into()));
    })
    .await;
    shop.get("/generated").await;
    let has = |text: &str| shop.logged(text);
    assert!(has(&format!("X402_SITE={}", shop.edge.url())));
    assert!(has("X402_FACILITATOR=http://127.0.0.1:9"));
    assert!(has("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128"));
    assert!(has("TZ=:UTC"));
    assert!(!has(" HOME="), "nothing of the shell that started the edge");
    for name in ["X402_HANDOVER_KEY=", "X402_PASS_KEY="] {
        let lines = shop.edge.log_lines();
        let keys: Vec<&str> =
            lines.iter().filter_map(|line| Some(line.split_once(name)?.1)).collect();
        assert_eq!(keys.len(), 1, "{name}");
        assert!(keys[0].len() == 64 && keys[0].bytes().all(|b| b.is_ascii_hexdigit()), "{keys:?}");
    }
    for absent in ["X402_RPC=", "X402_STORE=", "AWS_ACCESS_KEY_ID="] {
        assert!(!has(absent), "{absent}");
    }
}

#[tokio::test]
async fn a_store_behind_an_api_comes_with_credentials() {
    let with_store = |store: &'static str| async move {
        let shop = Shop::with(|options| {
            options.rpc = Some("http://127.0.0.1:9/rpc".into());
            options.store = Some(store.into());
            options.credentials = Some(Credentials {
                session_token: Some("session".into()),
                ..Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret")
            });
            options.extra_env.push(("MISBEHAVE_AT_START".into(), "tell-environment".into()));
        })
        .await;
        shop.get("/generated").await;
        assert!(shop.logged("X402_RPC=http://127.0.0.1:9/rpc"));
        assert!(shop.logged(&format!("X402_STORE={store}")));
        [
            "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY=secret",
            "AWS_SESSION_TOKEN=session",
        ]
        .map(|variable| shop.logged(variable))
    };
    assert_eq!(with_store("s3+http://127.0.0.1:9/claims/shop").await, [true; 3]);
    assert_eq!(with_store("memory").await, [false; 3]);
}
