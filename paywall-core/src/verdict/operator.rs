//! One line for the seller, where an answer is something to mend or to look at.

use super::answer::Answer;
use super::cause::Cause;
use super::class::Class;
use super::judge::Judged;
use crate::facilitator::Endpoint;
use crate::log::Mend;

/// The line. Nothing is said of codes that are known, nor of a server's failures.
pub(super) fn line(
    endpoint: Endpoint,
    answer: &Answer<'_>,
    judged: &Judged,
) -> Option<(Mend, String)> {
    let is_good = answer.json["success"] == true || answer.json["isValid"] == true;
    if is_good || answer.names_transaction() {
        return None;
    }
    let held = match endpoint {
        Endpoint::Settle => "its payer is held until the time that the answer names",
        Endpoint::Verify => "its payer is neither served nor refused",
    };
    let (code, what) = match judged.class {
        Class::NotTaken(Cause::Moved) => {
            let to = place(answer.location.unwrap_or_default());
            (Mend::FacilitatorMoved, format!("it moved to {to}: {}", Cause::Moved.advice()))
        }
        Class::NotTaken(cause) => (cause.mend(), cause.advice().to_owned()),
        Class::Trouble => (
            Mend::FacilitatorTrouble,
            format!("it could not read the chain, or the token is not there; {held}"),
        ),
        Class::Unlisted if is_of_payment(answer, judged) => (
            Mend::CodeUnknown,
            format!(
                "not known to this version; {held}. `refusals` takes it, if it is said before sending"
            ),
        ),
        _ => return None,
    };
    Some((code, format!("{}: {what}", answer.in_short(&judged.code))))
}

/// Where a redirect leads, without its query: that may repeat what was sent.
fn place(location: &str) -> &str {
    match location.split(['?', '#']).next() {
        None | Some("") => "a place that it does not name",
        Some(place) => place,
    }
}

/// Whether there is something said about a payment that could be looked up.
fn is_of_payment(answer: &Answer<'_>, judged: &Judged) -> bool {
    !judged.code.is_empty() && (answer.has_verdict() || answer.status < 500)
}
