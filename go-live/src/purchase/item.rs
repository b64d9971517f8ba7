//! What of ours is bought: where it is sold, and by which of our own offers.

use content_config::{Compiled, Content, is_test_network};
use edge_local::buyer::Key;
use price_table::key::Key as ObjectKey;
use price_table::{Offer, Quoted, Sale, Terms};

use crate::error::Error;
use crate::keys::unix_now;

/// Something of ours that can be paid.
pub(crate) struct Item<'c> {
    pub(crate) url: String,
    pub(crate) key: &'c str,
    pub(crate) size: u64,
    pub(crate) sha256: Option<&'c str>,
    pub(crate) price: String,
    /// Offers that may be paid, with what they ask now; never empty.
    pub(crate) offers: Vec<Quoted<'c>>,
}

impl<'c> Item<'c> {
    /// What is sold under a key, or under the path of a URL.
    pub(crate) fn named(
        compiled: &'c Compiled,
        path: &str,
        main_network: Option<&str>,
    ) -> Result<Self, Error> {
        let not_for_sale = || Error::NotForSale { path: path.to_owned() };
        let key = match path.starts_with('/') {
            true => ObjectKey::from_uri_path(path),
            false => ObjectKey::parse(path),
        };
        let key = key.map_err(|_| not_for_sale())?;
        let content = compiled.content(key.as_str());
        Item::of(compiled, &content.ok_or_else(not_for_sale)?, main_network)
    }

    /// An object; on main networks it is paid by name alone.
    pub(crate) fn of(
        compiled: &'c Compiled,
        content: &Content<'c>,
        main_network: Option<&str>,
    ) -> Result<Self, Error> {
        let path = || content.key.to_owned();
        let table = compiled.table();
        let Sale::Priced { offers, .. } = &table.rules[content.rule].sale else {
            return Err(Error::Free { path: path() });
        };
        let evm: Vec<&Offer> =
            offers.iter().filter(|offer| matches!(offer.terms, Terms::Evm(_))).collect();
        let may_pay = |offer: &&&Offer| may_be_paid_on(&offer.network.caip2, main_network);
        let now = unix_now();
        let payable: Vec<_> = evm.iter().filter(may_pay).map(|offer| offer.quoted(now)).collect();
        match (evm.first(), payable.is_empty()) {
            (None, _) => return Err(Error::NotPayable { path: path() }),
            (Some(offer), true) => {
                let network = offer.network.caip2.to_string();
                return Err(Error::MainNetwork { path: path(), network });
            }
            (Some(_), false) => {}
        }
        let key = ObjectKey::parse(content.key).expect("the compiler lists canonical keys only");
        Ok(Item {
            url: format!("{}{}", table.site.urls[0], key.to_uri_path()),
            key: content.key,
            size: content.size,
            sha256: content.sha256,
            price: compiled.notes()[content.rule].price_now(),
            offers: payable,
        })
    }
}

/// Whether money of this network may be spent: real money is by its network's name alone.
pub(crate) fn may_be_paid_on(network: &str, main_network: Option<&str>) -> bool {
    is_test_network(network) || main_network == Some(network)
}

/// The payer's key, of an environment variable. No error repeats it.
pub(crate) fn payer(variable: &str) -> Result<Key, Error> {
    let named = || variable.to_owned();
    let text = std::env::var(variable).map_err(|_| Error::NoKey { variable: named() })?;
    let key = text.trim().parse();
    key.map_err(|why| Error::BadKey { variable: named(), why: format!("{why}") })
}
