//! The viewer-response: the receipt, the pass, and what caches and browsers may do with the answer.
//!
//! It runs for cache hits and misses alike, not when the origin answered 400 or more, and it cannot
//! change the status. So nothing is decided here: content that comes this way was granted.

use price_table::Listing;

use crate::cors;
use crate::digest;
use crate::event::{Request, Response};
use crate::handover::{self, Handover};
use crate::log::{Alarm, Event, Line, Words};
use crate::pass;
use crate::paywall::Paywall;
use crate::refusal::Refusal;
use crate::respond;
use crate::route::{Route, route};

/// Finishes a response.
pub fn viewer_response(
    paywall: &Paywall<'_>,
    request_id: &str,
    request: &Request,
    mut response: Response,
) -> (Response, Line) {
    let site = &paywall.table.site;
    let mut log = Line::of(Event::ViewerResponse, request_id, &site.id);
    let outcome = match route(paywall.table, paywall.unsealed_path(&request.uri)) {
        Err(refusal) => {
            // viewer-request lets nothing through that is not listed.
            log.alarm(Alarm::NotListed);
            log.detail = Some(match refusal {
                Refusal::PriceTableDamaged(why) => Words::said(&why),
                other => other.code().into(),
            });
            response.headers.set("Cache-Control", "no-store");
            "not_listed"
        }
        Ok(route) => {
            let listing = route.listing();
            log.object = Some(listing.object.key.to_string());
            cors::add(site, &request.headers, &mut response.headers);
            digest::add(&listing.object, &mut response);
            match route {
                Route::Free(_) => "free",
                Route::Priced(_) => {
                    if is_other_content(listing, &response) {
                        log.alarm(Alarm::OtherContent);
                        log.detail = Some("its ETag is not the published one".into());
                    }
                    priced(paywall, request_id, request, &mut response, listing)
                }
            }
        }
    };
    if hide_seal(paywall, &mut response) {
        log.alarm(Alarm::SealTold);
        log.detail = Some("an answer named the object's place: ask a regional endpoint".into());
    }
    (response, log.ended(outcome).thinned(site.free_lines))
}

/// Whether the origin named the place of the object, and the viewer would have seen it. A bucket that is
/// asked elsewhere than in its Region redirects, and CloudFront hands that on.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
fn hide_seal(paywall: &Paywall<'_>, response: &mut Response) -> bool {
    let Some(seal) = &paywall.seal else { return false };
    let tells = |(_, value): &(&str, &str)| value.contains(seal.as_str());
    let telling = response.headers.iter().filter(tells).map(|(name, _)| name.to_owned());
    let telling: Vec<_> = telling.collect();
    telling.iter().for_each(|name| response.headers.remove(name));
    !telling.is_empty()
}

fn priced(
    paywall: &Paywall<'_>,
    request_id: &str,
    request: &Request,
    response: &mut Response,
    listing: &Listing<'_>,
) -> &'static str {
    let headers = &mut response.headers;
    // CloudFront has the shared copy; nobody behind it may keep another.
    let shared = ["public", "s-maxage", "proxy-revalidate"];
    let kept: Vec<_> = headers
        .all("cache-control")
        .flat_map(|value| value.split(','))
        .filter(|part| !shared.iter().any(|name| directive(part).eq_ignore_ascii_case(name)))
        .collect();
    let cache_control = cors::merge(kept.into_iter(), "private");
    headers.set("Cache-Control", cache_control);
    let ours = [pass::HEADER, respond::DRY_RUN_HEADER];
    for name in respond::RECEIPT_HEADERS.into_iter().chain(ours) {
        headers.remove(&name.to_ascii_lowercase());
    }
    let signed = request.headers.first(handover::HEADER);
    let site_id = &paywall.table.site.id;
    let of = handover::Of { site_id, request_id, object: &listing.object };
    let handover = signed.map(|value| paywall.keys.open(of, value));
    let Handover { receipt, pass, dry_run, gift } = match handover {
        Some(Some(handover)) => handover,
        Some(None) => return "receipt_forged",
        None => return "receipt_not_handed_over",
    };
    if let Some(dry_run) = dry_run {
        headers.set(respond::DRY_RUN_HEADER, dry_run);
        return "dry_run";
    }
    if let Some(gift) = gift {
        return gift;
    }
    if let Some(pass) = pass {
        headers.add("Set-Cookie", pass.cookie());
        headers.set(pass::HEADER, pass.text);
    }
    match receipt {
        Some(receipt) => {
            respond::set_receipt(headers, &receipt);
            "receipt"
        }
        None => "pass",
    }
}

/// The name of a `Cache-Control` directive.
fn directive(part: &str) -> &str {
    part.split('=').next().unwrap_or_default().trim()
}

/// Whether the content is another one than the manifest's. Compression weakens a tag, and a range
/// has the tag of the whole.
fn is_other_content(listing: &Listing<'_>, response: &Response) -> bool {
    let tag = response.headers.first("etag");
    tag.is_some_and(|tag| tag.strip_prefix("W/").unwrap_or(tag) != listing.object.etag)
}
