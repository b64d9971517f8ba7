//! What is learnt of a seller on the way.

use crate::answer::{Answer, Bears, Exchange};
use crate::target::Target;
use crate::terms::Terms;

/// What is known by now.
pub(crate) struct Known {
    pub(crate) target: Target,
    /// The answer to a plain request without a payment, and its terms.
    pub(crate) challenge: Answer,
    pub(crate) terms: Terms,
    /// The answer for a path that nobody has; none if it did not come.
    pub(crate) missing: Option<Answer>,
    /// Whose key pays, if one does.
    pub(crate) payer: Option<String>,
    /// What was bought, if anything was.
    pub(crate) bought: Option<Answer>,
}

/// What an answer gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// What is for sale, or a part of it.
    Content,
    /// Nothing of it.
    Nothing,
    /// Something that may be it: nothing was bought to compare it with, or content that differs each time.
    Something,
}

impl Known {
    pub(crate) fn new(target: Target, challenge: Answer) -> Known {
        let terms = Terms::read(&challenge);
        Known { target, challenge, terms, missing: None, payer: None, bought: None }
    }

    /// Remembers what was bought.
    pub(crate) fn learn(&mut self, exchange: &Exchange) {
        if let (Bears::Payment, Ok(answer)) = (exchange.ask.bears, &exchange.answer)
            && answer.status == 200
            && self.bought.is_none()
        {
            self.bought = Some(answer.clone());
        }
    }

    /// What this answer to a request without a payment gives away.
    pub(crate) fn gives(&self, answer: &Answer) -> Gives {
        let body = &answer.body;
        let missing = self.missing.as_ref().is_some_and(|missing| missing.body == *body);
        if !answer.is_success() || body.is_empty() || missing || *body == self.challenge.body {
            return Gives::Nothing;
        }
        match &self.bought {
            Some(bought) if part_of(&bought.body, body) => Gives::Content,
            _ => Gives::Something,
        }
    }
}

fn part_of(whole: &[u8], part: &[u8]) -> bool {
    part.len() <= whole.len() && whole.windows(part.len()).any(|window| window == part)
}
