//! The `402 Payment Required` that an object's rule quotes, in both x402 versions.
//!
//! * v2, `PAYMENT-REQUIRED`: <https://github.com/x402-foundation/x402/blob/main/specs/transports-v2/http.md>
//! * v1, the JSON body: <https://github.com/x402-foundation/x402/blob/main/specs/transports-v1/http.md>
//!
//! Clients are strict where it costs nothing to please them: amounts are strings, `description`
//! and `mimeType` are always strings, `extra.name` and `extra.version` are always there, optional
//! members are left out rather than `null`, and the header is base64 of the standard alphabet with
//! padding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::bazaar;
use crate::key::Key;
use crate::table::{Evm, Listing, Offer, PassThrough, Quoted, Sale, Terms, Text};

/// The most bytes that one copy of the challenge header may have. Two copies are sent, and Node
/// clients stop reading at 16 KB of headers:
/// <https://nodejs.org/api/cli.html#--max-http-header-sizesize>.
pub const MAX_HEADER_BYTES: usize = 6 * 1024;

/// How many copies of the challenge header a 402 carries, each under a name of its own.
const HEADER_COPIES: usize = 2;

/// The most bytes of the page for browsers, [`crate::page`], which is the body instead of JSON.
pub const MAX_PAGE_BYTES: usize = 6_000;

/// What a 402 may need beside the challenge, bytes: the other headers, and the `paywall` object with its longest
/// message.
const RESERVED_BYTES: usize = 3 * 1024;

/// The most bytes of an `error` in a challenge. [`header_bytes`] counts with it.
pub const MAX_ERROR_BYTES: usize = 128;

/// `PaymentRequired`, x402 v2.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeV2<'a> {
    x402_version: u8,
    error: &'a str,
    resource: Resource<'a>,
    accepts: Vec<RequirementsV2<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Box<RawValue>>,
}

/// `PaymentRequired`, x402 v1.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeV1<'a> {
    x402_version: u8,
    error: &'a str,
    accepts: Vec<RequirementsV1<'a>>,
}

/// `resource` of x402 v2.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<'a> {
    url: &'a str,
    description: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Text]>::is_empty")]
    tags: &'a [Text],
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<&'a str>,
}

/// `PaymentRequirements`, x402 v2.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequirementsV2<'a> {
    scheme: &'static str,
    network: &'a str,
    amount: String,
    asset: &'a str,
    pay_to: &'a str,
    max_timeout_seconds: u32,
    extra: Extra<'a>,
}

/// `PaymentRequirements`, x402 v1.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequirementsV1<'a> {
    scheme: &'static str,
    network: &'a str,
    max_amount_required: String,
    asset: &'a str,
    pay_to: &'a str,
    resource: &'a str,
    description: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Box<RawValue>>,
    max_timeout_seconds: u32,
    extra: Extra<'a>,
}

/// `extra` of a requirement.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Extra<'a> {
    Evm(ExtraEvm<'a>),
    PassThrough(Map<String, Value>),
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtraEvm<'a> {
    name: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_flow: Option<&'static str>,
}

/// This seller settles before it serves: x402 v2 calls that flow `upfront` and wants it said.
const PAYMENT_FLOW: &str = "upfront";

/// The only scheme that this seller offers.
pub const SCHEME: &str = "exact";

/// The absolute URL of a listing on a site.
pub fn resource_url(site: &str, listing: &Listing<'_>) -> String {
    let key = Key::parse(&listing.object.key).expect("the compiler lists canonical keys only");
    format!("{site}{}", key.to_uri_path())
}

/// The offers of a listing; none if it is free.
pub fn offers<'a>(listing: &Listing<'a>) -> &'a [Offer] {
    match &listing.rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers,
    }
}

/// The offers of a listing with what they ask at a time, in seconds since 1970.
pub fn quoted<'a>(listing: &Listing<'a>, time: u64) -> impl Iterator<Item = Quoted<'a>> {
    offers(listing).iter().map(move |offer| offer.quoted(time))
}

/// The v2 challenge for a listing whose absolute URL is `url`, at a time.
pub fn v2<'a>(listing: &Listing<'a>, url: &'a str, error: &'a str, time: u64) -> ChallengeV2<'a> {
    ChallengeV2 {
        x402_version: 2,
        error,
        resource: resource(listing, url),
        accepts: quoted(listing, time).map(requirements_v2).collect(),
        extensions: bazaar::extensions(listing),
    }
}

/// The v1 challenge: only offers on networks that v1 clients can parse, since one entry that they
/// cannot parse makes them refuse all.
pub fn v1<'a>(listing: &Listing<'a>, url: &'a str, error: &'a str, time: u64) -> ChallengeV1<'a> {
    ChallengeV1 {
        x402_version: 1,
        error,
        accepts: quoted(listing, time)
            .filter_map(|quoted| requirements_v1(quoted, listing, url))
            .collect(),
    }
}

/// `resource` of a listing.
pub fn resource<'a>(listing: &Listing<'a>, url: &'a str) -> Resource<'a> {
    Resource {
        url,
        description: &listing.rule.description,
        mime_type: listing.mime_type,
        service_name: listing.shop.and_then(|shop| shop.name.as_deref()),
        tags: listing.shop.map_or(&[], |shop| &shop.tags),
        icon_url: listing.shop.and_then(|shop| shop.icon.as_deref()),
    }
}

/// An offer as a v2 entry of `accepts`.
pub fn requirements_v2(Quoted { offer, amount }: Quoted<'_>) -> RequirementsV2<'_> {
    RequirementsV2 {
        scheme: SCHEME,
        network: &offer.network.caip2,
        amount: amount.to_string(),
        asset: offer.asset(),
        pay_to: offer.pay_to(),
        max_timeout_seconds: offer.max_timeout_seconds,
        extra: extra(offer, Some(PAYMENT_FLOW)),
    }
}

/// An offer as a v1 entry of `accepts`; `None` on a network without a v1 name.
pub fn requirements_v1<'a>(
    Quoted { offer, amount }: Quoted<'a>,
    listing: &Listing<'a>,
    url: &'a str,
) -> Option<RequirementsV1<'a>> {
    Some(RequirementsV1 {
        scheme: SCHEME,
        network: offer.network.v1.as_deref()?,
        max_amount_required: amount.to_string(),
        asset: offer.asset(),
        pay_to: offer.pay_to(),
        resource: url,
        description: &listing.rule.description,
        mime_type: listing.mime_type,
        output_schema: bazaar::output_schema(listing),
        max_timeout_seconds: offer.max_timeout_seconds,
        extra: extra(offer, None),
    })
}

fn extra<'a>(offer: &'a Offer, payment_flow: Option<&'static str>) -> Extra<'a> {
    match &offer.terms {
        Terms::Evm(Evm { asset, .. }) => {
            Extra::Evm(ExtraEvm { name: &asset.name, version: &asset.version, payment_flow })
        }
        Terms::PassThrough(PassThrough { extra, .. }) => {
            let mut extra: Map<String, Value> = serde_json::from_slice(extra.as_bytes())
                .expect("the compiler writes a JSON object");
            if let Some(flow) = payment_flow {
                extra.insert("paymentFlow".to_owned(), flow.into());
            }
            Extra::PassThrough(extra)
        }
    }
}

/// What `PAYMENT-REQUIRED` holds in base64.
pub fn json(challenge: &ChallengeV2<'_>) -> Vec<u8> {
    serde_json::to_vec(challenge).expect("strings and numbers serialise")
}

/// The value of `PAYMENT-REQUIRED`.
pub fn header(challenge: &ChallengeV2<'_>) -> String {
    STANDARD.encode(json(challenge))
}

/// Before and after every change of a price.
pub(crate) const TIMES: [u64; 2] = [0, u64::MAX];

/// How long the header of a listing is at most, whichever error it carries and whenever. The compiler refuses
/// listings over [`MAX_HEADER_BYTES`].
pub fn header_bytes(listing: &Listing<'_>, url: &str) -> usize {
    let error = "e".repeat(MAX_ERROR_BYTES);
    let bytes = TIMES.map(|time| header(&v2(listing, url, &error, time)).len());
    bytes[0].max(bytes[1])
}

/// How long the whole 402 of a listing is at most: both copies of the header, and the longest of
/// the bodies that it may have. The compiler refuses listings over what CloudFront takes.
pub fn answer_bytes(listing: &Listing<'_>, url: &str) -> usize {
    let error = "e".repeat(MAX_ERROR_BYTES);
    let json = |challenge: Result<Vec<u8>, serde_json::Error>| {
        challenge.expect("strings and numbers serialise").len()
    };
    let bodies = TIMES.map(|time| {
        let v1 = json(serde_json::to_vec(&v1(listing, url, &error, time)));
        v1.max(json(serde_json::to_vec(&v2(listing, url, &error, time))))
    });
    let longest = bodies[0].max(bodies[1]).max(MAX_PAGE_BYTES);
    HEADER_COPIES * header_bytes(listing, url) + longest + RESERVED_BYTES
}
