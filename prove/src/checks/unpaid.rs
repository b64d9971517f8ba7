//! How an answer to a request without a payment is judged, wherever one must not open anything.

use crate::answer::{Answer, Ask};
use crate::check::{Finding, note, right, wrong};
use crate::known::{Gives, Known};

/// Of the priced resource itself: any success gives it away.
pub(super) fn same(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    judge(known, ask, answer, true)
}

/// Of what may be another resource: a success counts if it is what was bought.
pub(super) fn other(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    judge(known, ask, answer, false)
}

fn judge(known: &Known, ask: &Ask, answer: &Answer, same: bool) -> Finding {
    let (label, status) = (&ask.label, answer.status);
    let opened = format!("{label}: {status} with {} bytes, unpaid", answer.body.len());
    match (known.gives(answer), status) {
        (Gives::Content, _) => wrong(format!("{opened}, which are what is for sale")),
        (Gives::Something, _) if same => wrong(opened),
        (Gives::Something, _) if known.bought.is_some() => {
            note(format!("{opened}; not what was bought"))
        }
        (Gives::Something, _) => {
            note(format!("{opened}; buy with a key to see if they are what is for sale"))
        }
        (Gives::Nothing, 200..300) => right(format!("{label}: {status}, and nothing of it")),
        (_, 304) => wrong(format!("{label}: 304 tells who did not pay whether a copy is current")),
        (_, 501) => right(format!("{label}: 501")),
        (_, 503) if answer.headers.contains_key("retry-after") => {
            note(format!("{label}: 503, asked to come back"))
        }
        (_, 500..) => wrong(format!("{label}: {status}: not handled")),
        (_, 300..400) if !answer.headers.contains_key("location") => {
            wrong(format!("{label}: {status} leads nowhere"))
        }
        _ => right(format!("{label}: {status}")),
    }
}
