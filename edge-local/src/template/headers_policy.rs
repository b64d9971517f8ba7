//! `ResponseHeadersPolicyId`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-responseheaderspolicy.html>

use super::cache_policy::config;
use super::node::Node;
use super::reader::Reader;
use super::reader::Treat::{NoEffect, Read, Refuse};
use crate::response_headers::{Cors, ResponseHeadersPolicy, SetHeader};

/// The managed policies that are known here.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html>
fn managed(id: &str) -> Option<ResponseHeadersPolicy> {
    let cors = || {
        Some(Cors {
            allow_origins: vec!["*".to_owned()],
            preflight: Vec::new(),
            always: Vec::new(),
            overrides: false,
        })
    };
    let security = || {
        [
            ("referrer-policy", "strict-origin-when-cross-origin", false),
            ("strict-transport-security", "max-age=31536000", false),
            ("x-content-type-options", "nosniff", true),
            ("x-frame-options", "SAMEORIGIN", false),
            ("x-xss-protection", "1; mode=block", false),
        ]
        .map(|(name, value, overrides)| set(name, value.to_owned(), overrides))
        .to_vec()
    };
    let (set, cors) = match id {
        // SimpleCORS
        "60669652-455b-4ae9-85a4-c4c02393f86c" => (Vec::new(), cors()),
        // SecurityHeadersPolicy
        "67f7725c-6f97-4210-82d7-5512b31e9d03" => (security(), None),
        // CORS-and-SecurityHeadersPolicy
        "e61eb60c-9c35-4d20-a928-2b84e02af89c" => (security(), cors()),
        _ => return None,
    };
    Some(ResponseHeadersPolicy { remove: Vec::new(), set, cors })
}

fn set(name: &str, value: String, overrides: bool) -> SetHeader {
    SetHeader { name: name.to_lowercase(), value, overrides }
}

/// The response headers policy of a behavior.
pub(super) fn read(behavior: &Node, reader: &mut Reader<'_>) -> ResponseHeadersPolicy {
    const NAME: &str = "ResponseHeadersPolicyId";
    if behavior.get(NAME).is_none_or(Node::is_off) {
        return ResponseHeadersPolicy::default();
    }
    let Some(config) = config(
        behavior,
        NAME,
        "AWS::CloudFront::ResponseHeadersPolicy",
        "ResponseHeadersPolicyConfig",
        reader,
    ) else {
        let id = reader.text(behavior, NAME).unwrap_or_default();
        return managed(&id).unwrap_or_else(|| {
            let what = format!("the policy {id} is not known here; declare it in the template");
            reader.refuse(NAME, behavior, &what);
            ResponseHeadersPolicy::default()
        });
    };
    reader.check(&config, |property| match property {
        "CorsConfig" | "CustomHeadersConfig" | "RemoveHeadersConfig" | "SecurityHeadersConfig" => {
            Some(Read)
        }
        "Comment" | "Name" => Some(NoEffect),
        "ServerTimingHeadersConfig" => Some(Refuse("Server-Timing is not emulated; remove it")),
        _ => None,
    });
    let mut policy = ResponseHeadersPolicy::default();
    for item in list(&config, "RemoveHeadersConfig") {
        policy.remove.extend(reader.required(item, "Header").map(|name| name.to_lowercase()));
    }
    for item in list(&config, "CustomHeadersConfig") {
        let name = reader.required(item, "Header").unwrap_or_default();
        let value = reader.text(item, "Value").unwrap_or_default();
        policy.set.push(set(&name, value, reader.is_true(item, "Override")));
    }
    if let Some(node) = config.get("SecurityHeadersConfig") {
        security(node, &mut policy, reader);
    }
    policy.cors = config.get("CorsConfig").map(|node| cors(node, reader));
    policy
}

fn list<'a>(config: &'a Node, section: &str) -> &'a [Node] {
    config.get(section).and_then(|section| section.get("Items")).map_or(&[], Node::items)
}

fn security(node: &Node, policy: &mut ResponseHeadersPolicy, reader: &mut Reader<'_>) {
    for (name, node) in node.entries() {
        let flag = |reader: &mut Reader<'_>, name: &str, text: &'static str| {
            if reader.is_true(node, name) { text } else { "" }
        };
        let (header, value) = match name.as_str() {
            "ContentSecurityPolicy" => {
                ("content-security-policy", reader.required(node, "ContentSecurityPolicy"))
            }
            "ContentTypeOptions" => ("x-content-type-options", Some("nosniff".to_owned())),
            "FrameOptions" => ("x-frame-options", reader.required(node, "FrameOption")),
            "ReferrerPolicy" => ("referrer-policy", reader.required(node, "ReferrerPolicy")),
            "StrictTransportSecurity" => {
                let age = reader.required(node, "AccessControlMaxAgeSec").unwrap_or_default();
                let subdomains = flag(reader, "IncludeSubdomains", "; includeSubDomains");
                let preload = flag(reader, "Preload", "; preload");
                ("strict-transport-security", Some(format!("max-age={age}{subdomains}{preload}")))
            }
            "XSSProtection" => {
                let on = if reader.is_true(node, "Protection") { "1" } else { "0" };
                let block = flag(reader, "ModeBlock", "; mode=block");
                let report = reader.text(node, "ReportUri");
                let report = report.map(|uri| format!("; report={uri}")).unwrap_or_default();
                ("x-xss-protection", Some(format!("{on}{block}{report}")))
            }
            other => {
                reader.wrong(node, format!("SecurityHeadersConfig: {other} is unknown here"));
                continue;
            }
        };
        let overrides = reader.is_true(node, "Override");
        policy.set.extend(value.map(|value| set(header, value, overrides)));
    }
}

fn cors(node: &Node, reader: &mut Reader<'_>) -> Cors {
    let items = |reader: &mut Reader<'_>, name: &str| {
        node.get(name).map(|node| reader.texts(node, "Items")).unwrap_or_default()
    };
    let allow_origins = items(reader, "AccessControlAllowOrigins");
    let (methods, headers) =
        (items(reader, "AccessControlAllowMethods"), items(reader, "AccessControlAllowHeaders"));
    let exposed = items(reader, "AccessControlExposeHeaders");
    let age: Option<u64> = reader.number(node, "AccessControlMaxAgeSec");
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let mut preflight = vec![
        pair("access-control-allow-methods", methods.join(", ").replace("ALL", "*")),
        pair("access-control-allow-headers", headers.join(", ")),
    ];
    preflight.extend(age.map(|age| pair("access-control-max-age", age.to_string())));
    let mut always = Vec::new();
    if !exposed.is_empty() {
        always.push(pair("access-control-expose-headers", exposed.join(", ")));
    }
    if reader.is_true(node, "AccessControlAllowCredentials") {
        always.push(pair("access-control-allow-credentials", "true".to_owned()));
    }
    Cors { allow_origins, preflight, always, overrides: reader.is_true(node, "OriginOverride") }
}
