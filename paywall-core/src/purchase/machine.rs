//! The state machine: what it remembers, what it waits for, and which part of the loop hears it.

use std::hash::{Hash, Hasher};
use std::mem;
use std::sync::Arc;

use super::change::Opened;
use super::decide::Looked;
use super::effect::{Effect, Heard};
use super::order::{Order, Settings, transfer};
use super::record::{AccountKind, Look, Open};
use super::state::State;
use super::swap::Held;
use crate::clock::Micros;
use crate::log::{Alarm, Mend, Words};
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::store::{Failed, Reply};

/// A payment on its way.
pub struct Purchase<'s, S> {
    pub(super) settings: &'s S,
    pub(super) order: Arc<Order>,
    pub(super) now: Micros,
    next: Step,
    pub(super) memory: Memory,
    /// What the log is to say.
    pub notes: Notes,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Ask this, and let the purchase hear the answer.
    Ask(Effect, State),
    /// It is over.
    Done(Done),
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Done {
    /// The object is served. Also says how it came to it, for the log.
    Granted(Opened, &'static str),
    /// It is not.
    Refused(Refusal),
}

/// What the log and the answer are to say beside the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notes {
    /// Why an answer did not count.
    pub detail: Option<Words>,
    /// What the seller must mend.
    pub operator: Option<(Mend, Words)>,
    /// Why somebody should look.
    pub alarm: Option<Alarm>,
    /// Who said that it settled.
    pub facilitator: Option<String>,
    /// A facilitator's refusal, as the buyer gets it.
    pub settlement: Option<String>,
    /// The receipt of what settled and could not be recorded.
    pub unrecorded: Option<Receipt>,
}

/// What the request has learnt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) looked: Looked,
    pub(super) look: Option<Look>,
    /// By whom the signature was found good.
    pub(super) verified: Option<String>,
    /// The place in the order of the facilitator that is next.
    pub(super) facilitator: usize,
    pub(super) bound: bool,
    pub(super) recalled: bool,
    pub(super) sent: bool,
    /// Whether it took over what is open: whoever held it may have sent it.
    pub(super) took: bool,
    /// The kind of account that the payment is bound with.
    pub(super) kind: AccountKind,
    pub(super) held: Option<Held>,
    /// The payment that is being found out about, with what was learnt of it.
    pub(super) target: Option<Open>,
    pub(super) writes: u32,
    pub(super) turns: u8,
}

impl<S> Clone for Purchase<'_, S> {
    fn clone(&self) -> Self {
        Purchase {
            settings: self.settings,
            order: self.order.clone(),
            now: self.now,
            next: self.next.clone(),
            memory: self.memory.clone(),
            notes: self.notes.clone(),
        }
    }
}

impl<'s, S: Settings> Purchase<'s, S> {
    /// Begins.
    pub fn new(settings: &'s S, order: Arc<Order>, now: Micros) -> Self {
        let node = settings
            .nodes(&order.bill.network)
            .filter(|_| transfer(&order.mark, &order.bill).is_some());
        let memory = Memory {
            looked: if node.is_some() { Looked::NotYet } else { Looked::NoNode },
            look: None,
            verified: None,
            facilitator: 0,
            bound: false,
            recalled: false,
            sent: false,
            took: false,
            kind: order.kind,
            held: None,
            target: None,
            writes: 0,
            turns: 0,
        };
        let next = Step::Done(Done::Refused(Refusal::StoreUnavailable));
        let mut purchase = Purchase { settings, order, now, next, memory, notes: Notes::default() };
        purchase.next = purchase.start();
        purchase
    }

    /// What is to be done next.
    pub fn step(&self) -> &Step {
        &self.next
    }

    /// How it ended, and what is to be said of it.
    pub fn end(self) -> (Step, Notes) {
        (self.next, self.notes)
    }

    /// Hashes all that what it does next depends on: a search of histories goes on only once from where
    /// two of them meet. The clock is none of it, since each answer brings its own.
    pub fn fingerprint(&self, hasher: &mut impl Hasher) {
        (&self.order.request, &self.next, &self.memory).hash(hasher);
        (self.notes.alarm.is_some(), &self.notes.unrecorded).hash(hasher);
    }

    /// Takes the answer to what was asked.
    pub fn hear(&mut self, heard: Heard, now: Micros) {
        self.now = now;
        let nothing = Step::Done(Done::Refused(Refusal::StoreUnavailable));
        let state = match mem::replace(&mut self.next, nothing) {
            Step::Ask(_, state) => state,
            done @ Step::Done(_) => {
                self.next = done;
                return;
            }
        };
        self.next = match (state, heard) {
            (State::Verify(at, then), heard) => self.verified(at, then, heard),
            (State::Settle, Heard::Facilitator(outcome)) => self.settled(&outcome),
            (State::Again(target), heard) => self.asked_again(target, &heard),
            (State::Look, Heard::Node(said)) => self.looked(&said),
            (State::ReasonHeight(doubt), Heard::Node(said)) => self.reason_at(doubt, &said),
            (State::ReasonSeen(doubt, heights), Heard::Node(said)) => {
                self.reasoned(&doubt, &heights, &said)
            }
            (State::Evidence(search, at, first, target), Heard::Node(said)) => {
                self.found(*search, at, first, target, &said)
            }
            (state, Heard::Store(replies)) => self.store(state, replies),
            (_, _) => self.refuse(Refusal::StoreUnavailable),
        };
    }

    fn store(&mut self, state: State, replies: Vec<Result<Reply, Failed>>) -> Step {
        let mut replies = replies.into_iter();
        let mut next = || replies.next().unwrap_or_else(|| Err(Failed("no answer".into())));
        match state {
            State::Recall => self.recalled(next(), next()),
            State::RecallOther => match self.read_account(next()) {
                Ok(held) => self.decide(held),
                Err(why) => self.store_failed(why),
            },
            State::Begin(begun) => self.begun(begun, next(), next(), next()),
            State::BeginRead(begun) => self.begun_read(&begun, next(), next()),
            State::Swap(swap, then) => {
                let (write, extra) = (next(), next());
                match swap.hear(write) {
                    Err(swap) => self.read_back(swap, then),
                    Ok(swapped) => self.swapped(swapped, then, extra),
                }
            }
            State::TakenBinding => self.taken_binding(next()),
            State::Transaction(settled) => self.transaction(settled, next()),
            State::TransactionRead(settled) => self.transaction_read(settled, next()),
            _ => self.refuse(Refusal::StoreUnavailable),
        }
    }
}
