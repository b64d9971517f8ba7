//! The walk of a viewer-request: stages 4 to 6, and where the paid part begins.
//!
//! What needs nothing from outside is decided at once: free objects, preflights, conditions, passes,
//! refusals. The rest is a [`crate::sale`].

use price_table::{Access, Quoted};

use crate::conditions::{self, Conditions};
use crate::event::{Headers, Request};
use crate::grant::Grant;
use crate::handover;
use crate::log::{self, Alarm, Event, Line, Words};
use crate::pass::{self, Entitlement, Scope};
use crate::payment::{self, Payment};
use crate::paywall::Paywall;
use crate::refusal::Refusal;
use crate::respond;
use crate::route::{self, DryRun, Priced, Route};
use crate::sale::{self, Next};
use crate::visit::{Decision, Invocation, Visit};
use crate::waf::{Gift, Spoken, Switch};
use crate::world::World;

/// What stage 4 comes to.
enum Way<'a> {
    Done(Decision),
    Pay(Visit<'a>, Box<(Priced<'a>, Payment<'a>, Option<Switch>)>),
}

/// Access that needs no payment.
enum Held<'a> {
    Pass(Entitlement),
    DryRun(DryRun, Quoted<'a>),
    Gift(Gift),
}

/// Walks a request to its end, and asks `world` for what a payment needs.
pub fn viewer_request<W: World>(
    paywall: &Paywall<'_>,
    world: &W,
    invocation: Invocation,
    request: Request,
) -> Decision {
    let mut next = begin(paywall, invocation, request);
    loop {
        match next {
            Next::Done(decision) => return *decision,
            Next::Ask(effect, selling) => {
                let (heard, phases) = world.run(&effect);
                next = selling.hear(heard, phases, world.now());
            }
        }
    }
}

/// Takes the first step: to the end, where there is no payment to look at.
pub fn begin<'a>(paywall: &'a Paywall<'a>, invocation: Invocation, request: Request) -> Next<'a> {
    match arrive(paywall, invocation, request) {
        Way::Done(decision) => Next::Done(Box::new(decision)),
        Way::Pay(visit, paid) => {
            let (priced, payment, switch) = *paid;
            sale::begin(visit, priced, payment, switch.as_ref())
        }
    }
}

fn arrive<'a>(paywall: &'a Paywall<'a>, invocation: Invocation, mut request: Request) -> Way<'a> {
    let waf = Spoken::read(&request.headers);
    strip_internal(&mut request.headers);
    let site = &paywall.table.site.id;
    let log = Line::of(Event::ViewerRequest, &invocation.request_id, site);
    let asks = waf.asks(&paywall.keys, site, invocation.began);
    let visit = Visit { paywall, invocation, request, log, waf, closed: false, settlement: None };
    if asks {
        return Way::Done(visit.answer(respond::seen(), "switch_seen"));
    }
    if visit.request.method == "OPTIONS" {
        // Whatever the path: a page must be able to read the answer to what it will ask.
        let response = respond::preflight(&paywall.table.site, &visit.request.headers);
        return Way::Done(visit.answer(response, "preflight"));
    }
    match route::route(paywall.table, &visit.request.uri) {
        Ok(route) => visit.method(route),
        Err(refusal) => {
            let mut visit = visit;
            if let Refusal::PriceTableDamaged(why) = &refusal {
                visit.log.alarm(Alarm::TableDamaged);
                visit.log.detail = Some(Words::said(why));
            }
            Way::Done(visit.refuse(&refusal, None))
        }
    }
}

/// Removes what only this function may say to itself, and what is for it alone.
fn strip_internal(headers: &mut Headers) {
    headers.remove_where(|name| name == handover::HEADER || Spoken::has(name));
}

impl<'a> Visit<'a> {
    /// Stage 4.
    fn method(mut self, route: Route<'a>) -> Way<'a> {
        let listing = route.listing().clone();
        self.log.object = Some(listing.object.key.to_string());
        match (self.request.method.as_str(), route) {
            ("GET" | "HEAD", Route::Free(free)) => Way::Done(self.grant(Grant::free(free), "free")),
            ("GET" | "HEAD", Route::Priced(priced)) => self.conditions(priced),
            _ => Way::Done(self.refuse(&Refusal::MethodNotAllowed, Some(&listing))),
        }
    }

    /// Stages 4 to 6, of a priced object.
    fn conditions(mut self, priced: Priced<'a>) -> Way<'a> {
        let listing = priced.listing.clone();
        let Paywall { keys, table, .. } = self.paywall;
        let switch = self.waf.switch(keys, &table.site.id, self.invocation.began);
        if let Some(switch) = &switch {
            self.log.alarm(switch.alarm());
            self.closed = switch.closes(priced.offers);
        }
        let (method, headers) = (&self.request.method, &self.request.headers);
        let quotes_only = method == "HEAD";
        let held = self.held(&priced, switch.as_ref());
        // Who has access needs no payment, whatever else the request bears; and HEAD settles none.
        let payment = match held.is_some() || (quotes_only && !conditions::names_tag(headers)) {
            true => Ok(None),
            false => payment::read(headers, priced.offers, self.invocation.began),
        };
        let known =
            held.is_some() || matches!(&payment, Ok(Some(payment)) if payment.proof.matches());
        let refusal = match conditions::read(method, headers, &listing.object, known) {
            Conditions::NotModified => {
                let site = &self.paywall.table.site;
                let response = respond::not_modified(site, headers, &listing);
                return Way::Done(self.answer(response, "not_modified"));
            }
            Conditions::PreconditionFailed => Refusal::PreconditionFailed,
            Conditions::RangeNotSatisfiable => Refusal::RangeNotSatisfiable(listing.object.size),
            Conditions::Send => match (held, payment) {
                (Some(held), _) => return Way::Done(self.grant_held(priced, held)),
                (None, Ok(Some(payment))) if !quotes_only => {
                    return Way::Pay(self, Box::new((priced, payment, switch)));
                }
                (None, Err(refusal)) if !quotes_only => refusal,
                (None, _) => Refusal::PaymentRequired,
            },
        };
        Way::Done(self.refuse(&refusal, Some(&listing)))
    }

    /// What opens the object without a payment.
    fn held(&self, priced: &Priced<'a>, switch: Option<&Switch>) -> Option<Held<'a>> {
        let Paywall { keys, table, .. } = self.paywall;
        let site = &table.site;
        let dry_run = || {
            let now = self.invocation.began;
            let asked = priced.offers.first()?.quoted(now.secs());
            let dry_run = switch.and_then(Switch::dry_run).or_else(|| priced.dry_run(now))?;
            Some(Held::DryRun(dry_run, asked))
        };
        let gift = || {
            let vouched = self.waf.vouched(keys, &site.id, site.vouched_epoch);
            vouched.or_else(|| switch.and_then(Switch::gift)).map(Held::Gift)
        };
        // Who has a pass, or reads free, would not be charged. What is closed is so for all who have not paid.
        let pass = self.pass(priced).map(Held::Pass);
        if self.closed { pass } else { pass.or_else(gift).or_else(dry_run) }
    }

    fn grant_held(mut self, priced: Priced<'a>, held: Held<'a>) -> Decision {
        match held {
            Held::Pass(pass) => self.grant(Grant::by_pass(priced, &pass), "pass"),
            Held::Gift(gift) => self.grant(Grant::gift(priced.listing, gift), gift.why()),
            Held::DryRun(dry_run, asked) => {
                // Nor would HEAD be.
                let is_sale = self.request.method == "GET";
                self.log.payment = is_sale.then(|| log::Payment::asked(asked));
                self.grant(Grant::dry(priced.listing, asked, dry_run), "dry_run")
            }
        }
    }

    /// The pass of the request that opens the object, if it is sold for a time.
    fn pass(&self, priced: &Priced<'a>) -> Option<Entitlement> {
        let Access::Seconds(_) = priced.access else { return None };
        let subject = priced.subject(&self.paywall.table.site.id);
        let scope = Scope { subject: &subject, access_epoch: priced.access_epoch };
        let (headers, keys) = (&self.request.headers, &self.paywall.passes);
        pass::read(headers, keys, scope, self.invocation.began)
    }
}
