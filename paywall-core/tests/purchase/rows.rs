//! What shops got wrong once, a test each.

use paywall_core::facilitator::{Endpoint, Outcome};
use price_table::{Access, Table, VerifyPolicy};

use crate::offers::{facilitator, table};
use crate::support::{
    Fault, NOW, Payment, Scenario, answer, failed, independent, lost, offer, open_table, priced,
    settled, shared_s3, with_node, with_offers,
};
use crate::testnode::{Chain, TestNode};

fn with_a_node(mut shop: Scenario) -> Scenario {
    shop.nodes = vec![Some(TestNode::of(Chain::idle(1_000, 2, NOW)))];
    shop
}

fn alone(table: Table) -> Scenario {
    with_a_node(Scenario::alone(with_node(table)))
}

/// Two shops of one payee, a store each; what happens on the chain happens for both.
fn sister_shops() -> [Scenario; 2] {
    [(); 2].map(|()| {
        let mut table = with_node(open_table());
        table.redemptions = shared_s3();
        with_a_node(Scenario::of(table))
    })
}

#[test]
fn a_payment_that_was_bought_with_at_one_shop_opens_nothing_at_its_sister() {
    let [mut a, mut b] = sister_shops();
    a.mines = true;
    a.pay("/a.json", &Payment::v2(1)).granted();
    std::mem::swap(&mut a.nodes, &mut b.nodes);
    for seconds in [2, 20] {
        b.now = NOW + seconds;
        let ended = b.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (409, "payment_already_used".into()));
    }
    assert_eq!(b.calls, []);
}

#[test]
fn nor_does_one_that_its_sister_refused_before() {
    for code in ["insufficient_funds", "invalid_exact_evm_recipient_mismatch"] {
        let [mut a, mut b] = sister_shops();
        b.settle = vec![failed(code)];
        b.node().denies = true;
        assert_eq!(b.pay("/a.json", &Payment::v2(1)).code(), (402, code.into()));
        b.node().denies = false;
        std::mem::swap(&mut a.nodes, &mut b.nodes);
        a.mines = true;
        a.pay("/a.json", &Payment::v2(1)).granted();
        std::mem::swap(&mut a.nodes, &mut b.nodes);
        for seconds in [6, 50, 1_000] {
            b.now = NOW + seconds;
            let ended = b.pay("/a.json", &Payment::v2(1));
            assert_eq!(ended.code(), (409, "payment_already_used".into()), "{code}, {seconds} s");
        }
        assert_eq!(b.count(Endpoint::Settle), 1);
    }
}

#[test]
fn a_node_that_is_late_delays_a_payment_and_never_calls_it_unpaid() {
    let mut shop = alone(open_table());
    shop.node().lag = 30;
    (shop.settle, shop.mines) = (vec![lost()], true);
    let payment = Payment::v2(1);
    for seconds in (0..62).step_by(10) {
        shop.now = NOW + seconds;
        let same = shop.pay("/a.json", &payment);
        assert_eq!(same.code(), (503, "settlement_unknown".into()), "{seconds}");
        // A fresh one is not charged meanwhile.
        let fresh = shop.pay("/a.json", &Payment::v2(2).valid_for(120));
        assert_eq!(fresh.code(), (503, "earlier_payment_unknown".into()), "{seconds}");
    }
    shop.now = NOW + 66;
    assert_eq!(shop.pay("/a.json", &payment).log.outcome, "resolved");
    let bodies: Vec<_> = shop.calls.iter().map(|call| &call.body).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "another one was sent");
}

#[test]
fn a_cheap_site_s_payment_opens_nothing_of_the_dear_one() {
    let site = |id: &'static str| {
        let mut table = table(vec![priced(offer(), Access::Request)], &[("index.html", 0)]);
        table.site.id = id.into();
        Scenario::alone(table)
    };
    let [mut cheap, mut dear] = [site("cheap"), site("dear")];
    dear.requests = 100;
    cheap.pay("/index.html", &Payment::v2(1)).granted();
    dear.store = std::mem::take(&mut cheap.store);
    let ended = dear.pay("/index.html", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert_eq!(dear.calls, []);
    // A fresh signature gets nothing of what the other site owes.
    assert_eq!(dear.pay("/index.html", &Payment::v2(2)).log.outcome, "settled");
}

#[test]
fn a_write_of_ours_that_meets_412_is_known_by_its_writer() {
    // Trip 1 makes binding and account, trip 2 reads them back if need be; then the sale.
    for fault in [Fault::DoneAndConflict, Fault::DoneInSilence] {
        for trip in 1..=4 {
            let mut shop = Scenario::alone(open_table());
            shop.faults = vec![(trip, fault)];
            let ended = shop.pay("/a.json", &Payment::v2(1));
            assert_eq!(ended.log.outcome, "settled", "{fault:?} {trip}");
            assert_eq!(shop.count(Endpoint::Settle), 1);
            // The payer is not held by it.
            assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled");
        }
    }
}

#[test]
fn a_write_that_is_silent_and_was_not_done_leaves_nobody_locked_out() {
    for trip in 1..=4 {
        let mut shop = Scenario::alone(open_table());
        shop.faults = vec![(trip, Fault::Silence)];
        let first = shop.pay("/a.json", &Payment::v2(1));
        shop.faults.clear();
        shop.now += 6;
        let again = shop.pay("/a.json", &Payment::v2(1));
        again.granted();
        if trip == 1 {
            assert_eq!(first.status(), 503, "what was not written was not sent");
            assert_eq!(shop.count(Endpoint::Settle), 1);
        }
        assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled", "{trip}");
    }
}

#[test]
fn one_payer_has_one_account_on_every_chain_and_by_every_signature() {
    // Raw and wrapped: the unknown one holds the next, and timed access is not charged again.
    for [first, second] in
        [[Payment::v2(1), Payment::v2(2).wrapped()], [Payment::v2(1).wrapped(), Payment::v2(2)]]
    {
        let mut shop = Scenario::open();
        shop.settle = vec![lost()];
        shop.pay("/a.json", &first);
        assert_eq!(shop.pay("/a.json", &second).code().1, "earlier_payment_unknown");
        let mut shop = Scenario::open();
        shop.pay("/timed.json", &first).granted();
        assert_eq!(shop.pay("/timed.json", &second).log.outcome, "owned");
    }
}

#[test]
fn an_onlooker_who_sends_again_first_takes_nothing() {
    let mut shop = alone(open_table());
    shop.mines = true;
    shop.pay("/a.json", &Payment::v2(1)).granted();
    shop.now += 6;
    shop.client_ip = "198.51.100.9";
    for _ in 0..5 {
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409);
    }
    shop.client_ip = "203.0.113.7";
    for _ in 0..3 {
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
    }
}

fn http(status: u16, body: &str) -> Outcome {
    Outcome::Answered { status, body: body.as_bytes().to_vec(), location: None, extensions: None }
}

/// What says that nothing was submitted, if not that it was refused.
fn not_taken() -> Vec<Outcome> {
    vec![
        http(308, "Redirecting..."),
        http(301, ""),
        http(429, r#"{"success":false,"errorReason":"too_many","transaction":""}"#),
        http(429, ""),
        http(401, "Unauthorized"),
        http(404, "<html>"),
        http(
            500,
            r#"{"success":false,"errorReason":"unexpected_error","errorMessage":"No facilitator registered for scheme: exact and network: eip155:84532","transaction":"","network":""}"#,
        ),
        http(400, r#"{"success":false,"errorReason":"invalid_json","transaction":""}"#),
    ]
}

#[test]
fn what_was_not_taken_locks_nobody_and_goes_to_the_next_one() {
    const SECOND: &str = "https://second.example";
    for outcome in not_taken() {
        let mut shop = Scenario::open();
        shop.settle = vec![outcome.clone(), settled()];
        let ended = shop.pay("/a.json", &Payment::v2(1));
        let code = ended.code().1;
        assert!(
            matches!(&*code, "cannot_settle" | "facilitator_unavailable"),
            "{code} {outcome:?}"
        );
        // Neither the same payment nor another one is held.
        assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled", "{outcome:?}");
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "settled", "{outcome:?}");

        let two = with_offers(open_table(), |offer| {
            let first = offer.facilitators[0].clone();
            offer.facilitators = vec![first, facilitator(SECOND, VerifyPolicy::WhenNeeded)].into();
        });
        let mut shop = Scenario::of(two);
        shop.settle = vec![outcome.clone(), settled()];
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "settled", "{outcome:?}");
        assert_eq!(shop.calls[1].facilitator, SECOND);
    }
}

#[test]
fn a_see_other_is_no_proof_that_nothing_was_submitted() {
    let mut shop = Scenario::open();
    shop.settle = vec![http(303, "")];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code().1, "settlement_unknown");
}

#[test]
fn a_refusal_said_after_a_broadcast_is_served_and_charged_once() {
    for code in [
        "invalid_exact_evm_insufficient_balance",
        "invalid_exact_evm_payload_authorization_valid_before",
        "invalid_exact_evm_payload_authorization_valid_after",
        "invalid_exact_evm_signature",
        "invalid_payload",
    ] {
        let mut shop = alone(open_table());
        (shop.settle, shop.mines) = (vec![failed(code)], true);
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (503, "settlement_unknown".into()), "{code}");
        shop.now += 6;
        let next = shop.pay("/a.json", &Payment::v2(2));
        assert_eq!(next.log.outcome, "resolved", "{code}");
        assert!(shop.calls.iter().all(|call| call.body == shop.calls[0].body));

        // Where others sell for the payee it is listed and said, and still never 402.
        let mut table = with_node(open_table());
        table.redemptions = shared_s3();
        let mut shared = with_a_node(Scenario::of(table));
        (shared.settle, shared.mines) = (vec![failed(code)], true);
        assert_eq!(shared.pay("/a.json", &Payment::v2(1)).status(), 503, "{code}");
        shared.now += 6;
        let ended = shared.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (409, "payment_unproven".into()), "{code}");
        assert!(ended.log.alarm);
    }
}

#[test]
fn a_refusal_for_one_payer_is_nobody_else_s() {
    let kyt = http(403, r#"{"errorType":"kyt_risk_detected","errorMessage":"no"}"#);
    let mut shop = Scenario::open();
    for nonce in 0..10 {
        shop.settle = vec![kyt.clone()];
        assert_eq!(shop.pay("/a.json", &Payment::v2(nonce)).code().0, 402);
        shop.settle = vec![settled()];
        let other = shop.pay("/a.json", &Payment::v2(nonce).by_another());
        assert_eq!(other.log.outcome, "settled", "no breaker opened");
    }
    assert!(shop.calls.iter().all(|call| call.facilitator == shop.calls[0].facilitator));
}

#[test]
fn a_fleet_on_one_wallet_buys_side_by_side_where_the_rule_says_so() {
    // Each request is left dead in the middle of its sale, so that all are open at once.
    let mut shop = Scenario::alone(independent(open_table()));
    for nonce in 0..50 {
        shop.pay_and_die("/a.json", &Payment::v2(nonce));
    }
    assert_eq!(shop.pay("/a.json", &Payment::v2(99)).log.outcome, "settled");
    shop.now += 6;
    for nonce in 0..50 {
        assert_eq!(shop.pay("/a.json", &Payment::v2(nonce)).log.outcome, "resolved", "{nonce}");
    }
    // One at a time, the second one waits, and says until when.
    let mut shop = Scenario::alone(open_table());
    shop.pay_and_die("/a.json", &Payment::v2(1));
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.code().1, "payment_in_progress");
    assert!(ended.until() <= NOW + 6);
}

#[test]
fn success_that_is_repeated_does_not_sell_twice() {
    // A facilitator that answers every copy with its success: the look stands before it.
    let [mut a, mut b] = sister_shops();
    a.mines = true;
    a.pay("/a.json", &Payment::v2(1)).granted();
    std::mem::swap(&mut a.nodes, &mut b.nodes);
    b.settle = vec![answer(serde_json::json!({
        "success": true, "transaction": crate::support::TX, "network": "eip155:84532",
    }))];
    assert_eq!(b.pay("/a.json", &Payment::v2(1)).status(), 409);
}
