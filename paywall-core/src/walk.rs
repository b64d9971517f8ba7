//! The walk of a viewer-request: stages 4 to 6, and where the paid part begins.
//!
//! What needs nothing from outside is decided at once and in plain functions: free objects, preflights,
//! conditions, passes, refusals. The paid part (`sale.rs`) is `async` over a [`World`]:
//!
//! ```text
//! viewer_request ─┬─> free, refused, preflight, 304, 412, 416, pass
//!                 └─> payment ─┬─> recall: opens again, spent, in progress
//!                              ├─> verify: refused
//!                              └─> claim ─┬─> owned, spent, in progress
//!                                         ├─> resolve what is unknown, then look again
//!                                         └─> settle ──> record ──> granted, refused, unknown
//! ```

use price_table::{Access, Listing};

use crate::clock::Micros;
use crate::conditions::{self, Conditions};
use crate::event::{Headers, Output, Request, Response};
use crate::grant::Grant;
use crate::handover;
use crate::log::Line;
use crate::pass::{self, Entitlement, Scope};
use crate::payment::{self, Payment};
use crate::paywall::{Paywall, site_id};
use crate::refusal::Refusal;
use crate::respond::{self, Asked};
use crate::route::{self, Priced, Route};
use crate::sale;
use crate::world::World;

/// The answer, and the line to log.
#[derive(Debug, PartialEq)]
pub struct Decision {
    /// What CloudFront is told.
    pub output: Output,
    /// What the seller is told.
    pub log: Line,
}

/// One invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// CloudFront's id of the request: no two requests have the same.
    pub request_id: String,
    /// When it began.
    pub began: Micros,
    /// When the platform cuts it off.
    pub deadline: Micros,
}

/// What is known of the request at any stage, and how it can end.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) paywall: &'a Paywall<'a>,
    pub(crate) invocation: Invocation,
    pub(crate) request: Request,
    pub(crate) log: Line,
    /// The facilitator's refusal, as a receipt.
    pub(crate) settlement: Option<String>,
}

/// What stage 4 comes to.
enum Way<'a> {
    Done(Decision),
    Pay(Visit<'a>, Priced<'a>, Box<Payment<'a>>),
}

/// Walks a request to its end. It asks nothing of `world` unless there is a payment to look at.
pub async fn viewer_request<W: World>(
    paywall: &Paywall<'_>,
    world: &W,
    invocation: Invocation,
    request: Request,
) -> Decision {
    match begin(paywall, invocation, request) {
        Way::Done(decision) => decision,
        Way::Pay(visit, priced, payment) => sale::sell(visit, priced, *payment, world).await,
    }
}

fn begin<'a>(paywall: &'a Paywall<'a>, invocation: Invocation, mut request: Request) -> Way<'a> {
    strip_internal(&mut request.headers);
    let log = Line::of("viewer-request", &invocation.request_id);
    let visit = Visit { paywall, invocation, request, log, settlement: None };
    if visit.request.method == "OPTIONS" {
        // Whatever the path: a page must be able to read the answer to what it will ask.
        let response = respond::preflight(&paywall.table.site, &visit.request.headers);
        return Way::Done(visit.answer(response, "preflight"));
    }
    match route::route(paywall.table, &visit.request.uri) {
        Ok(route) => visit.method(route),
        Err(refusal) => Way::Done(visit.refuse(&refusal, None)),
    }
}

/// Removes what only this function may say to itself.
fn strip_internal(headers: &mut Headers) {
    headers.remove_where(|name| name == handover::HEADER);
}

impl<'a> Visit<'a> {
    /// Stage 4.
    fn method(mut self, route: Route<'a>) -> Way<'a> {
        let listing = *route.listing();
        self.log.object = Some(listing.object.key.to_owned());
        match (self.request.method.as_str(), route) {
            ("GET" | "HEAD", Route::Free(free)) => Way::Done(self.grant(Grant::free(free), "free")),
            ("GET" | "HEAD", Route::Priced(priced)) => self.conditions(priced),
            _ => Way::Done(self.refuse(&Refusal::MethodNotAllowed, Some(&listing))),
        }
    }

    /// Stages 4 to 6, of a priced object.
    fn conditions(self, priced: Priced<'a>) -> Way<'a> {
        let listing = priced.listing;
        let (method, headers) = (&self.request.method, &self.request.headers);
        let quotes_only = method == "HEAD";
        let pass = self.pass(&priced);
        // Who has access needs no payment, whatever else the request bears; and HEAD settles none.
        let payment = match pass.is_some() || (quotes_only && !conditions::names_tag(headers)) {
            true => Ok(None),
            false => payment::read(headers, priced.offers),
        };
        let known = pass.is_some() || matches!(&payment, Ok(Some(payment)) if payment.matches());
        let refusal = match conditions::read(method, headers, &listing.object, known) {
            Conditions::NotModified => {
                let site = &self.paywall.table.site;
                let response = respond::not_modified(site, headers, &listing);
                return Way::Done(self.answer(response, "not_modified"));
            }
            Conditions::PreconditionFailed => Refusal::PreconditionFailed,
            Conditions::RangeNotSatisfiable => Refusal::RangeNotSatisfiable(listing.object.size),
            Conditions::Send => match (pass, payment) {
                (Some(pass), _) => {
                    return Way::Done(self.grant(Grant::by_pass(priced, &pass), "pass"));
                }
                (None, Ok(Some(payment))) if !quotes_only => {
                    return Way::Pay(self, priced, Box::new(payment));
                }
                (None, Err(refusal)) if !quotes_only => refusal,
                (None, _) => Refusal::PaymentRequired,
            },
        };
        Way::Done(self.refuse(&refusal, Some(&listing)))
    }

    /// The pass of the request that opens the object, if it is sold for a time.
    fn pass(&self, priced: &Priced<'a>) -> Option<Entitlement> {
        let Access::Seconds(_) = priced.access else { return None };
        let subject = priced.subject(site_id(self.paywall.table));
        let scope = Scope { subject: &subject, access_epoch: priced.access_epoch };
        let (headers, keys) = (&self.request.headers, &self.paywall.passes);
        pass::read(headers, keys, scope, self.invocation.began)
    }

    /// Ends with the object.
    pub(crate) fn grant(self, grant: Grant<'a>, outcome: &str) -> Decision {
        let Visit { paywall, invocation, request, log, .. } = self;
        let Invocation { request_id, began, .. } = invocation;
        let request = grant.apply(request, &request_id, paywall, began);
        Decision { output: Output::Request(request), log: log.ended(outcome) }
    }

    /// Ends without it.
    pub(crate) fn refuse(self, refusal: &Refusal, listing: Option<&Listing<'a>>) -> Decision {
        let headers = &self.request.headers;
        let url = listing.map(|listing| self.paywall.resource_url(listing, headers));
        let asked = Asked {
            headers,
            head: self.request.method == "HEAD",
            listing: listing.zip(url.as_deref()),
            settlement: self.settlement.as_deref(),
        };
        let response = respond::refuse(&self.paywall.table.site, refusal, asked);
        self.answer(response, &refusal.code())
    }

    fn answer(self, response: Response, outcome: &str) -> Decision {
        let Visit { mut log, .. } = self;
        log.status = response.status.parse().ok();
        Decision { output: Output::Response(response), log: log.ended(outcome) }
    }
}
