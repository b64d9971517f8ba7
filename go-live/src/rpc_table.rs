//! `[rpc]`: a test network's node gives way to the main network's.

use std::collections::BTreeMap;

use content_config::main_networks::{self, Main};
use toml_edit::{Item, Key, TableLike};

use crate::error::Error;

/// Renames the networks. `nodes` are URLs by CAIP-2 name: another chain has another node, and none is guessed.
pub(crate) fn change(
    rpc: &mut dyn TableLike,
    nodes: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let names: Vec<String> = rpc.iter().map(|(name, _)| name.to_owned()).collect();
    let mains: Vec<(String, String)> = names
        .iter()
        .filter_map(|name| match main_networks::of_network(name) {
            Main::Named(main) => Some((name.clone(), main)),
            Main::Itself | Main::Unknown => None,
        })
        .collect();
    for (test, main) in mains {
        let caip2 = main_networks::caip2(&main);
        if names.iter().any(|name| main_networks::caip2(name) == caip2) {
            // The main network has one already.
            rpc.remove(&test);
            continue;
        }
        let named = caip2.and_then(|caip2| nodes.get(&caip2));
        if let Some(entry) = rpc.get_mut(&test).and_then(Item::as_table_like_mut) {
            let secret = entry.get("secret").and_then(Item::as_bool) == Some(true);
            match named {
                // A URL that is a secret stays one, whichever is named to be asked.
                _ if secret => {}
                None => return Err(Error::NoNode { test, main }),
                Some(url) => set(entry, "url", url),
            }
            // They are the other chain's.
            let removed = ["second", "confirmations"].map(|key| entry.remove(key).is_some());
            if let Some(line) = rpc.get_mut(&test).and_then(Item::as_inline_table_mut)
                && removed.contains(&true)
            {
                // The space before the brace went with the last of them.
                line.fmt();
            }
        }
        rename(rpc, &test, &main);
    }
    Ok(())
}

/// Sets a text, with what stands around the value as it is.
pub(crate) fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) => put(value, text),
        None => {
            table.insert(key, toml_edit::value(text));
        }
    }
}

/// Puts a text in the place of a value; one that is the same stays as it is written.
pub(crate) fn put(value: &mut toml_edit::Value, text: &str) {
    if value.as_str() == Some(text) {
        return;
    }
    let decor = value.decor().clone();
    *value = text.into();
    *value.decor_mut() = decor;
}

/// Gives a key another name, in its place.
fn rename(table: &mut dyn TableLike, from: &str, to: &str) {
    let mut entries = Vec::new();
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let key = table.key(&name).cloned().unwrap_or_else(|| Key::new(&name));
        entries.extend(table.remove(&name).map(|item| (key, item)));
    }
    for (key, item) in entries {
        let key = if key.get() == from {
            Key::new(to)
                .with_leaf_decor(key.leaf_decor().clone())
                .with_dotted_decor(key.dotted_decor().clone())
        } else {
            key
        };
        table.entry_format(&key).or_insert(item);
    }
}
