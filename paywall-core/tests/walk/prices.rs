//! A price that changes: what is asked when, and for how long what was asked before is taken.

use paywall_core::facilitator::Endpoint;
use paywall_core::limits::{QUOTED_AHEAD_SECONDS, QUOTED_BEFORE_SECONDS};
use price_table::{NextPrice, Offer, Price, Table};
use serde_json::{Value, json};

use crate::support::{
    BROWSER, Ended, NOW, Payment, Scenario, answer, independent, lost, offer, open_table, settled,
    with_node, with_offers,
};
use crate::testnode::{Chain, TestNode};

/// The price changes then.
const FROM: u64 = NOW;
/// So long a 402 is good, as the offer says.
const QUOTED: u64 = 60;
/// From then on the old price is not taken.
const AFTER: u64 = FROM + QUOTED + QUOTED_BEFORE_SECONDS;

const OLD: u128 = 10_000;

fn changing(to: u128) -> Table {
    with_offers(open_table(), |offer| {
        offer.price = Price { amount: OLD, next: Some(NextPrice { from: FROM, amount: to }) };
    })
}

/// A payment of so much that arrives at a time.
fn of(amount: u128, at: u64, payment: Payment) -> Payment {
    let payment = payment.valid_until(at + 60).with("/payload/authorization/validAfter", "0");
    let payment = payment.with("/payload/authorization/value", amount.to_string());
    match payment.json.get("accepted") {
        Some(_) => payment.with("/accepted/amount", amount.to_string()),
        None => payment,
    }
}

fn asked(ended: &Ended) -> [String; 2] {
    let v2 = &ended.decoded("payment-required")["accepts"][0]["amount"];
    let v1 = &ended.body()["accepts"][0]["maxAmountRequired"];
    [v2, v1].map(|amount| amount.as_str().unwrap().to_owned())
}

#[test]
fn both_versions_and_the_page_ask_the_price_of_the_second() {
    for (now, price, shown) in [
        (0, OLD, "0.01 USDC"),
        (FROM - 1, OLD, "0.01 USDC"),
        (FROM, 20_000, "0.02 USDC"),
        (FROM + 1_000_000, 20_000, "0.02 USDC"),
    ] {
        let mut shop = Scenario::of(changing(20_000));
        shop.now = now;
        assert_eq!(asked(&shop.get("/a.json")), [price.to_string(), price.to_string()], "{now}");
        let page = shop.send("GET", "/a.json", &BROWSER);
        let page = page.refused().body.clone().unwrap();
        assert!(page.contains(shown), "{now}: {page}");
    }
}

/// Dearer and cheaper, in both versions, at each second where something changes.
#[test]
fn a_402_is_good_for_as_long_as_it_said_and_nothing_else_is() {
    for new in [20_000, 1] {
        for (now, old_is_taken, new_is_taken) in [
            (FROM - QUOTED_AHEAD_SECONDS - 1, true, false),
            (FROM - QUOTED_AHEAD_SECONDS, true, true),
            (FROM - 1, true, true),
            (FROM, true, true),
            (FROM + QUOTED, true, true),
            (AFTER - 1, true, true),
            (AFTER, false, true),
            (AFTER + 1_000_000, false, true),
        ] {
            for (amount, taken) in [(OLD, old_is_taken), (new, new_is_taken), (new + 1, false)] {
                for (wire, code) in [
                    (Payment::v2(7), "invalid_exact_evm_payload_authorization_value_mismatch"),
                    (Payment::v1(7), "invalid_exact_evm_payload_authorization_value"),
                ] {
                    let mut shop = Scenario::of(changing(new));
                    shop.now = now;
                    let ended = shop.pay("/a.json", &of(amount, now, wire));
                    let case = format!("{amount} at {now} of {new}");
                    if !taken {
                        assert_eq!(ended.code(), (402, code.into()), "{case}");
                        assert_eq!(shop.calls.len(), 0, "{case}");
                        let price = if now < FROM { OLD } else { new };
                        assert_eq!(asked(&ended)[0], price.to_string(), "{case}");
                        continue;
                    }
                    ended.granted();
                    assert_eq!(ended.log.payment.unwrap().amount, amount.to_string(), "{case}");
                    // The facilitator is asked to settle just what was signed.
                    let body: Value = serde_json::from_str(&shop.calls[0].body).unwrap();
                    let required = &body["paymentRequirements"];
                    let required = required.get("amount").or(required.get("maxAmountRequired"));
                    assert_eq!(required.unwrap(), &json!(amount.to_string()), "{case}");
                }
            }
        }
    }
}

/// What it accepted and what it signed must be one price, not one of each.
#[test]
fn old_and_new_are_not_mixed() {
    for (accepted, signed) in [(OLD, 20_000), (20_000, OLD)] {
        let mut shop = Scenario::of(changing(20_000));
        let payment = of(accepted, NOW, Payment::v2(7))
            .with("/payload/authorization/value", signed.to_string());
        assert_eq!(shop.pay("/a.json", &payment).status(), 402);
        assert_eq!(shop.calls.len(), 0);
    }
}

/// One nonce, signed at both prices, buys once: for the one that is not bound nothing is sent, then or later.
#[test]
fn one_nonce_at_two_prices_buys_once() {
    for (first, second) in [(OLD, 20_000), (20_000, OLD)] {
        for alone in [false, true] {
            for now in [FROM, FROM + QUOTED] {
                let table = changing(20_000);
                let mut shop = if alone { Scenario::alone(table) } else { Scenario::of(table) };
                shop.pay("/a.json", &of(first, FROM + 200, Payment::v2(7))).granted();
                shop.now = now;
                let another = of(second, FROM + 200, Payment::v2(7));
                for uri in ["/a.json", "/b%20%2B%C3%A9.json", "/timed.json"] {
                    let ended = shop.pay(uri, &another);
                    assert_eq!(ended.code(), (409, "payment_already_used".into()), "{uri}");
                }
                assert_eq!(shop.count(Endpoint::Settle), 1);
            }
        }
    }
}

/// A payment at the old price was sent and its outcome is unknown, or its sandbox died: once the price has
/// changed for good it still ends as it would have, and is never told to pay again.
#[test]
fn what_was_sent_at_the_old_price_opens_after_any_time() {
    let tables: [fn(Table) -> Table; 2] = [|table| table, independent];
    for table in tables {
        for dies in [false, true] {
            let mut shop = Scenario::alone(table(with_node(changing(20_000))));
            shop.nodes = vec![Some(TestNode::of(Chain(vec![(NOW - 100, vec![])])))];
            shop.now = FROM - 1;
            let payment = of(OLD, FROM + 240, Payment::v2(0x7a));
            match dies {
                true => shop.pay_and_die("/a.json", &payment),
                false => {
                    shop.settle = vec![lost()];
                    assert_eq!(shop.pay("/a.json", &payment).status(), 503);
                    shop.settle = vec![settled()];
                }
            }
            shop.now = AFTER + 60;
            let ended = shop.pay("/a.json", &payment);
            ended.granted();
            for call in shop.calls.iter().filter(|call| call.endpoint == Endpoint::Settle) {
                assert!(call.body.contains("\"amount\":\"10000\""), "{}", call.body);
            }
        }
    }
}

/// Whatever became of the price since, and by whichever record or node it is found: a payment whose outcome is
/// unknown is never answered 402, is asked about at its own price, and so it is logged.
#[test]
fn what_is_unknown_stays_at_its_price() {
    for (new, wire) in [(20_000, Payment::v2(0x7a)), (1, Payment::v1(0x7a))] {
        for alone in [false, true] {
            for node in [false, true] {
                for uri in ["/a.json", "/timed.json", "/first.json"] {
                    for own_account in [false, true] {
                        let table = if node { with_node(changing(new)) } else { changing(new) };
                        let table = if own_account { independent(table) } else { table };
                        let mut shop =
                            if alone { Scenario::alone(table) } else { Scenario::of(table) };
                        shop.nodes = vec![Some(TestNode::of(Chain(vec![(NOW - 100, vec![])])))];
                        let case = format!("{new} {alone} {node} {uri} {own_account}");
                        let payment = of(OLD, FROM + 3_000, wire.clone());
                        shop.settle = vec![lost()];
                        for now in [FROM - 1, FROM, AFTER - 1, AFTER, AFTER + 200] {
                            shop.now = now;
                            let ended = shop.pay(uri, &payment);
                            assert_eq!(ended.status(), 503, "{case} {now}: {:?}", ended.output);
                            assert_eq!(ended.log.payment.unwrap().amount, "10000", "{case} {now}");
                        }
                        shop.settle = vec![settled()];
                        shop.now = AFTER + 1_500;
                        let ended = shop.pay(uri, &payment);
                        ended.granted();
                        assert_eq!(ended.log.payment.unwrap().amount, "10000", "{case}");
                        let own = |body: &str| {
                            ["amount", "maxAmountRequired"]
                                .iter()
                                .any(|name| body.contains(&format!("\"{name}\":\"10000\"")))
                        };
                        assert!(shop.calls.iter().all(|call| own(&call.body)), "{case}");
                    }
                }
            }
        }
    }
}

/// The table is deployed anew in between, without the change, with another, or with one put off.
#[test]
fn a_table_deployed_in_between_changes_nothing_for_what_was_sent() {
    let price = |amount: u128, next: Option<(u64, u128)>| {
        with_node(with_offers(open_table(), |offer| {
            let next = next.map(|(from, amount)| NextPrice { from, amount });
            offer.price = Price { amount, next };
        }))
    };
    for then in [
        price(20_000, None),
        price(OLD, Some((FROM + 86_400, 20_000))),
        price(20_000, Some((FROM + 5, 40_000))),
        price(1, None),
    ] {
        for now in [FROM - 1, FROM, AFTER + 500] {
            let mut before = Scenario::alone(price(OLD, Some((FROM, 20_000))));
            before.nodes = vec![Some(TestNode::of(Chain(vec![(NOW - 100, vec![])])))];
            before.now = FROM - 2;
            before.settle = vec![lost()];
            let payment = of(OLD, FROM + 600, Payment::v2(0x7a));
            assert_eq!(before.pay("/a.json", &payment).status(), 503);
            let mut after = Scenario::alone(then.clone());
            (after.store, after.nodes, after.now) = (before.store, before.nodes, now);
            let ended = after.pay("/a.json", &payment);
            ended.granted();
            assert_eq!(ended.log.payment.unwrap().amount, "10000");
            assert!(after.calls.iter().all(|call| call.body.contains("\"amount\":\"10000\"")));
        }
    }
}

/// A sandbox whose clock is ahead asks the new price, one that is behind and slow the old one: the others,
/// whose clocks are right, take what they asked.
#[test]
fn sandboxes_whose_clocks_differ() {
    let asked_at = |clock: u64| {
        let mut shop = Scenario::of(changing(5_000));
        shop.now = clock;
        asked(&shop.get("/a.json"))[0].parse::<u128>().unwrap()
    };
    let paid_at = |amount: u128, now: u64| {
        let mut shop = Scenario::of(changing(5_000));
        shop.now = now;
        shop.pay("/a.json", &of(amount, now, Payment::v2(7))).granted();
    };
    let (ahead, behind, slow) = (60, 60, 29);
    assert_eq!(asked_at(FROM - ahead + ahead), 5_000);
    paid_at(5_000, FROM - ahead);
    let answered = FROM - 1 + behind + slow;
    assert_eq!(asked_at(answered - slow - behind), OLD);
    paid_at(OLD, answered + QUOTED);
}

/// The amount of a payment that only a facilitator understands is what its client says that it accepted.
#[test]
fn payments_of_other_networks_by_what_they_accepted() {
    use price_table::{Access, Network, PassThrough, Terms};
    let solana = Offer {
        network: Network {
            caip2: "solana:EtWT".into(),
            v1: None,
            name: "Somewhere".into(),
            rpc: None,
        },
        price: Price { amount: OLD, next: Some(NextPrice { from: FROM, amount: 20_000 }) },
        terms: Terms::PassThrough(PassThrough {
            asset: "M".into(),
            pay_to: "P".into(),
            symbol: "USDC".into(),
            decimals: 6,
            extra: "{}".into(),
        }),
        ..offer()
    };
    let pay = |amount: u128, now: u64| {
        let sale = crate::support::priced(solana.clone(), Access::Request);
        let mut shop = Scenario::of(crate::support::table(vec![sale], &[("a.json", 0)]));
        shop.settle =
            vec![answer(json!({ "success": true, "transaction": "T", "network": "solana:EtWT" }))];
        shop.now = now;
        let mut payment = Payment::v2(1);
        payment.json = json!({
            "x402Version": 2,
            "accepted": { "scheme": "exact", "network": "solana:EtWT", "amount": amount.to_string(),
                "asset": "M", "payTo": "P", "maxTimeoutSeconds": 60 },
            "payload": { "transaction": "AQAB" },
        });
        let ended = shop.pay("/a.json", &payment);
        (ended.log.status, shop.calls.last().map(|call| call.body.clone()))
    };
    for (amount, now, taken) in [
        (OLD, FROM - 1, true),
        (20_000, FROM - QUOTED_AHEAD_SECONDS - 1, false),
        (OLD, FROM + QUOTED, true),
        (20_000, FROM, true),
        (OLD, AFTER, false),
    ] {
        let (status, body) = pay(amount, now);
        assert_eq!(status.is_none(), taken, "{amount} at {now}");
        let asked = body.is_some_and(|body| body.contains(&format!("\"amount\":\"{amount}\"")));
        assert_eq!(asked, taken, "{amount} at {now}");
    }
}
