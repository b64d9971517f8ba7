//! The paid part of the walk, step by step: a [`Purchase`] with the request that it answers, the
//! breakers that keep it from asking who is dead, and the log.

use std::sync::Arc;

use price_table::{Access, Purchases};

use crate::catalogue::Catalogued;
use crate::clock::Micros;
use crate::grant::Grant;
use crate::log::CallTiming;
use crate::origin;
use crate::payment::Payment;
use crate::paywall::Paywall;
use crate::purchase::{AccountKind, Done, Effect, Heard, Order, Purchase, Sells, Step, Unless};
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::route::Priced;
use crate::terms;
use crate::visit::{Decision, Visit};
use crate::waf::Switch;
use crate::wire::Wire;
use crate::world::Phases;

/// A sale under way.
pub struct Selling<'a> {
    visit: Visit<'a>,
    priced: Priced<'a>,
    purchase: Purchase<'a, Paywall<'a>>,
    /// What the buyer speaks, whatever the one spoke who bought.
    wire: Wire,
    network: String,
    asked_at: Micros,
}

/// What is to be done next.
pub enum Next<'a> {
    /// Ask this, and hear the answer.
    Ask(Effect, Box<Selling<'a>>),
    /// It is over.
    Done(Box<Decision>),
}

/// Begins a sale, or says why not.
pub(crate) fn begin<'a>(
    mut visit: Visit<'a>,
    priced: Priced<'a>,
    payment: Payment<'a>,
    switch: Option<&Switch>,
) -> Next<'a> {
    visit.log.payment = Some(payment.log());
    let now = visit.invocation.began;
    let order = Arc::new(order(&visit, &priced, &payment, switch));
    let purchase = Purchase::new(visit.paywall, order, now);
    let network = origin::network(&visit.request.client_ip);
    let wire = payment.claim.wire;
    Selling { visit, priced, purchase, wire, network, asked_at: now }.next(now)
}

fn ended<'a>(decision: Decision) -> Next<'a> {
    Next::Done(Box::new(decision))
}

fn order(
    visit: &Visit<'_>,
    priced: &Priced<'_>,
    payment: &Payment<'_>,
    switch: Option<&Switch>,
) -> Order {
    let offer = payment.quoted.offer;
    let (paywall, invocation) = (visit.paywall, &visit.invocation);
    let url = paywall.resource_url(&priced.listing, &visit.request.headers);
    let site = &paywall.table.site.id;
    let (valid_after, ends) = payment.proof.window(invocation.began);
    Order {
        // Should CloudFront ever try a request again, it is another one.
        request: format!("{}/{}", invocation.request_id, invocation.began.0),
        deadline: invocation.deadline,
        mark: payment.proof.mark(),
        own_key: payment.proof.matches(),
        subject: priced.subject(site),
        kind: match priced.purchases {
            Purchases::OneAtATime => AccountKind::Payer,
            Purchases::Independent => AccountKind::Payment,
        },
        bill: payment.bill(),
        ends,
        valid_after,
        sells: Sells {
            seconds: match priced.access {
                Access::Request => None,
                Access::Seconds(seconds) => Some(seconds),
            },
            epoch: priced.access_epoch,
        },
        body: payment.body(&priced.listing, &url),
        origins: origin::tags(&paywall.keys, site, &visit.request.client_ip),
        terms: terms::check(&payment.claim, payment.quoted, &payment.proof, invocation.began),
        facilitators: paywall.facilitators(offer, switch, invocation.began),
        closed: switch.is_some_and(|switch| switch.closes(std::slice::from_ref(offer))),
        call: payment.proof.call(),
        alone: paywall.alone(),
        memory: paywall.in_memory(),
    }
}

impl<'a> Selling<'a> {
    /// Takes the answer to what was asked last, and says what is next.
    pub fn hear(mut self, heard: Heard, phases: Phases, now: Micros) -> Next<'a> {
        if let Step::Ask(effect, _) = self.purchase.step() {
            let ms = now.millis_since(self.asked_at);
            learn(&mut self.visit, effect, &heard, (ms, phases), now);
        }
        self.purchase.hear(heard, now);
        self.next(now)
    }

    fn next(mut self, now: Micros) -> Next<'a> {
        loop {
            match self.purchase.step() {
                Step::Done(_) => return ended(self.finish()),
                Step::Ask(effect, _) => {
                    if let Some(skipped) = self.skips(effect, now) {
                        self.purchase.hear(skipped, now);
                        continue;
                    }
                    self.asked_at = now;
                    return Next::Ask(effect.clone(), Box::new(self));
                }
            }
        }
    }

    /// What is not asked after all.
    fn skips(&self, effect: &Effect, now: Micros) -> Option<Heard> {
        let Paywall { breakers, nodes, budget, .. } = self.visit.paywall;
        match effect {
            Effect::Facilitator { call, unless } => {
                let skip = match unless {
                    Unless::Never => false,
                    Unless::BreakerOpen => !breakers.allows(&call.facilitator, now),
                    Unless::BudgetSpent => !budget.take(&self.network, now),
                };
                if !skip {
                    breakers.asked(&call.facilitator, now);
                }
                skip.then_some(Heard::Skipped)
            }
            Effect::Node { calls, look: true } => {
                let dead = calls.iter().all(|call| !nodes.allows(&node_name(call), now));
                if !dead {
                    calls.iter().for_each(|call| nodes.asked(&node_name(call), now));
                }
                let silent = || Err(String::from("it was silent before"));
                dead.then(|| Heard::Node(calls.iter().map(|_| silent()).collect()))
            }
            Effect::Node { .. } | Effect::Store { .. } => None,
        }
    }

    fn finish(self) -> Decision {
        let Selling { mut visit, priced, purchase, wire, .. } = self;
        let (Step::Done(done), notes) = purchase.end() else {
            return visit.refuse(&Refusal::StoreUnavailable, Some(&priced.listing));
        };
        visit.log.detail = notes.detail;
        visit.log.facilitator = notes.facilitator;
        visit.log.unrecorded = notes.unrecorded.map(Receipt::told);
        notes.operator.into_iter().for_each(|told| visit.log.mend(told));
        notes.alarm.into_iter().for_each(|why| visit.log.alarm(why));
        visit.settlement = notes.settlement;
        match done {
            Done::Granted(mut opened, outcome) => {
                opened.receipt.spell(wire, priced.offers);
                visit.log.transaction = Some(opened.receipt.transaction().to_owned());
                visit.grant(Grant::paid(priced, opened), outcome)
            }
            Done::Refused(refusal) => visit.refuse(&refusal, Some(&priced.listing)),
        }
    }
}

/// Tells the breakers and the log.
fn learn(
    visit: &mut Visit<'_>,
    effect: &Effect,
    heard: &Heard,
    (ms, phases): (u64, Phases),
    now: Micros,
) {
    let Paywall { breakers, nodes, .. } = visit.paywall;
    let mut listing = None;
    let (endpoint, to) = match (effect, heard) {
        (Effect::Facilitator { call, .. }, Heard::Facilitator(outcome)) => {
            let reader = visit.paywall.reader(&call.facilitator);
            breakers.answered(&call.facilitator, !reader.is_out_of_order(outcome), now);
            if let Some(said) = Catalogued::read(outcome) {
                said.operator(&call.facilitator).into_iter().for_each(|told| visit.log.mend(told));
                listing = Some(said.status);
            }
            (call.endpoint.name(), call.facilitator.clone())
        }
        (Effect::Node { calls, look }, Heard::Node(said)) => {
            for (call, said) in calls.iter().zip(said) {
                if *look {
                    nodes.answered(&node_name(call), said.is_ok(), now);
                }
            }
            ("rpc", calls.first().map(|call| call.network.clone()).unwrap_or_default())
        }
        _ => return,
    };
    visit.log.calls.push(CallTiming { endpoint: endpoint.into(), to, ms, phases, listing });
}

/// What a node's breaker knows it by.
fn node_name(call: &crate::node::NodeCall) -> String {
    format!("{} {}", call.network, call.url.as_deref().unwrap_or_default())
}
