//! What the books may do: end a payment that is open by what the chain shows, and by nothing else.
//!
//! It is the function's own step, `EVIDENCE` of `purchase/sale_loop.rs`, without a buyer: no facilitator is ever asked, so
//! nothing is sent; and the account is written if it still is the version that was read, so whoever writes first wins, and
//! the other looks again. What is found paid is a sale that nobody was granted: its payer may open it, or gets it back.

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::{Account, Binding, Finding, Learnt, Search, Sought, Why};
use paywall_core::receipt::Receipt;

use crate::classify::account_of;

/// By which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether nobody else sells for the payee.
    pub alone: bool,
    /// How deep a block must be to stay.
    pub confirmations: u64,
}

/// What to look for on the chain, of an account whose open payment nobody holds any more.
pub fn search(
    account: &Account,
    binding: Option<&Binding>,
    rules: Rules,
    now: Micros,
) -> Option<Search> {
    let open = account.open.as_ref().filter(|open| open.lease <= now)?;
    // Begun for something else or in the other kind of account, or never bound: then it was never sent from here, and
    // whoever comes next drops it.
    let bound = binding?;
    let here = Account::key(&account.subject, &account.payer);
    if bound.mark() != open.mark || account_of(bound) != here.as_str() {
        return None;
    }
    Sought::of(open, rules.confirmations).map(Search::new)
}

/// The account as it is once that was found; `None` if it stays as it is. Its writer is for the caller to name.
pub fn resolved(
    mut account: Account,
    finding: &Finding,
    rules: Rules,
    now: Micros,
) -> Option<Account> {
    let open = account.open.clone()?;
    match finding {
        Finding::Paid { transaction, time } => {
            // As the function judges: `Purchase::judge`.
            let since = open.look.is_some() || *time >= open.sent_at.secs();
            let ours = rules.alone || !open.contradicted;
            match since && ours {
                true => {
                    let receipt =
                        Receipt::found(transaction, &open.bill.expected(&open.mark.payment));
                    account.sell(&open, receipt, Learnt::Chain, now);
                }
                false => account.close(&open, Why::Unproven, &hex::encode(transaction), now),
            }
        }
        Finding::Never => account.close(&open, Why::Never, "", now),
        Finding::Unknown { .. } => return None,
    }
    account.tidy(now);
    Some(account)
}

#[cfg(test)]
mod tests {
    use paywall_core::purchase::AccountKind;

    use super::*;
    use crate::payments::Payment;

    const AT: u64 = 1_800_000_000;
    const RULES: Rules = Rules { alone: true, confirmations: 3 };

    /// Where a rule changed its `purchases` while a payment was under way, it may stand in both kinds of account.
    #[test]
    fn only_the_account_that_the_binding_names_is_searched_for() {
        let payment = Payment::new([0xaa; 20], "a.txt", AT);
        let alone = Payment { kind: AccountKind::Payment, ..payment.clone() };
        let other = Payment { object: "b.txt".to_owned(), ..payment.clone() };
        let late = Micros::from_secs(AT + 60);
        let account = payment.under_way();
        let is_searched =
            |binding: Option<&Binding>, now| search(&account, binding, RULES, now).is_some();
        assert!(is_searched(Some(&payment.binding()), late));
        for binding in [alone.binding(), other.binding()] {
            assert!(!is_searched(Some(&binding), late), "{binding:?}");
        }
        assert!(!is_searched(None, late));
        // Somebody holds it still.
        assert!(!is_searched(Some(&payment.binding()), Micros::from_secs(AT + 4)));
    }

    #[test]
    fn what_the_chain_does_not_tell_stays_open() {
        let payment = Payment::new([0xaa; 20], "a.txt", AT);
        let now = Micros::from_secs(AT + 60);
        let unknown = Finding::Unknown { why: String::new(), look: None, searched: None };
        assert_eq!(resolved(payment.under_way(), &unknown, RULES, now), None);
        assert_eq!(resolved(payment.granted(), &Finding::Never, RULES, now), None);
        let paid = Finding::Paid { transaction: [1; 32], time: AT + 2 };
        let sold = resolved(payment.under_way(), &paid, RULES, now).unwrap();
        assert!(sold.open.is_none() && sold.sales[0].grant.is_none());
    }
}
