//! The page for browsers, made for a site: what stands in the table, and the files to publish.

use std::collections::BTreeMap;

use payment_page::{CACHE_CONTROL, CONTENT_ENCODING, Network, Page, Token};
use price_table::{Key, Sale, Site};

use crate::assign::Winner;
use crate::compiled::Document;
use crate::objects::Found;
use crate::report::Problem;
use crate::resolve::ResolvedRule;
use crate::resolve::page::{Look, bad};
use crate::schema::At;
use crate::wallet_networks;

/// The page of a site; `None` if nothing is sold.
pub(crate) fn make(
    site: &Site,
    name: Option<&str>,
    look: &Look,
    logo: Option<String>,
    rules: &[ResolvedRule],
) -> Option<Page> {
    let (networks, tokens) = known(rules);
    (!networks.is_empty()).then(|| {
        payment_page::make(&payment_page::Site {
            name,
            logo,
            accent: look.accent,
            terms: look.terms.as_deref(),
            contact: site.contact.as_deref(),
            folder: &look.folder,
            networks,
            tokens,
        })
    })
}

/// Its files, to be published with the content.
pub(crate) fn documents(page: Page) -> Vec<Document> {
    let document = |file: payment_page::File| Document {
        key: file.key.into(),
        mime_type: file.mime_type,
        encoding: Some(CONTENT_ENCODING),
        cache_control: Some(CACHE_CONTROL),
        body: file.gzipped,
    };
    page.files.into_iter().map(document).collect()
}

/// The networks and tokens of the offers.
fn known(rules: &[ResolvedRule]) -> (BTreeMap<String, Network>, BTreeMap<String, Token>) {
    let (mut known, mut tokens) = (BTreeMap::new(), BTreeMap::new());
    for rule in rules.iter().filter_map(|resolved| resolved.rule.as_ref()) {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        for offer in offers.iter() {
            let caip2 = &offer.network.caip2;
            let wallet = wallet_networks::of(caip2).map(|(_, wallet)| wallet);
            let name = offer.network.name.to_string();
            known.insert(caip2.to_string(), Network { name, wallet });
            let (symbol, decimals) = (offer.symbol().to_owned(), offer.decimals());
            let token = Token { symbol, decimals };
            tokens.insert(format!("{caip2}/{}", offer.asset()), token);
        }
    }
    (known, tokens)
}

/// The URL path of the logo: a picture that everybody may see.
pub(crate) fn logo(
    logo: &At<String>,
    rules: &[ResolvedRule],
    objects: &[Found],
    winners: &[Winner],
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let key = logo.get_ref().trim_start_matches('/');
    let at = objects.binary_search_by(|object| object.key.as_str().cmp(key)).ok();
    let free = |at: usize| match winners[at] {
        Winner::Rule(rule) => rules[rule].rule.as_ref().is_none_or(|rule| rule.sale == Sale::Free),
        Winner::Nobody | Winner::Tie(_) => true,
    };
    let (label, help) = match at {
        None => ("there is no such object", "name a file of the content, such as `logo.svg`"),
        Some(at) if !objects[at].mime_type.starts_with("image/") => {
            ("this is no picture", "name a file whose type begins with `image/`")
        }
        Some(at) if !free(at) => (
            "it is for sale",
            "add a rule for it with `free = true`: who has not paid sees the page",
        ),
        Some(_) => return Key::parse(key).ok().map(|key| key.to_uri_path()),
    };
    problems.push(bad("the page cannot show this logo", logo.span(), label.to_owned(), help));
    None
}
