//! What a transfer is, by what the store and the log know of its payment.

use paywall_core::hex;
use paywall_core::limits;
use paywall_core::purchase::{Account, Binding, PaymentId};
use paywall_core::subject::Kind;

use crate::classify::{self, Patience};
use crate::entry::{Entry, State};
use crate::ledger::{Claim, Credit, NotOurs, Owed, Posting, RestsOn, Row};
use crate::logs::{Logged, Said};
use crate::refund::Refund;
use crate::transfer::Transfer;

/// What the store says of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing binds it.
    Nothing,
    /// How it stands.
    Known(Box<Entry>),
    /// It opened what an earlier payment of its payer had paid for, and so was not to be sent.
    Opened(Box<Entry>),
    /// A record of it cannot be read: which one, and why.
    Unreadable(String),
}

/// All that is known of a payment but what the chain shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// By the store.
    pub recorded: Recorded,
    /// By the log.
    pub logged: Option<Logged>,
    /// Whether it was paid back.
    pub refund: Option<Refund>,
}

/// What the store says of a payment, by the two records that may know it: its binding, and the account that the binding
/// names.
pub fn recorded<F: Fn(&str) -> bool>(
    binding: Result<Option<&Binding>, &str>,
    account: Result<Option<&Account>, &str>,
    patience: &Patience<F>,
) -> Recorded {
    let binding = match binding {
        Ok(Some(binding)) => binding,
        Ok(None) => return Recorded::Nothing,
        Err(why) => return Recorded::Unreadable(why.to_owned()),
    };
    let account = match account {
        Ok(account) => account,
        Err(why) => return Recorded::Unreadable(why.to_owned()),
    };
    let mark = binding.mark();
    let got = |account: &Account| {
        let mut got = account.sales.iter().filter_map(|sale| sale.grant.as_ref()?.mark.as_ref());
        got.any(|got| *got == mark)
    };
    if let Some(entry) = classify::bound(binding, account, patience.now) {
        return Recorded::Known(Box::new(entry));
    }
    let account = account.cloned().expect("what tells more than the binding is an account");
    if got(&account) {
        let why = "it opened what an earlier payment of its payer had paid for".to_owned();
        let entry = Entry::of(State::Settled, &binding.subject, mark, why);
        return Recorded::Opened(Box::new(entry));
    }
    let mut entries = classify::entries(account, patience).into_iter();
    match entries.find(|entry| entry.mark.as_ref() == Some(&mark)) {
        Some(entry) => Recorded::Known(Box::new(entry)),
        None => Recorded::Nothing,
    }
}

/// Books a transfer.
pub fn transfer(transfer: &Transfer, known: &Known, token: Option<(String, u8)>) -> Row {
    let blank = Row {
        posting: Posting::Received(Credit::NotOurs(NotOurs::Plain)),
        rests_on: RestsOn::Nothing,
        at: transfer.time,
        network: transfer.network(),
        asset: hex::encode(&transfer.asset),
        token,
        amount: transfer.value,
        payer: hex::encode(&transfer.from),
        payee: Some(hex::encode(&transfer.to)),
        transaction: Some(transfer.hash()),
        block: Some(transfer.block),
        index: Some(transfer.index),
        payment: transfer.payment().map(|payment| payment.to_string()),
        site: None,
        kind: None,
        name: None,
        facilitator: None,
        why: String::new(),
    };
    let (credit, rests_on, row) = match (&known.recorded, &known.logged) {
        (Recorded::Known(entry), logged) => by_record(entry, logged.as_ref(), transfer, blank),
        (Recorded::Opened(entry), _) => {
            (Credit::Owed(Owed::PaidTwice), RestsOn::Record, described(blank, entry))
        }
        (Recorded::Unreadable(why), _) => {
            (Credit::Unclear, RestsOn::Nothing, Row { why: why.clone(), ..blank })
        }
        (Recorded::Nothing, Some(logged)) => {
            let credit = match logged.said {
                Said::Sold => Credit::Sale,
                Said::NotGranted => Credit::Owed(Owed::NotGranted),
                Said::Unknown => Credit::Owed(Owed::SaidByLog),
            };
            (credit, RestsOn::Log, by_line(blank, logged))
        }
        (Recorded::Nothing, None) => {
            let why = match transfer.nonce {
                Some(_) => NotOurs::NoRecord,
                None => NotOurs::Plain,
            };
            (Credit::NotOurs(why), RestsOn::Nothing, blank)
        }
    };
    // What was paid back was owed, whatever its record says: a sale that was granted is no refund's business.
    let credit = match (&known.refund, credit) {
        (Some(_), Credit::Owed(_)) => Credit::Owed(Owed::Refunded),
        (_, credit) => credit,
    };
    Row { posting: Posting::Received(credit), rests_on, ..row }
}

fn by_record(
    entry: &Entry,
    logged: Option<&Logged>,
    transfer: &Transfer,
    blank: Row,
) -> (Credit, RestsOn, Row) {
    let is_other = entry.amount.is_some_and(|amount| amount != transfer.value)
        || entry
            .payee
            .as_ref()
            .is_some_and(|payee| hex::decode_array::<20>(payee) != Some(transfer.to));
    let row = described(blank, entry);
    if is_other {
        return (Credit::NotOurs(NotOurs::OtherTransfer), RestsOn::Record, row);
    }
    let owed = |why| (Credit::Owed(why), RestsOn::Record);
    let (credit, rests_on) = match entry.state {
        State::Settled | State::Packed => (Credit::Sale, RestsOn::Record),
        State::InProgress => (Credit::Open, RestsOn::Record),
        State::ChargedNotGranted => owed(Owed::NotGranted),
        State::Unproven => owed(Owed::Unproven),
        State::GivenUp => owed(Owed::GivenUp),
        State::Unresolved => owed(Owed::Unresolved),
        State::Refused | State::PackedUnpaid => owed(Owed::RefusedYetPaid),
        State::NeverPaid => owed(Owed::NeverYetPaid),
        State::Refunded => owed(Owed::Refunded),
        // It may have been given back and sent by somebody else: the line decides.
        State::NotKnown | State::Forgotten | State::NeverSubmitted => {
            match logged.map(|logged| logged.said) {
                Some(Said::Sold) => {
                    let row = logged.map_or(row.clone(), |logged| by_line(row, logged));
                    return (Credit::Sale, RestsOn::Log, row);
                }
                // What was booked before says more.
                None if entry.state == State::Forgotten => (Credit::Unclear, RestsOn::Nothing),
                Some(Said::NotGranted | Said::Unknown) | None => owed(Owed::NotKnown),
            }
        }
    };
    (credit, rests_on, row)
}

fn described(row: Row, entry: &Entry) -> Row {
    Row {
        site: entry.site.clone(),
        kind: entry.kind,
        name: Some(entry.name.clone()),
        facilitator: entry.facilitator.clone(),
        why: entry.why.clone(),
        ..row
    }
}

fn by_line(row: Row, logged: &Logged) -> Row {
    Row {
        site: Some(logged.site.clone()).filter(|site| !site.is_empty()),
        kind: Some(Kind::Object),
        name: Some(logged.object.clone()),
        facilitator: logged.facilitator.clone(),
        why: format!("by the log alone: {}", logged.outcome),
        ..row
    }
}

/// What a record claims that the chain does not show, or that no chain was asked about; `None` if it claims nothing.
/// `looked` is whether one was.
pub fn claim(entry: &Entry, looked: bool, token: Option<(String, u8)>) -> Option<Row> {
    let settled =
        matches!(entry.state, State::Settled | State::ChargedNotGranted | State::Unproven);
    let amount = entry.amount.filter(|_| settled)?;
    let at = entry.settled_at.or(entry.bound_at)?;
    let claim = match looked {
        true => Claim::SettledNotOnChain,
        false => Claim::NotLookedAt,
    };
    let blank = Row {
        posting: Posting::Claimed(claim),
        rests_on: RestsOn::Record,
        at: at.secs(),
        network: entry.network.clone().unwrap_or_default(),
        asset: entry.asset.as_deref().map(lower).unwrap_or_default(),
        token,
        amount,
        payer: entry.payer.clone(),
        payee: entry.payee.clone(),
        transaction: entry.transaction.clone(),
        block: None,
        index: None,
        payment: entry.mark.as_ref().map(|mark| mark.payment.to_string()),
        site: None,
        kind: None,
        name: None,
        facilitator: None,
        why: String::new(),
    };
    Some(described(blank, entry))
}

/// The same of a line. `fallback` is when, if the line does not say.
pub fn claim_of_line(
    payment: &PaymentId,
    logged: &Logged,
    looked: bool,
    token: Option<(String, u8)>,
    fallback: u64,
) -> Option<Row> {
    let claim = match (logged.said, looked) {
        (Said::Unknown, _) => return None,
        (Said::Sold | Said::NotGranted, true) => Claim::LineNotOnChain,
        (Said::Sold | Said::NotGranted, false) => Claim::NotLookedAt,
    };
    let blank = Row {
        posting: Posting::Claimed(claim),
        rests_on: RestsOn::Log,
        at: logged.at.unwrap_or(fallback),
        network: logged.network.clone(),
        asset: logged.asset.clone(),
        token,
        amount: logged.amount,
        payer: logged.payer.clone(),
        payee: None,
        transaction: logged.transaction.clone(),
        block: None,
        index: None,
        payment: Some(payment.to_string()),
        site: None,
        kind: None,
        name: None,
        facilitator: None,
        why: String::new(),
    };
    Some(by_line(blank, logged))
}

/// The row of a refund, and it is the same whenever it is made.
pub fn refund(refund: &Refund, token: Option<(String, u8)>) -> Row {
    Row {
        posting: Posting::PaidBack { by_payee: refund.by_payee() },
        rests_on: RestsOn::Record,
        at: refund.time,
        network: refund.network.clone(),
        asset: refund.asset.clone(),
        token,
        amount: refund.amount,
        payer: refund.to.clone(),
        payee: Some(refund.from.clone()),
        transaction: Some(refund.transaction.clone()),
        block: Some(refund.block),
        index: Some(refund.index),
        payment: Some(refund.payment.to_string()),
        site: Some(refund.subject.site.clone()),
        kind: Some(refund.subject.kind),
        name: Some(refund.subject.name.clone()),
        facilitator: None,
        why: format!("paid back: {}", refund.why),
    }
}

/// Whether what a record says happened at `second` must be on the chain, if its last block that stays is of `booked`:
/// clocks of sandboxes and chains differ.
pub fn is_due(second: u64, booked: u64) -> bool {
    second.saturating_add(limits::RELEASE_SECONDS) <= booked
}

fn lower(asset: &str) -> String {
    match asset.starts_with("0x") {
        true => asset.to_ascii_lowercase(),
        false => asset.to_owned(),
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
