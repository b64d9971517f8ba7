//! What a behaviour with the function must be like.

use cloudfront::store::Store;

use super::distribution::Behaviour;
use super::finding::{Finding, Kind};
use super::forwarding;
use super::place::Place;
use super::subject::Subject;
use crate::error::Error;

pub(super) fn findings(subject: &Subject<'_>) -> Result<Vec<Finding>, Error> {
    let mut found = Vec::new();
    for behaviour in subject.gated() {
        origins(subject, behaviour, &mut found);
        viewers(behaviour, &mut found);
        forwarded(subject, behaviour, &mut found)?;
    }
    let logging = &subject.distribution.logging;
    if logging.enabled && logging.include_cookies {
        found.push(Finding {
            kind: Kind::CookiesLogged,
            what: "the access log holds cookies, and so passes".into(),
            mend: "set Logging.IncludeCookies to false".into(),
        });
    }
    Ok(found)
}

fn origins(subject: &Subject<'_>, behaviour: &Behaviour, found: &mut Vec<Finding>) {
    let name = behaviour.name();
    for origin in subject.distribution.origins_of(behaviour) {
        let (kind, what, mend) = match Place::of(origin).store {
            Store::Website(bucket) => (
                Kind::WebsiteOrigin,
                format!(
                    "{name} fetches from the website endpoint of bucket {bucket}, which is public"
                ),
                format!(
                    "name {bucket}.s3.REGION.amazonaws.com instead, with an origin access control"
                ),
            ),
            Store::Elsewhere => (
                Kind::NotABucket,
                format!("{name} fetches from {}, which is not S3", origin.domain_name),
                "the function sells objects of an S3 bucket only".to_owned(),
            ),
            Store::Bucket(_) | Store::SomeBucket => continue,
        };
        found.push(Finding { kind, what, mend });
    }
    let events = behaviour.lambda_function_associations.items.iter();
    for other in events.filter(|association| association.event_type.starts_with("origin-")) {
        found.push(Finding {
            kind: Kind::OriginFunction,
            what: format!("{name} runs {} on {}", other.arn, other.event_type),
            mend: "it sees paid requests only; make sure that it leaves their path alone".into(),
        });
    }
}

fn viewers(behaviour: &Behaviour, found: &mut Vec<Finding>) {
    let name = behaviour.name();
    let mut add = |kind, what: String, mend: &str| {
        found.push(Finding { kind, what, mend: mend.to_owned() });
    };
    if behaviour.viewer_protocol_policy == "allow-all" {
        add(
            Kind::PlainHttp,
            format!("{name} answers plain http: passes and payments would travel in the clear"),
            "set ViewerProtocolPolicy to https-only or redirect-to-https",
        );
    }
    let methods = &behaviour.allowed_methods.items;
    if methods.iter().any(|method| !["GET", "HEAD", "OPTIONS"].contains(&method.as_str())) {
        add(
            Kind::WriteMethods,
            format!("{name} allows {}", methods.join(", ")),
            "allow GET, HEAD and OPTIONS only",
        );
    } else if !methods.iter().any(|method| method == "OPTIONS") {
        add(
            Kind::NoOptions,
            format!("{name} does not allow OPTIONS: pages of other sites cannot buy"),
            "allow GET, HEAD and OPTIONS",
        );
    }
    if behaviour.smooth_streaming {
        add(
            Kind::SmoothStreaming,
            format!("{name} has Smooth Streaming, which asks for other paths than the viewer did"),
            "set SmoothStreaming to false",
        );
    }
    if behaviour.trusted_signers.enabled || behaviour.trusted_key_groups.enabled {
        add(
            Kind::SignedUrls,
            format!("{name} wants signed URLs or cookies, which buyers do not have"),
            "take the trusted key groups and signers from it",
        );
    }
}

fn forwarded(
    subject: &Subject<'_>,
    behaviour: &Behaviour,
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    const MEND: &str = "use a cache policy such as CachingOptimized and no origin request policy";
    let name = behaviour.name();
    let forwarding = forwarding::of(behaviour, subject.facts)?;
    let permission = "cloudfront:GetCachePolicy and cloudfront:GetOriginRequestPolicy";
    found.extend(forwarding.unknown.iter().map(|fact| Finding::unknown(fact, permission)));
    let mut add = |kind, what: String| found.push(Finding { kind, what, mend: MEND.to_owned() });
    if forwarding.queries {
        add(Kind::QueryForwarded, format!("{name} forwards query strings to the origin"));
    }
    if forwarding.cookies {
        add(Kind::CookiesForwarded, format!("{name} forwards cookies to the origin"));
    }
    if !forwarding.key_headers.is_empty() {
        let headers = forwarding.key_headers.join(", ");
        add(Kind::HeaderInCacheKey, format!("{name} has {headers} in its cache key"));
    } else if !forwarding.headers.is_empty() {
        let headers = forwarding.headers.join(", ");
        add(Kind::HeaderForwarded, format!("{name} forwards {headers} to the origin"));
    }
    Ok(())
}
