//! What the loop asks, put into words; and the small facts that it decides by.

use price_table::Dialect;
use serde::Deserialize;
use serde_json::json;

use super::decide::{Looked, Presented};
use super::evidence::{Finding, Search, Sought};
use super::look;
use super::order::{Nodes, Settings, transfer};
use super::reason::{self, Refused};
use super::record::{Account, AccountKind, Binding, Open, VERSION, Why};
use super::state::{Begun, Doubt, Settled, State, Target, Then, Verified};
use super::swap::{Held, Swap, read_account};
use super::{Done, PaymentId, Purchase, Step};
use crate::clock::Micros;
use crate::eip712::keccak;
use crate::facilitator::{Call, Endpoint, Outcome};
use crate::hex;
use crate::limits;
use crate::node::{NodeCall, Question, Said};
use crate::refusal::Refusal;
use crate::store::{Ask, Failed, Key, Record, Reply};
use crate::verdict::Reader;

/// What is asked of the outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Do all of this with records, at the same time; one answer an ask, in their order.
    Store {
        /// What.
        asks: Vec<Ask>,
        /// Milliseconds for all of it.
        timeout_ms: u64,
    },
    /// Ask a facilitator.
    Facilitator {
        /// What.
        call: Call,
        /// When not to.
        unless: Unless,
    },
    /// Ask nodes of a chain, at the same time; one answer a node.
    Node {
        /// What.
        calls: Vec<NodeCall>,
        /// Whether a sale waits for it only for a moment.
        look: bool,
    },
}

/// When a facilitator is not asked after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unless {
    /// It is asked.
    Never,
    /// While its breaker is open.
    BreakerOpen,
    /// When too many signatures were judged.
    BudgetSpent,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Of records.
    Store(Vec<Result<Reply, Failed>>),
    /// Of a facilitator.
    Facilitator(Outcome),
    /// Of nodes.
    Node(Vec<Said>),
    /// It was not asked: [`Unless`].
    Skipped,
}

/// Milliseconds for a call, or `None` if it is too late to begin one.
pub(super) fn time_left(deadline: Micros, now: Micros) -> Option<u64> {
    let left = deadline.millis_since(now).checked_sub(limits::DEADLINE_MARGIN_MS);
    left.filter(|left| *left >= limits::SHORTEST_CALL_MS)
}

impl<S: Settings> Purchase<'_, S> {
    // Ends.

    pub(super) fn refuse(&self, refusal: Refusal) -> Step {
        Step::Done(Done::Refused(refusal))
    }

    pub(super) fn done(&self, opened: super::Opened, outcome: &'static str) -> Step {
        Step::Done(Done::Granted(opened, outcome))
    }

    pub(super) fn store_failed(&mut self, why: String) -> Step {
        self.note(why);
        match self.memory.sent {
            true => self.uncertain(String::new()),
            false => self.refuse(Refusal::StoreUnavailable),
        }
    }

    /// Ends while a payment may be under way.
    pub(super) fn uncertain(&mut self, why: String) -> Step {
        if !why.is_empty() {
            self.note(why);
        }
        let held = self.memory.held.as_ref().and_then(|held| held.account.open.as_ref());
        let (own, until) = match self.memory.target.as_ref().or(held) {
            Some(open) => (open.mark == self.order.mark, self.open_until(open)),
            None => (true, self.holds_until(self.order.ends)),
        };
        self.notes.alarm |= self.memory.sent;
        self.refuse(self.unknown_of(own, until))
    }

    pub(super) fn late(&mut self) -> Step {
        self.note("no time left for /settle".into());
        self.refuse(Refusal::FacilitatorUnavailable)
    }

    pub(super) fn used(&self) -> Refusal {
        Refusal::AlreadyUsed { independent: self.memory.kind == AccountKind::Payment }
    }

    pub(super) fn unknown_of(&self, own: bool, until: u64) -> Refusal {
        match own {
            true => {
                let independent = self.memory.kind == AccountKind::Payment;
                Refusal::SettlementUnknown { until, independent }
            }
            false => Refusal::EarlierPaymentUnknown { until },
        }
    }

    pub(super) fn note(&mut self, why: String) {
        self.notes.detail = Some(why);
    }

    // Facts.

    /// Until when a payment may hold its payer, in seconds.
    pub(super) fn open_until(&self, open: &Open) -> u64 {
        let looks = self.settings.nodes(&open.bill.network).is_some();
        let evm = matches!(open.mark.payment, PaymentId::Eip3009 { .. });
        open.ends + hold_seconds(looks && evm)
    }

    pub(super) fn holds_until(&self, ends: u64) -> u64 {
        ends + hold_seconds(self.memory.looked != Looked::NoNode)
    }

    pub(super) fn is_proven(&self) -> bool {
        self.order.own_key || self.memory.verified.is_some()
    }

    /// Whether the facilitator that is next must verify the payment before it settles it.
    pub(super) fn must_verify(&self) -> bool {
        let choice = &self.order.facilitators[self.memory.facilitator];
        match &self.memory.verified {
            Some(url) => choice.verify_first && *url != choice.url,
            None => choice.verify_first || !self.order.own_key,
        }
    }

    /// Whether the outcome of a `/settle` would be known in time.
    pub(super) fn can_settle(&self) -> bool {
        time_left(self.order.deadline, self.now)
            .is_some_and(|left| left >= limits::SHORTEST_SETTLE_MS)
    }

    pub(super) fn has_timed(&self, account: &Account) -> bool {
        account.sales.iter().any(|sale| sale.is_needed_whole(self.now))
    }

    pub(super) fn presented(&self) -> Presented<'_> {
        Presented {
            mark: &self.order.mark,
            network: &self.order.bill.network,
            own_key: self.order.own_key,
            proven: self.is_proven(),
            origins: &self.order.origins,
            terms_hold: self.order.terms.is_ok(),
            may_be_forgotten: self.memory.bound
                && self.now.secs() > self.order.ends + limits::RELEASE_SECONDS,
            looked: self.memory.looked,
            kind: self.memory.kind,
            epoch: self.order.sells.epoch,
            holder: &self.order.request,
            sent: self.memory.sent,
            now: self.now,
        }
    }

    pub(super) fn reader<'r>(&'r self, facilitator: &'r str) -> Reader<'r> {
        let (dialect, vouched): (Dialect, &[price_table::Text]) =
            self.settings.dialect(facilitator);
        Reader { dialect, vouched }
    }

    pub(super) fn my_open(&self) -> Open {
        let order = &self.order;
        Open {
            mark: order.mark.clone(),
            own_key: order.own_key,
            bill: order.bill.clone(),
            ends: order.ends,
            sells: order.sells,
            origin: order.origins[0],
            holder: order.request.clone(),
            lease: order.deadline,
            sent_at: self.now,
            facilitator: order.facilitators[self.memory.facilitator].url.clone(),
            body: order.body.clone(),
            look: self.memory.look,
            searched: None,
            contradicted: false,
            hint: None,
        }
    }

    // Records.

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

    pub(super) fn swap(&mut self, held: Held, next: Account, then: Then) -> Step {
        self.swap_and(held, next, then, None)
    }

    pub(super) fn swap_and(
        &mut self,
        held: Held,
        mut next: Account,
        then: Then,
        extra: Option<Ask>,
    ) -> Step {
        next.writer = self.writer();
        next.tidy(self.now);
        let hold = hold_seconds(self.memory.looked != Looked::NoNode);
        let swap = Swap::new(held.clone(), next, hold);
        self.memory.held = Some(held);
        let asks = std::iter::once(swap.ask()).chain(extra).collect();
        self.ask_store(asks, State::Swap(Box::new(swap), then))
    }

    pub(super) fn read_back(
        &mut self,
        swap: Swap,
        then: Then,
        extra: Result<Reply, Failed>,
    ) -> Step {
        // What was asked beside the write is asked again: a second time it changes nothing.
        let again = match (&then, &self.memory.held, extra) {
            (Then::Taken, Some(held), _) => {
                let account = held.account.clone();
                self.binding_of(&account, self.memory.kind)
            }
            _ => None,
        };
        let asks = std::iter::once(swap.ask()).chain(again).collect();
        self.ask_store(asks, State::Swap(Box::new(swap), then))
    }

    pub(super) fn give_back(&mut self, held: Held, then: Then) -> Step {
        let mut next = held.account.clone();
        next.open = None;
        self.swap(held, next, then)
    }

    // Facilitators.

    pub(super) fn verify(&mut self, then: Verified) -> Step {
        let at = self.memory.facilitator;
        let left = time_left(self.order.deadline, self.now);
        let spare = left.and_then(|left| left.checked_sub(limits::SHORTEST_SETTLE_MS));
        // What `/settle` needs is kept for it, and half of the rest for the next facilitator.
        let more = at + 1 < self.order.facilitators.len();
        let own = spare.map(|spare| if more { spare / 2 } else { spare });
        let Some(timeout_ms) = own.filter(|own| *own >= limits::SHORTEST_CALL_MS) else {
            return match then {
                Verified::Look => self.late(),
                Verified::Submit => self.not_taken("no time left for /verify".into(), false),
            };
        };
        let call = Call {
            endpoint: Endpoint::Verify,
            facilitator: self.order.facilitators[at].url.clone(),
            body: self.order.body.clone(),
            timeout_ms,
            connect_timeout_ms: timeout_ms,
        };
        let unless = match self.order.own_key || self.memory.verified.is_some() {
            true => Unless::Never,
            false => Unless::BudgetSpent,
        };
        Step::Ask(Effect::Facilitator { call, unless }, State::Verify(at, then))
    }

    pub(super) fn settle(&self, open: Open, timeout_ms: u64) -> Step {
        let at = self.memory.facilitator;
        // A facilitator that cannot be reached leaves the next one enough to settle in.
        let spare = timeout_ms.saturating_sub(limits::SHORTEST_SETTLE_MS);
        let more = at + 1 < self.order.facilitators.len() && spare >= limits::SHORTEST_CALL_MS;
        let connect_timeout_ms = if more { spare.min(limits::CONNECT_MS) } else { timeout_ms };
        let call = Call {
            endpoint: Endpoint::Settle,
            facilitator: open.facilitator,
            body: open.body,
            timeout_ms,
            connect_timeout_ms,
        };
        Step::Ask(Effect::Facilitator { call, unless: Unless::Never }, State::Settle)
    }

    pub(super) fn ask_again(&mut self, target: Target) -> Step {
        let Some(held) = &self.memory.held else { return self.recall() };
        let open = match target {
            Target::Open => self.memory.target.clone().or_else(|| held.account.open.clone()),
            Target::Closed(at) => held.account.closed.get(at).map(|closed| closed.reopened()),
        };
        let Some(open) = open else { return self.recall() };
        self.memory.target = Some(open.clone());
        // What the chain needs is kept for it.
        let reserve = match self.settings.nodes(&open.bill.network) {
            Some(_) => limits::EVIDENCE_MS,
            None => 0,
        };
        let left = time_left(self.order.deadline, self.now);
        let left = left.and_then(|left| left.checked_sub(reserve));
        match left.filter(|left| *left >= limits::SHORTEST_CALL_MS) {
            Some(timeout_ms) => {
                let call = Call {
                    endpoint: Endpoint::Settle,
                    facilitator: open.facilitator,
                    body: open.body,
                    timeout_ms,
                    connect_timeout_ms: timeout_ms,
                };
                let effect = Effect::Facilitator { call, unless: Unless::BreakerOpen };
                Step::Ask(effect, State::Again(target))
            }
            None => match target {
                Target::Open => self.evidence(target),
                Target::Closed(_) => self.refuse(Refusal::GivenUp),
            },
        }
    }

    // The chain.

    fn ask_nodes(
        &self,
        nodes: &Nodes,
        questions: Vec<Vec<Question>>,
        network: &str,
    ) -> Option<Effect> {
        let timeout_ms = time_left(self.order.deadline, self.now)?;
        let calls = nodes.urls.iter().zip(questions).map(|(url, questions)| NodeCall {
            network: network.to_owned(),
            url: url.clone(),
            questions,
            timeout_ms,
        });
        Some(Effect::Node { calls: calls.collect(), look: false })
    }

    pub(super) fn look(&mut self) -> Step {
        let order = &self.order;
        let nodes = self.settings.nodes(&order.bill.network);
        let (Some(nodes), Some((_, transfer))) = (nodes, transfer(&order.mark, &order.bill)) else {
            return self.begin();
        };
        let questions = nodes.urls.iter().map(|_| look::questions(&transfer)).collect();
        match self.ask_nodes(&nodes, questions, &order.bill.network) {
            Some(Effect::Node { mut calls, .. }) => {
                for call in &mut calls {
                    call.timeout_ms = call.timeout_ms.min(limits::LOOK_MS);
                }
                Step::Ask(Effect::Node { calls, look: true }, State::Look)
            }
            _ => self.late(),
        }
    }

    pub(super) fn reason(&mut self, code: String, about_payer: bool) -> Step {
        let (order, settings) = (self.order.clone(), self.settings);
        let network = &order.bill.network;
        let nodes = settings.nodes(network);
        let chain = transfer(&order.mark, &order.bill);
        let (Some(nodes), Some((chain_id, transfer))) = (nodes, chain) else {
            let facilitator = self.memory.target.as_ref().map(|open| open.facilitator.clone());
            let facilitator = facilitator.unwrap_or_default();
            let believed = about_payer
                || (self.is_proven() && self.reader(&facilitator).believed_without_node(&code));
            return match believed {
                true => self.close(Why::Refused, code),
                false => {
                    self.doubted(format!("{code}, whose reason cannot be seen without a node"))
                }
            };
        };
        let refused = Refused {
            chain_id,
            transfer,
            call: order.call.clone(),
            valid_after: order.valid_after,
            about_payer,
        };
        let questions = nodes.urls.iter().map(|_| reason::first()).collect();
        match self.ask_nodes(&nodes, questions, network) {
            Some(effect) => {
                let doubt = Box::new(Doubt { refused, code });
                Step::Ask(effect, State::ReasonHeight(doubt))
            }
            None => self.doubted("no time left to see a refusal's reason".into()),
        }
    }

    pub(super) fn ask_reason(&mut self, doubt: Box<Doubt>, heights: Vec<Option<u64>>) -> Step {
        let network = self.order.bill.network.clone();
        let Some(mut nodes) = self.settings.nodes(&network) else { return self.recall() };
        let mut asked = heights.iter();
        nodes.urls.retain(|_| asked.next().is_some_and(Option::is_some));
        let known = heights.iter().flatten();
        let questions = known.map(|height| reason::second(&doubt.refused, *height)).collect();
        match self.ask_nodes(&nodes, questions, &network) {
            Some(effect) => Step::Ask(effect, State::ReasonSeen(doubt, heights)),
            None => self.doubted("no time left to see a refusal's reason".into()),
        }
    }

    pub(super) fn evidence(&mut self, target: Target) -> Step {
        if let Target::Closed(at) = target {
            let held = self.memory.held.as_ref();
            let closed = held.and_then(|held| held.account.closed.get(at));
            self.memory.target = closed.map(|closed| closed.reopened());
        }
        self.evidence_at(0, None, target)
    }

    pub(super) fn evidence_at(
        &mut self,
        at: usize,
        first: Option<Finding>,
        target: Target,
    ) -> Step {
        let Some(open) = self.memory.target.clone() else { return self.recall() };
        let nodes = self.settings.nodes(&open.bill.network);
        let (Some(nodes), Some((chain_id, transfer))) = (nodes, transfer(&open.mark, &open.bill))
        else {
            return self.later(target);
        };
        let search = Search::new(Sought {
            chain_id,
            transfer,
            ends: open.ends,
            look: open.look,
            searched: open.searched,
            sent_at: open.sent_at,
            confirmations: nodes.confirmations,
        });
        self.ask_chain(search, at, first, target)
    }

    pub(super) fn ask_chain(
        &mut self,
        search: Search,
        at: usize,
        first: Option<Finding>,
        target: Target,
    ) -> Step {
        let network = self.memory.target.as_ref().map(|open| open.bill.network.clone());
        let network = network.unwrap_or_default();
        let nodes = self.settings.nodes(&network).and_then(|nodes| {
            let url = nodes.urls.get(at)?.clone();
            Some(Nodes { urls: vec![url], ..nodes })
        });
        let effect = nodes.and_then(|n| self.ask_nodes(&n, vec![search.questions()], &network));
        match effect {
            Some(effect) => Step::Ask(effect, State::Evidence(Box::new(search), at, first, target)),
            None => {
                self.note("no time left to look at the chain".into());
                self.later(target)
            }
        }
    }

    pub(super) fn another_node(&self, at: usize) -> bool {
        let network = self.memory.target.as_ref().map(|open| &open.bill.network);
        let nodes = network.and_then(|network| self.settings.nodes(network));
        nodes.is_some_and(|nodes| at + 1 < nodes.urls.len())
    }

    pub(super) fn close_target(&mut self, target: Target, why: Why, code: String) -> Step {
        match target {
            Target::Open => self.close(why, code),
            // It was refused, and spent on something else: for its buyer it is used.
            Target::Closed(_) => self.refuse(self.used()),
        }
    }

    // Payments that only their facilitator understands.

    /// Notes which payment a transaction settled: a payment may have several spellings.
    pub(super) fn note_transaction(&mut self, settled: Settled) -> Step {
        let key = transaction_key(&settled);
        let record = json!({
            "v": VERSION,
            "writer": self.writer(),
            "payment": settled.open.mark.payment,
            "transaction": settled.receipt.transaction(),
        });
        let expires = self.now.secs() + limits::TRANSACTION_SECONDS;
        let record = Record { json: record.to_string(), expires: Some(expires), owing: false };
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
        #[derive(Deserialize)]
        struct Noted {
            payment: PaymentId,
        }
        let noted = match reply {
            Ok(Reply::Found(json, _)) => serde_json::from_slice::<Noted>(&json).ok(),
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
    let (network, transaction) = (&settled.open.bill.network, settled.receipt.transaction());
    let name = hex::encode(&keccak(&[network.as_bytes(), b"\0", transaction.as_bytes()]));
    Key::new(format!("v2/transactions/{}.json", &name[2..]))
}

/// How long after its window a payment may be held.
fn hold_seconds(has_node: bool) -> u64 {
    if has_node { limits::NODE_RELEASE_SECONDS } else { limits::RELEASE_SECONDS }
}
