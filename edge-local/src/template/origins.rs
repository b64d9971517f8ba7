//! The origins and origin groups of a distribution, by their ids.

use std::collections::BTreeMap;

use super::node::Node;
use super::origin;
use super::reader::Reader;
use crate::behavior::S3Origin;

/// The origins and origin groups of a distribution by id.
pub(super) struct Origins<'a> {
    origins: BTreeMap<&'a str, &'a Node>,
    groups: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Origins<'a> {
    pub(super) fn index(config: &'a Node) -> Self {
        let by_id = |section: &str| {
            let items = config.get(section).map_or(&[][..], Node::items).iter();
            items.filter_map(|item| Some((item.get("Id")?.text()?, item))).collect()
        };
        Self { origins: by_id("Origins"), groups: by_id("OriginGroups") }
    }

    /// The origin that a behavior names; `None` is one that is left out on request.
    pub(super) fn read(
        &self,
        id: &str,
        behavior: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<S3Origin> {
        if let Some(node) = self.origins.get(id) {
            return origin::read(id, node, reader);
        }
        match self.groups.get(id) {
            Some(group) => reader.refuse(
                "OriginGroups",
                group,
                "fail-over between origins is not emulated; let the behavior name one origin",
            ),
            None => reader.wrong(behavior, format!("TargetOriginId: there is no origin {id}")),
        }
        None
    }
}
