//! Who pays: with a key that was given, or with one made up, whose payments are worth nothing.

use edge_local::buyer::{Challenge, Draft, Key, Offer, Signed, Wire};
use serde_json::Value;

use crate::error::Error;
use crate::known::Known;

/// A payer.
#[derive(Debug)]
pub struct Buyer {
    /// The key that was given.
    own: Option<Key>,
    /// A key that nobody has, for signatures that must not count.
    stray: Key,
    /// A main network that may be paid on, as CAIP-2 names it.
    main_network: Option<String>,
}

impl Buyer {
    /// Pays with `key`, if there is one: on test networks, and on this main network.
    pub fn new(key: Option<Key>, main_network: Option<String>) -> Result<Buyer, Error> {
        Ok(Buyer { own: key, stray: stray()?, main_network })
    }

    /// Whether there is a key that can pay.
    pub(crate) fn can_pay(&self) -> bool {
        self.own.is_some()
    }

    /// The account of the key that can pay.
    pub(crate) fn payer(&self) -> Option<String> {
        Some(self.own.as_ref()?.address().to_string())
    }

    /// The first offer of this version that may be paid with the own key.
    pub(crate) fn payable(&self, known: &Known, wire: Wire) -> Option<(Offer, &Key)> {
        let key = self.own.as_ref()?;
        Some((offer(known, wire, |network| self.may_pay(network))?, key))
    }

    /// An offer to forge payments for, and the key that signs them: the own one where money is worth nothing, so that
    /// a refusal is not for want of it; elsewhere the stray one.
    pub(crate) fn forgeable(&self, known: &Known, wire: Wire) -> Option<(Offer, &Key)> {
        let test = offer(known, wire, content_config::is_test_network);
        match (test, &self.own) {
            (Some(offer), Some(own)) => Some((offer, own)),
            (Some(offer), None) => Some((offer, &self.stray)),
            (None, _) => Some((offer(known, wire, |_| true)?, &self.stray)),
        }
    }

    /// Whether forged payments are signed by who could pay.
    pub(crate) fn forges_with_money(&self, known: &Known) -> bool {
        let test = |wire| offer(known, wire, content_config::is_test_network).is_some();
        self.can_pay() && [Wire::V2, Wire::V1].into_iter().any(test)
    }

    /// Somebody else's key.
    pub(crate) fn stray(&self) -> &Key {
        &self.stray
    }

    fn may_pay(&self, network: &str) -> bool {
        content_config::is_test_network(network)
            || self.main_network.as_deref().is_some_and(|main| main == network)
    }
}

/// A good payment.
pub(crate) fn honest(offer: &Offer, key: &Key) -> Result<Signed, Error> {
    sign(draft(offer, key)?)
}

/// A payment in the making.
pub(crate) fn draft(offer: &Offer, key: &Key) -> Result<Draft, Error> {
    Draft::new(offer, key).map_err(|why| Error::NoRandomness { why: format!("{why:#}") })
}

pub(crate) fn sign(draft: Draft) -> Result<Signed, Error> {
    draft.sign().map_err(|why| Error::BadKey { why: format!("{why:#}") })
}

/// The first offer whose network, in CAIP-2, is wanted.
fn offer(known: &Known, wire: Wire, wanted: impl Fn(&str) -> bool) -> Option<Offer> {
    let mut json = known.terms.json(wire)?.clone();
    let fits = |offer: &Value| {
        let id = offer["network"].as_str().and_then(|network| wire.chain_id(network));
        id.is_some_and(|id| wanted(&format!("eip155:{id}")))
    };
    json["accepts"].as_array_mut()?.retain(fits);
    Challenge { wire, json }.first_payable().ok()
}

fn stray() -> Result<Key, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| Error::NoRandomness { why: why.to_string() })?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.parse().map_err(|why| Error::NoRandomness { why: format!("{why:#}") })
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use edge_local::buyer::ANVIL_KEY;
    use http::HeaderMap;
    use serde_json::json;

    use super::*;
    use crate::answer::Answer;
    use crate::target::Target;

    /// A seller that takes money on these networks.
    fn seller(networks: &[&str]) -> Known {
        let offer = |network: &&str| {
            json!({
                "scheme": "exact", "network": network, "amount": "1", "maxTimeoutSeconds": 60,
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
                "extra": {"name": "USDC", "version": "2"},
            })
        };
        let offers: Vec<_> = networks.iter().map(offer).collect();
        let terms = json!({"x402Version": 2, "accepts": offers}).to_string();
        let mut headers = HeaderMap::new();
        headers.insert("payment-required", BASE64_STANDARD.encode(terms).parse().unwrap());
        let challenge = Answer { status: 402, headers, body: vec![] };
        Known::new(Target::parse("https://shop.example/a").unwrap(), challenge)
    }

    #[test]
    fn real_money_is_spent_by_name_alone_and_never_on_forgeries() {
        const MAIN: &str = "eip155:8453";
        const TEST: &str = "eip155:84532";
        let own: Key = ANVIL_KEY.parse().unwrap();
        let careful = Buyer::new(Some(own.clone()), None).unwrap();
        let named = Buyer::new(Some(own.clone()), Some(MAIN.to_owned())).unwrap();
        let pays = |buyer: &Buyer, networks: &[&str]| {
            let known = seller(networks);
            let (offer, key) = buyer.payable(&known, Wire::V2)?;
            assert_eq!(key.address(), own.address());
            Some(offer.json["network"].as_str().unwrap().to_owned())
        };
        assert_eq!(pays(&careful, &[MAIN]), None);
        assert_eq!(pays(&careful, &[MAIN, TEST]).as_deref(), Some(TEST));
        assert_eq!(pays(&named, &[MAIN]).as_deref(), Some(MAIN));
        assert_eq!(pays(&named, &["eip155:1"]), None);

        let forges = |buyer: &Buyer, networks: &[&str]| {
            let known = seller(networks);
            let (offer, key) = buyer.forgeable(&known, Wire::V2).unwrap();
            let own = key.address() == own.address();
            assert_eq!(own, buyer.forges_with_money(&known));
            (offer.json["network"].as_str().unwrap().to_owned(), own)
        };
        assert_eq!(forges(&named, &[MAIN]), (MAIN.to_owned(), false));
        assert_eq!(forges(&named, &[MAIN, TEST]), (TEST.to_owned(), true));
        let nobody = Buyer::new(None, None).unwrap();
        assert_eq!(forges(&nobody, &[TEST]), (TEST.to_owned(), false));
    }
}
