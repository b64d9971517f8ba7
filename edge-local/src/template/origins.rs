//! The origins and origin groups of a distribution, by their ids.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;

use super::node::Node;
use super::origin;
use super::reader::Reader;
use super::reader::Treat::{self, NoEffect, Read, Refuse};
use crate::behavior::{Failover, S3Origin};

/// The origins and origin groups of a distribution by id.
pub(super) struct Origins<'a> {
    origins: BTreeMap<&'a str, &'a Node>,
    groups: BTreeMap<&'a str, &'a Node>,
}

/// `OriginGroup`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-origingroup.html>
fn treat(property: &str) -> Option<Treat> {
    Some(match property {
        "FailoverCriteria" | "Id" | "Members" => Read,
        "SelectionCriteria" => Refuse(
            "no origin is chosen by the quality of what it sends, as MediaPackage's are; remove it",
        ),
        _ => return None,
    })
}

impl<'a> Origins<'a> {
    pub(super) fn index(config: &'a Node) -> Self {
        let by_id = |section: &str| {
            let items = config.get(section).map_or(&[][..], Node::items).iter();
            items.filter_map(|item| Some((item.get("Id")?.text()?, item))).collect()
        };
        Self { origins: by_id("Origins"), groups: by_id("OriginGroups") }
    }

    /// The origin that a behavior names, or the two of the origin group; `None` is one that is left out on request.
    pub(super) fn target(
        &self,
        id: &str,
        behavior: &Node,
        reader: &mut Reader<'_>,
    ) -> (Option<S3Origin>, Option<Failover>) {
        match self.groups.get(id) {
            Some(group) => self.group(group, reader),
            None => (self.origin("TargetOriginId", id, behavior, reader), None),
        }
    }

    fn group(&self, group: &Node, reader: &mut Reader<'_>) -> (Option<S3Origin>, Option<Failover>) {
        let by_default = group
            .get("SelectionCriteria")
            .and_then(Node::text)
            .is_some_and(|text| text == "default");
        reader.check(group, |property| match property {
            "SelectionCriteria" if by_default => Some(NoEffect),
            property => treat(property),
        });
        let members = group.get("Members").map_or(&[][..], Node::items);
        let [first, second] = members else {
            let count = members.len();
            reader.wrong(group, format!("Members: an origin group has two origins, not {count}"));
            return (None, None);
        };
        let mut member = |node: &Node| {
            let id = reader.required(node, "OriginId")?;
            self.origin("OriginId", &id, node, reader)
        };
        let (first, second) = (member(first), member(second));
        (first, Some(Failover { statuses: statuses(group, reader), origin: second }))
    }

    fn origin(
        &self,
        property: &str,
        id: &str,
        at: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<S3Origin> {
        let Some(node) = self.origins.get(id) else {
            reader.wrong(at, format!("{property}: there is no origin {id}"));
            return None;
        };
        origin::read(id, node, reader)
    }
}

/// What the first origin answers when the second one is asked. A success and a redirect are always handed on.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorOriginGroups.html>
fn statuses(group: &Node, reader: &mut Reader<'_>) -> BTreeSet<StatusCode> {
    let Some(criteria) = group.get("FailoverCriteria") else {
        reader.wrong(group, "FailoverCriteria is missing");
        return BTreeSet::new();
    };
    let texts = reader.texts(criteria, "StatusCodes");
    let read =
        |text: &String| text.parse().ok().filter(|status: &StatusCode| status.as_u16() >= 400);
    let statuses: Option<BTreeSet<_>> = texts.iter().map(read).collect();
    match statuses {
        Some(statuses) if !statuses.is_empty() => statuses,
        _ => {
            reader.wrong(criteria, "StatusCodes should be a list of HTTP statuses of 400 or more");
            BTreeSet::new()
        }
    }
}
