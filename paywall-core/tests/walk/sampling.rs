//! `[log] free`: which lines are left out, and which never.

use std::collections::HashSet;

use paywall_core::log::{Line, is_picked};
use paywall_core::viewer_response::viewer_response;

use crate::response::origin;
use crate::support::*;

fn shop(free_lines: u32) -> Scenario {
    let mut table = open_table();
    table.site.free_lines = free_lines;
    Scenario::of(table)
}

#[test]
fn free_lines_are_one_in_so_many_and_say_so() {
    let mut shop = shop(10);
    let lines: Vec<_> = (0..2_000).map(|_| shop.get("/free.txt").log).collect();
    assert!(lines.iter().all(|line| line.sampled == Some(10)));
    let printed = lines.iter().filter(|line| line.is_printed()).count();
    assert!((140..260).contains(&printed), "{printed}");
    // By the request alone: whoever asks again is told the same, of the other event, too.
    for (at, line) in lines.iter().enumerate() {
        let id = format!("request-{}", at + 1);
        assert_eq!(line.is_printed(), is_picked(&id, 10));
        let request = request("GET", "/free.txt", &[]);
        let (_, response) = viewer_response(shop.paywall, &id, &request, origin(&[]));
        assert_eq!((response.is_printed(), response.sampled), (line.is_printed(), Some(10)));
    }
    let every = self::shop(1).get("/free.txt").log;
    assert_eq!((every.sampled, every.is_printed()), (None, true));
}

#[test]
fn a_pass_that_opens_again_is_one_of_them_and_its_sale_is_not() {
    let mut shop = shop(1_000_000);
    let sold = shop.pay("/timed.json", &Payment::v2(1));
    assert!(sold.log.is_printed() && sold.log.sampled.is_none());
    let bought = sold.granted().clone();
    let (response, log) = viewer_response(shop.paywall, "request-1", &bought, origin(&[]));
    assert!(log.outcome == "receipt" && log.is_printed());
    let pass = response.headers.first("x-payment-pass").unwrap().to_owned();
    let again = shop.send("GET", "/timed.json", &[("X-PAYMENT-PASS", &pass)]);
    assert!(again.log.outcome == "pass" && again.log.sampled == Some(1_000_000));
    let (_, log) = viewer_response(shop.paywall, "request-2", again.granted(), origin(&[]));
    assert!(log.outcome == "pass" && log.sampled == Some(1_000_000));
}

#[test]
fn money_refusals_alarms_and_operator_lines_are_always_printed() {
    let mut lines: Vec<Line> = vec![];
    let mut shop = shop(1_000_000);
    lines.push(shop.get("/a.json").log);
    lines.push(shop.send("OPTIONS", "/a.json", &[]).log);
    lines.push(shop.send("POST", "/free.txt", &[]).log);
    lines.push(shop.get("/unlisted").log);
    lines.push(shop.send("GET", "/a.json", &[("PAYMENT-SIGNATURE", "%%%")]).log);
    lines.push(shop.pay("/a.json", &Payment::v2(1)).log);
    lines.push(shop.pay("/a.json", &Payment::v2(1)).log);
    shop.settle = vec![lost()];
    lines.push(shop.pay("/a.json", &Payment::v2(2)).log);
    shop.settle = vec![failed("new_code")];
    lines.push(shop.pay("/a.json", &Payment::v2(3).by_another()).log);
    // What does not fit together is said of a pass's repeat, too.
    let request = request("GET", "/timed.json", &[]);
    let other = origin(&[("ETag", "\"other\"")]);
    lines.push(viewer_response(shop.paywall, "request-1", &request, other).1);
    assert!(
        lines.iter().any(|line| line.alarm) && lines.iter().any(|line| line.operator.is_some())
    );
    for line in &lines {
        assert!(line.is_printed() && line.sampled.is_none(), "{}", line.to_json());
    }
    let outcomes: HashSet<_> = lines.iter().map(|line| line.outcome.to_string()).collect();
    assert!(outcomes.len() > 6, "{outcomes:?}");
}
