//! `DistributionConfig`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-distributionconfig.html>

use cloudfront::limits;
use cloudfront::path_pattern::PathPattern;
use http::StatusCode;

use super::cache_behavior;
use super::node::Node;
use super::origins::Origins;
use super::reader::Reader;
use super::reader::Treat::{self, NoEffect, Note, Read, Refuse};
use crate::distribution_config::{DistributionConfig, ErrorPage, Page};

fn treat(property: &str) -> Option<Treat> {
    Some(match property {
        "CacheBehaviors"
        | "CustomErrorResponses"
        | "DefaultCacheBehavior"
        | "DefaultRootObject"
        | "Enabled"
        | "OriginGroups"
        | "Origins" => Read,
        "Aliases" | "AnycastIpListId" | "CNAMEs" | "CallerReference" | "Comment"
        | "ConnectionMode" | "HttpVersion" | "IPV6Enabled" | "IsIPV6Enabled" | "Logging"
        | "PriceClass" | "Staging" | "ViewerCertificate" => NoEffect,
        "WebACLId" => Note(
            "of AWS WAF only the block on x-amzn-waf-* headers is here; --switch and --vouch play its rules that insert some",
        ),
        "ConnectionFunctionAssociation" => {
            Refuse("connection functions are not emulated; remove it")
        }
        "ContinuousDeploymentPolicyId" => {
            Refuse("staging distributions are not emulated; remove it")
        }
        "CustomOrigin" | "S3Origin" => {
            Refuse("legacy origins are not emulated; move it to Origins")
        }
        "Restrictions" => {
            Refuse("viewers are not told apart by country here; use RestrictionType none")
        }
        "TenantConfig" => Refuse("multi-tenant distributions are not emulated; remove it"),
        "ViewerMtlsConfig" => Refuse("viewer certificates are not checked here; remove it"),
        _ => return None,
    })
}

/// The configuration in a resolved `DistributionConfig`.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> DistributionConfig {
    let restricts_nobody = |node: &Node| {
        let kind = node.get("GeoRestriction").and_then(|geo| geo.get("RestrictionType"));
        kind.and_then(Node::text) == Some("none")
    };
    reader.check(node, |property| match property {
        "Restrictions" if node.get(property).is_some_and(restricts_nobody) => Some(NoEffect),
        property => treat(property),
    });
    if node.get("Enabled").is_some() && !reader.is_true(node, "Enabled") {
        reader.refuse("Enabled", node, "a disabled distribution answers nobody; set it to true");
    }
    let origins = Origins::index(node);
    let behaviors = node.get("CacheBehaviors").map_or(&[][..], Node::items);
    let behaviors = behaviors
        .iter()
        .filter_map(|behavior| {
            let pattern = reader.required(behavior, "PathPattern")?;
            let read = cache_behavior::read(behavior, &origins, reader);
            Some((PathPattern::new(&pattern), read))
        })
        .collect();
    let default_behavior = match node.get("DefaultCacheBehavior") {
        Some(behavior) => cache_behavior::read(behavior, &origins, reader),
        None => {
            reader.wrong(node, "DefaultCacheBehavior is missing");
            Default::default()
        }
    };
    let root = reader.text(node, "DefaultRootObject");
    DistributionConfig {
        behaviors,
        default_behavior,
        default_root_object: root.map(|root| root.trim_start_matches('/').to_owned()),
        error_pages: error_pages(node, reader),
    }
}

fn error_pages(node: &Node, reader: &mut Reader<'_>) -> Vec<ErrorPage> {
    let responses = node.get("CustomErrorResponses").map_or(&[][..], Node::items);
    responses
        .iter()
        .filter_map(|response| {
            reader.check(response, |property| {
                let known = ["ErrorCachingMinTTL", "ErrorCode", "ResponseCode", "ResponsePagePath"];
                known.contains(&property).then_some(Read)
            });
            let status = status(response, "ErrorCode", reader)?;
            let path = reader.text(response, "ResponsePagePath");
            let page = path.map(|path| Page {
                path,
                status: status_or(response, "ResponseCode", status, reader),
            });
            let caching_min_ttl = reader.seconds(response, "ErrorCachingMinTTL");
            let caching_min_ttl = caching_min_ttl.unwrap_or(limits::ERROR_CACHING_MIN_TTL);
            Some(ErrorPage { status, caching_min_ttl, page })
        })
        .collect()
}

fn status_or(node: &Node, name: &str, or: StatusCode, reader: &mut Reader<'_>) -> StatusCode {
    match reader.text(node, name) {
        Some(_) => status(node, name, reader).unwrap_or(or),
        None => or,
    }
}

fn status(node: &Node, name: &str, reader: &mut Reader<'_>) -> Option<StatusCode> {
    reader.required(node, name)?;
    let status = StatusCode::from_u16(reader.number(node, name)?).ok();
    if status.is_none() {
        reader.wrong(node, format!("{name} should be an HTTP status"));
    }
    status
}
