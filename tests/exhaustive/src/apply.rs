//! Takes a step: the world does it, the request hears of it, the oracle looks.

use std::sync::Arc;

use paywall_core::clock::Micros;
use paywall_core::node::{At, Question};
use paywall_core::purchase::{Account, Effect, Heard, State, Step, Why};
use paywall_core::store::{Ask, Failed, Key, Record, Reply};

use crate::chain::EACH;
use crate::facilitator::{self, Answer, Money, Words};
use crate::facts::{ANOTHER, Looked};
use crate::mutant::Mutant;
use crate::oracle::{self, Broken, Status};
use crate::scenario::{self, Request};
use crate::steps::{Move, View, Way, honest};
use crate::store::{Wrote, is_binding};
use crate::time::Phase;
use crate::world::{Known, Late, Running, Stage, World};

impl<'s> World<'s> {
    /// The world after a step; or what it broke.
    pub fn after(&self, step: Move) -> Result<Self, Broken> {
        let mut world = self.clone();
        match step {
            Move::Store(at, ask, way) => world.store(at, ask, way)?,
            Move::Settle(at, answer) => world.settle(at, answer)?,
            Move::Verify(at) => {
                let payment = world.request(at).payment;
                world.hear(at, Heard::Facilitator(facilitator::valid(payment)))?;
            }
            Move::Skip(at) => {
                world.left.faults -= 1;
                world.left.facilitator -= 1;
                world.hear(at, Heard::Skipped)?;
            }
            Move::Node(at, view) => world.node(at, view)?,
            Move::Die(at) => {
                world.left.deaths -= 1;
                world.stages[at] = Arc::new(Stage::Dead);
            }
            Move::Land => {
                if let Some(late) = world.late.take() {
                    let (_, wrote) = Arc::make_mut(&mut world.stores[late.store]).ask(&late.ask);
                    world.wrote(late.store, wrote)?;
                }
            }
            Move::Mine(payment) => world.chain.mine(payment, true),
            Move::Cancel(payment) => {
                world.left.cancels -= 1;
                world.chain.mine(payment, false);
            }
            Move::Enrich => {
                world.block();
                world.chain.rich_from = Some(world.chain.head());
            }
            Move::Block => world.block(),
            Move::Clock => world.clock(),
        }
        oracle::standing(&world)?;
        Ok(world)
    }

    /// A request, or one that came after the scenario's end.
    pub fn request(&self, at: usize) -> Request {
        let own = self.scenario.requests.get(at).copied();
        own.unwrap_or_else(|| self.more[at - self.scenario.requests.len()])
    }

    /// A request as it would begin now.
    pub fn begun(&self, at: usize) -> Running<'s> {
        Running::begin(self.scenario, name(at), &self.request(at), self.phase)
    }

    /// Whether any request began.
    pub fn has_begun(&self) -> bool {
        self.stages.iter().any(|stage| !matches!(**stage, Stage::Waiting(_)))
    }

    /// Makes a block, now by the chain's clock.
    pub fn block(&mut self) {
        let time = self.phase.secs() - self.scenario.chain_late;
        self.chain.block(time);
    }

    /// Goes on to the next phase; whatever is under way is cut off.
    pub fn clock(&mut self) {
        for stage in &mut self.stages {
            if matches!(**stage, Stage::Running(_)) {
                self.left.deaths = self.left.deaths.saturating_sub(1);
                *stage = Arc::new(Stage::Dead);
            }
        }
        self.phase = self.phase.next().unwrap_or(self.phase);
        for at in 0..self.stages.len() {
            if matches!(*self.stages[at], Stage::Waiting(_)) {
                self.stages[at] = Arc::new(Stage::Waiting(self.begun(at)));
            }
        }
        // A write does not stay on its way for longer than a lease.
        self.late = self
            .late
            .take()
            .filter(|late| late.since == Phase::Start && self.phase == Phase::LeasesOver);
        for _ in 0..crate::chain::CONFIRMATIONS {
            self.block();
        }
    }

    fn now(&self, at: usize) -> Micros {
        self.request(at).now(self.phase)
    }

    fn running(&mut self, at: usize) -> &mut Running<'s> {
        if let Stage::Waiting(begun) = &*self.stages[at] {
            self.stages[at] = Arc::new(Stage::Running(begun.clone()));
        }
        match Arc::make_mut(&mut self.stages[at]) {
            Stage::Running(running) => running,
            _ => unreachable!("only what runs is answered"),
        }
    }

    fn store(&mut self, at: usize, which: usize, way: Way) -> Result<(), Broken> {
        if way != Way::Done {
            self.left.faults -= 1;
            self.left.store -= 1;
        }
        let mut ask = self.running(at).ask(which).expect("it was offered").clone();
        let taken = matches!(&ask, Ask::Create(key, _) if is_binding(key))
            && matches!(self.running(at).ask(0), Some(Ask::Replace(..)));
        let Request { store, object, .. } = self.request(at);
        self.break_ask(&mut ask, object);
        let does = matches!(way, Way::Done | Way::DoneSilent | Way::DoneConflict);
        let mut reply = Ok(Reply::Conflict);
        if does {
            let (done, wrote) = self.do_ask(store, &ask, taken);
            reply = Ok(done);
            self.wrote(store, wrote)?;
        }
        if way == Way::Later {
            self.late = Some(Late { store, ask: ask.clone(), since: self.phase });
        }
        match way {
            Way::Silent | Way::DoneSilent | Way::Later => reply = Err(Failed("silent".into())),
            Way::DoneConflict | Way::Conflict => reply = Ok(Reply::Conflict),
            Way::Done => {}
        }
        if self.scenario.mutant == Some(Mutant::AnyHolder) {
            take_for_own(&mut reply, &name(at));
        }
        let running = self.running(at);
        running.replies[which] = Some(reply);
        if running.replies.iter().all(Option::is_some) {
            let replies = running.replies.drain(..).flatten().collect();
            self.hear(at, Heard::Store(replies))?;
        }
        Ok(())
    }

    fn break_ask(&self, ask: &mut Ask, object: u8) {
        let key = match ask {
            Ask::Get(key) | Ask::Create(key, _) | Ask::Replace(key, ..) => key,
        };
        if self.scenario.mutant == Some(Mutant::BindingPerObject) && is_binding(key) {
            *key = Key::new(format!("{}-{object}", key.as_str()));
        }
    }

    fn do_ask(&mut self, store: usize, ask: &Ask, taken: bool) -> (Reply, Option<Wrote>) {
        let store = Arc::make_mut(&mut self.stores[store]);
        match (self.scenario.mutant, ask) {
            (Some(Mutant::NoBinding), Ask::Create(key, _)) if is_binding(key) => {
                (Reply::Written(paywall_core::store::Version("none".into())), None)
            }
            (Some(Mutant::DropUnbound), Ask::Create(key, _)) if taken && !store.has(key) => {
                (Reply::Conflict, None)
            }
            (Some(Mutant::UnprovenLetsGo), Ask::Replace(key, record, version)) => {
                let record = Record { json: holding_nobody(&record.json), ..record.clone() };
                store.ask(&Ask::Replace(key.clone(), record, version.clone()))
            }
            (Some(Mutant::CreateOverwrites), Ask::Create(..))
            | (Some(Mutant::ReplaceAnyVersion), Ask::Replace(..)) => store.overwrite(ask),
            _ => store.ask(ask),
        }
    }

    fn wrote(&mut self, store: usize, wrote: Option<Wrote>) -> Result<(), Broken> {
        let Some(wrote) = wrote else { return Ok(()) };
        let Some(new) = &wrote.new.account else { return Ok(()) };
        let old = wrote.old.as_ref().and_then(|old| old.account.as_ref());
        oracle::wrote(self, store, old, new)?;
        for payment in self.payments() {
            let before = old.map_or(Status::New, |old| oracle::status(old, payment));
            let excused = self.chain.rich_from.is_none() || !self.scenario.rules.node;
            let elsewhere = oracle::is_elsewhere(self, store, new, payment);
            let fact = self.fact(store, payment);
            match oracle::status(new, payment) {
                Status::Open => {
                    let open = new.open.as_ref().expect("it is open");
                    fact.opened.insert((open.holder.clone(), open.facilitator.clone()));
                }
                Status::Closed(Why::Refused) if before == Status::Open => {
                    // Note 4 of the design's section 8.
                    fact.excused |= excused;
                }
                // It was never sent, or nothing of it was taken up: it is new again.
                Status::New if before == Status::Open && !elsewhere => fact.sent = None,
                _ => {}
            }
        }
        Ok(())
    }

    fn settle(&mut self, at: usize, answer: Answer) -> Result<(), Broken> {
        let request = self.request(at);
        let looked = self.running(at).looked;
        let Some(Effect::Facilitator { call, .. }) = self.running(at).effect().cloned() else {
            unreachable!("only what is asked is answered");
        };
        let payment: usize = call.body.parse().expect("a body is a number");
        let by = scenario::facilitator_at(&call.facilitator) as u8;
        let again = !matches!(self.running(at).purchase.step(), Step::Ask(_, State::Settle));
        let who = (&*name(at), &request, looked, again);
        oracle::sending(self, who, payment, &call.facilitator)?;
        if answer != honest(self, payment, by) {
            self.left.faults -= 1;
            self.left.facilitator -= 1;
        }
        let fact = self.fact(request.store, payment);
        if fact.sent.is_none() {
            fact.sent = Some(if again { Looked::Blind } else { looked });
        }
        fact.taken_up |= answer.money != Money::Stays;
        match answer.money {
            Money::Stays => {}
            Money::Moves => self.chain.mine(payment, true),
            Money::Sent => self.chain.broadcast(payment),
        }
        self.known[payment] = match (answer.words, self.known[payment]) {
            (Words::Bytes, _) => Known::Malformed,
            (Words::Settled, _) => Known::Settled(by),
            _ if answer.money == Money::Moves => Known::Settled(by),
            (_, Known::Nothing) => Known::Asked,
            (_, known) => known,
        };
        let mut outcome = facilitator::outcome(answer.words, payment);
        match (self.scenario.mutant, answer.words) {
            (Some(Mutant::RefusalUnseen), Words::Poor) => {
                outcome = facilitator::outcome(Words::Bytes, payment);
            }
            (Some(Mutant::UnsentAfterBytes), Words::Reset) => {
                outcome = facilitator::outcome(Words::Unreachable, payment);
            }
            _ => {}
        }
        self.hear(at, Heard::Facilitator(outcome))
    }

    fn node(&mut self, at: usize, view: View) -> Result<(), Broken> {
        if view != View::Usual {
            self.left.faults -= 1;
            self.left.node -= 1;
        }
        let payment = self.request(at).payment;
        let Step::Ask(Effect::Node { calls, .. }, state) = self.running(at).purchase.step() else {
            unreachable!("only what is asked is answered");
        };
        let (calls, look) = (calls.clone(), matches!(state, State::Look));
        let seen = matches!(state, State::ReasonSeen(..));
        let behind = match view {
            View::Usual => self.scenario.lag,
            View::Behind(more) => self.scenario.lag + more,
            View::Silent => 0,
        };
        let mut said = vec![];
        for mut call in calls {
            if seen && self.scenario.mutant == Some(Mutant::NonceOfEarlierBlock) {
                for question in &mut call.questions {
                    if let Question::State(_, At::Number(height)) = question {
                        *height -= 1;
                    }
                }
            }
            said.push(match view {
                View::Silent => Err("silent".to_owned()),
                _ if look && self.scenario.mutant == Some(Mutant::LookIsBlind) => {
                    crate::chain::Chain::new(0, false).ask(&call.questions, 0)
                }
                _ => self.chain.ask(&call.questions, behind),
            });
        }
        if look {
            let looked = match (view, self.scenario.lag) {
                (View::Usual, 0) if self.chain.is_spent(payment) => Looked::Spent,
                (View::Usual, 0) => Looked::Unspent,
                _ => Looked::Blind,
            };
            self.running(at).looked = looked;
        }
        self.hear(at, Heard::Node(said))
    }

    fn hear(&mut self, at: usize, heard: Heard) -> Result<(), Broken> {
        let now = self.now(at);
        let request = self.request(at);
        let running = self.running(at);
        running.hear(heard, now);
        let (end, alarm) = (running.end(), running.alarm());
        if let Some(payment) = alarm {
            self.fact(request.store, payment).alarm = true;
        }
        let Some(end) = end else { return Ok(()) };
        oracle::ended(self, &request, &end)?;
        match &end {
            crate::world::End::Granted(paid) => {
                let own = *paid == request.payment;
                let origin = if own { request.origin } else { ANOTHER };
                self.fact(request.store, *paid).grants.insert((request.object, origin));
            }
            crate::world::End::Refused(refusal) => {
                let fact = self.fact(request.store, request.payment);
                if oracle::says_unpaid(refusal) && fact.sent.is_some() {
                    fact.told_unpaid = true;
                    fact.told_refused = true;
                }
            }
        }
        self.stages[at] = Arc::new(Stage::Ended(end));
        Ok(())
    }

    /// The payments that are or may be presented.
    pub fn payments(&self) -> Vec<usize> {
        let mut payments = self.scenario.payments();
        payments.extend(self.more.iter().map(|request| request.payment));
        payments.sort_unstable();
        payments.dedup();
        debug_assert!(payments.iter().all(|payment| *payment < 2 * EACH));
        payments
    }
}

fn name(at: usize) -> String {
    format!("r{at}")
}

fn holding_nobody(json: &str) -> String {
    let mut account: Account = serde_json::from_str(json).expect("only accounts are replaced");
    account.closed.iter_mut().filter(|closed| closed.why == Why::Unproven).for_each(|c| c.ends = 0);
    serde_json::to_string(&account).expect("an account")
}

fn take_for_own(reply: &mut Result<Reply, Failed>, name: &str) {
    let Ok(Reply::Found(json, _)) = reply else { return };
    let Ok(mut account) = serde_json::from_slice::<Account>(json) else { return };
    if let Some(open) = &mut account.open {
        name.clone_into(&mut open.holder);
        *json = serde_json::to_vec(&account).expect("an account");
    }
}
