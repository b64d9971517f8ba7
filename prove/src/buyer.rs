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
