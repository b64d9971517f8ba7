//! Evidence put together: each transfer with the records and lines of its payment, each claim with the chain.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use next_step::Outcome;
use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::{Account, PaymentId};
use price_table::{Sale, Table};

use crate::chain::{self, Watched};
use crate::classify::{self, Patience};
use crate::entry::Entry;
use crate::error::Error;
use crate::judge::{self, Known, Recorded};
use crate::ledger::Row;
use crate::logs::Logs;
use crate::nodes::Nodes;
use crate::records::{Records, Unreadable};
use crate::refund::{Refund, Spent};
use crate::tokens::Tokens;
use crate::transfer::Transfer;

/// Requests at once.
const PARALLEL: usize = 16;

/// Where a shop's evidence is.
pub(crate) struct Desk<'a> {
    pub(crate) tokens: &'a Tokens,
    pub(crate) nodes: &'a Nodes,
    /// `None` where payments are remembered in memory.
    pub(crate) records: Option<&'a Records>,
    pub(crate) logs: &'a Logs,
    pub(crate) refunds: &'a Refunds,
    pub(crate) now: Micros,
    /// The networks of which the function has a node.
    pub(crate) looks: BTreeSet<String>,
}

/// Refunds, by the payments that they paid back.
#[derive(Debug, Default)]
pub(crate) struct Refunds {
    written: BTreeMap<String, Refund>,
    /// Those that broke off after their first step, and may be written still.
    begun: BTreeMap<String, Spent>,
}

impl Refunds {
    /// All of a store; what cannot be read is handed over.
    pub(crate) async fn read(
        records: &Records,
        mut unreadable: impl FnMut(&Unreadable),
    ) -> Outcome<Self> {
        let mut refunds = BTreeMap::new();
        for read in records.refunds().await? {
            match read {
                Ok(refund) => drop(refunds.insert(refund.payment.to_string(), refund)),
                Err(why) => unreadable(&why),
            }
        }
        let mut begun = BTreeMap::new();
        for read in records.spent().await? {
            match read {
                Ok(spent) => drop(begun.insert(spent.payment.to_string(), spent)),
                Err(why) => unreadable(&why),
            }
        }
        begun.retain(|payment, _| !refunds.contains_key(payment));
        Ok(Refunds { written: refunds, begun })
    }

    pub(crate) fn of(&self, payment: &PaymentId) -> Option<&Refund> {
        self.written.get(&payment.to_string())
    }

    /// The refund of a payment that was begun, and is not written.
    pub(crate) fn begun(&self, payment: &str) -> Option<&Spent> {
        self.begun.get(payment)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Refund> {
        self.written.values()
    }
}

impl Desk<'_> {
    /// A row for each transfer, in their order.
    pub(crate) async fn transfers(&self, transfers: &[Transfer]) -> Outcome<Vec<Row>> {
        let rows = transfers.iter().map(async |transfer| self.transfer(transfer).await);
        stream::iter(rows).buffered(PARALLEL).try_collect().await
    }

    async fn transfer(&self, transfer: &Transfer) -> Outcome<Row> {
        let known = match transfer.payment() {
            Some(payment) => self.known(&payment).await?,
            None => Known { recorded: Recorded::Nothing, logged: None, refund: None },
        };
        let token = self.tokens.named(&transfer.network(), &hex::encode(&transfer.asset));
        Ok(judge::transfer(transfer, &known, token))
    }

    /// What is known of a payment.
    pub(crate) async fn known(&self, payment: &PaymentId) -> Outcome<Known> {
        let recorded = match self.records {
            Some(records) => self.recorded(records, payment).await?,
            None => Recorded::Nothing,
        };
        let logged = self.logs.of(payment).cloned();
        Ok(Known { recorded, logged, refund: self.refunds.of(payment).cloned() })
    }

    async fn recorded(&self, records: &Records, payment: &PaymentId) -> Outcome<Recorded> {
        let why = |unreadable: Unreadable| format!("{}: {}", unreadable.place, unreadable.why);
        let binding = match records.binding(payment).await? {
            Ok(Some(binding)) => binding,
            Ok(None) => return Ok(Recorded::Nothing),
            Err(unreadable) => return Ok(Recorded::Unreadable(why(unreadable))),
        };
        let account = records.account(&classify::account_of(&binding)).await?.map_err(why);
        let account = account.as_ref().map(Option::as_ref).map_err(String::as_str);
        Ok(judge::recorded(Ok(Some(&binding)), account, &self.patience()))
    }

    /// The payments of an account that are bound to it.
    pub(crate) fn entries(&self, account: Account) -> Vec<Entry> {
        classify::entries(account, &self.patience())
    }

    fn patience(&self) -> Patience<impl Fn(&str) -> bool> {
        Patience { now: self.now, has_node: |network: &str| self.looks.contains(network) }
    }

    /// What the rows of a record's or a line's claims are, of those whose transfer was not read: nothing if the chain has
    /// it all the same, before or after what was read.
    pub(crate) async fn claim(
        &self,
        watched: Option<&Watched>,
        payment: &PaymentId,
        row: Option<Row>,
    ) -> Outcome<Option<Row>> {
        let (Some(row), Some(watched)) = (row.clone(), watched) else { return Ok(row) };
        let hash = row.transaction.as_deref().and_then(hex::decode_array);
        let Some(hash) = hash else { return Ok(Some(row)) };
        let (network, watched, payment) = (row.network.clone(), watched.clone(), payment.clone());
        let paid = self.nodes.with(&network, move |line| {
            let paid = chain::paid_by(line, &watched, hash)?;
            let mut paid = paid.into_iter().flatten();
            Ok(paid.any(|transfer| transfer.payment().as_ref() == Some(&payment)))
        });
        match paid.await? {
            None => Ok(Some(row)),
            Some(Ok(true)) => Ok(None),
            Some(Ok(false)) => Ok(Some(row)),
            Some(Err(why)) => Err(not_read(&network, why).into()),
        }
    }
}

/// That a chain does not tell what the books must know.
pub(crate) fn not_read(network: &str, why: String) -> Error {
    let network = network.to_owned();
    Error::ChainNotRead { network, why }
}

/// What is to be watched of each chain, by its CAIP-2 name: what a table sells for, and `payees` besides.
pub(crate) fn watched(
    table: &Table,
    payees: &[[u8; 20]],
    confirmations: impl Fn(&str) -> u32,
) -> BTreeMap<String, Watched> {
    let mut chains = BTreeMap::<String, (BTreeSet<[u8; 20]>, BTreeSet<[u8; 20]>)>::new();
    for rule in &*table.rules {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        for offer in offers.iter() {
            let (token, payee) =
                (hex::decode_array(offer.asset()), hex::decode_array(offer.pay_to()));
            if let (Some(token), Some(payee), Some(_)) =
                (token, payee, chain_id(&offer.network.caip2))
            {
                let (tokens, owners) = chains.entry(offer.network.caip2.to_string()).or_default();
                tokens.insert(token);
                owners.insert(payee);
                owners.extend(payees);
            }
        }
    }
    let watch = |(network, (tokens, payees)): (String, (BTreeSet<_>, BTreeSet<_>))| {
        let watched = Watched {
            chain_id: chain_id(&network).unwrap_or_default(),
            tokens: tokens.into_iter().collect(),
            payees: payees.into_iter().collect(),
            confirmations: confirmations(&network).into(),
        };
        (network, watched)
    };
    chains.into_iter().map(watch).collect()
}

fn chain_id(network: &str) -> Option<u64> {
    network.strip_prefix("eip155:")?.parse().ok()
}
