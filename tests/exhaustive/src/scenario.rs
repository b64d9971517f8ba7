//! A small world: who asks for what, how the shops are set up, and what may go wrong.

use std::sync::Arc;

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::{
    AccountKind, Bill, Choice, Mark, Nodes, Order, PaymentId, Sells, Settings,
};
use paywall_core::refusal::Refusal;
use paywall_core::subject::{Kind, Subject};
use paywall_core::wire::Wire;
use price_table::{Dialect, Text};

use crate::chain::{self, CHAIN_ID, CONFIRMATIONS, PAYEE, PRICE, TOKEN};
use crate::mutant::Mutant;
use crate::time::{INVOCATION, Phase};

/// The CAIP-2 name of the chain.
pub const NETWORK: &str = "eip155:84532";
/// The least that a payment's window must have left to meet the terms, in seconds.
const TERMS_LEFT: u64 = 20;

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which payment it presents.
    pub payment: usize,
    /// For which object.
    pub object: u8,
    /// From which network.
    pub origin: u8,
    /// At which store: a sandbox with a memory of its own, or a shop.
    pub store: usize,
    /// Whether its sandbox's clock is ahead by more than a lease.
    pub ahead: bool,
    /// The request that must have ended before.
    pub after: Option<usize>,
    /// In which kind of account the table has its rule.
    pub kind: AccountKind,
}

/// How much may go wrong in one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    /// In all.
    pub faults: u8,
    /// Of these, at the store: silences, answers of 412 to what was written.
    pub store: u8,
    /// At facilitators: any answer but the honest one.
    pub facilitator: u8,
    /// At the node: a silence, or an answer of some blocks ago.
    pub node: u8,
    /// Sandboxes that die.
    pub deaths: u8,
    /// Authorizations that their payer takes back.
    pub cancels: u8,
}

/// Whose memory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One S3 store, and nobody else sells for the payee.
    Alone,
    /// S3 stores of sister shops of one payee.
    Sisters,
    /// The sandboxes' own.
    Sandboxes,
}

/// A world.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The requests, which begin whenever the search lets them.
    pub requests: Vec<Request>,
    /// Whose memory it is.
    pub memory: Memory,
    /// What the shops know besides.
    pub rules: Rules,
    /// What may go wrong.
    pub budget: Budget,
    /// Until when the search goes.
    pub last: Phase,
    /// How far the chain's clock is behind, in seconds.
    pub chain_late: u64,
    /// How many blocks the node is always behind.
    pub lag: u64,
    /// Whether facilitators repeat a success.
    pub repeats: bool,
    /// Whether the payers have no money at first.
    pub poor: bool,
    /// Whether only a facilitator can judge the signatures.
    pub contract_wallet: bool,
    /// Seconds of access that are sold; `None`: one grant.
    pub seconds: Option<u32>,
    /// How many facilitators there are.
    pub facilitators: usize,
    /// Which rule is broken on purpose.
    pub mutant: Option<Mutant>,
}

/// The seller's settings.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether there is a node.
    pub node: bool,
}

impl Settings for Rules {
    fn nodes(&self, _: &str) -> Option<Nodes> {
        self.node.then(|| Nodes { urls: vec![None], confirmations: CONFIRMATIONS })
    }

    fn dialect(&self, _: &str) -> (Dialect, &[Text]) {
        (Dialect::Reference, &[])
    }
}

impl Request {
    /// One that presents a payment for an object.
    pub const fn new(payment: usize, object: u8) -> Self {
        Request {
            payment,
            object,
            origin: 0,
            store: 0,
            ahead: false,
            after: None,
            kind: AccountKind::Payer,
        }
    }

    /// What its clock shows.
    pub fn now(&self, phase: Phase) -> Micros {
        if self.ahead { phase.max(Phase::LeasesOver).now() } else { phase.now() }
    }
}

impl Scenario {
    /// The payments that are presented, each once.
    pub fn payments(&self) -> Vec<usize> {
        let mut payments: Vec<_> = self.requests.iter().map(|request| request.payment).collect();
        payments.sort_unstable();
        payments.dedup();
        payments
    }

    /// What a request is about, if it begins now. `name` names it.
    pub fn order(&self, name: String, request: &Request, phase: Phase) -> Arc<Order> {
        let now = request.now(phase);
        let ends = chain::ends(request.payment);
        let in_time = now.secs() + TERMS_LEFT <= ends;
        let origin = match self.mutant {
            Some(Mutant::AnyOrigin) => 0,
            _ => request.origin,
        };
        let choice = |at: usize| Choice { url: facilitator(at), verify_first: false };
        Arc::new(Order {
            request: name,
            deadline: Micros::from_secs(now.secs() + INVOCATION),
            mark: mark(request.payment),
            own_key: !self.contract_wallet,
            subject: subject(request.object),
            kind: request.kind,
            bill: bill(),
            ends,
            valid_after: 0,
            sells: Sells { seconds: self.seconds, epoch: 0 },
            body: format!("{}", request.payment),
            origins: vec![[origin; 8]],
            terms: if in_time { Ok(()) } else { Err(Refusal::Expired) },
            facilitators: (0..self.facilitators).map(choice).collect(),
            closed: false,
            call: Some(vec![request.payment as u8]),
            alone: self.memory == Memory::Alone,
            memory: self.memory == Memory::Sandboxes,
        })
    }
}

/// The payment by its number.
pub fn id(payment: usize) -> PaymentId {
    PaymentId::Eip3009 {
        chain_id: CHAIN_ID,
        asset: TOKEN,
        from: chain::payer_of(payment),
        nonce: chain::nonce(payment),
    }
}

/// The number of a payment.
pub fn number(id: &PaymentId) -> usize {
    match id {
        PaymentId::Eip3009 { nonce, .. } => usize::from(nonce[0]) - 1,
        PaymentId::Opaque { .. } => unreachable!("no payment here is opaque"),
    }
}

/// What is sold.
pub fn subject(object: u8) -> Subject {
    Subject { site: "shop".into(), kind: Kind::Object, name: object.to_string() }
}

/// The base URL of a facilitator.
pub fn facilitator(at: usize) -> String {
    format!("https://f{at}.example")
}

/// The place of a facilitator.
pub fn facilitator_at(url: &str) -> usize {
    usize::from(url.as_bytes()["https://f".len()] - b'0')
}

fn mark(payment: usize) -> Mark {
    Mark { payment: id(payment), digest: [payment as u8; 32], signature: [payment as u8; 32] }
}

fn bill() -> Bill {
    Bill {
        wire: Wire::V2,
        network: NETWORK.into(),
        v1: None,
        asset: hex::encode(&TOKEN),
        amount: PRICE,
        pay_to: hex::encode(&PAYEE),
    }
}
