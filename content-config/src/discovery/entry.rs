//! An object for sale and the shop, as the documents tell of them.

use std::collections::HashMap;

use price_table::challenge::resource_url;
use price_table::{Listing, Offer, Sale};

use crate::compiled::{Compiled, RuleNote};
use crate::money::Quote;

/// A priced object.
pub(super) struct Entry<'a> {
    pub(super) listing: Listing<'a>,
    pub(super) note: &'a RuleNote,
    pub(super) quote: &'a Quote,
    pub(super) offers: &'a [Offer],
    /// Absolute, canonical.
    pub(super) url: String,
    /// How many bytes of the URL are the site.
    site_bytes: usize,
    /// A name that a tool can have, unlike all others.
    pub(super) tool_name: String,
}

impl Entry<'_> {
    /// The index of its rule.
    pub(super) fn rule(&self) -> usize {
        usize::from(self.listing.object.rule)
    }

    /// The path of the URL.
    pub(super) fn path(&self) -> &str {
        &self.url[self.site_bytes..]
    }

    /// The rule's title, or the key.
    pub(super) fn title(&self) -> &str {
        let title = &self.listing.rule.title;
        if title.is_empty() { &self.listing.object.key } else { title }
    }

    /// The rule's description, or its title, or the key: never empty.
    pub(super) fn description(&self) -> &str {
        let description = &self.listing.rule.description;
        if description.is_empty() { self.title() } else { description }
    }
}

/// What the shop is called: its name, or its host.
pub(super) fn shop_name(compiled: &Compiled) -> &str {
    let site = &compiled.table.site;
    let url = &site.urls[0];
    let host = url.split_once("://").map_or(&**url, |(_, host)| host);
    site.discovery.as_ref().and_then(|shop| shop.name.as_deref()).unwrap_or(host)
}

/// The priced objects, sorted by key.
pub(super) fn all(compiled: &Compiled) -> Vec<Entry<'_>> {
    let site = &compiled.table.site.urls[0];
    let mut names = HashMap::new();
    let entries = compiled.objects.iter().filter_map(|found| {
        let listing = compiled.listing(&found.key)?;
        let note = &compiled.notes[usize::from(listing.object.rule)];
        let Sale::Priced { offers, .. } = &listing.rule.sale else { return None };
        Some(Entry {
            note,
            quote: note.quote.as_ref()?,
            offers,
            url: resource_url(site, &listing),
            site_bytes: site.len(),
            listing,
            tool_name: unique(tool_name(&found.key), &mut names),
        })
    });
    entries.collect()
}

/// The most characters of a tool's name that clients accept, less some for a number.
/// <https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use>
const MAX_NAME: usize = 64 - 6;

/// `get_premium_article` for `api/premium-article`, as AWS's sample calls it.
fn tool_name(key: &str) -> String {
    let key = key.strip_prefix("api/").unwrap_or(key);
    let plain =
        key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    "get_".chars().chain(plain).take(MAX_NAME).collect()
}

/// The name, or the next that is free by a number after it; `taken` has that number for each.
fn unique(name: String, taken: &mut HashMap<String, u32>) -> String {
    let numbered = |number| format!("{name}_{number}");
    let free = match taken.get(&name) {
        None => name.clone(),
        Some(next) => {
            let free = (*next..).find(|number| !taken.contains_key(&numbered(*number)));
            let free = free.expect("there are more numbers than objects");
            taken.insert(name.clone(), free + 1);
            numbered(free)
        }
    };
    taken.insert(free.clone(), 2);
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tools() {
        assert_eq!(tool_name("api/premium-article"), "get_premium_article");
        assert_eq!(tool_name("Notes/Café 3.txt"), "get_notes_caf__3_txt");
        assert_eq!(tool_name(&"x".repeat(900)).len(), MAX_NAME);

        let mut taken = HashMap::new();
        let names = ["a/b", "a-b", "a_b"].map(|key| unique(tool_name(key), &mut taken));
        assert_eq!(names, ["get_a_b", "get_a_b_2", "get_a_b_3"]);
        let names = ["a/b/2", "a/b"].map(|key| unique(tool_name(key), &mut taken));
        assert_eq!(names, ["get_a_b_2_2", "get_a_b_4"]);

        // Names that are cut to the same: counted anew for each, this would last for hours.
        for number in 0..99_999 {
            let name = unique(tool_name(&"x".repeat(900)), &mut taken);
            assert!(number > 0 || name.len() == MAX_NAME);
            assert!(name.len() <= 64, "{name}");
        }
    }
}
