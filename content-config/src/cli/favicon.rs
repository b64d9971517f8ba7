//! Whether a shop has a picture where catalogues look for one: x402scan shows it, and `@agentcash/discovery` warns where
//! there is none (`FAVICON_MISSING`). <https://www.npmjs.com/package/@agentcash/discovery>
//!
//! They look for a link in the page under `/` first. That is not read here, so nothing is wrong without any of these.

use price_table::Sale;

use crate::compiled::Compiled;

const KEYS: [&str; 3] = ["favicon.ico", "favicon.png", "favicon.svg"];

/// The key of the picture, if there is one that everybody may see.
pub(super) fn find(compiled: &Compiled) -> Option<&'static str> {
    KEYS.into_iter().find(|key| {
        compiled.listing(key).is_some_and(|listing| {
            listing.rule.sale == Sale::Free && listing.mime_type.starts_with("image/")
        })
    })
}
