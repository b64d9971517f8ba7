//! What the price table demands of the secrets.

use std::collections::{BTreeMap, BTreeSet};

use price_table::{Auth, Offer, Sale, Table};

use super::document::Inline;

/// What the table names that needs secrets.
pub struct Demands<'t> {
    /// Facilitators, by base URL, with what they want.
    facilitators: BTreeMap<&'t str, Auth>,
    /// CAIP-2 names of networks whose node is in the secrets.
    networks: BTreeSet<&'t str>,
}

impl<'t> Demands<'t> {
    /// Collects them.
    pub fn of(table: &'t Table) -> Self {
        let offers: Vec<&Offer> = table
            .rules
            .iter()
            .flat_map(|rule| match &rule.sale {
                Sale::Priced { offers, .. } => offers.as_ref(),
                Sale::Free => &[],
            })
            .collect();
        let facilitators = offers.iter().flat_map(|offer| offer.facilitators.iter());
        let secret = |offer: &&&Offer| offer.network.rpc.as_ref().is_some_and(|r| r.url.is_none());
        Demands {
            facilitators: facilitators.map(|named| (&*named.url, named.auth)).collect(),
            networks: offers.iter().filter(secret).map(|offer| &*offer.network.caip2).collect(),
        }
    }

    /// Facilitators that lack the proof that they want, each with what is wrong.
    pub fn unproven<'d>(
        &'d self,
        secrets: &'d Inline,
    ) -> impl Iterator<Item = (&'t str, String)> + 'd {
        self.facilitators.iter().filter_map(|(url, auth)| {
            let wanted = match auth {
                Auth::None => return None,
                Auth::Bearer => "bearer",
                Auth::Cdp => "cdp",
            };
            let proof = secrets.facilitators.get(*url);
            let why = match proof {
                Some(proof) if proof.kind() == wanted => return None,
                Some(proof) => format!(
                    "the table wants auth = \"{wanted}\" for {url}; the secrets' \
                     facilitators[\"{url}\"] has {} instead",
                    proof.kind()
                ),
                None => format!(
                    "the table wants auth = \"{wanted}\" for {url}; the secrets lack \
                     facilitators[\"{url}\"].{wanted}"
                ),
            };
            Some((*url, why))
        })
    }

    /// Everything that does not fit together, either way.
    pub fn mismatches(&self, secrets: &Inline) -> Vec<String> {
        let mut wrong: Vec<_> = self.unproven(secrets).map(|(_, why)| why).collect();
        for url in secrets.facilitators.keys() {
            let why = match self.facilitators.get(url.as_str()) {
                None => "no offer of the table names it",
                Some(Auth::None) => "the table has no auth for it",
                Some(_) => continue,
            };
            wrong.push(format!("the secrets have facilitators[\"{url}\"], but {why}"));
        }
        for network in self.networks.iter().filter(|name| !secrets.rpc.contains_key(**name)) {
            wrong.push(format!(
                "the table wants the RPC URL of {network} from the secrets; they lack rpc[\"{network}\"]"
            ));
        }
        for network in secrets.rpc.keys().filter(|name| !self.networks.contains(name.as_str())) {
            wrong.push(format!(
                "the secrets have rpc[\"{network}\"], but the table has no rpc with secret = true for it"
            ));
        }
        wrong
    }
}
