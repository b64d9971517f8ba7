//! What a rule asks at a moment: `next` is the price once its time has come.

use jiff::Timestamp;

use crate::compiled::{RuleNote, not_charged};
use crate::money::{NextQuote, Quote};

impl RuleNote {
    /// `next`, if its time has come.
    pub fn changed(&self, now: Timestamp) -> Option<&NextQuote> {
        self.next.as_ref().filter(|next| next.from <= now)
    }

    /// The prices that are asked from now on: that of now, and the one that is still to come.
    pub fn quotes(&self, now: Timestamp) -> impl Iterator<Item = &Quote> {
        let gone = self.changed(now).is_some();
        let next = self.next.as_ref().map(|next| &next.quote);
        self.quote.as_ref().filter(|_| !gone).into_iter().chain(next)
    }

    /// The price for people, and when it changes or has changed: `free`, `$0.01`, `0.01 EUR`,
    /// `$0.01, from 2026-12-24T00:00:00Z $0.02`, `$0.02, since 2026-12-24T00:00:00Z`.
    pub fn price_at(&self, now: Timestamp) -> String {
        let dry_run = self.dry_run.filter(|until| *until > now);
        match self.changed(now) {
            Some(next) => {
                format!("{}, since {}{}", next.quote, next.from, not_charged(dry_run))
            }
            None => RuleNote { dry_run, ..self.clone() }.price(),
        }
    }

    /// The same for this moment.
    pub fn price_now(&self) -> String {
        self.price_at(Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Price;
    use crate::pattern::Pattern;

    #[test]
    fn at_its_second_the_next_price_is_the_price() {
        let quote = |price: &str| Quote {
            price: Price::parse(price).expect(price),
            currency: "USD".to_owned(),
        };
        let from: Timestamp = "2026-12-24T00:00:00Z".parse().expect("a time");
        let note = RuleNote {
            pattern: Pattern::parse("**").expect("a pattern"),
            line: 1,
            quote: Some(quote("0.01")),
            next: Some(NextQuote { quote: quote("0.02"), from }),
            dry_run: None,
        };
        let before = from - jiff::SignedDuration::from_secs(1);
        assert_eq!(note.price_at(before), "$0.01, from 2026-12-24T00:00:00Z $0.02");
        assert_eq!(note.price_at(from), "$0.02, since 2026-12-24T00:00:00Z");
        assert_eq!((note.quotes(before).count(), note.quotes(from).count()), (2, 1));
        let dry = RuleNote { dry_run: Some(from), ..note };
        assert!(dry.price_at(before).ends_with(" $0.02, not charged until 2026-12-24T00:00:00Z"));
        assert_eq!(dry.price_at(from), "$0.02, since 2026-12-24T00:00:00Z");
    }
}
