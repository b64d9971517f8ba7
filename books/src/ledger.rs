//! The ledger: rows, each a posting; and what they add up to.
//!
//! Double entry: a row of money that came debits the `chain` and credits what it was: a sale, something owed, or not
//! ours. Money that was paid back debits what was owed. What records or lines claim and no chain shows is a row of its
//! own, which moves nothing: a difference is named, and never netted.

use std::collections::BTreeMap;

use paywall_core::hex;
use paywall_core::purchase::PaymentId;
use paywall_core::subject::Kind;

use crate::day::Day;
use crate::transfer::Transfer;

/// Declares an enum whose values have a name in the ledger's files, and a sentence that says what they mean.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($value:ident = $word:literal: $about:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $about] $value,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$value),*];

            /// How the ledger's files name it.
            pub fn name(self) -> &'static str {
                match self { $($name::$value => $word),* }
            }

            /// What it means, and what to do.
            pub fn about(self) -> &'static str {
                match self { $($name::$value => $about),* }
            }
        }
    };
}

named! {
    /// Why money that came is owed to its payer.
    Owed {
        NotGranted = "not-granted": "It settled, and nobody got what it bought. Its payer still may; else pay it back.",
        Unproven = "unproven": "It was paid, and nothing shows that it was for this. Pay it back, unless another shop of the payee sold it.",
        GivenUp = "given-up": "Nobody learnt in time whether it settled; it did. Pay it back.",
        Unresolved = "unresolved": "It was sent, paid, and never answered, and its time is over. Pay it back, unless the log has an alarm with its receipt: then its payer was served.",
        NotKnown = "not-known": "It is bound here and stands nowhere in its account, and no line says that it was sold. Look whether another shop of the payee sold it, and pay it back if not.",
        RefusedYetPaid = "refused-yet-paid": "Its facilitator refused it, and it was paid all the same. Pay it back, unless another shop of the payee sold it.",
        NeverYetPaid = "never-yet-paid": "The chain was seen to show that it never would be paid, and it was: a node was wrong, or blocks were replaced deeper than `confirmations`. Pay it back.",
        PaidTwice = "paid-twice": "It opened what an earlier payment of its payer had paid for, and was paid too. Pay it back.",
        SaidByLog = "said-by-log": "No record knows it, and the log says that its outcome was not known. Pay it back, unless a later line says that it was served.",
        Refunded = "refunded": "It was owed, and paid back: a row of its own has the transaction.",
    }
}

named! {
    /// Why money that came is not ours.
    NotOurs {
        Plain = "plain-transfer": "Nobody's authorization let it: somebody sent it by hand, or another contract did.",
        NoRecord = "no-record": "No record or line of this store knows it: another shop of the payee sold it, or its record is gone.",
        OtherTransfer = "other-transfer": "Its nonce is of a payment here, and its amount or its payee is another: its payer signed twice under one nonce.",
    }
}

named! {
    /// What is claimed, and no chain shows.
    Claim {
        SettledNotOnChain = "settled-not-on-chain": "A record says that it settled, and the chain has no such transfer: its facilitator lied, a node did, or blocks were replaced. Nothing was paid for what was granted.",
        LineNotOnChain = "line-not-on-chain": "A line of the log says that it settled, and the chain has no such transfer.",
        NotLookedAt = "not-looked-at": "A record or line says that it settled, and no node of its network was asked. It counts in no sum.",
        Unreadable = "unreadable": "A record that cannot be read. What it is about may be missing, or counted as not ours.",
    }
}

named! {
    /// What a row rests on, from the least trusted on.
    RestsOn {
        Nothing = "nothing": "No record and no line.",
        Log = "log": "A line of the log alone, which may be missing or come twice: no sum should rest on it.",
        Record = "record": "A record of the store.",
    }
}

/// What money that came is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credit {
    /// It bought something that was granted.
    Sale,
    /// It goes back.
    Owed(Owed),
    /// Its payment is under way still.
    Open,
    /// Its record cannot be read.
    Unclear,
    /// It is somebody else's, as far as this store knows.
    NotOurs(NotOurs),
}

/// What a row does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Posting {
    /// Money came.
    Received(Credit),
    /// Something owed was paid back; from the payee, or by somebody else for the seller.
    PaidBack {
        /// Whether the payee paid it.
        by_payee: bool,
    },
    /// Nothing moved.
    Claimed(Claim),
}

/// The accounts of the double entry.
pub const ACCOUNTS: [&str; 7] =
    ["chain", "sales", "owed", "open", "unclear", "not-ours", "elsewhere"];

impl Posting {
    /// What is debited and what is credited; nothing if nothing moved.
    pub fn entry(self) -> Option<(&'static str, &'static str)> {
        match self {
            Posting::Received(credit) => Some(("chain", credit.account())),
            Posting::PaidBack { by_payee: true } => Some(("owed", "chain")),
            Posting::PaidBack { by_payee: false } => Some(("owed", "elsewhere")),
            Posting::Claimed(_) => None,
        }
    }

    /// Its name in the ledger's files: no two alike.
    pub fn name(self) -> &'static str {
        match self {
            Posting::Received(Credit::Sale) => "sale",
            Posting::Received(Credit::Open) => "open",
            Posting::Received(Credit::Unclear) => "unclear",
            Posting::Received(Credit::Owed(why)) => why.name(),
            Posting::Received(Credit::NotOurs(why)) => why.name(),
            Posting::PaidBack { by_payee: true } => "paid-back",
            Posting::PaidBack { by_payee: false } => "paid-back-elsewhere",
            Posting::Claimed(claim) => claim.name(),
        }
    }

    /// What it means, and what to do.
    pub fn about(self) -> &'static str {
        match self {
            Posting::Received(Credit::Sale) => "It bought something that was granted.",
            Posting::Received(Credit::Open) => {
                "Its payment is under way: the next look at the books, or its payer's next request, tells."
            }
            Posting::Received(Credit::Unclear) => {
                "What its record says cannot be read, or is gone: mend or restore it, or read the log, and look again."
            }
            Posting::Received(Credit::Owed(why)) => why.about(),
            Posting::Received(Credit::NotOurs(why)) => why.about(),
            Posting::PaidBack { by_payee: true } => "The payee paid back what was owed.",
            Posting::PaidBack { by_payee: false } => {
                "Somebody else than the payee paid back what was owed."
            }
            Posting::Claimed(claim) => claim.about(),
        }
    }

    /// Every one there is.
    pub fn all() -> Vec<Posting> {
        let credits = [Credit::Sale, Credit::Open, Credit::Unclear].into_iter();
        let credits = credits.chain(Owed::ALL.iter().copied().map(Credit::Owed));
        let credits = credits.chain(NotOurs::ALL.iter().copied().map(Credit::NotOurs));
        let back = [true, false].map(|by_payee| Posting::PaidBack { by_payee });
        let claims = Claim::ALL.iter().copied().map(Posting::Claimed);
        credits.map(Posting::Received).chain(back).chain(claims).collect()
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Posting> {
        Posting::all().into_iter().find(|posting| posting.name() == name)
    }

    /// Whether somebody should look: what the books rest on said what is not so, or money came that should not have.
    pub fn is_alarming(self) -> bool {
        let owed = [Owed::RefusedYetPaid, Owed::NeverYetPaid, Owed::PaidTwice];
        match self {
            Posting::Received(Credit::Owed(why)) => owed.contains(&why),
            Posting::Claimed(claim) => claim == Claim::SettledNotOnChain,
            _ => false,
        }
    }

    /// Whether another look may tell more.
    pub fn is_restless(self) -> bool {
        match self {
            Posting::Received(Credit::Open | Credit::Unclear) => true,
            Posting::Claimed(claim) => claim != Claim::NotLookedAt,
            Posting::Received(Credit::Owed(why)) => why != Owed::Refunded,
            Posting::Received(Credit::Sale | Credit::NotOurs(_)) | Posting::PaidBack { .. } => {
                false
            }
        }
    }
}

impl Credit {
    fn account(self) -> &'static str {
        match self {
            Credit::Sale => "sales",
            Credit::Owed(_) => "owed",
            Credit::Open => "open",
            Credit::Unclear => "unclear",
            Credit::NotOurs(_) => "not-ours",
        }
    }
}

/// A row. What is not known is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it does.
    pub posting: Posting,
    /// What that rests on.
    pub rests_on: RestsOn,
    /// The second of its block; of what is on no chain, of its record or line.
    pub at: u64,
    /// The CAIP-2 name.
    pub network: String,
    /// The token: in lower case where it is an address.
    pub asset: String,
    /// What people call the token, and how many decimal places it has; `None` if the table does not sell for it.
    pub token: Option<(String, u8)>,
    /// Atomic units.
    pub amount: u128,
    /// Who paid, or was paid back; empty where only a facilitator knows.
    pub payer: String,
    /// Whom.
    pub payee: Option<String>,
    /// The transaction.
    pub transaction: Option<String>,
    /// The height of its block.
    pub block: Option<u64>,
    /// The place of the transfer's log in the block.
    pub index: Option<u64>,
    /// The payment, as records name it.
    pub payment: Option<String>,
    /// The id of the site.
    pub site: Option<String>,
    /// Whether an object was sold, or a rule.
    pub kind: Option<Kind>,
    /// The object's key, or the rule's pattern.
    pub name: Option<String>,
    /// The facilitator, where a record or a line names it.
    pub facilitator: Option<String>,
    /// What there is to say of it.
    pub why: String,
}

impl Row {
    /// The day whose file it is in.
    pub fn day(&self) -> Day {
        Day::of(self.at)
    }

    /// What tells it from all others: two rows of one id are one row at two times.
    pub fn id(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match self.posting {
            Posting::Received(_) => format!(
                "received {} {} {}",
                self.network,
                text(&self.transaction),
                self.index.unwrap_or_default()
            ),
            Posting::PaidBack { .. } => format!("paid-back {}", text(&self.payment)),
            Posting::Claimed(_) => {
                format!("claimed {} {}", text(&self.payment), text(&self.name))
            }
        }
    }

    /// What there is to book of it now that somebody looked again: less than before is known if a record was deleted in
    /// the meantime, or cannot be read.
    #[must_use]
    pub fn later(self, now: Row) -> Row {
        if now.rests_on >= self.rests_on { now } else { self }
    }

    /// The transfer that it books, as it was read; `None` if it books none.
    pub fn transfer(&self) -> Option<Transfer> {
        let Posting::Received(_) = self.posting else { return None };
        let nonce = match &self.payment {
            None => None,
            Some(payment) => match PaymentId::try_from(payment.clone()) {
                Ok(PaymentId::Eip3009 { nonce, .. }) => Some(nonce),
                _ => return None,
            },
        };
        Some(Transfer {
            chain_id: self.network.strip_prefix("eip155:")?.parse().ok()?,
            asset: hex::decode_array(&self.asset)?,
            from: hex::decode_array(&self.payer)?,
            to: hex::decode_array(self.payee.as_deref()?)?,
            value: self.amount,
            nonce,
            transaction: hex::decode_array(self.transaction.as_deref()?)?,
            index: self.index?,
            block: self.block?,
            time: self.at,
        })
    }

    /// The amount in whole tokens, exactly.
    pub fn whole(&self) -> Option<String> {
        Some(decimal(self.amount, self.token.as_ref()?.1))
    }
}

/// An amount in whole tokens, exactly.
pub fn decimal(atomic: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{atomic:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    match part.trim_end_matches('0') {
        "" => whole.to_owned(),
        part => format!("{whole}.{part}"),
    }
}

/// A sum, and of how many rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// Atomic units.
    pub amount: u128,
}

/// What the rows of one token add up to: what the chain paid = sales + owed + open + unclear + not ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// The token's symbol and decimals.
    pub token: Option<(String, u8)>,
    /// What came, by the rows that debit the chain.
    pub received: Sum,
    /// What each account was credited with.
    pub credits: BTreeMap<&'static str, Sum>,
    /// What was paid back of what was owed.
    pub paid_back: Sum,
    /// Each kind of row, by its name.
    pub named: BTreeMap<&'static str, Sum>,
}

impl Balance {
    /// What is owed still, of these rows.
    pub fn outstanding(&self) -> u128 {
        let owed = self.credits.get("owed").map_or(0, |owed| owed.amount);
        let refunded = self.named.get(Owed::Refunded.name()).map_or(0, |sum| sum.amount);
        owed.saturating_sub(refunded)
    }
}

/// Network and token.
pub type Purse = (String, String);

/// Rows that were held against the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    rows: BTreeMap<String, Row>,
}

impl Ledger {
    /// Of these rows; of two of one id the later one counts.
    pub fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut ledger = Ledger::default();
        rows.into_iter().for_each(|row| ledger.book(row));
        ledger
    }

    /// Books a row: a new one, or what is known now of one that is there.
    pub fn book(&mut self, row: Row) {
        let id = row.id();
        let row = match self.rows.remove(&id) {
            Some(before) => before.later(row),
            None => row,
        };
        self.rows.insert(id, row);
    }

    /// Takes rows out.
    pub fn remove(&mut self, gone: impl Fn(&Row) -> bool) {
        self.rows.retain(|_, row| !gone(row));
    }

    /// The row of this id.
    pub fn get(&self, id: &str) -> Option<&Row> {
        self.rows.get(id)
    }

    /// The rows, in the order of time.
    pub fn rows(&self) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(id, row)| (row.at, *id));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// What they add up to, by network and token.
    ///
    /// # Errors
    ///
    /// More than 2^128 units: no token has so many.
    pub fn balances(&self) -> Result<BTreeMap<Purse, Balance>, String> {
        let mut balances = BTreeMap::<Purse, Balance>::new();
        for row in self.rows.values() {
            let balance = balances.entry((row.network.clone(), row.asset.clone())).or_default();
            balance.token = balance.token.take().or_else(|| row.token.clone());
            let add = |sum: &mut Sum| {
                sum.rows += 1;
                sum.amount = sum.amount.checked_add(row.amount)?;
                Some(())
            };
            let mut sums = vec![balance.named.entry(row.posting.name()).or_default()];
            match row.posting {
                Posting::Received(credit) => {
                    sums.push(&mut balance.received);
                    sums.push(balance.credits.entry(credit.account()).or_default());
                }
                Posting::PaidBack { .. } => sums.push(&mut balance.paid_back),
                Posting::Claimed(_) => {}
            }
            let added: Option<Vec<()>> = sums.into_iter().map(add).collect();
            added.ok_or_else(|| format!("{} {}: the sum is over 2^128", row.network, row.asset))?;
        }
        Ok(balances)
    }

    /// Holds the rows against what the chain paid: each transfer is one row of its amount, and no row is without one.
    ///
    /// # Errors
    ///
    /// What does not fit. That is a mistake of this program: the chain has been compared with itself before.
    pub fn hold_against(&self, transfers: &[Transfer]) -> Result<(), String> {
        let mut rows = BTreeMap::new();
        for row in self.rows.values().filter(|row| matches!(row.posting, Posting::Received(_))) {
            rows.insert(row.id(), row.amount);
        }
        for transfer in transfers {
            let id =
                format!("received {} {} {}", transfer.network(), transfer.hash(), transfer.index);
            if rows.remove(&id) != Some(transfer.value) {
                return Err(format!(
                    "{} of {} is not booked once",
                    transfer.hash(),
                    transfer.network()
                ));
            }
        }
        match rows.into_keys().next() {
            None => Ok(()),
            Some(id) => Err(format!("{id}: booked, and not on the chain")),
        }
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
