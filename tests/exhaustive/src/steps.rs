//! Every step that may come next.

use paywall_core::facilitator::Endpoint;
use paywall_core::purchase::{Effect, State, Step, Unless};
use paywall_core::store::Ask;

use crate::facilitator::{self, Answer, Words};
use crate::scenario;
use crate::world::{Known, Running, Stage, World};

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The store does an ask of a request's batch, so.
    Store(usize, usize, Way),
    /// A facilitator answers a request's `/settle`.
    Settle(usize, Answer),
    /// A facilitator finds a request's payment good.
    Verify(usize),
    /// A facilitator is not asked: its breaker is open.
    Skip(usize),
    /// The node answers a request.
    Node(usize, View),
    /// A request's sandbox dies.
    Die(usize),
    /// A late write is done.
    Land,
    /// A payment that was broadcast is mined.
    Mine(usize),
    /// A payment is taken back by its payer.
    Cancel(usize),
    /// The payers get money.
    Enrich,
    /// A block is made.
    Block,
    /// Time goes on; whatever is under way is cut off.
    Clock,
}

/// How the store does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// As it should.
    Done,
    /// Not, and without an answer.
    Silent,
    /// It does it, without an answer.
    DoneSilent,
    /// Later, without an answer.
    Later,
    /// It does it, and says 412: the client's own repetition met it.
    DoneConflict,
    /// Not, and says 409: somebody else's write was under way.
    Conflict,
}

/// What the node sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// All but the scenario's last blocks.
    Usual,
    /// Still fewer blocks, by so many.
    Behind(u64),
    /// Nothing.
    Silent,
}

/// How many blocks a node that is late for once is behind.
const BEHIND: u64 = 2;

/// All of them.
pub fn moves(world: &World<'_>) -> Vec<Move> {
    let mut moves = vec![];
    for (at, stage) in world.stages.iter().enumerate() {
        match &**stage {
            Stage::Running(running) => {
                answers(world, at, running, &mut moves);
                if world.left.deaths > 0 {
                    moves.push(Move::Die(at));
                }
            }
            // It begins with its first answer: to have begun and done nothing changes nothing.
            Stage::Waiting(begun) if may_begin(world, at) => {
                answers(world, at, begun, &mut moves);
            }
            Stage::Waiting(_) | Stage::Ended(_) | Stage::Dead => {}
        }
    }
    surroundings(world, &mut moves);
    moves
}

fn may_begin(world: &World<'_>, at: usize) -> bool {
    world.scenario.requests[at]
        .after
        .is_none_or(|before| matches!(*world.stages[before], Stage::Ended(_) | Stage::Dead))
}

fn surroundings(world: &World<'_>, moves: &mut Vec<Move>) {
    let World { chain, left, phase, scenario, .. } = world;
    if world.late.is_some() {
        moves.push(Move::Land);
    }
    let payments = scenario.payments();
    for payment in payments.iter().copied() {
        if chain.is_pending(payment) && chain.takes(payment) {
            moves.push(Move::Mine(payment));
        }
        if left.cancels > 0 && !chain.is_spent(payment) {
            moves.push(Move::Cancel(payment));
        }
    }
    if chain.rich_from.is_none() {
        moves.push(Move::Enrich);
    }
    if scenario.rules.node && chain.has_news() {
        moves.push(Move::Block);
    }
    let cut = world.under_way();
    if *phase < scenario.last && cut <= usize::from(left.deaths) && world.has_begun() {
        moves.push(Move::Clock);
    }
}

fn answers(world: &World<'_>, at: usize, running: &Running<'_>, moves: &mut Vec<Move>) {
    let Step::Ask(effect, state) = running.purchase.step() else { return };
    let left = &world.left;
    match effect {
        Effect::Store { asks, .. } => {
            let store = world.request(at).store;
            for (which, (ask, reply)) in asks.iter().zip(&running.replies).enumerate() {
                if reply.is_none() {
                    moves.extend(
                        ways(world, store, ask).iter().map(|way| Move::Store(at, which, *way)),
                    );
                }
            }
        }
        Effect::Facilitator { call, .. } if call.endpoint == Endpoint::Verify => {
            moves.push(Move::Verify(at));
        }
        Effect::Facilitator { call, unless } => {
            let payment: usize = call.body.parse().expect("a body is a number");
            let by = scenario::facilitator_at(&call.facilitator) as u8;
            let honest = honest(world, payment, by);
            moves.push(Move::Settle(at, honest));
            if left.faults > 0 && left.facilitator > 0 {
                let known = world.known[payment];
                if known != Known::Malformed {
                    let faulty = facilitator::faulty(&world.chain, payment);
                    let fits =
                        |answer: &&Answer| answer.words != Words::Bytes || known == Known::Nothing;
                    let faulty = faulty.iter().filter(fits);
                    moves.extend(faulty.map(|answer| Move::Settle(at, *answer)));
                }
                if *unless == Unless::BreakerOpen {
                    moves.push(Move::Skip(at));
                }
            }
        }
        Effect::Node { .. } => {
            moves.push(Move::Node(at, View::Usual));
            if left.faults > 0 && left.node > 0 {
                moves.push(Move::Node(at, View::Silent));
                // How late it is matters only where something happened.
                if world.chain.has_spends() || matches!(state, State::ReasonSeen(..)) {
                    moves.push(Move::Node(at, View::Behind(BEHIND)));
                }
            }
        }
    }
}

/// What an honest facilitator says.
pub fn honest(world: &World<'_>, payment: usize, by: u8) -> Answer {
    let repeats = world.scenario.repeats && world.known[payment] == Known::Settled(by);
    match world.known[payment] {
        Known::Malformed => Answer { words: Words::Bytes, money: facilitator::Money::Stays },
        _ => facilitator::honest(&world.chain, payment, repeats),
    }
}

/// Every way of an ask that leads elsewhere. A write that may be done later stands for one that is done
/// at once and for one that is never done: it may land next, or never.
fn ways(world: &World<'_>, store: usize, ask: &Ask) -> &'static [Way] {
    let faulty = world.left.faults > 0 && world.left.store > 0;
    let applies = world.stores[store].applies(ask);
    match (faulty, ask) {
        (false, _) => &[Way::Done],
        (true, Ask::Get(_)) => &[Way::Done, Way::Silent],
        _ if world.late.is_some() && !applies => &[Way::Done, Way::Silent],
        _ if world.late.is_some() => {
            &[Way::Done, Way::Silent, Way::DoneSilent, Way::DoneConflict, Way::Conflict]
        }
        _ if !applies => &[Way::Done, Way::Later],
        _ => &[Way::Done, Way::Later, Way::DoneConflict, Way::Conflict],
    }
}
