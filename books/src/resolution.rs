//! Ending open payments of a store by what nodes show: `resolve.rs` decides, and each step is one conditional write.

use content_config::Stored;
use next_step::Outcome;
use paywall_core::clock::Micros;
use paywall_core::purchase::{Account, Finding};

use crate::nodes::{self, Nodes};
use crate::records::{Records, Unreadable};
use crate::resolve::{self, Rules};

/// Looks at the accounts of a store that are wanted. Gives how many changed.
pub(crate) async fn all(
    records: &Records,
    nodes: &Nodes,
    alone: bool,
    wanted: impl Fn(&Stored) -> bool,
    mut unreadable: impl FnMut(&Unreadable),
) -> Outcome<usize> {
    let mut open = vec![];
    let each = async |_: Stored, read| {
        match read {
            Ok(Account { open: Some(payment), subject, payer, .. }) => {
                open.push((Account::key(&subject, &payer), payment));
            }
            Ok(_) => {}
            Err(why) => unreadable(&why),
        }
        Ok(())
    };
    records.accounts_of(wanted, each).await?;
    let mut resolved = 0;
    for (key, payment) in open {
        if let Some(confirmations) = nodes.confirmations(&payment.bill.network) {
            let rules = Rules { alone, confirmations: confirmations.into() };
            let did = one(records, nodes, key.as_str(), rules, nodes::now()).await?;
            resolved += usize::from(did);
        }
    }
    Ok(resolved)
}

/// Looks at one account, and says whether it was changed: not if somebody else wrote it meanwhile, who knows more.
pub(crate) async fn one(
    records: &Records,
    nodes: &Nodes,
    key: &str,
    rules: Rules,
    now: Micros,
) -> Outcome<bool> {
    let Some((account, etag)) = records.account_version(key).await? else { return Ok(false) };
    let Some(open) = &account.open else { return Ok(false) };
    let Ok(binding) = records.binding(&open.mark.payment).await? else { return Ok(false) };
    let Some(search) = resolve::search(&account, binding.as_ref(), rules, now) else {
        return Ok(false);
    };
    let network = open.bill.network.clone();
    let found = nodes.with(&network, move |line| nodes::find(line, search)).await?;
    let finding = found.unwrap_or_else(|| Finding::Unknown {
        why: "no node".to_owned(),
        look: None,
        searched: None,
    });
    match resolve::resolved(account, &finding, rules, now) {
        Some(next) => records.swap(key, next, &etag).await,
        None => Ok(false),
    }
}
