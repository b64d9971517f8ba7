//! What a facilitator refuses for its form alone, so that the seller hears it before a buyer does.

use std::ops::Range;

use price_table::{Dialect, Facilitator};

use crate::code::Code;
use crate::money::{Price, Quote};
use crate::report::Problem;
use crate::schema::At;

/// The lowest price that Coinbase's Developer Platform settles, dollars; here and below: the schema of
/// <https://docs.cdp.coinbase.com/api-reference/v2/rest-api/x402-facilitator>
const CDP_PRICE: &str = "0.001";

/// The most offers that it takes for one thing.
const CDP_OFFERS: usize = 16;

/// A rule, as far as a facilitator sees it.
pub(super) struct Seen<'a> {
    pub(super) quote: &'a Quote,
    pub(super) offers: usize,
}

/// Reports what one of the facilitators would not take.
pub(super) fn check(
    seen: &Seen<'_>,
    rule: &Range<usize>,
    facilitators: &At<Vec<Facilitator>>,
    problems: &mut Vec<Problem>,
) {
    let is_cdp = |facilitator: &&Facilitator| facilitator.dialect == Dialect::Cdp;
    let Some(facilitator) = facilitators.get_ref().iter().find(is_cdp) else { return };
    let Seen { quote, offers } = seen;
    let mut refuse = |label: String, help: String| {
        let message = format!("{} would refuse this rule's payments", facilitator.url);
        problems.push(
            Problem::new(Code::FacilitatorLimit, message)
                .at(rule.clone(), label)
                .at(facilitators.span(), "settled here")
                .help(help),
        );
    };
    let least = Price::parse(CDP_PRICE).expect("a price");
    if quote.currency == "USD" && quote.price < least {
        refuse(
            format!("{quote} is below its lowest price"),
            format!("ask for ${CDP_PRICE} or more, or name another facilitator for this rule"),
        );
    }
    if *offers > CDP_OFFERS {
        refuse(
            format!("{offers} tokens are accepted"),
            format!(
                "accept {CDP_OFFERS} tokens at most, or name another facilitator for this rule"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use price_table::{Auth, VerifyPolicy};

    use super::*;

    fn problems(dialect: Dialect, quote: (&str, &str), offers: usize) -> usize {
        let facilitator = Facilitator {
            url: "https://facilitator.example".into(),
            verify: VerifyPolicy::WhenNeeded,
            auth: Auth::None,
            dialect,
            refusals: vec![].into(),
        };
        let (price, currency) = (Price::parse(quote.0).unwrap(), quote.1.to_owned());
        let seen = Seen { quote: &Quote { price, currency }, offers };
        let mut problems = Vec::new();
        check(&seen, &(0..1), &At::new(0..1, vec![facilitator]), &mut problems);
        problems.len()
    }

    #[test]
    fn limits_are_in_dollars_and_offers() {
        assert_eq!(problems(Dialect::Cdp, (CDP_PRICE, "USD"), CDP_OFFERS), 0);
        assert_eq!(problems(Dialect::Cdp, ("0.000999", "USD"), CDP_OFFERS + 1), 2);
        assert_eq!(problems(Dialect::Cdp, ("0.0001", "EUR"), 1), 0);
        assert_eq!(problems(Dialect::Reference, ("0.0001", "USD"), CDP_OFFERS + 1), 0);
        assert_eq!(problems(Dialect::X402Rs, ("0.0001", "USD"), CDP_OFFERS + 1), 0);
    }
}
