//! The page on which people at a browser pay: what a 402 answers to a navigation.
//!
//! Its source is in `web/`: HTML, CSS and JavaScript modules, readable as they are. What is shipped is made here, without
//! Node or a bundler:
//!
//! * a template of the document, which the price table bears and the function fills in ([`price_table::page`]);
//! * two files beside it, a script and a style, published with the content under names that hold their hash. The
//!   document names them with their hash as `integrity`, and its policy lets no other script run.
//!
//! What is the same for all of a site's pages is put in here: what the seller calls it and looks like, and what wallets
//! must know of the networks that it sells on.

mod accent;
mod bundle;
mod document;
mod source;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

pub use accent::Accent;

/// How a site's pages look and what they know.
#[derive(Clone, Debug, Default)]
pub struct Site<'a> {
    /// What people call the seller.
    pub name: Option<&'a str>,
    /// The URL path of a picture on the site.
    pub logo: Option<String>,
    /// The colour of buttons.
    pub accent: Option<Accent>,
    /// A link to the terms of sale.
    pub terms: Option<&'a str>,
    /// Whom to ask, an e-mail address or a URL.
    pub contact: Option<&'a str>,
    /// Where the files are published, without slashes at either end; empty for the root.
    pub folder: &'a str,
    /// The networks that are sold on, by their CAIP-2 names.
    pub networks: BTreeMap<String, Network>,
    /// The tokens that are taken: network, slash, address.
    pub tokens: BTreeMap<String, Token>,
}

/// What people and wallets must know of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// What people call it.
    pub name: String,
    /// What a wallet that does not know it is told, if that is known.
    #[serde(flatten)]
    pub wallet: Option<Wallet>,
}

/// What `wallet_addEthereumChain` asks for. <https://eips.ethereum.org/EIPS/eip-3085>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wallet {
    /// A node that everybody may ask. The wallet does, and not the page.
    pub rpc: &'static str,
    /// A block explorer.
    pub explorer: &'static str,
    /// The symbol of the coin that fees are paid in there.
    pub coin: &'static str,
}

/// What people must know of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What people call it.
    pub symbol: String,
    /// Atomic units are 10^-decimals of it.
    pub decimals: u8,
}

/// What is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The document, with the marks of [`price_table::page::Slot`].
    pub template: String,
    /// What it loads: the style and the script.
    pub files: [File; 2],
}

/// A file that the page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is published.
    pub key: String,
    /// Its `Content-Type`.
    pub mime_type: &'static str,
    /// Its bytes by gzip, as they are stored: the distribution compresses nothing.
    pub gzipped: Vec<u8>,
    /// `sha256-` and the hash of its bytes, as `integrity` and policies have it.
    pub integrity: String,
}

/// What the names of the files begin with.
const PREFIX: &str = "x402-page-";

/// What a browser is told of a file: under its name it never changes.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The `Content-Encoding` of the files.
pub const CONTENT_ENCODING: &str = "gzip";

/// Whether a key is that of a page's file, of whichever version: a seller has none like it.
pub fn is_file(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or_default();
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.'));
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    rest.is_some_and(|(hash, extension)| is_hash(hash) && ["js", "css"].contains(&extension))
}

/// Makes the page of a site.
pub fn make(site: &Site<'_>) -> Page {
    let style = file(site.folder, "css", "text/css; charset=utf-8", &style(site.accent));
    let script = file(site.folder, "js", "text/javascript; charset=utf-8", &script(site));
    let template = document::template(site, &style, &script);
    Page { template, files: [style, script] }
}

fn script(site: &Site<'_>) -> String {
    let own = format!(
        "export const networks = {};\nexport const tokens = {};\n",
        json(&site.networks),
        json(&site.tokens)
    );
    bundle::bundle(source::modules(&own))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers serialise")
}

fn style(accent: Option<Accent>) -> String {
    let lines = source::STYLE.lines().map(|line| match accent {
        Some(accent) if line.starts_with(Accent::LINE) => accent.rule(),
        _ => line.trim().to_owned(),
    });
    let shipped = |line: &String| !line.is_empty() && !line.starts_with("/*");
    lines.filter(shipped).map(|line| line + "\n").collect()
}

fn file(folder: &str, extension: &str, mime_type: &'static str, text: &str) -> File {
    let hash = Sha256::digest(text.as_bytes());
    let name: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let slash = if folder.is_empty() { "" } else { "/" };
    File {
        key: format!("{folder}{slash}{PREFIX}{name}.{extension}"),
        mime_type,
        gzipped: gzip(text.as_bytes()),
        integrity: format!("sha256-{}", STANDARD.encode(hash)),
    }
}

/// The same bytes in every build of every tool, since their ETag is in the table: with no time and no name in them, and not
/// by `flate2`, which asks whichever library some other crate wants. <https://www.rfc-editor.org/rfc/rfc1952>
fn gzip(bytes: &[u8]) -> Vec<u8> {
    /// Deflate, by a slow compressor, of an unknown system.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    let deflated = miniz_oxide::deflate::compress_to_vec(bytes, 9);
    let end = [crc32fast::hash(bytes), bytes.len() as u32].map(u32::to_le_bytes);
    [&HEADER, &*deflated, end.as_flattened()].concat()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use price_table::page::Slot;

    use super::*;

    /// The most bytes of script and style together.
    const MAX_RAW: usize = 45_000;
    const MAX_GZIPPED: usize = 16_000;

    /// A site of many networks.
    fn page() -> Page {
        let wallet =
            Wallet { rpc: "https://rpc.example", explorer: "https://scan.example", coin: "ETH" };
        let id = |nth: u32| format!("eip155:{nth}");
        let network = |nth| (id(nth), Network { name: "Base".to_owned(), wallet: Some(wallet) });
        let token = Token { symbol: "USDC".to_owned(), decimals: 6 };
        let token = |nth| (format!("{}/0x{}", id(nth), "a".repeat(40)), token.clone());
        make(&Site {
            accent: "#123456".parse().ok(),
            networks: (1..7).map(network).collect(),
            tokens: (1..7).map(token).collect(),
            ..Site::default()
        })
    }

    fn text(file: &File) -> String {
        let mut text = String::new();
        GzDecoder::new(&*file.gzipped).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn files_are_what_the_document_names() {
        let Page { template, files } = page();
        for file in &files {
            assert!(is_file(&file.key), "{}", file.key);
            assert!(
                template.contains(&format!("\"/{}\" integrity=\"{}\"", file.key, file.integrity))
            );
            let hash = STANDARD.encode(Sha256::digest(text(file)));
            assert_eq!(file.integrity, format!("sha256-{hash}"));
        }
        let [style, script] = files;
        assert!(text(&style).contains(":root{--accent:#123456;--on-accent:#fff}"));
        assert!(
            text(&script).contains("const networks = {\"eip155:1\":{\"name\":\"Base\",\"rpc\"")
        );
        let policy = format!("script-src '{}'", script.integrity);
        let (head, _) = template.split_once("<title>").unwrap();
        let (before, _) = head.split_once(&policy).expect("the policy stands in the head");
        assert!(!before.contains("<script") && !before.contains("<link"), "{before}");
    }

    #[test]
    fn every_slot_is_used() {
        let template = page().template;
        for (name, slot) in Slot::NAMES {
            assert!(template.contains(&slot.mark()), "{name}");
        }
        assert!(!template.contains("{{") && !template.contains("}}"));
    }

    #[test]
    fn sizes() {
        let Page { template, files } = page();
        let raw: usize = files.iter().map(|file| text(file).len()).sum();
        let gzipped: usize = files.iter().map(|file| file.gzipped.len()).sum();
        println!("document {}, files {raw}, gzipped {gzipped}", template.len());
        assert!(raw <= MAX_RAW && gzipped <= MAX_GZIPPED, "{raw} {gzipped}");
    }

    #[test]
    fn names_of_files() {
        for key in ["x402-page-0123456789abcdef.js", "a/b/x402-page-0123456789abcdef.css"] {
            assert!(is_file(key), "{key}");
        }
        for key in [
            "",
            "x402-page-.js",
            "x402-page-0123456789abcdef.html",
            "x402-page-0123456789abcdef.js/a",
        ] {
            assert!(!is_file(key), "{key}");
        }
    }
}
