//! A request on its way: what is known of it at any stage, and how it can end.

use price_table::Listing;

use crate::clock::Micros;
use crate::event::{Output, Request, Response};
use crate::grant::Grant;
use crate::log::{Line, Words};
use crate::paywall::Paywall;
use crate::refusal::Refusal;
use crate::respond::{self, Asked, Sold};
use crate::waf::Spoken;

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

/// What is known.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) paywall: &'a Paywall<'a>,
    pub(crate) invocation: Invocation,
    pub(crate) request: Request,
    pub(crate) log: Line,
    /// What WAF says of the request.
    pub(crate) waf: Spoken,
    /// Whether no payment is taken for what it asks for.
    pub(crate) closed: bool,
    /// The facilitator's refusal, as a receipt.
    pub(crate) settlement: Option<String>,
}

impl<'a> Visit<'a> {
    /// Ends with the object.
    pub(crate) fn grant(self, grant: Grant<'a>, outcome: &'static str) -> Decision {
        let Visit { paywall, invocation, request, log, .. } = self;
        let Invocation { request_id, began, .. } = invocation;
        let request = grant.apply(request, &request_id, paywall, began);
        let log = log.ended(outcome).thinned(paywall.table.site.free_lines);
        Decision { output: Output::Request(request), log }
    }

    /// Ends without it.
    pub(crate) fn refuse(self, refusal: &Refusal, listing: Option<&Listing<'a>>) -> Decision {
        // Nobody is asked to sign what would not be taken.
        let refusal = if self.closed && refusal.quotes() { &Refusal::Closed } else { refusal };
        let headers = &self.request.headers;
        let url = listing.map(|listing| self.paywall.resource_url(listing, headers));
        let time = self.invocation.began.secs();
        let asked = Asked {
            headers,
            head: self.request.method == "HEAD",
            listing: listing.zip(url.as_deref()).map(|(listing, url)| Sold { listing, url, time }),
            settlement: self.settlement.as_deref(),
        };
        let response = respond::refuse(&self.paywall.table.site, refusal, asked);
        self.answer(response, refusal.code())
    }

    pub(crate) fn answer(self, response: Response, outcome: impl Into<Words>) -> Decision {
        let Visit { mut log, .. } = self;
        log.status = response.status.parse().ok();
        Decision { output: Output::Response(response), log: log.ended(outcome) }
    }
}
