//! Whether a cache between the seller and others gives away what was bought.

use crate::answer::{Answer, Ask};
use crate::check::{Answered, Check, Finding, Judge, Probe, note, right};
use crate::known::Known;
use crate::sources::{CACHED, STORING};

use super::unpaid;

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let url = known.target.url();
    let asks = || ["once", "twice"].map(|label| Ask::get(label, &url)).to_vec();
    let after = match known.bought {
        Some(_) => Ok(asks()),
        None => Err("nothing was bought".to_owned()),
    };
    vec![
        Probe::new(
            asks(),
            [Check {
                id: "cache.age",
                what: "Every 402 comes from the seller, not from a cache.",
                why: CACHED,
                shows: &["age", "x-cache", "cf-cache-status"],
                judge: Judge::All(age),
            }],
        ),
        Probe {
            asks: after,
            checks: vec![Check {
                id: "cache.after-purchase",
                what: "After a purchase, who does not pay is still given nothing.",
                why: STORING,
                shows: &["age", "x-cache", "cf-cache-status"],
                judge: Judge::Each(still, "After the purchase, who did not pay was given nothing."),
            }],
        },
    ]
}

fn age(_: &Known, answered: &[Answered<'_>]) -> Finding {
    let mut answers = answered.iter().map(|(_, answer)| *answer);
    let cached = |answer: &Answer| {
        let age = answer.header("age").parse::<u64>().unwrap_or(0);
        let hit = |name| answer.header(name).to_ascii_lowercase().starts_with("hit");
        age > 0 || hit("x-cache") || hit("cf-cache-status")
    };
    match answers.any(|answer| answer.status == 402 && cached(answer)) {
        true => note("A 402 came from a cache; whoever pays must not be given one."),
        false => right("No 402 came from a cache."),
    }
}

fn still(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    unpaid::same(known, ask, answer)
}
