//! Two walks at a time, and sandboxes that die: each takes a step in turn, or none any more.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use paywall_core::clock::Micros;
use paywall_core::event::Output;
use paywall_core::facilitator::{Call, Outcome};
use paywall_core::limits;
use paywall_core::paywall::Paywall;
use paywall_core::purchase::{Account, AccountKind, Effect, Heard, PaymentId};
use paywall_core::sale::Next;
use paywall_core::store::{Ask, Failed, Memory, Reply};
use paywall_core::subject::{Kind, Subject};
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk;
use paywall_core::world::Phases;
use price_table::Access;
use serde_json::Value;

use crate::support::{
    NOW, Payment, Scenario, TX, failed, lost, offer, open_table, paywall, priced, request, settled,
    table,
};
use crate::testnode::{PAYER, TOKEN};

/// One store, one facilitator, and one clock for all.
#[derive(Default)]
struct Town {
    store: RefCell<Memory>,
    /// Nonces that settled.
    settled: RefCell<BTreeSet<String>>,
    settles: Cell<usize>,
    fault: Fault,
    now: Cell<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    /// The first `/settle` settles, and its answer is lost. Afterwards the nonce is "used" until the
    /// facilitator recalls it.
    SettlesAndIsLost,
    /// The first `/settle` is lost before it settles.
    LostBefore,
    /// The money is gone: after the first settlement every answer is "insufficient funds".
    Poor,
}

impl Town {
    fn new(fault: Fault) -> Self {
        Town { fault, now: Cell::new(NOW), ..Town::default() }
    }

    fn now(&self) -> Micros {
        Micros::from_secs(self.now.get())
    }

    fn wait(&self, seconds: u64) {
        self.now.set(self.now.get() + seconds);
    }

    fn settle(&self, call: &Call) -> Outcome {
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let nonce = &body["paymentPayload"]["payload"]["authorization"]["nonce"];
        self.settles.set(self.settles.get() + 1);
        let first = self.settles.get() == 1;
        let mut paid = self.settled.borrow_mut();
        match self.fault {
            Fault::LostBefore if first => return lost(),
            Fault::Poor if !paid.is_empty() => return failed("insufficient_funds"),
            _ => paid.insert(nonce.to_string()),
        };
        if self.fault == Fault::SettlesAndIsLost && first { lost() } else { settled() }
    }
}

/// A walk under way. What it asks for is done at one step, a record a step, and heard at the next.
struct Walker<'a> {
    town: &'a Town,
    next: Option<Next<'a>>,
    replies: Vec<Result<Reply, Failed>>,
    heard: Option<Heard>,
}

impl<'a> Walker<'a> {
    fn new(shop: &'a Paywall<'a>, town: &'a Town, id: usize, uri: &str, header: &str) -> Self {
        let began = town.now();
        let invocation = Invocation {
            request_id: format!("request-{id}"),
            began,
            deadline: Micros(began.0 + 5_000_000),
        };
        let request = request("GET", uri, &[("PAYMENT-SIGNATURE", header)]);
        let next = Some(walk::begin(shop, invocation, request));
        Walker { town, next, replies: vec![], heard: None }
    }

    /// Goes so many steps on, and says whether it is at its end.
    fn step(&mut self, steps: usize) -> bool {
        for _ in 0..steps {
            self.once();
        }
        matches!(self.next, Some(Next::Done(_)))
    }

    fn once(&mut self) {
        let Some(Next::Ask(effect, _)) = &self.next else { return };
        match (effect, self.heard.take()) {
            (_, Some(heard)) => {
                let Some(Next::Ask(_, selling)) = self.next.take() else { unreachable!() };
                self.next = Some(selling.hear(heard, Phases::default(), self.town.now()));
            }
            (Effect::Store { asks, .. }, None) => {
                let ask = &asks[self.replies.len()];
                self.replies.push(self.town.store.borrow_mut().ask(ask, self.town.now()));
                if self.replies.len() == asks.len() {
                    self.heard = Some(Heard::Store(std::mem::take(&mut self.replies)));
                }
            }
            (Effect::Facilitator { call, .. }, None) => {
                self.heard = Some(Heard::Facilitator(self.town.settle(call)));
            }
            (Effect::Node { .. }, None) => unreachable!("the table names no node"),
        }
    }

    fn finish(&mut self) -> &Decision {
        assert!(self.step(500), "the walk has no end");
        match &self.next {
            Some(Next::Done(decision)) => decision,
            _ => unreachable!(),
        }
    }
}

fn shop(access: Access) -> Paywall<'static> {
    let table = table(vec![priced(offer(), access)], &[("a.json", 0), ("b.json", 0)]);
    paywall(Box::leak(Box::new(table)))
}

fn granted(decision: &Decision) -> bool {
    matches!(decision.output, Output::Request(_))
}

fn status(decision: &Decision) -> u16 {
    decision.log.status.unwrap_or(200)
}

fn headers() -> [String; 2] {
    [Payment::v2(1).header(), Payment::v2(2).header()]
}

const TIMED: Access = Access::Seconds(600);

/// A runs `a` steps, B `b`, A `c`, then B to its end, then A. Checks many such orders.
fn in_many_orders(
    access: Access,
    fault: Fault,
    walks: [(&str, &str); 2],
    check: impl Fn([&Decision; 2], &Town, &str),
) {
    let shop = shop(access);
    for a in 0..14 {
        for b in 0..14 {
            for c in [0, 1, 4] {
                let town = Town::new(fault);
                let [mut first, mut second] =
                    [0, 1].map(|at| Walker::new(&shop, &town, at, walks[at].0, walks[at].1));
                first.step(a);
                second.step(b);
                first.step(c);
                second.finish();
                let decisions = [first.finish(), second.finish()];
                check(decisions, &town, &format!("{access:?} {fault:?} {a} {b} {c}"));
            }
        }
    }
}

#[test]
fn the_same_payment_twice_at_once() {
    let [one, _] = headers();
    for access in [Access::Request, TIMED] {
        for fault in [Fault::None, Fault::SettlesAndIsLost, Fault::LostBefore, Fault::Poor] {
            in_many_orders(access, fault, [("/a.json", &one); 2], |decisions, town, order| {
                assert!(town.settled.borrow().len() <= 1, "{order}");
                assert!(decisions.iter().any(|decision| granted(decision)), "{order}");
                for decision in decisions {
                    let status = status(decision);
                    assert!(matches!(status, 200 | 503), "{order}: {}", decision.log.to_json());
                }
            });
        }
    }
}

#[test]
fn two_payments_for_one_object_at_once() {
    let [one, two] = headers();
    for (access, fault) in [
        (TIMED, Fault::None),
        (TIMED, Fault::SettlesAndIsLost),
        (TIMED, Fault::LostBefore),
        (TIMED, Fault::Poor),
        (Access::Request, Fault::None),
        (Access::Request, Fault::SettlesAndIsLost),
    ] {
        let walks = [("/a.json", one.as_str()), ("/a.json", two.as_str())];
        in_many_orders(access, fault, walks, |decisions, town, order| {
            let grants = decisions.iter().filter(|decision| granted(decision)).count();
            let paid = town.settled.borrow().len();
            assert!(grants >= 1, "{order}");
            match access {
                Access::Seconds(_) => assert_eq!(paid, 1, "{order}"),
                Access::Request => assert!(paid <= grants, "{order}: paid for nothing"),
            }
            for decision in decisions {
                let status = status(decision);
                assert!(matches!(status, 200 | 503), "{order}: {}", decision.log.to_json());
            }
        });
    }
}

#[test]
fn one_payment_for_two_objects_at_once() {
    let [one, _] = headers();
    for access in [Access::Request, TIMED] {
        let walks = [("/a.json", one.as_str()), ("/b.json", one.as_str())];
        in_many_orders(access, Fault::None, walks, |decisions, town, order| {
            let opened: BTreeSet<_> = decisions
                .iter()
                .filter(|decision| granted(decision))
                .map(|decision| &decision.log.object)
                .collect();
            assert!(opened.len() <= 1, "{order}");
            assert_eq!(opened.len(), town.settled.borrow().len(), "{order}");
            assert!(decisions.iter().any(|decision| status(decision) == 409), "{order}");
            // Whoever lost leaves nothing behind that a fresh payment would have to wait for.
            town.wait(5);
            let shop = shop(access);
            for (id, uri) in [(3, "/a.json"), (4, "/b.json")] {
                let header = &headers()[1];
                if id == 4 || opened.is_empty() {
                    let mut walker = Walker::new(&shop, town, id, uri, header);
                    let ended = walker.finish();
                    assert!(matches!(status(ended), 200 | 409), "{order} {uri}");
                }
            }
        });
    }
}

/// A sandbox dies at each `.await`. Whether the buyer comes back with the same payment or another,
/// the object is granted, and paid for once.
#[test]
fn a_sandbox_that_dies_at_any_point_strands_nobody() {
    let [one, two] = headers();
    for access in [Access::Request, TIMED] {
        let shop = shop(access);
        for fault in [Fault::None, Fault::SettlesAndIsLost, Fault::LostBefore] {
            for next in [&one, &two] {
                for steps in 0.. {
                    let town = Town::new(fault);
                    let mut dying = Walker::new(&shop, &town, 0, "/a.json", &one);
                    let ended = dying.step(steps);
                    drop(dying);
                    let point = format!("{access:?} {fault:?} {steps}");
                    town.wait(5);
                    let mut tries = (1..4).map(|id| {
                        let mut walker = Walker::new(&shop, &town, id, "/a.json", next);
                        let decision = walker.finish();
                        assert!(matches!(status(decision), 200 | 503), "{point}");
                        granted(decision)
                    });
                    assert!(tries.any(|granted| granted), "{point}");
                    // The one way to pay twice: the sale was written as granted, so for the store it
                    // is over, and the buyer signs anew all the same.
                    let sold = town.settled.borrow().len();
                    let over = access == Access::Request && next == &two && written(&town, &one);
                    assert!(sold == 1 || (sold == 2 && over), "{point}: {sold} sales");
                    if ended {
                        break;
                    }
                }
            }
        }
    }
}

/// Whether the store holds a sale that was granted to the payment itself.
fn written(town: &Town, header: &str) -> bool {
    let before = town.settled.borrow().len();
    let shop = shop(Access::Request);
    let mut walker = Walker::new(&shop, town, 99, "/a.json", header);
    let outcome = walker.finish().log.outcome.clone();
    before == town.settled.borrow().len() && outcome == "resent"
}

/// The lease runs out under a request that is still alive; somebody else submits the payment; then a
/// refusal of the first answer is no reason to say 402.
#[test]
fn a_refusal_after_the_lease_was_lost_is_not_believed() {
    let [one, _] = headers();
    let shop = shop(Access::Request);
    for steps in 0..40 {
        let town = Town::new(Fault::Poor);
        let mut slow = Walker::new(&shop, &town, 0, "/a.json", &one);
        slow.step(steps);
        town.wait(6);
        let mut other = Walker::new(&shop, &town, 1, "/a.json", &one);
        let decisions = [other.finish(), slow.finish()];
        assert!(decisions.iter().any(|decision| granted(decision)), "{steps}");
        for decision in decisions {
            assert!(matches!(status(decision), 200 | 503), "{steps}: {}", decision.log.to_json());
        }
        assert_eq!(town.settled.borrow().len(), 1, "{steps}");
        let settles = town.settles.get();
        // Once its lease is over, the slow one submits nothing.
        assert!(settles <= 2, "{steps}");
    }
}

/// Who stood still after its `/settle` finds that others recorded the sale, and so many after it that it is packed.
#[test]
fn a_sale_that_was_packed_meanwhile_is_not_recorded_again() {
    let shop = shop(Access::Request);
    let town = Town::new(Fault::None);
    let header = |nonce| Payment::v2(nonce).header();
    let mut slow = Walker::new(&shop, &town, 0, "/a.json", &header(1));
    while town.settles.get() == 0 {
        slow.step(1);
    }
    town.wait(6);
    for nonce in 1..=u8::try_from(limits::WHOLE_SALES).unwrap() + 2 {
        let mut other = Walker::new(&shop, &town, nonce.into(), "/a.json", &header(nonce));
        assert!(granted(other.finish()), "{nonce}");
    }
    let decision = slow.finish();
    assert_eq!(status(decision), 409, "{}", decision.log.to_json());
}

/// The seller paid it back while its facilitator was asked once more: who has the money back does not get the object as well.
#[test]
fn what_is_paid_back_meanwhile_is_sold_no_more() {
    let mut shop = Scenario::alone(open_table());
    let payment = Payment::v2(1);
    shop.settle = vec![lost()];
    assert_eq!(shop.pay("/a.json", &payment).code().0, 503);
    shop.settle = vec![settled()];
    shop.now += 30;
    let mut now = Micros::from_secs(shop.now);
    let invocation =
        Invocation { request_id: "again".into(), began: now, deadline: Micros(now.0 + 5_000_000) };
    let header = payment.header();
    let request = request("GET", "/a.json", &[("PAYMENT-SIGNATURE", &header)]);
    let mut next = walk::begin(shop.paywall, invocation, request);
    let mut refunded = 0;
    let decision = loop {
        match next {
            Next::Done(decision) => break *decision,
            Next::Ask(effect, selling) => {
                let heard = shop.answer(&effect, &mut now).unwrap();
                if matches!(effect, Effect::Facilitator { .. }) {
                    refunded += 1;
                    refund(&mut shop, now);
                }
                next = selling.hear(heard, Phases::default(), now);
            }
        }
    };
    assert_eq!((refunded, decision.log.outcome.as_str()), (1, "payment_already_used"));
    assert_eq!(shop.pay("/a.json", &payment).code(), (409, "payment_already_used".into()));
}

/// As `paywall refunds paid` does.
fn refund(shop: &mut Scenario, now: Micros) {
    let subject = Subject { site: "shop".into(), kind: Kind::Object, name: "a.json".into() };
    let id = PaymentId::Eip3009 { chain_id: 84532, asset: TOKEN, from: PAYER, nonce: [1; 32] };
    let key = Account::key(&subject, &Account::owner(AccountKind::Payer, &id));
    let Ok(Reply::Found(json, version)) = shop.store.ask(&Ask::Get(key.clone()), now) else {
        panic!()
    };
    let mut account: Account = serde_json::from_slice(&json).unwrap();
    let mark = account.open.as_ref().unwrap().mark.clone();
    assert!(account.refund(&mark, TX, now));
    account.writer = "refund".into();
    let written = shop.store.ask(&Ask::Replace(key, account.record(60), version), now);
    assert!(matches!(written, Ok(Reply::Written(_))));
}
