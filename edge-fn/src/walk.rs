//! The walk of a viewer-request: stage 4, and where the paid part begins.
//!
//! The walk is sans-IO. Each [`Step`] is either done, or asks for one thing and holds what goes on
//! with the answer, so an answer cannot go to the wrong place:
//!
//! ```text
//! viewer_request ─┬─> Done: free, refused, preflight, 304, 412, 416
//!                 └─> Recall ─┬─> Done: opens again, spent, in progress, refused
//!                             ├─> Resolve ───────────────────────────────────────────┐
//!                             ├─> Verify ─┬─> Done: refused                          │
//!                             └───────────┴─> Claim ─┬─> Done: owned, spent, ...     │
//!                                                    ├─> Resolve (an earlier one) ───┤
//!                                                    └─> Settle, perhaps twice ──────┤
//!                                                                Record ──> Done <───┘
//! ```

use price_table::Listing;

use crate::clock::Micros;
use crate::conditions::{self, Conditions};
use crate::event::{Headers, Output, Request, Response};
use crate::facilitator::Call;
use crate::grant::Grant;
use crate::handover;
use crate::log::Line;
use crate::paywall::Paywall;
use crate::refusal::Refusal;
use crate::respond::{self, Asked};
use crate::route::{self, Priced, Route};
use crate::sale::{self, Claiming, Recalling, Recorded};
use crate::settle::{Resolving, Settling, Verifying};
use crate::store::{Ending, PaymentId, Submission, Ticket};

/// What the walk wants next.
#[derive(Debug)]
pub enum Step<'a> {
    /// [`crate::store::Store::recall`].
    Recall(Ticket, Recalling<'a>),
    /// A facilitator's `/verify`.
    Verify(Call, Verifying<'a>),
    /// [`crate::store::Store::claim`].
    Claim(Ticket, Submission, Claiming<'a>),
    /// A facilitator's `/settle`, of a payment that was claimed just now.
    Settle(Call, Settling<'a>),
    /// A facilitator's `/settle` once more, of a payment whose outcome is not known.
    Resolve(Call, Resolving<'a>),
    /// [`crate::store::Store::record`].
    Record(PaymentId, Ending, Recorded<'a>),
    /// The answer.
    Done(Box<Decision>),
}

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
    /// CloudFront's id of the request.
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
}

/// Begins the walk.
pub fn viewer_request<'a>(
    paywall: &'a Paywall<'a>,
    invocation: Invocation,
    mut request: Request,
) -> Step<'a> {
    strip_internal(&mut request.headers);
    let log = Line::of("viewer-request", &invocation.request_id);
    let visit = Visit { paywall, invocation, request, log };
    if visit.request.method == "OPTIONS" {
        // Whatever the path: a page must be able to read the answer to what it will ask.
        let response = respond::preflight(&paywall.table.site, &visit.request.headers);
        return visit.answer(response, "preflight");
    }
    match route::route(paywall.table, &visit.request.uri) {
        Ok(route) => visit.method(route),
        Err(refusal) => visit.refuse(&refusal, None),
    }
}

/// Removes what only this function may say to itself.
fn strip_internal(headers: &mut Headers) {
    headers.remove_where(|name| name == handover::HEADER);
}

impl<'a> Visit<'a> {
    /// Stage 4.
    fn method(mut self, route: Route<'a>) -> Step<'a> {
        let listing = *route.listing();
        self.log.object = Some(listing.object.key.to_owned());
        match (self.request.method.as_str(), route) {
            ("GET" | "HEAD", Route::Free(free)) => self.grant(Grant::free(free), "free"),
            ("GET" | "HEAD", Route::Priced(priced)) => self.conditions(priced),
            _ => self.refuse(&Refusal::MethodNotAllowed, Some(&listing)),
        }
    }

    /// Stage 4, of a priced object.
    fn conditions(self, priced: Priced<'a>) -> Step<'a> {
        let Priced { listing, .. } = priced;
        match conditions::read(&self.request.method, &self.request.headers, &listing.object) {
            Conditions::NotModified => {
                let site = &self.paywall.table.site;
                let response = respond::not_modified(site, &self.request.headers, &listing);
                self.answer(response, "not_modified")
            }
            Conditions::PreconditionFailed => {
                self.refuse(&Refusal::PreconditionFailed, Some(&listing))
            }
            Conditions::RangeNotSatisfiable => {
                let refusal = Refusal::RangeNotSatisfiable(listing.object.size);
                self.refuse(&refusal, Some(&listing))
            }
            Conditions::Send if self.request.method == "HEAD" => {
                self.refuse(&Refusal::PaymentRequired, Some(&listing))
            }
            Conditions::Send => sale::begin(self, priced),
        }
    }

    /// Ends with the object.
    pub(crate) fn grant(self, grant: Grant<'a>, outcome: &str) -> Step<'a> {
        let Visit { paywall, invocation, request, log } = self;
        let request = grant.apply(request, &invocation.request_id, &paywall.keys);
        let log = log.ended(outcome);
        Step::Done(Box::new(Decision { output: Output::Request(request), log }))
    }

    /// Ends without it.
    pub(crate) fn refuse(self, refusal: &Refusal, listing: Option<&Listing<'a>>) -> Step<'a> {
        self.refuse_settlement(refusal, listing, None)
    }

    /// Ends without it, with the facilitator's refusal as a receipt.
    pub(crate) fn refuse_settlement(
        self,
        refusal: &Refusal,
        listing: Option<&Listing<'a>>,
        settlement: Option<&str>,
    ) -> Step<'a> {
        let headers = &self.request.headers;
        let url = listing.map(|listing| self.paywall.resource_url(listing, headers));
        let asked = Asked {
            headers,
            head: self.request.method == "HEAD",
            listing: listing.zip(url.as_deref()),
            settlement,
        };
        let response = respond::refuse(&self.paywall.table.site, refusal, asked);
        self.answer(response, &refusal.code())
    }

    fn answer(self, response: Response, outcome: &str) -> Step<'a> {
        let Visit { mut log, .. } = self;
        log.status = response.status.parse().ok();
        let log = log.ended(outcome);
        Step::Done(Box::new(Decision { output: Output::Response(response), log }))
    }
}
