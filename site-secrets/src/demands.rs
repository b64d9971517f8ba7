//! What the price table demands of the secrets.

use std::collections::{BTreeMap, BTreeSet};

use price_table::{Auth, Offer, Sale, Table};

use crate::document::Inline;

/// What the table names that needs secrets.
pub struct Demands<'t> {
    /// The id of the site.
    site: &'t str,
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
            site: &table.site.id,
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

    /// Whether they are another site's, and why that is so.
    pub fn other_site(&self, secrets: &Inline) -> Option<String> {
        let other = secrets.site.as_deref().filter(|site| *site != self.site)?;
        Some(format!("the secrets are those of the site {other}; the table sells {}", self.site))
    }

    /// What the table demands and they lack.
    pub fn missing(&self, secrets: &Inline) -> Vec<String> {
        let unproven = self.unproven(secrets).map(|(_, why)| why);
        let rpc = self.networks.iter().filter(|name| !secrets.rpc.contains_key(**name));
        let rpc = rpc.map(|network| {
            format!(
                "the table wants the RPC URL of {network} from the secrets; they lack rpc[\"{network}\"]"
            )
        });
        self.other_site(secrets).into_iter().chain(unproven).chain(rpc).collect()
    }

    /// What they hold and the table does not demand.
    pub fn unneeded(&self, secrets: &Inline) -> Vec<String> {
        let facilitators = secrets.facilitators.keys().filter_map(|url| {
            let why = match self.facilitators.get(url.as_str()) {
                None => "no offer of the table names it",
                Some(Auth::None) => "the table has no auth for it",
                Some(_) => return None,
            };
            Some(format!("the secrets have facilitators[\"{url}\"], but {why}"))
        });
        let rpc = secrets.rpc.keys().filter(|name| !self.networks.contains(name.as_str()));
        let rpc = rpc.map(|network| {
            format!(
                "the secrets have rpc[\"{network}\"], but the table has no rpc with secret = true for it"
            )
        });
        facilitators.chain(rpc).collect()
    }
}
