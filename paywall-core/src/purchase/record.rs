//! What is stored of payments, byte by byte: `docs/records.md`. Nothing here decides.

use serde::{Deserialize, Serialize};

use super::packed::Packed;
use crate::clock::Micros;
use crate::hex;
use crate::json::text;
use crate::receipt::{Expected, Receipt};
use crate::scheme::identity::{Mark, PaymentId};
use crate::store::{Key, Record};
use crate::subject::Subject;
use crate::wire::Wire;

/// The version of every record. Another one is an error, never "missing".
pub const VERSION: u8 = 2;

/// What a payment is for: written once, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Binding {
    /// [`VERSION`].
    pub v: u8,
    /// Which write of which request made it.
    pub writer: String,
    /// Which payment.
    pub payment: PaymentId,
    /// [`Mark::digest`].
    #[serde(with = "hex::array")]
    pub digest: [u8; 32],
    /// [`Mark::signature`].
    #[serde(with = "hex::array")]
    pub signature: [u8; 32],
    /// What it is for.
    pub subject: Subject,
    /// In which kind of account it stands, whatever the table says by now.
    pub account: AccountKind,
    /// When it was bound.
    pub bound_at: Micros,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// The payer's: one payment at a time.
    Payer,
    /// The payment's own: `purchases = "independent"`.
    Payment,
}

/// What one payer has of one subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Account {
    /// [`VERSION`].
    pub v: u8,
    /// Which write of which request made this version: no two versions have the same bytes.
    pub writer: String,
    /// Of what.
    pub subject: Subject,
    /// Whose: an address, or the payment's name.
    pub payer: String,
    /// A payment that was sent, or is about to be. Never two.
    pub open: Option<Open>,
    /// Payments that settled: the newest whole ones, and all that somebody is owed.
    #[serde(default)]
    pub sales: Vec<Sale>,
    /// Older ones.
    #[serde(default)]
    pub finished: Packed,
    /// Payments that were never paid, packed.
    #[serde(default)]
    pub unpaid: Packed,
    /// Payments that ended without being sold.
    #[serde(default)]
    pub closed: Vec<Closed>,
}

/// A payment on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Open {
    /// Which.
    pub mark: Mark,
    /// Whether its payer's own key signed. Such a payer is the same on every chain; a contract
    /// wallet's address may be somebody else's on another one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_key: bool,
    /// What is to be paid.
    pub bill: Bill,
    /// The second from which it cannot be settled any more.
    pub ends: u64,
    /// What it buys.
    pub sells: Sells,
    /// The network that first presented it.
    #[serde(with = "hex::array")]
    pub origin: [u8; 8],
    /// The request that may send it, and no other.
    pub holder: String,
    /// Until when the holder may.
    pub lease: Micros,
    /// When it was written that it is about to be sent.
    pub sent_at: Micros,
    /// The base URL of the one facilitator that may have it.
    pub facilitator: String,
    /// The request that that facilitator is sent, to be repeated word for word.
    pub body: String,
    /// Where its nonce was seen unspent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// The block up to which the chain was searched for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searched: Option<u64>,
    /// Whether the answer to its first sending spoke against its being paid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contradicted: bool,
    /// A transaction that the facilitator named. It proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// That a nonce was seen unspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Look {
    /// The newest block then.
    pub block: u64,
    /// When.
    pub at: Micros,
}

/// Who is paid how much, spelled as the wire spells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Bill {
    /// The version that the facilitator is asked in.
    pub wire: Wire,
    /// The CAIP-2 name.
    pub network: String,
    /// The v1 name of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<String>,
    /// The token.
    pub asset: String,
    /// Atomic units.
    #[serde(with = "decimal")]
    pub amount: u128,
    /// The payee.
    pub pay_to: String,
}

/// What a payment buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Sells {
    /// Seconds of access; `None` for one grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// `access_epoch` of the rule.
    pub epoch: u32,
}

/// A payment that settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Sale {
    /// Which.
    pub mark: Mark,
    /// [`Open::own_key`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_key: bool,
    /// What was paid.
    pub bill: Bill,
    /// The proof.
    pub receipt: Receipt,
    /// When that was learnt.
    pub settled_at: Micros,
    /// From whom.
    pub learnt: Learnt,
    /// What it bought.
    pub sells: Sells,
    /// The network that first presented it.
    #[serde(with = "hex::array")]
    pub origin: [u8; 8],
    /// Who got it; `None` while it is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Granted>,
    /// How often it opens again.
    pub resends_left: u8,
    /// The second until which its payments could still be sent: until then they must be known.
    pub keep_until: u64,
}

/// Who says that a payment settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Learnt {
    /// Its facilitator.
    Facilitator,
    /// The chain.
    Chain,
}

/// To whom what was sold was granted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Granted {
    /// The payment whose presenter got it, if that is another one than the payment that settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// From where.
    #[serde(with = "hex::array")]
    pub origin: [u8; 8],
    /// When.
    pub at: Micros,
}

/// A payment that ended without being sold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Closed {
    /// Which.
    pub mark: Mark,
    /// [`Open::own_key`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_key: bool,
    /// What was to be paid.
    pub bill: Bill,
    /// When.
    pub at: Micros,
    /// The second from which it cannot be settled any more.
    pub ends: u64,
    /// How.
    pub why: Why,
    /// What was said of it.
    pub code: String,
    /// The base URL of the facilitator that may have had it.
    pub facilitator: String,
    /// What it would have bought.
    pub sells: Sells,
    /// The network that first presented it.
    #[serde(with = "hex::array")]
    pub origin: [u8; 8],
    /// When it was written that it is about to be sent.
    pub sent_at: Micros,
    /// What its facilitator was sent; left out where nobody will ask again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Where its nonce was seen unspent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// A transaction that the facilitator named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How a payment ended without being sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its facilitator refused it, believably.
    Refused,
    /// The chain shows that it was not paid, and never will be.
    Never,
    /// The chain shows that it was paid, and not that it was for this.
    Unproven,
    /// Nobody could say in time.
    GivenUp,
    /// It was paid back.
    Refunded,
}

impl Binding {
    /// The payment.
    pub fn mark(&self) -> Mark {
        Mark { payment: self.payment.clone(), digest: self.digest, signature: self.signature }
    }

    /// Where the binding of a payment is.
    pub fn key(payment: &PaymentId) -> Key {
        Key::new(format!("v2/payments/{}.json", payment.path()))
    }

    /// What is written.
    pub fn record(&self, ends: u64) -> Record {
        let expires = Some(ends + crate::limits::RELEASE_SECONDS);
        Record { json: text(self), expires, owing: false }
    }
}

impl Account {
    /// One in which nothing has happened.
    pub fn new(subject: &Subject, payer: &str) -> Self {
        Account {
            v: VERSION,
            writer: String::new(),
            subject: subject.clone(),
            payer: payer.to_owned(),
            open: None,
            sales: vec![],
            finished: Packed::default(),
            unpaid: Packed::default(),
            closed: vec![],
        }
    }

    /// The name of its owner.
    pub fn owner(kind: AccountKind, payment: &PaymentId) -> String {
        match kind {
            AccountKind::Payer => payment.payer_name(),
            AccountKind::Payment => payment.short_name(),
        }
    }

    /// Where the account of an owner and a subject is. A key of S3 is as long as an object's own may
    /// be, so the subject is hashed.
    pub fn key(subject: &Subject, owner: &str) -> Key {
        let hash = hex::encode(&subject.hash()[..16]);
        Key::new(format!("v2/accounts/{}/{}/{owner}.json", subject.site, &hash[2..]))
    }

    /// What is written. `hold_seconds` is how long after its window an open payment may be held.
    pub fn record(&self, hold_seconds: u64) -> Record {
        let expires = Some(self.expires(hold_seconds));
        Record { json: text(self), expires, owing: self.is_owing() }
    }

    /// The second from which nobody needs it in memory.
    fn expires(&self, hold_seconds: u64) -> u64 {
        let open = self.open.iter().map(|open| open.ends + hold_seconds);
        let sales = self.sales.iter().map(|sale| match sale.grant {
            Some(_) => sale.over_at().max(sale.keep_until + crate::limits::RELEASE_SECONDS),
            None => sale.keep_until + hold_seconds,
        });
        let closed = self.closed.iter().map(|closed| closed.ends + hold_seconds);
        let packed = [&self.finished, &self.unpaid].into_iter().filter_map(Packed::last);
        let packed = packed.map(|ends| ends + crate::limits::RELEASE_SECONDS);
        open.chain(sales).chain(closed).chain(packed).max().unwrap_or_default()
    }

    /// Whether somebody should be told before it is forgotten.
    pub fn is_owing(&self) -> bool {
        self.open.is_some() || self.sales.iter().any(|sale| sale.grant.is_none())
    }
}

impl Sale {
    /// The payment whose presenter got it.
    pub fn got(&self) -> Option<&Mark> {
        self.grant.as_ref().map(|grant| grant.mark.as_ref().unwrap_or(&self.mark))
    }

    /// The second at which what it sold is over, once it was granted.
    pub fn over_at(&self) -> u64 {
        match self.sells.seconds {
            Some(seconds) => self.settled_at.secs().saturating_add(seconds.into()),
            None => {
                let from = self.grant.as_ref().map_or(self.settled_at, |grant| grant.at);
                from.secs() + crate::limits::RESEND_SECONDS
            }
        }
    }
}

impl Bill {
    /// What an answer about the payment must not contradict.
    pub fn expected(&self, payment: &PaymentId) -> Expected {
        Expected {
            wire: self.wire,
            caip2: self.network.clone(),
            v1: self.v1.clone(),
            payer: payment.payer(),
            amount: self.amount,
        }
    }
}

/// Numbers of any size as decimal text: readers of JSON round big numbers.
mod decimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(n: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&n.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
