//! A history for people: who did what, and what was asked next.

use std::fmt::Write;

use paywall_core::purchase::{Effect, Step};
use paywall_core::store::Ask;

use crate::probe::probe;
use crate::scenario::Scenario;
use crate::search::Found;
use crate::steps::Move;
use crate::world::{Stage, World};

/// Tells what a search found, on a line; and the history, if one breaks a promise.
pub fn report(scenario: &Scenario, found: &Found) -> String {
    let mut text = format!(
        "{:<22} {:>9} states {:>10} steps {:>8} ends {:>6.1} s",
        scenario.name,
        found.states,
        found.steps,
        found.ends,
        found.time.as_secs_f64()
    );
    for (what, count) in &found.count {
        let _ = write!(text, "; {what}: {count}");
    }
    if let Some((steps, broken)) = &found.broken {
        let _ = write!(text, "\n  {}\n  BROKEN: {broken}\n", scenario.about);
        text.push_str(&history(scenario, steps));
    }
    text
}

/// Tells a history, step by step.
pub fn history(scenario: &Scenario, steps: &[Move]) -> String {
    let mut text = String::new();
    let mut world = World::new(scenario);
    for (number, step) in steps.iter().enumerate() {
        let _ = writeln!(text, "  {:>3}. {}", number + 1, told(&world, *step));
        match world.after(*step) {
            Ok(next) => world = next,
            Err(broken) => {
                let _ = writeln!(text, "       => {broken}");
                return text;
            }
        }
        if let Some(at) = who(*step)
            && let Stage::Ended(end) = &*world.stages[at]
        {
            let _ = writeln!(text, "       r{at} ends: {end:?}");
        }
    }
    if let Err(broken) = probe(&world, &mut Default::default()) {
        let _ = writeln!(text, "       then all ask again => {broken}");
    }
    text
}

fn who(step: Move) -> Option<usize> {
    match step {
        Move::Store(at, ..) | Move::Settle(at, _) | Move::Verify(at) | Move::Skip(at) => Some(at),
        Move::Node(at, _) | Move::Die(at) => Some(at),
        _ => None,
    }
}

fn told(world: &World<'_>, step: Move) -> String {
    let Some(at) = who(step) else { return format!("{step:?}") };
    let (Stage::Running(running) | Stage::Waiting(running)) = &*world.stages[at] else {
        return format!("{step:?}");
    };
    let Step::Ask(effect, state) = running.purchase.step() else { return format!("{step:?}") };
    let state = format!("{state:?}");
    let state = state.split(['(', ' ']).next().unwrap_or_default().to_owned();
    let what = match (effect, step) {
        (Effect::Store { asks, .. }, Move::Store(_, which, way)) => {
            let (verb, key) = match &asks[which] {
                Ask::Get(key) => ("get", key),
                Ask::Create(key, _) => ("create", key),
                Ask::Replace(key, ..) => ("replace", key),
            };
            let kind = if key.as_str().contains("/payments/") { "binding" } else { "account" };
            format!("{verb} {kind}: {way:?}")
        }
        (Effect::Facilitator { call, .. }, Move::Settle(_, answer)) => {
            format!("/settle of {} at {}: {answer:?}", call.body, call.facilitator)
        }
        _ => format!("{step:?}"),
    };
    format!("r{at} {state}: {what}")
}
