//! What stands in `web/`.

use std::collections::BTreeMap;

/// The document, with a slot `{{name}}` for all that differs.
pub(crate) const DOCUMENT: &str = include_str!("../web/page.html");

/// The style.
pub(crate) const STYLE: &str = include_str!("../web/page.css");

/// The module whose text is each site's own; in `web/` is a sample of it.
const OWN: &str = "site.js";

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../web/", $name)))),*]
    };
}

const MODULES: [(&str, &str); 21] = modules![
    "balance.js",
    "buy.js",
    "chains.js",
    "clock.js",
    "deliver.js",
    "dom.js",
    "files.js",
    "keep.js",
    "main.js",
    "offers.js",
    "pay.js",
    "place.js",
    "receipt.js",
    "redeem.js",
    "sign.js",
    "terms.js",
    "text.js",
    "verdict.js",
    "view.js",
    "wallets.js",
    "words.js"
];

/// The script's modules by name, with the text of the site's own.
pub(crate) fn modules(own: &str) -> BTreeMap<&str, &str> {
    MODULES.into_iter().chain([(OWN, own)]).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_module_is_shipped() {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        let names = web.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        let there: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        let modules = modules("");
        let left_out = there
            .iter()
            .filter(|name| name.ends_with(".js") && !modules.contains_key(name.as_str()));
        assert_eq!(left_out.collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
