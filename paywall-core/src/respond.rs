//! Answers that the function generates itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::challenge::{self, ChallengeV1, ChallengeV2};
use price_table::page::{self, Shown};
use price_table::{BodyVersion, Listing, Quoted, Site};
use serde::Serialize;

use crate::browser;
use crate::cors;
use crate::event::{Headers, Response};
use crate::json::text;
use crate::refusal::{Refusal, Words};
use crate::route::DryRun;

/// The receipt's header and its alias for v1 buyers.
pub const RECEIPT_HEADERS: [&str; 2] = ["PAYMENT-RESPONSE", "X-PAYMENT-RESPONSE"];

/// What would have been charged for content that a dry run gave away: an RFC 9651 Dictionary.
pub const DRY_RUN_HEADER: &str = "X-PAYMENT-DRY-RUN";

/// The challenge's header and its alias for buyers of AWS's samples.
const CHALLENGE_HEADERS: [&str; 2] = ["PAYMENT-REQUIRED", "X-PAYMENT-REQUIRED"];

/// What the page's own policy, in a `<meta>`, cannot say, and what nothing may loosen. The rest stands there: a policy
/// for scripts in a header hides the wallets that inject inline, and one in a `<meta>` begins after them.
/// <https://www.w3.org/TR/CSP3/#meta-element>
const PAGE_POLICY: &str =
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; connect-src 'self'";

/// What a refusal is answered to.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The viewer's header fields.
    pub headers: &'a Headers,
    /// HEAD: the same header fields, and no body.
    pub head: bool,
    /// What the path leads to, if to anything.
    pub listing: Option<Sold<'a>>,
    /// `SettlementResponse` of a payment that a facilitator refused.
    pub settlement: Option<&'a str>,
}

/// What is for sale, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Sold<'a> {
    /// The listing.
    pub listing: &'a Listing<'a>,
    /// Its absolute URL.
    pub url: &'a str,
    /// Seconds since 1970: prices change.
    pub time: u64,
}

/// The body of a refusal.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    challenge: Challenge<'a>,
    paywall: PaywallBody<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Challenge<'a> {
    V1(ChallengeV1<'a>),
    V2(ChallengeV2<'a>),
    None { error: &'a str },
}

/// What a refusal says to an agent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaywallBody<'a> {
    code: &'a str,
    message: &'a str,
    retryable: bool,
    resend_same_payment: bool,
    next_step: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    /// Whom to ask, where nothing else helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a str>,
}

/// Answers a refusal.
pub fn refuse(site: &Site, refusal: &Refusal, asked: Asked<'_>) -> Response {
    let words = refusal.words();
    let mut headers = Headers::default();
    headers.set("Cache-Control", "no-store");
    let quoted = asked.listing.filter(|_| refusal.quotes());
    let terms = quoted.map(|Sold { listing, url, time }| {
        challenge::json(&challenge::v2(listing, url, &words.code, time))
    });
    if let Some(terms) = &terms {
        headers.set_base64(CHALLENGE_HEADERS, terms);
    }
    if let Some(settlement) = asked.settlement {
        set_receipt(&mut headers, &STANDARD.encode(settlement));
    }
    match refusal {
        Refusal::MethodNotAllowed => headers.set("Allow", cors::METHODS),
        Refusal::RangeNotSatisfiable(size) => {
            headers.set("Content-Range", format!("bytes */{size}"));
        }
        _ => {}
    }
    if let Some(seconds) = refusal.retry_after() {
        headers.set("Retry-After", seconds.to_string());
    }
    let contact = site.contact.as_deref().filter(|_| refusal.needs_seller());
    let paywall = PaywallBody::of(&words, contact);
    let template = site.page.as_deref().filter(|_| *refusal == Refusal::PaymentRequired);
    if template.is_some() {
        headers.set("Vary", browser::DECIDES);
    }
    let body = match (template, quoted, &terms) {
        (Some(template), Some(Sold { listing, url, time }), Some(terms))
            if browser::opens_a_page(asked.headers) =>
        {
            headers.set("Content-Type", "text/html; charset=utf-8");
            headers.set("Content-Security-Policy", PAGE_POLICY);
            let terms = std::str::from_utf8(terms).unwrap_or_default();
            let paywall = &text(&paywall);
            page::render(template, Shown { listing, url, paywall, terms, time })
        }
        _ => {
            headers.set("Content-Type", "application/json");
            json(site, paywall, quoted)
        }
    };
    cors::add(site, asked.headers, &mut headers);
    respond(words.status, headers, (!asked.head).then_some(body))
}

/// Answers a preflight.
pub fn preflight(site: &Site, request: &Headers) -> Response {
    let mut headers = Headers::default();
    headers.set("Allow", cors::METHODS);
    cors::add(site, request, &mut headers);
    cors::add_preflight(&mut headers);
    respond(204, headers, None)
}

/// Answers who asks whether a switch is on.
pub fn seen() -> Response {
    let mut headers = Headers::default();
    headers.set("Cache-Control", "no-store");
    respond(204, headers, None)
}

/// What a 200 says of a priced object as `publish` uploads it, once [`crate::viewer_response`] has taken the shared
/// caches' part out. A 304 says it again: <https://www.rfc-editor.org/rfc/rfc9110.html#section-15.4.5>. An object that was
/// uploaded with a longer life is asked for sooner, and no more.
const FRESHNESS: &str = "max-age=0, private";

/// Answers a request whose viewer has the object already.
pub fn not_modified(site: &Site, request: &Headers, listing: &Listing<'_>) -> Response {
    let mut headers = Headers::default();
    headers.set("ETag", listing.object.etag.clone());
    headers.set("Cache-Control", FRESHNESS);
    cors::add(site, request, &mut headers);
    respond(304, headers, None)
}

/// The value of [`DRY_RUN_HEADER`]: nothing in it needs escapes, for addresses and networks' names have neither quotes
/// nor backslashes.
pub(crate) fn dry_run(Quoted { offer, amount }: Quoted<'_>, DryRun { until }: DryRun) -> String {
    let (asset, network, pay_to) = (offer.asset(), &offer.network.caip2, offer.pay_to());
    format!(
        "amount=\"{amount}\", asset=\"{asset}\", network=\"{network}\", pay-to=\"{pay_to}\", until={until}"
    )
}

/// Puts an encoded receipt under both of its names.
pub fn set_receipt(headers: &mut Headers, receipt: &str) {
    for name in RECEIPT_HEADERS {
        headers.set(name, receipt);
    }
}

fn json(site: &Site, paywall: PaywallBody<'_>, quoted: Option<Sold<'_>>) -> String {
    let error = paywall.code;
    let challenge = match (quoted, site.body) {
        (Some(Sold { listing, url, time }), BodyVersion::V1) => {
            Challenge::V1(challenge::v1(listing, url, error, time))
        }
        (Some(Sold { listing, url, time }), BodyVersion::V2) => {
            Challenge::V2(challenge::v2(listing, url, error, time))
        }
        (None, _) => Challenge::None { error },
    };
    text(&Body { challenge, paywall })
}

impl<'a> PaywallBody<'a> {
    fn of(words: &'a Words, contact: Option<&'a str>) -> Self {
        PaywallBody {
            code: &words.code,
            message: &words.message,
            retryable: words.retryable,
            resend_same_payment: words.resend_same_payment,
            next_step: words.next_step,
            until: words.until,
            contact,
        }
    }
}

fn respond(status: u16, headers: Headers, body: Option<String>) -> Response {
    Response {
        status: status.to_string(),
        status_description: reason(status).to_owned(),
        headers,
        body,
    }
}

/// Reason phrases: <https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml>.
fn reason(status: u16) -> &'static str {
    match status {
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        402 => "Payment Required",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    }
}
