//! What the web ACL says, to the real function behind the local edge, which plays WAF's part.

use edge_local::{Insert, Viewers, WebAcl};
use paywall_core::handover::Keys;
use paywall_core::waf::{self, Position, Switch};
use reqwest::Method;

use crate::shop::{FREE, REPORT, Shop, published};

const KEY: &str = "4f";
const SITE: &str = "sample";
const BROWSER: [(&str, &str); 1] = [("user-agent", "Mozilla/5.0 (X11; Linux x86_64)")];

fn keys() -> Keys {
    Keys::parse(&KEY.repeat(32)).expect("a key")
}

async fn shop() -> Shop {
    Shop::with(|options| {
        options.extra_env.push(("X402_HANDOVER_KEY".into(), KEY.repeat(32)));
        options.sandboxes = 1;
    })
    .await
}

fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("a clock").as_secs()
}

fn switch(position: Position, until: u64) -> Insert {
    let switch = Switch { position, until, nonce: [9; 16] };
    Insert { name: waf::SWITCH.into(), value: switch.value(&keys(), SITE), viewers: Viewers::Every }
}

fn vouching() -> Insert {
    let value = waf::vouched_value(&keys(), SITE, 1);
    Insert { name: waf::VOUCHED.into(), value, viewers: Viewers::Browsers }
}

fn acl(inserts: Vec<Insert>) -> Option<WebAcl> {
    Some(WebAcl { inserts })
}

#[tokio::test]
async fn a_shop_is_switched_while_it_sells() {
    let shop = shop().await;
    let bought = shop.sign(REPORT).await;
    shop.pay(REPORT, &bought).await.is_sold(REPORT);

    shop.edge.set_web_acl(acl(vec![switch(Position::Closed, 0)]));
    shop.get(REPORT).await.is_refused(REPORT, 503, "closed");
    assert_eq!(shop.get(FREE).await.status, 200);
    shop.pay(REPORT, &bought).await.is_sold(REPORT);
    assert_eq!(shop.transfers(), 1);
    let probe = [("x-x402-probe", "09090909090909090909090909090909")];
    assert_eq!(shop.send(Method::GET, REPORT, &probe).await.status, 204);

    shop.edge.set_web_acl(acl(vec![switch(Position::Free, now() + 600)]));
    let answer = shop.get(REPORT).await;
    assert_eq!((answer.status, answer.header("payment-response")), (200, ""));
    assert!(answer.body == published(REPORT), "not its bytes");
    assert_eq!(answer.header("cache-control"), "private");

    shop.edge.set_web_acl(acl(vec![switch(Position::DryRun, now() + 600)]));
    let answer = shop.get(REPORT).await;
    assert!(answer.header("x-payment-dry-run").starts_with("amount=\"10000\""));

    shop.edge.set_web_acl(acl(vec![switch(Position::Free, now() - 1)]));
    assert_eq!(shop.get(REPORT).await.status, 402, "it is over");
    shop.edge.set_web_acl(acl(vec![]));
    assert_eq!(shop.get(REPORT).await.status, 402);
    assert_eq!(shop.send(Method::GET, REPORT, &probe).await.status, 402);
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    let log = shop.edge.log_lines().join("\n");
    for outcome in ["closed", "given_away", "dry_run", "switch_seen"] {
        assert!(log.contains(&format!("\"outcome\":\"{outcome}\"")), "{outcome}");
    }
    assert!(!log.contains(&"09".repeat(16)), "the value stands in the log");
}

#[tokio::test]
async fn people_read_free_and_software_pays() {
    let shop = shop().await;
    shop.edge.set_web_acl(acl(vec![vouching()]));
    let answer = shop.send(Method::GET, REPORT, &BROWSER).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == published(REPORT), "not its bytes");
    assert_eq!(shop.get(REPORT).await.status, 402);
    // Who hides behind more headers than WAF reads is vouched for by nobody, and forges nothing.
    let padding = "x".repeat(8_500);
    let forged = vouching().value;
    let hidden = [BROWSER[0], ("padding", &padding), ("x-amzn-waf-x402-vouched", "1")];
    assert_eq!(shop.send(Method::GET, REPORT, &hidden).await.status, 402);
    let open = [BROWSER[0], ("X-Amzn-Waf-X402-Vouched", &forged)];
    assert_eq!(shop.send(Method::GET, REPORT, &open).await.status, 403);

    // The web ACL is gone: everybody pays.
    shop.edge.set_web_acl(None);
    assert_eq!(shop.send(Method::GET, REPORT, &BROWSER).await.status, 402);
    for value in ["", "1", "true", &forged.replace('0', "1"), &forged[..32], &forged.repeat(2)] {
        let forged = [BROWSER[0], ("x-amzn-waf-x402-vouched", value)];
        assert_eq!(shop.send(Method::GET, REPORT, &forged).await.status, 402, "{value}");
    }
}
