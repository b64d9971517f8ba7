//! `CacheBehavior` and `DefaultCacheBehavior`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-cachebehavior.html>

use http::Method;

use super::node::{Node, Value};
use super::origins::Origins;
use super::reader::Reader;
use super::reader::Treat::{self, NoEffect, Note, Read, Refuse};
use super::{cache_policy, headers_policy};
use crate::behavior::Behavior;

fn treat(property: &str) -> Option<Treat> {
    Some(match property {
        "AllowedMethods"
        | "CachePolicyId"
        | "DefaultTTL"
        | "ForwardedValues"
        | "LambdaFunctionAssociations"
        | "MaxTTL"
        | "MinTTL"
        | "OriginRequestPolicyId"
        | "PathPattern"
        | "ResponseHeadersPolicyId"
        | "TargetOriginId" => Read,
        "CachedMethods" | "RealtimeLogConfigArn" => NoEffect,
        "Compress" => Note("objects are sent as they are stored"),
        "ViewerProtocolPolicy" => {
            Note("viewers come over plain HTTP here, and are taken to have used TLS")
        }
        "FieldLevelEncryptionId" => Refuse("field-level encryption is not emulated; remove it"),
        "FunctionAssociations" => Refuse("CloudFront Functions are not run here; remove them"),
        "GrpcConfig" => Refuse("gRPC is not emulated; remove it"),
        "SmoothStreaming" => Refuse("Smooth Streaming is not emulated; remove it"),
        "TrustedKeyGroups" | "TrustedSigners" => {
            Refuse("signed URLs are not checked here; remove it")
        }
        _ => return None,
    })
}

/// The behavior in a resolved `CacheBehavior`.
pub(super) fn read(node: &Node, origins: &Origins<'_>, reader: &mut Reader<'_>) -> Behavior {
    let any_protocol = node.get("ViewerProtocolPolicy").and_then(Node::text) == Some("allow-all");
    reader.check(node, |property| match property {
        "ViewerProtocolPolicy" if any_protocol => Some(NoEffect),
        property => treat(property),
    });
    let target = reader.required(node, "TargetOriginId");
    let (origin, failover) = target.map_or((None, None), |id| origins.target(&id, node, reader));
    let (viewer_request, viewer_response) = associations(node, reader);
    Behavior {
        allowed_methods: methods(node, reader),
        cache_policy: cache_policy::read(node, reader),
        forwarded: cache_policy::forwarded(node, reader),
        origin,
        failover,
        response_headers: headers_policy::read(node, reader),
        viewer_request,
        viewer_response,
    }
}

fn methods(node: &Node, reader: &mut Reader<'_>) -> Vec<Method> {
    let names = reader.texts(node, "AllowedMethods");
    if names.is_empty() {
        // CloudFront's default.
        return vec![Method::GET, Method::HEAD];
    }
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// Whether the function runs on viewer-request and on viewer-response.
fn associations(node: &Node, reader: &mut Reader<'_>) -> (bool, bool) {
    const NAME: &str = "LambdaFunctionAssociations";
    let (mut on_request, mut on_response) = (false, false);
    for association in node.get(NAME).map_or(&[][..], Node::items) {
        let event = reader.required(association, "EventType").unwrap_or_default();
        match event.as_str() {
            _ if !is_ours(association, reader) => {}
            "viewer-request" => on_request = true,
            "viewer-response" => on_response = true,
            "origin-request" | "origin-response" => reader.refuse(
                NAME,
                association,
                "functions on origin events are not run here; associate them with viewer events",
            ),
            _ => reader.wrong(association, format!("EventType: {event} is no event of CloudFront")),
        }
        if reader.is_true(association, "IncludeBody") {
            reader.refuse(
                "IncludeBody",
                association,
                "bodies are not handed to functions here; remove it",
            );
        }
    }
    (on_request, on_response)
}

/// Whether the associated function is the one that runs here: the template's own version, or the one
/// named in the settings.
fn is_ours(association: &Node, reader: &mut Reader<'_>) -> bool {
    const NAME: &str = "LambdaFunctionAssociations";
    let Some(arn) = association.get("LambdaFunctionARN") else {
        reader.wrong(association, "LambdaFunctionARN is missing");
        return false;
    };
    let named = reader.settings.function_name.as_deref();
    let ours = match (&arn.value, named) {
        (Value::Resource(id), Some(name)) => id == name,
        (Value::Resource(id), None) => {
            let kind = reader.resolver.resource(id).map(|(kind, _)| kind);
            kind == Some("AWS::Lambda::Version")
        }
        // arn:aws:lambda:us-east-1:111122223333:function:NAME:VERSION
        (Value::Text(arn), Some(name)) => {
            arn.split(':').nth(6) == Some(name) || *arn == format!("<{name}>")
        }
        _ => false,
    };
    if !ours {
        let what = match named {
            Some(name) => format!("this association is not with the function {name}, and only that one is run here; remove it"),
            None => "whether this is the function that is run here is not known: say so by `--function-name`, with the name in the ARN".to_owned(),
        };
        reader.refuse(NAME, arn, &what);
    }
    ours
}
