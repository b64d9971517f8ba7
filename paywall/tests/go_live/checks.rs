//! Each check is made to fail, and it alone.

use crate::server::{BASE, Node, TOKEN, facilitator};
use crate::shop::{Shop, TEXT, secrets};

fn stops(shop: &Shop, verdict: &str, why: &str) {
    let told = shop.run();
    let context = format!("{why}:\n{}{}", told.out, told.errors);
    let bad = [told.lines("wrong"), told.lines("not checked")].concat();
    assert!(!told.done && bad.len() == 1, "{context}");
    assert!(bad[0].starts_with(verdict) && bad[0].contains(why), "{context}");
    assert!(told.errors.contains("nothing was written"), "{context}");
    assert_eq!(shop.now(), shop.text, "{why}");
}

/// What a word accepts stops nothing more.
fn unless(shop: &mut Shop, word: &str) {
    shop.more.extend(["--accept".to_owned(), word.to_owned()]);
    let told = shop.run();
    assert!(told.done && told.lines("warning").len() == 1, "{}{}", told.out, told.errors);
}

fn text(from: &str, to: &str) -> Shop {
    assert!(TEXT.contains(from), "{from}");
    Shop { text: TEXT.replace(from, to), ..Shop::new() }
}

#[test]
fn who_is_paid() {
    for (pay_to, why) in [
        ("0x209693bc6afc0c5328ba36faf03c514ef312287c", "checksum"),
        ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "public test account"),
        ("0x0000000000000000000000000000000000000000", "zero address"),
        ("0x000000000000000000000000000000000000dEaD", "burn address"),
        ("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "contract of base/usdc"),
        ("0xA9D1e08C7793af67e9d92fe308d5697FB81d3E43", "wallet of Coinbase"),
    ] {
        stops(&Shop { pay_to: pay_to.to_owned(), ..Shop::new() }, "wrong", why);
    }
}

#[test]
fn a_payee_that_is_a_contract() {
    let facilitator = facilitator(&["eip155:8453", "base"], Some(TOKEN));
    let mut shop = Shop::beside(facilitator, Node { code: "0x6080", ..BASE });
    stops(&shop, "wrong", "is a contract on eip155:8453");
    let payee = shop.pay_to.clone();
    unless(&mut shop, &payee);
}

#[test]
fn facilitators() {
    let shop = |networks, token| Shop::beside(facilitator(networks, token), BASE);
    stops(&shop(&["base"], Some(TOKEN)), "wrong", "does not settle `exact` of x402 v2");
    stops(
        &shop(&["eip155:84532", "base"], Some(TOKEN)),
        "wrong",
        "does not settle `exact` of x402 v2",
    );
    stops(&shop(&["eip155:8453", "base"], Some("another")), "wrong", "does not take its key");
    let told = shop(&["eip155:8453"], Some(TOKEN)).run();
    assert!(
        told.done && told.lines("warning")[0].contains("v1 clients cannot pay"),
        "{}",
        told.out
    );
    let told = shop(&["eip155:8453", "base"], None).run();
    assert!(told.done && told.lines("warning")[0].contains("its key is not tried"), "{}", told.out);
}

#[test]
fn keys() {
    let mut shop = Shop::new();
    shop.secrets = None;
    stops(&shop, "not checked", "the secrets are not at hand");
    let other =
        Shop { secrets: Some(secrets("shop", "https://else.example", TOKEN)), ..Shop::new() };
    stops(&other, "wrong", "the secrets lack");
    let stranger =
        Shop { secrets: Some(secrets("other", &shop.facilitator, TOKEN)), ..Shop::new() };
    let told = stranger.run();
    assert!(!told.done && told.errors.contains("those of the site other"), "{}", told.errors);
}

#[test]
fn nodes() {
    let shop = |node| Shop::beside(facilitator(&["eip155:8453", "base"], Some(TOKEN)), node);
    stops(&shop(Node { chain: "0x1", ..BASE }), "wrong", "is of eip155:1, not of eip155:8453");
    let zero = "0x0000000000000000000000000000000000000000000000000000000000000000";
    stops(&shop(Node { domain: zero, ..BASE }), "wrong", "EIP-712 domain");
    let mut stopped = shop(Node { age: 4_000, ..BASE });
    stops(&stopped, "wrong", "s old");
    unless(&mut stopped, "stale-node");
}

/// A node with its key in the URL is asked, and its URL is not shown.
#[test]
fn a_node_in_the_secrets() {
    let mut shop = text("{ url = \"https://sepolia.node.example\" }", "{ secret = true }");
    let kept = |url: &str, shop: &Shop| {
        let of = shop.secrets.as_ref().unwrap().replacen(
            '{',
            &format!(r#"{{"rpc": {{"eip155:8453": "{url}"}}, "#),
            1,
        );
        Some(of)
    };
    let gone = "http://127.0.0.1:1/the-key";
    shop.secrets = kept(gone, &shop);
    let told = shop.run_without_node();
    assert!(!told.done && told.out.contains("in the secrets, eip155:8453"), "{}", told.out);
    assert!(!told.out.contains("the-key") && !told.errors.contains("the-key"), "{}", told.out);
    assert_eq!(shop.now(), shop.text);
    let good = Shop { text: shop.text.clone(), ..Shop::new() };
    let good = Shop { secrets: kept(&good.node, &good), ..good };
    let told = good.run_without_node();
    assert!(
        told.done && good.now().contains("base = { secret = true }"),
        "{}{}",
        told.out,
        told.errors
    );
}

#[test]
fn the_store() {
    let mut shop =
        text("store = \"s3\"\nbucket = \"shop-redemptions\"\nregion = \"us-east-1\"\n", "");
    let told = shop.run();
    assert_eq!(told.lines("wrong").len(), 2, "{}", told.out);
    assert!(told.out.contains("--accept P4") && told.out.contains("--accept P5"), "{}", told.out);
    shop.more.extend(["--accept".to_owned(), "P4".to_owned()]);
    stops(&shop, "wrong", "P5");
    shop.more.extend(["--accept".to_owned(), "P5".to_owned()]);
    assert!(shop.run().done);
}

#[test]
fn nothing_for_sale() {
    let (begin, end) = (TEXT.find("[redemptions]").unwrap(), TEXT.find("[[rule]]").unwrap());
    let text = format!("{}{}", &TEXT[..begin], &TEXT[end..]);
    let text = text.replace("price = \"0.01\"", "free = true");
    stops(&Shop { text, ..Shop::new() }, "wrong", "every rule is free");
}

#[test]
fn prices() {
    for price in ["0.0001", "1000.01"] {
        let mut shop = text("\"0.01\"", &format!("{price:?}"));
        stops(&shop, "wrong", price);
        unless(&mut shop, "price:**");
    }
}

#[test]
fn where_it_is_sold() {
    for url in ["http://127.0.0.1:8402", "https://shop.example"] {
        stops(&text("https://d3kx9.cloudfront.net", url), "wrong", url);
    }
}

#[test]
fn what_is_good_to_know() {
    for (line, instead, why) in [
        ("sealed = true\n", "", "under their own names"),
        ("published = \"published.jsonl\"\n", "", "not on record"),
        ("discovery = true\n", "discovery = false\n", "no agent and no catalogue"),
    ] {
        let told = text(line, instead).run();
        let warnings = told.lines("warning");
        assert!(told.done && warnings.len() == 1 && warnings[0].contains(why), "{}", told.out);
    }
}

#[test]
#[cfg(not(feature = "aws"))]
fn what_aws_says_is_left_to_the_command_that_asks_it() {
    let mut shop = Shop::new();
    shop.more.extend(["--stack".to_owned(), "my-shop".to_owned()]);
    let told = shop.run();
    assert!(
        told.done && told.out.contains("run `paywall status --fail --stack my-shop`"),
        "{}",
        told.out
    );
}
