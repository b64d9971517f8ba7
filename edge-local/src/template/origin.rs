//! `Origin`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-origin.html>

use cloudfront::store::Store;

use super::node::{Node, Value};
use super::reader::Reader;
use super::reader::Treat::{self, NoEffect, Read, Refuse};
use crate::behavior::S3Origin;

fn treat(property: &str) -> Option<Treat> {
    Some(match property {
        "DomainName" | "Id" | "OriginAccessControlId" | "OriginPath" | "S3OriginConfig" => Read,
        "ConnectionAttempts"
        | "ConnectionTimeout"
        | "CustomHeaders"
        | "OriginCustomHeaders"
        | "OriginShield"
        | "ResponseCompletionTimeout" => NoEffect,
        "CustomOriginConfig" => Refuse(
            "only S3 buckets are emulated as origins, not web servers or S3 websites; use the bucket's REST domain name",
        ),
        "VpcOriginConfig" => Refuse("VPC origins are not emulated; use a bucket"),
        _ => return None,
    })
}

/// A bucket; `None` is an origin that is left out on request.
pub(super) fn read(id: &str, node: &Node, reader: &mut Reader<'_>) -> Option<S3Origin> {
    reader.check(node, treat);
    let is_bucket = ["CustomOriginConfig", "VpcOriginConfig"]
        .iter()
        .all(|kind| node.get(kind).is_none_or(Node::is_off));
    if !is_bucket {
        return None;
    }
    let identity = node.get("S3OriginConfig").and_then(|config| config.get("OriginAccessIdentity"));
    let signs = [node.get("OriginAccessControlId"), identity];
    if signs.into_iter().flatten().all(Node::is_off) {
        reader.refuse(
            "OriginAccessControlId",
            node,
            "without it S3 takes CloudFront for anybody, and the bucket would have to be public; add an origin access control",
        );
    }
    let bucket = bucket(node, reader)?;
    let path = reader.text(node, "OriginPath").unwrap_or_default();
    if !path.is_empty() && (!path.starts_with('/') || path.ends_with('/')) {
        reader.wrong(node, "OriginPath begins with a slash and ends without one");
    }
    Some(S3Origin { id: id.to_owned(), bucket, path })
}

/// Which bucket it is, so that two spellings of one are one.
fn bucket(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
    let domain = node.get("DomainName");
    if let Some(Value::Resource(id)) = domain.map(|domain| &domain.value) {
        let properties = reader.resolver.resource(id).and_then(|(_, properties)| properties);
        let properties = properties.and_then(|properties| reader.resolver.resolve(properties));
        let name = properties.and_then(|properties| {
            properties.get("BucketName").and_then(Node::text).map(str::to_owned)
        });
        return Some(name.unwrap_or_else(|| format!("<{id}>")));
    }
    let domain = reader.required(node, "DomainName")?;
    let store = Store::of_domain(&domain);
    if matches!(store, Store::Website(_)) {
        reader.wrong(node, "DomainName: a website endpoint has no access control; use the bucket's REST domain name");
    }
    // As it is written: what stands for an unknown name, `<BucketName>`, has capitals.
    Some(domain[..store.bucket().map_or(domain.len(), str::len)].to_owned())
}
