//! What the loop asks the store.

use super::decide::Looked;
use super::effect::Effect;
use super::facts::hold_seconds;
use super::machine::{Purchase, Step};
use super::order::Settings;
use super::record::{Account, AccountKind, Binding, VERSION, Why};
use super::state::{Begun, Settled, State, Then};
use super::swap::{Held, Swap, read_account};
use super::transaction::Transaction;
use crate::json::text;
use crate::limits;
use crate::store::{Ask, Failed, Key, Record, Reply};

impl<S: Settings> Purchase<'_, S> {
    fn ask_store(&self, asks: Vec<Ask>, state: State) -> Step {
        let left = self.order.deadline.millis_since(self.now);
        let timeout_ms = left.saturating_sub(limits::ANSWER_MARGIN_MS).min(limits::STORE_CALL_MS);
        Step::Ask(Effect::Store { asks, timeout_ms }, state)
    }

    fn owner(&self) -> String {
        Account::owner(self.memory.kind, &self.order.mark.payment)
    }

    pub(super) fn account_key(&self) -> Key {
        Account::key(&self.order.subject, &self.owner())
    }

    fn writer(&mut self) -> String {
        self.memory.writes += 1;
        format!("{}/{}", self.order.request, self.memory.writes)
    }

    pub(super) fn read_account(&self, reply: Result<Reply, Failed>) -> Result<Held, String> {
        let like = Account::new(&self.order.subject, &self.owner());
        read_account(reply, self.account_key(), &like)
    }

    pub(super) fn read_binding(
        &self,
        reply: Result<Reply, Failed>,
    ) -> Result<Option<Binding>, String> {
        let Reply::Found(json, _) = reply.map_err(|failed| failed.0)? else { return Ok(None) };
        let binding: Binding =
            serde_json::from_slice(&json).map_err(|error| format!("a binding: {error}"))?;
        match binding.v {
            VERSION => Ok(Some(binding)),
            v => Err(format!("a binding is of version {v}, not {VERSION}")),
        }
    }

    pub(super) fn recall(&mut self) -> Step {
        let binding = Binding::key(&self.order.mark.payment);
        self.ask_store(vec![Ask::Get(binding), Ask::Get(self.account_key())], State::Recall)
    }

    pub(super) fn recall_other(&mut self, kind: AccountKind) -> Step {
        self.memory.kind = kind;
        self.ask_store(vec![Ask::Get(self.account_key())], State::RecallOther)
    }

    /// Binds the payment, and makes the account unless its payer has one: in one trip if both are new.
    pub(super) fn begin(&mut self) -> Step {
        if !self.can_settle() {
            return self.late();
        }
        let writer = self.writer();
        let mut account = Account::new(&self.order.subject, &self.owner());
        account.writer.clone_from(&writer);
        account.open = Some(self.my_open());
        let mark = self.order.mark.clone();
        let binding = Binding {
            v: VERSION,
            writer,
            payment: mark.payment,
            digest: mark.digest,
            signature: mark.signature,
            subject: self.order.subject.clone(),
            account: self.memory.kind,
            bound_at: self.now,
        };
        let key = self.account_key();
        let hold = hold_seconds(self.memory.looked != Looked::NoNode);
        let asks = vec![
            Ask::Create(Binding::key(&binding.payment), binding.record(self.order.ends)),
            Ask::Create(key.clone(), account.record(hold)),
            Ask::Get(key),
        ];
        self.ask_store(asks, State::Begin(Box::new(Begun { binding, account })))
    }

    pub(super) fn read_begun(&mut self, begun: Box<Begun>) -> Step {
        let asks =
            vec![Ask::Get(Binding::key(&begun.binding.payment)), Ask::Get(self.account_key())];
        self.ask_store(asks, State::BeginRead(begun))
    }

    /// The binding of what stands open in an account.
    pub(super) fn binding_of(&mut self, account: &Account, kind: AccountKind) -> Option<Ask> {
        let open = account.open.as_ref()?;
        let binding = Binding {
            v: VERSION,
            writer: self.writer(),
            payment: open.mark.payment.clone(),
            digest: open.mark.digest,
            signature: open.mark.signature,
            subject: account.subject.clone(),
            account: kind,
            bound_at: self.now,
        };
        Some(Ask::Create(Binding::key(&binding.payment), binding.record(open.ends)))
    }

    pub(super) fn ask_taken_binding(&mut self) -> Step {
        let open = self.memory.target.as_ref().map(|open| Binding::key(&open.mark.payment));
        let asks = open.map(Ask::Get).into_iter().collect();
        self.ask_store(asks, State::TakenBinding)
    }

    /// Writes an account that was read and changed.
    pub(super) fn swap(&mut self, next: Held, then: Then) -> Step {
        self.swap_and(next, then, None)
    }

    pub(super) fn swap_and(&mut self, mut next: Held, then: Then, extra: Option<Ask>) -> Step {
        next.account.writer = self.writer();
        next.account.tidy(self.now);
        let hold = hold_seconds(self.memory.looked != Looked::NoNode);
        let swap = Swap::new(next, hold);
        let asks = std::iter::once(swap.ask()).chain(extra).collect();
        self.ask_store(asks, State::Swap(Box::new(swap), then))
    }

    pub(super) fn read_back(&mut self, swap: Box<Swap>, then: Then) -> Step {
        // What was asked beside the write is asked again: a second time it changes nothing.
        let again = match then {
            Then::Taken => self.binding_of(swap.next(), self.memory.kind),
            _ => None,
        };
        let asks = std::iter::once(swap.ask()).chain(again).collect();
        self.ask_store(asks, State::Swap(swap, then))
    }

    pub(super) fn give_back(&mut self, mut held: Held, then: Then) -> Step {
        held.account.open = None;
        self.swap(held, then)
    }

    // Payments that only their facilitator understands.

    /// Notes which payment a transaction settled: a payment may have several spellings.
    pub(super) fn note_transaction(&mut self, settled: Settled) -> Step {
        let key = transaction_key(&settled);
        let transaction = settled.receipt.transaction();
        let payment = settled.open.mark.payment.clone();
        let note = Transaction::new(self.writer(), payment, transaction);
        let json = text(&note);
        let expires = self.now.secs() + limits::TRANSACTION_SECONDS;
        let record = Record { json, expires: Some(expires), owing: false };
        let asks = vec![Ask::Create(key, record)];
        self.ask_store(asks, State::Transaction(Box::new(settled)))
    }

    pub(super) fn transaction(
        &mut self,
        settled: Box<Settled>,
        reply: Result<Reply, Failed>,
    ) -> Step {
        match reply {
            Ok(Reply::Conflict) => {
                let asks = vec![Ask::Get(transaction_key(&settled))];
                self.ask_store(asks, State::TransactionRead(settled))
            }
            // A store that cannot be reached says so: what settled is granted.
            _ => self.record_sale(*settled, 0),
        }
    }

    pub(super) fn transaction_read(
        &mut self,
        settled: Box<Settled>,
        reply: Result<Reply, Failed>,
    ) -> Step {
        let noted = match reply {
            Ok(Reply::Found(json, _)) => serde_json::from_slice::<Transaction>(&json).ok(),
            _ => None,
        };
        match noted {
            // Most likely the same payment in another spelling; if not, its buyer is on the list.
            Some(noted) if noted.payment != settled.open.mark.payment => {
                self.note("its transaction settled another payment".into());
                self.close(Why::Unproven, settled.receipt.transaction().to_owned())
            }
            _ => self.record_sale(*settled, 0),
        }
    }
}

fn transaction_key(settled: &Settled) -> Key {
    Transaction::key(&settled.open.bill.network, settled.receipt.transaction())
}
