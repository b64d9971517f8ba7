//! Whom a buyer may ask, where only the seller can help.

use paywall_core::facilitator::Outcome;
use price_table::Table;
use serde_json::json;

use crate::support::{Ended, NOW, Payment, Scenario, failed, independent, lost, open_table};

const CONTACT: &str = "shop@example.com";

fn asked_at(mut table: Table, contact: Option<&'static str>) -> Scenario {
    table.site.contact = contact.map(Into::into);
    Scenario::of(table)
}

/// Facilitators that want a key that they do not get.
fn unmended(mut shop: Scenario) -> Ended {
    let refused = Outcome::Answered { status: 401, body: vec![], location: None, extensions: None };
    shop.settle = vec![refused];
    shop.pay("/a.json", &Payment::v2(1))
}

fn given_up(mut shop: Scenario) -> Ended {
    shop.settle = vec![lost()];
    let until = shop.pay("/a.json", &Payment::v2(1)).until();
    shop.settle = vec![failed("invalid_exact_evm_payload_authorization_valid_before")];
    shop.now = until + 1;
    shop.pay("/a.json", &Payment::v2(1))
}

fn used_from_elsewhere(mut shop: Scenario) -> Ended {
    shop.pay("/a.json", &Payment::v2(1)).granted();
    shop.client_ip = "198.51.100.9";
    shop.pay("/a.json", &Payment::v2(1))
}

#[test]
fn what_only_the_seller_can_mend_says_whom_to_ask() {
    for contact in [Some(CONTACT), None] {
        let shop = || asked_at(open_table(), contact);
        let independent = || asked_at(independent(open_table()), contact);
        for (ended, code) in [
            (unmended(shop()), (503, "cannot_settle".into())),
            (given_up(shop()), (409, "payment_given_up".into())),
            (used_from_elsewhere(independent()), (409, "payment_already_used".into())),
        ] {
            assert_eq!(ended.code(), code);
            let said = &ended.body()["paywall"]["contact"];
            assert_eq!(*said, json!(contact), "{code:?}");
        }
    }
}

#[test]
fn what_mends_itself_or_a_new_payment_mends_says_nothing_of_it() {
    let shop = || asked_at(open_table(), Some(CONTACT));
    let mut waits = shop();
    waits.settle = vec![lost()];
    let mut poor = shop();
    poor.settle = vec![failed("insufficient_funds")];
    for (ended, code) in [
        (shop().get("/a.json"), 402),
        (shop().get("/nothing.json"), 404),
        (waits.pay("/a.json", &Payment::v2(1)), 503),
        (poor.pay("/a.json", &Payment::v2(1)), 402),
        (shop().pay("/a.json", &Payment::v2(1).valid_until(NOW)), 402),
        (used_from_elsewhere(shop()), 409),
    ] {
        assert_eq!(ended.status(), code);
        assert!(!ended.body().to_string().contains(CONTACT), "{:?}", ended.code());
    }
}
