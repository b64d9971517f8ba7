//! Stage 10: letting CloudFront serve the object.
//!
//! A [`Grant`] can be made in five ways only: from a rule that says `free`, from a [`DryRun`] that the
//! seller set a time for, from a [`Gift`], which takes a genuine word of the site's web ACL, from what a payment
//! [`Opened`], which takes a [`Receipt`], or from an [`Entitlement`], which takes a genuine pass. There is no other way
//! to content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::{Key, Listing, Quoted};

use crate::clock::Micros;
use crate::event::Request;
use crate::wire::claim::PAYMENT_HEADERS;

use crate::handover::{self, Handover};
use crate::pass::{self, Entitlement, Scope};
use crate::paywall::Paywall;
use crate::purchase::Opened;
use crate::receipt::Receipt;
use crate::respond;
use crate::route::{DryRun, Free, Priced};
use crate::waf::Gift;

/// Permission to serve one object.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    listing: Listing<'a>,
    means: Means<'a>,
}

#[derive(Clone, Debug)]
enum Means<'a> {
    Free,
    Paid(Box<Priced<'a>>, Receipt, Option<Micros>),
    Pass,
    DryRun(Quoted<'a>, DryRun),
    Gift(Gift),
}

impl<'a> Grant<'a> {
    /// For an object that its rule gives away.
    pub fn free(free: Free<'a>) -> Self {
        Grant { listing: free.listing(), means: Means::Free }
    }

    /// For a payment that settled.
    pub fn paid(priced: Priced<'a>, opened: Opened) -> Self {
        let Opened { receipt, until } = opened;
        Grant {
            listing: priced.listing.clone(),
            means: Means::Paid(Box::new(priced), receipt, until),
        }
    }

    /// For a pass that was verified for this object.
    pub fn by_pass(priced: Priced<'a>, _: &Entitlement) -> Self {
        Grant { listing: priced.listing, means: Means::Pass }
    }

    /// For an object that is not charged for yet; what would have been asked.
    pub fn dry(listing: Listing<'a>, quoted: Quoted<'a>, dry_run: DryRun) -> Self {
        Grant { listing, means: Means::DryRun(quoted, dry_run) }
    }

    /// For an object that is given away to this viewer, or to everybody for now.
    pub fn gift(listing: Listing<'a>, gift: Gift) -> Self {
        Grant { listing, means: Means::Gift(gift) }
    }

    /// The request that goes on: the one spelling of the one key that was priced, sealed, no query, nothing
    /// that could turn the answer into one without content, and for viewer-response the receipt, with
    /// the pass of a timed access.
    pub fn apply(
        self,
        mut request: Request,
        request_id: &str,
        paywall: &Paywall<'_>,
        now: Micros,
    ) -> Request {
        let Grant { listing, means } = self;
        let object = &listing.object;
        let key = Key::parse(&object.key).expect("the compiler lists canonical keys only");
        let path = paywall.seal_path(key.to_uri_path());
        let viewer_path = std::mem::replace(&mut request.uri, path);
        request.querystring.clear();
        for name in PAYMENT_HEADERS {
            request.headers.remove(name);
        }
        pass::strip(&mut request.headers);
        if matches!(means, Means::Free) {
            return request;
        }
        for name in ["if-match", "if-modified-since", "if-none-match", "if-unmodified-since"] {
            request.headers.remove(name);
        }
        // A validator that may not match must not turn a sale into a 416 further on.
        if request.headers.first("if-range").is_some_and(|tag| tag.trim() != object.etag) {
            request.headers.remove("if-range");
            request.headers.remove("range");
        }
        let site_id = &paywall.table.site.id;
        let handover = match means {
            Means::Paid(priced, receipt, until) => {
                let issued = until.and_then(|until| {
                    let (keys, payer, until) = (&paywall.passes, receipt.payer(), until.secs());
                    let (subject, access_epoch) = (priced.subject(site_id), priced.access_epoch);
                    let scope = Scope { subject: &subject, access_epoch };
                    pass::issue(keys, scope, payer, until, now, &viewer_path)
                });
                let receipt = Some(STANDARD.encode(receipt.to_json(object)));
                Handover { receipt, pass: issued, ..Handover::default() }
            }
            Means::DryRun(quoted, dry_run) => {
                Handover { dry_run: Some(respond::dry_run(quoted, dry_run)), ..Handover::default() }
            }
            Means::Gift(gift) => Handover { gift: Some(gift.why()), ..Handover::default() },
            Means::Pass | Means::Free => Handover::default(),
        };
        let of = handover::Of { site_id, request_id, object };
        request.headers.set(handover::HEADER, paywall.keys.sign(of, &handover));
        request
    }
}
