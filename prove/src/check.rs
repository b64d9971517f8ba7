//! What is tried, as data, and how its answers are judged.

use serde::Serialize;

use crate::answer::{Answer, Ask, Exchange, NoAnswer};
use crate::known::Known;
use crate::sources::Source;

/// What a check comes to. The worst of several counts: the order is from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Right,
    /// Allowed, and worth knowing.
    Note,
    /// Nothing can be said of it.
    NotTried,
    /// A fault.
    Wrong,
}

/// A verdict, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    pub(crate) says: String,
}

macro_rules! findings {
    ($($name:ident: $verdict:ident;)*) => {
        $(pub(crate) fn $name(says: impl Into<String>) -> Finding {
            Finding { verdict: Verdict::$verdict, says: says.into() }
        })*
    };
}

findings! {
    right: Right;
    note: Note;
    not_tried: NotTried;
    wrong: Wrong;
}

/// A request with its answer.
pub(crate) type Answered<'a> = (&'a Ask, &'a Answer);

/// How answers are judged.
#[derive(Clone, Copy)]
pub(crate) enum Judge {
    /// Each for itself; the worst counts. If all are right, the text says so.
    Each(fn(&Known, &Ask, &Answer) -> Finding, &'static str),
    /// All together. Where one of them did not come, nobody is asked.
    All(fn(&Known, &[Answered<'_>]) -> Finding),
    /// These of them together, by their place.
    These(&'static [usize], fn(&Known, &[&Answer]) -> Finding),
}

/// One line of the report, before it is known.
pub(crate) struct Check {
    pub(crate) id: &'static str,
    /// What should be.
    pub(crate) what: &'static str,
    pub(crate) why: Source,
    /// Headers of answers that matter here.
    pub(crate) shows: &'static [&'static str],
    pub(crate) judge: Judge,
}

/// Requests, and all that is judged by their answers.
pub(crate) struct Probe {
    /// The requests; or why there are none.
    pub(crate) asks: Result<Vec<Ask>, String>,
    pub(crate) checks: Vec<Check>,
}

impl Probe {
    pub(crate) fn new(asks: Vec<Ask>, checks: impl Into<Vec<Check>>) -> Probe {
        Probe { asks: Ok(asks), checks: checks.into() }
    }
}

impl Check {
    /// The finding, and which exchanges show it.
    pub(crate) fn judge(&self, known: &Known, exchanges: &[Exchange]) -> (Finding, Vec<usize>) {
        let all = || (0..exchanges.len()).collect::<Vec<_>>();
        match self.judge {
            Judge::Each(judge, all_right) => {
                let each: Vec<_> = exchanges
                    .iter()
                    .map(|one| match &one.answer {
                        Ok(answer) => judge(known, &one.ask, answer),
                        Err(NoAnswer::Failed(_)) if one.ask.may_be_silent => right("no answer"),
                        Err(why) => no_answer(why),
                    })
                    .collect();
                let worst = each.iter().map(|finding| finding.verdict).max();
                let worst = worst.unwrap_or(Verdict::NotTried);
                if worst == Verdict::Right {
                    return (right(all_right), all());
                }
                let which: Vec<_> =
                    all().into_iter().filter(|at| each[*at].verdict == worst).collect();
                let mut says: Vec<_> = which.iter().map(|at| each[*at].says.clone()).collect();
                says.dedup();
                (Finding { verdict: worst, says: says.join("; ") }, which)
            }
            Judge::All(judge) => {
                let mut answered = Vec::new();
                for (at, Exchange { ask, answer }) in exchanges.iter().enumerate() {
                    match answer {
                        Ok(answer) => answered.push((ask, answer)),
                        Err(why) => return (no_answer(why), vec![at]),
                    }
                }
                (judge(known, &answered), all())
            }
            Judge::These(places, judge) => {
                let mut answers = Vec::new();
                for at in places {
                    match exchanges.get(*at).map(|exchange| &exchange.answer) {
                        Some(Ok(answer)) => answers.push(answer),
                        Some(Err(why)) => return (no_answer(why), vec![*at]),
                        None => return (not_tried("it was not asked"), vec![]),
                    }
                }
                (judge(known, &answers), places.to_vec())
            }
        }
    }
}

fn no_answer(why: &NoAnswer) -> Finding {
    match why {
        NoAnswer::Failed(why) => wrong(format!("no answer: {why}")),
        NoAnswer::Held(why) => not_tried(why.clone()),
    }
}
