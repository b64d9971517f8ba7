//! A shop that answers a request, and what holds of any answer.

use std::cell::LazyCell;

use paywall_core::clock::Micros;
use paywall_core::event::{Output, Request};
use paywall_core::purchase::{Effect, Heard};
use paywall_core::sale::Next;
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk;
use paywall_core::world::Phases;
use price_table::{Key, Sale, Table};

use crate::offers::{NOW, open_table, paywall, s3, with_two_nodes};
use crate::support::{Scenario, checked, failed};

/// What CloudFront takes of a viewer event's answer:
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge>
const ANSWER_BYTES: usize = 40 * 1024;

thread_local! {
    static OPEN: LazyCell<&'static Table> = const { LazyCell::new(|| Box::leak(Box::new(open_table()))) };
    static RECORDED: LazyCell<&'static Table> = const { LazyCell::new(|| {
        Box::leak(Box::new(Table { redemptions: s3(), ..with_two_nodes(open_table()) }))
    }) };
}

/// A free object and priced ones, remembered in memory; nobody has money.
pub(crate) fn open() -> Scenario {
    of(OPEN.with(|table| **table))
}

/// The same with records in a bucket and two nodes.
pub(crate) fn recorded() -> Scenario {
    of(RECORDED.with(|table| **table))
}

fn of(table: &'static Table) -> Scenario {
    let mut scenario = Scenario::selling(Box::leak(Box::new(paywall(table))));
    scenario.settle = vec![failed("insufficient_funds")];
    scenario.verify = scenario.settle.clone();
    scenario
}

/// Answers a request. `answer` is asked first, and the scenario where it says nothing.
pub(crate) fn answer(
    scenario: &mut Scenario,
    request: Request,
    mut answer: impl FnMut(&Effect) -> Option<Heard>,
) -> Output {
    let began = Micros::from_secs(NOW);
    let mut now = began;
    let invocation =
        Invocation { request_id: "request-1".into(), began, deadline: Micros(began.0 + 5_000_000) };
    let mut next = walk::begin(scenario.paywall, invocation, request);
    let Decision { output, log } = loop {
        match next {
            Next::Done(decision) => break *decision,
            Next::Ask(effect, selling) => {
                let heard = answer(&effect)
                    .or_else(|| scenario.answer(&effect, &mut now))
                    .expect("the sandbox lives");
                next = selling.hear(heard, Phases::default(), now);
            }
        }
    };
    checked(log);
    if let Output::Response(response) = &output {
        let json = serde_json::to_string(&output).expect("JSON");
        assert!(json.len() <= ANSWER_BYTES, "{json}");
        let status: u16 = response.status.parse().expect("a status");
        assert!((200..=599).contains(&status), "{status}");
        for (name, value) in response.headers.iter() {
            assert!(value.chars().all(|c| c == '\t' || !c.is_control()), "{name}: {value:?}");
        }
    }
    output
}

/// Whether a request goes on to what has a price.
pub(crate) fn opens(scenario: &Scenario, output: &Output) -> bool {
    let Output::Request(request) = output else { return false };
    let key = Key::from_uri_path(&request.uri).expect("what goes on has a key");
    let table = scenario.paywall.table;
    let listing = table.get(key.as_str()).expect("whole").expect("what goes on is listed");
    !matches!(listing.rule.sale, Sale::Free)
}
