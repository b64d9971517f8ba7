//! `.well-known/x402`: the bare URLs of all that has a price. The protocol has no document of this name; `version` and
//! `resources` are what crawlers read.
//! <https://github.com/Merit-Systems/x402scan/blob/main/docs/DISCOVERY.md>

use serde_json::{Value, json};

use super::entry::Entry;

pub(super) fn write(entries: &[Entry<'_>]) -> Value {
    let urls: Vec<_> = entries.iter().map(|entry| &entry.url).collect();
    json!({ "version": 1, "resources": urls })
}
