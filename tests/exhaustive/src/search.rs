//! The search itself: depth first, each state once, none left out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::oracle::Broken;
use crate::probe::{Count, probe};
use crate::scenario::Scenario;
use crate::steps::{Move, moves};
use crate::world::World;

/// What came of it.
#[derive(Debug, Default)]
pub struct Found {
    /// States.
    pub states: u64,
    /// Steps from one to another, or to one that was seen before.
    pub steps: u64,
    /// States in which all requests had ended: from each, everybody asked again.
    pub ends: u64,
    /// How long it took.
    pub time: Duration,
    /// What is allowed to be so at an end, and how often it was.
    pub count: Count,
    /// The shortest history that breaks a promise, and which.
    pub broken: Option<(Vec<Move>, Broken)>,
}

/// How a state was come to.
struct Link {
    step: Move,
    before: Option<Arc<Link>>,
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When there is no state left; after a find, no shorter way.
    End,
    /// At the first find, whatever its length.
    Find,
}

/// Searches all of a scenario's world.
pub fn search(scenario: &Scenario, until: Until) -> Found {
    let began = Instant::now();
    let mut found = Found::default();
    let mut seen: HashMap<u128, u16> = HashMap::new();
    let first = World::new(scenario);
    seen.insert(first.fingerprint(), 0);
    let mut stack: Vec<(World<'_>, Option<Arc<Link>>, u16)> = vec![(first, None, 0)];
    let mut best = u16::MAX;
    while let Some((world, link, depth)) = stack.pop() {
        if until == Until::Find && found.broken.is_some() {
            break;
        }
        found.states += 1;
        if depth + 1 >= best {
            continue;
        }
        if world.is_quiet() {
            found.ends += 1;
            if let Err(broken) = probe(&world, &mut found.count) {
                best = depth + 1;
                found.broken = Some((history(link.as_ref()), broken));
                continue;
            }
        }
        for step in moves(&world) {
            found.steps += 1;
            let here = || Some(Arc::new(Link { step, before: link.clone() }));
            match world.after(step) {
                Ok(next) => {
                    let (print, depth) = (next.fingerprint(), depth + 1);
                    // Whoever looks for a shorter history must come again by a shorter way.
                    let known = seen.get(&print);
                    if known.is_none_or(|known| best < u16::MAX && depth < *known) {
                        seen.insert(print, depth);
                        stack.push((next, here(), depth));
                    }
                }
                Err(broken) if depth + 1 < best => {
                    best = depth + 1;
                    found.broken = Some((history(here().as_ref()), broken));
                }
                Err(_) => {}
            }
        }
    }
    found.time = began.elapsed();
    found
}

fn history(mut link: Option<&Arc<Link>>) -> Vec<Move> {
    let mut steps = vec![];
    while let Some(at) = link {
        steps.push(at.step);
        link = at.before.as_ref();
    }
    steps.reverse();
    steps
}
