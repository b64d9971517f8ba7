//! What a broken engine would hear in place of what facilitators and nodes say.

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::node::{At, NodeCall, NodeError, Question, Said};
use paywall_core::purchase::{Effect, Heard};
use serde_json::{Value, json};

use crate::chain::height;
use crate::mutant::Mutant;
use crate::sandbox::Visit;
use crate::universe::Universe;

/// A facilitator's answer.
pub fn outcome(universe: &Universe, outcome: Outcome) -> Outcome {
    let Some(mutant) = universe.mutant else { return outcome };
    let Outcome::Answered { status, body, .. } = &outcome else {
        return match (mutant, outcome) {
            (Mutant::FailOverAfterBytes, Outcome::Lost(why)) => Outcome::NotSent(why),
            (_, outcome) => outcome,
        };
    };
    let text = String::from_utf8_lossy(body).into_owned();
    let replaced = |from: &str, to: &str| Outcome::Answered {
        status: *status,
        body: text.replace(from, to).into_bytes(),
        location: None,
        extensions: None,
    };
    let contradicts = crate::answers::contradicts(&(*status, body.clone()));
    match mutant {
        Mutant::SeeOtherNotTaken if *status == 303 => Outcome::NotSent("303".into()),
        Mutant::NotTakenGivenBack if text.contains("failed_to_get_balance") => {
            Outcome::NotSent("no balance".into())
        }
        Mutant::ContradictionForgotten | Mutant::EvidenceWithoutOpen if contradicts => {
            Outcome::Lost("forgotten".into())
        }
        Mutant::GuardLeftOut => replaced("insufficient funds for gas", "execution reverted: "),
        Mutant::ValidAfterBelieved => replaced(
            "invalid_exact_evm_payload_authorization_valid_after",
            "invalid_exact_evm_insufficient_balance",
        ),
        _ => outcome,
    }
}

/// A facilitator whose breaker a broken engine opens, once it has heard an answer: one that does not serve
/// the payer.
pub fn left_alone(universe: &Universe, effect: &Effect, heard: &Heard) -> Option<String> {
    match (universe.mutant, effect, heard) {
        (
            Some(Mutant::BlockedOpensBreaker),
            Effect::Facilitator { call, .. },
            Heard::Facilitator(Outcome::Answered { body, .. }),
        ) if String::from_utf8_lossy(body).contains("kyt_risk") => Some(call.facilitator.clone()),
        _ => None,
    }
}

/// What a node says.
pub fn said(universe: &Universe, visit: &Visit, call: &NodeCall, look: bool, said: Said) -> Said {
    let Some(mutant) = universe.mutant else { return said };
    let asks_call = call.questions.iter().any(|q| matches!(q, Question::Call { .. }));
    let reverts = || Err(NodeError { why: "execution reverted".into(), reverted: true });
    let mut answers = said?;
    for (question, answer) in call.questions.iter().zip(&mut answers) {
        let lies = match mutant {
            Mutant::NoLook | Mutant::EvidenceWithoutOpen | Mutant::EvidenceByClock => look,
            Mutant::FreshWithoutLook => {
                look && visit.payment.as_ref().is_some_and(|a| universe.oracle.owes(&a.from))
            }
            _ => false,
        };
        match question {
            Question::State(..) if lies => *answer = Ok(word(0)),
            Question::Balance { .. } if lies => *answer = Ok(word(1 << 40)),
            Question::State(..) if asks_call && mutant == Mutant::RefusalUnseen => {
                *answer = Ok(word(0));
            }
            Question::Call { .. }
                if matches!(mutant, Mutant::RefusalUnseen | Mutant::LookTooEarly) =>
            {
                *answer = reverts();
            }
            // The nonce of an older block, beside the money of the newest one.
            Question::State(a, At::Number(_)) if asks_call && mutant == Mutant::TwoBlocks => {
                let older = universe.chain.view(height(universe.now().0) - 2);
                *answer = Ok(word(older.used(&(a.from, a.nonce)).into()));
            }
            _ => {}
        }
    }
    Ok(answers)
}

/// The clock as it is when an answer is heard.
pub fn clock(universe: &Universe, effect: &Effect, heard: &Heard, now: Micros) -> Micros {
    let later = |seconds: u64| Micros(now.0 + seconds * 1_000_000);
    match (universe.mutant, effect, heard) {
        (Some(Mutant::ReleaseWithoutSlack), Effect::Facilitator { .. }, _) => {
            later(limits::RELEASE_SECONDS)
        }
        (Some(Mutant::ReleaseNodeSilent), Effect::Node { look: false, .. }, Heard::Node(said))
            if said.iter().all(Result::is_err) =>
        {
            later(limits::NODE_RELEASE_SECONDS - limits::RELEASE_SECONDS)
        }
        _ => now,
    }
}

fn word(number: u64) -> Value {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    json!(hex::encode(&word))
}
