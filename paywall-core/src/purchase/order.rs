//! What a purchase is about: everything that is known when it begins, and does not change.

use price_table::Dialect;

use super::record::{AccountKind, Bill, Sells};
use crate::clock::Micros;
use crate::refusal::Refusal;
use crate::scheme::identity::{Mark, PaymentId};
use crate::scheme::spending::Transfer;
use crate::subject::Subject;

/// A payment that is presented for a subject.
#[derive(Clone, Debug)]
pub struct Order {
    /// The request: no two have the same.
    pub request: String,
    /// When the platform cuts it off.
    pub deadline: Micros,
    /// Which payment.
    pub mark: Mark,
    /// Whether its payer's own key signed.
    pub own_key: bool,
    /// For what.
    pub subject: Subject,
    /// In which kind of account it would stand.
    pub kind: AccountKind,
    /// What is to be paid.
    pub bill: Bill,
    /// The second from which it cannot be settled any more.
    pub ends: u64,
    /// Not valid until after this second.
    pub valid_after: u64,
    /// What it would buy.
    pub sells: Sells,
    /// The request that a facilitator is sent.
    pub body: String,
    /// The network that it comes from, by the current hand-over key and the previous ones. Never empty.
    pub origins: Vec<[u8; 8]>,
    /// Whether it meets the terms, judged once, when it arrived.
    pub terms: Result<(), Refusal>,
    /// Who may settle it, in order. Never empty.
    pub facilitators: Vec<Choice>,
    /// Whether nothing is sent that was not sent before: only who has paid, or may have, is served.
    pub closed: bool,
    /// The call that would make its transfer, where a token can be asked so.
    pub call: Option<Vec<u8>>,
    /// Whether nobody else sells for this payee.
    pub alone: bool,
    /// Whether other sandboxes remember apart.
    pub memory: bool,
}

/// A facilitator that may settle it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The base URL.
    pub url: String,
    /// Whether it demands to verify what it is to settle.
    pub verify_first: bool,
}

/// The nodes of a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nodes {
    /// Their URLs, one or two; `None` for the one in the secrets.
    pub urls: Vec<Option<String>>,
    /// How deep a block must be to stay.
    pub confirmations: u64,
}

/// What a purchase asks of the seller's settings, about payments of any network and facilitator.
pub trait Settings {
    /// The nodes of a network, by its CAIP-2 name, if the seller named any.
    fn nodes(&self, network: &str) -> Option<Nodes>;

    /// How a facilitator answers, and which of its codes the seller vouches for.
    fn dialect(&self, facilitator: &str) -> (Dialect, &[price_table::Text]);
}

/// What the chain must show of a payment.
pub fn transfer(mark: &Mark, bill: &Bill) -> Option<(u64, Transfer)> {
    let PaymentId::Eip3009 { chain_id, asset, from, nonce } = mark.payment else { return None };
    let authorization = crate::node::Authorization { token: asset, from, nonce };
    let to = crate::hex::decode_array(&bill.pay_to)?;
    Some((chain_id, Transfer { authorization, to, value: bill.amount.into() }))
}
