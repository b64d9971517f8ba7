//! Whether a site's id or payee is another stack's, as far as their tags tell.

use price_table::{Redemptions, Table};

use super::stacks::{Site, Stack};
use super::tags::{hash, store};
use crate::error::Error;

/// Looks at all stacks of the account for the one that is deployed, `own`.
///
/// # Errors
///
/// It is live under another id, which `accept_new_site_id` allows; or another store remembers payments to a payee of this
/// table.
pub fn check(
    table: &Table,
    own: &str,
    stacks: &[Stack],
    accept_new_site_id: bool,
) -> Result<(), Error> {
    let sites: Vec<_> = stacks.iter().filter_map(Stack::site).collect();
    let id = &*table.site.id;
    let live = sites.iter().find(|site| site.name == own);
    if let Some(live) = live.and_then(|site| site.id).filter(|live| *live != id)
        && !accept_new_site_id
    {
        return Err(Error::OtherId {
            id: id.to_owned(),
            stack: own.to_owned(),
            live: live.to_owned(),
        });
    }
    shared(table, own, &sites)
}

/// Another stack of the account may keep a payee from being this store's alone.
fn shared(table: &Table, own: &str, sites: &[Site<'_>]) -> Result<(), Error> {
    // In memory each sandbox remembers apart: there it is accepted by name that promises are weaker.
    let Redemptions::S3 { shared_pay_to: false, .. } = table.redemptions else { return Ok(()) };
    let store = store(table);
    for payee in crate::preflight::payees(table) {
        let hash = hash(payee);
        let other = sites.iter().find(|site| {
            site.of != own && site.store != store && site.payees.contains(hash.as_str())
        });
        if let Some(Site { name, store: elsewhere, .. }) = other {
            return Err(Error::SharedPayee {
                stack: (*name).to_owned(),
                payee: payee.to_owned(),
                elsewhere: (*elsewhere).to_owned(),
                store,
            });
        }
    }
    Ok(())
}
