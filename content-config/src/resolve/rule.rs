//! `[[rule]]`.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use price_table::{Access, Evm, NextPrice, Offer, Purchases, Rule, Sale, Text};

use super::catalogue::Catalogue;
use super::dialect_limits::{self, Seen};
use super::facilitators;
use super::listing;
use super::mode;
use super::resolved_rule::ResolvedRule;
use super::terms::{DEFAULT_TIMEOUT_SECONDS, Part, Terms};
use super::token::{Token, TokenTerms};
use super::v1;
use super::values::duplicates;
use crate::access::{self, BadAccess};
use crate::code::Code;
use crate::money::{Inexact, NextQuote, Price, Quote};
use crate::objects::is_mime_type;
use crate::pattern::{BadPattern, Pattern};
use crate::report::Problem;
use crate::schema::{At, Content, NextText, RuleText, SaleText};

/// All rules, in the order of the file.
pub(crate) fn rules(
    content: &Content,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Vec<ResolvedRule> {
    let catalogue = Catalogue::new(&content.tokens, problems);
    let defaults = Terms::resolve(&content.payment, &catalogue, problems);
    defaults.check(problems);
    let mut missing = Missing::default();
    let dry_run = mode::dry_run(content.site.mode.as_ref(), now, problems);
    let site = Of { defaults: &defaults, catalogue: &catalogue, dry_run, now };
    let rules: Vec<_> =
        content.rules.iter().map(|text| resolve(text, &site, &mut missing, problems)).collect();
    missing.report(problems);
    facilitators::contradictions(content, problems);

    let paths: Vec<_> = content
        .rules
        .iter()
        .filter_map(|rule| rule.path.clone())
        .map(|path| (path.clone(), path.into_inner()))
        .collect();
    duplicates("the pattern", &paths, problems);
    rules
}

/// What all rules have in common.
struct Of<'c> {
    defaults: &'c Terms,
    catalogue: &'c Catalogue,
    /// When charging begins, if that is still to come.
    dry_run: Option<Timestamp>,
    now: Timestamp,
}

fn resolve(
    text: &RuleText,
    &Of { defaults, catalogue, dry_run: of_site, now }: &Of<'_>,
    missing: &mut Missing,
    problems: &mut Vec<Problem>,
) -> ResolvedRule {
    let span = text.path.as_ref().map_or(text.span.clone(), At::span);
    let pattern = text.path.as_ref().and_then(|path| pattern(path, problems));
    let mime_type = match &text.mime_type {
        None => Some(None),
        Some(mime_type) => self::mime_type(mime_type, problems).map(Some),
    };
    let description = listing::description(text.description.as_ref(), problems);
    let own = Terms::resolve(&text.terms, catalogue, problems);
    let terms = defaults.overridden_by(&own);
    if !text.terms.keys.is_empty() {
        terms.check(problems);
    }
    let purchases = match &terms.purchases {
        Part::Good(purchases) => Some(*purchases.get_ref()),
        Part::Absent => Some(Purchases::OneAtATime),
        Part::Wrong => None,
    };
    let (mut quote, mut later, mut dry_run) = (None, None, None);
    let sale = match &text.sale {
        None => None,
        Some(SaleText::Free) => Some(Sale::Free),
        Some(SaleText::Priced { price, next, access, pass, access_epoch, of_timed }) => {
            dry_run = mode::of_rule(text.mode.as_ref(), of_site, now, problems);
            missing.note(&span, &terms);
            let access = match access {
                None => Some(Access::Request),
                Some(text) => self::access(text, problems),
            };
            if access == Some(Access::Request) {
                problems.extend(of_timed.iter().map(without_time));
            }
            independent(&terms, &span, access, of_timed, problems);
            let priced = offers(price, next.as_ref(), &terms, problems);
            if let (Some(Priced { offers, quote, next }), Part::Good(facilitators)) =
                (&priced, &terms.facilitators)
            {
                let lowest = next.iter().map(|next| &next.quote).chain([quote]);
                let quote = lowest.min_by_key(|quote| &quote.price).expect("one at least");
                let seen = Seen { quote, offers: offers.len() };
                dialect_limits::check(&seen, &span, facilitators, problems);
            }
            if let (Some(text), Some(Priced { offers, .. })) = (next, &priced) {
                let quoted = offers.iter().map(|offer| offer.max_timeout_seconds).max();
                problems.extend(has_changed(text, quoted.unwrap_or(0), now));
            }
            priced.zip(access).zip(purchases).map(|((priced, access), purchases)| {
                let Priced { offers, quote: first, next } = priced;
                (quote, later) = (Some(first), next);
                let (pass, access_epoch) = (*pass, *access_epoch);
                let dry_run = dry_run.and_then(|until| until.as_second().try_into().ok());
                let offers = offers.into();
                Sale::Priced { offers, access, pass, access_epoch, purchases, dry_run }
            })
        }
    };
    let rule = pattern.as_ref().zip(sale).zip(mime_type).map(|((pattern, sale), mime_type)| Rule {
        pattern: Text::from(pattern.as_str().to_owned()),
        title: text.title.clone().into(),
        description: description.into(),
        mime_type: mime_type.map(Into::into),
        currency: quote.as_ref().map_or_else(String::new, |quote| quote.currency.clone()).into(),
        sample: None,
        sale,
    });
    ResolvedRule { span, pattern, rule, quote, next: later, dry_run }
}

/// What is asked in every token, and in their currency.
struct Priced {
    offers: Vec<Offer>,
    quote: Quote,
    next: Option<NextQuote>,
}

/// A warning of what was the next price, once no 402 with the old one is good any more.
fn has_changed(next: &NextText, quoted_seconds: u32, now: Timestamp) -> Option<Problem> {
    let over = *next.from.get_ref() + SignedDuration::from_secs(quoted_seconds.into());
    (over <= now).then(|| {
        Problem::new(Code::PriceHasChanged, "the next price has become the price")
            .at(next.from.span(), "this time has passed")
            .help(format!(
                "write `price = {:?}` and remove `next`: the documents for agents still tell the old price",
                next.price.get_ref()
            ))
    })
}

fn price(text: &At<String>, if_free: &str, problems: &mut Vec<Problem>) -> Option<Price> {
    let Some(price) = Price::parse(text.get_ref()) else {
        problems.push(
            Problem::new(Code::BadPrice, format!("{:?} is not a price", text.get_ref()))
                .at(text.span(), "not digits with a point")
                .help("write the number alone, such as `price = \"0.01\"`"),
        );
        return None;
    };
    if price.is_zero() {
        problems.push(
            Problem::new(Code::ZeroPrice, "the price is 0")
                .at(text.span(), "nothing to pay")
                .help(if_free),
        );
        return None;
    }
    Some(price)
}

fn offers(
    text: &At<String>,
    next: Option<&NextText>,
    terms: &Terms,
    problems: &mut Vec<Problem>,
) -> Option<Priced> {
    let if_free = "write `free = true` in place of the price if that is meant";
    let price = self::price(text, if_free, problems);
    let if_free =
        "nothing becomes free by itself: write `free = true` when it is time, and publish";
    let next = match next {
        Some(next) => self::price(&next.price, if_free, problems).map(|price| Some((next, price))),
        None => Some(None),
    };
    let (price, next) = price.zip(next)?;
    let Part::Good(tokens) = &terms.accept else { return None };
    let first = tokens.first()?.get_ref();
    if let Some(other) = tokens.iter().find(|token| token.get_ref().currency != first.currency) {
        let currency = &other.get_ref().currency;
        problems.push(
            Problem::new(Code::MixedCurrencies, "one price cannot count in two currencies")
                .at(text.span(), format!("in {} or in {currency}?", first.currency))
                .at(other.span(), format!("a token worth one {currency}"))
                .help("`accept` tokens of one currency in each rule"),
        );
        return None;
    }
    let before = problems.len();
    let mut amounts = Vec::new();
    for token in tokens {
        let first = amount(&price, text, token, problems);
        let later = next.as_ref().and_then(|(next, price)| {
            let from = next.from.get_ref().as_second().try_into().ok()?;
            Some(NextPrice { from, amount: amount(price, &next.price, token, problems)? })
        });
        amounts.push((token, first.map(|amount| price_table::Price { amount, next: later })));
    }
    if problems.len() > before {
        return None;
    }
    let Part::Good(facilitators) = &terms.facilitators else { return None };
    let max_timeout_seconds = match terms.max_timeout_seconds {
        Part::Good(seconds) => seconds,
        Part::Absent => DEFAULT_TIMEOUT_SECONDS,
        Part::Wrong => return None,
    };
    let mut offers = Vec::new();
    for (token, price) in amounts {
        let (token, price) = (token.get_ref(), price?);
        let terms = match (&token.terms, &terms.pay_to) {
            (TokenTerms::Evm { chain_id, asset }, Part::Good(pay_to)) => {
                let (asset, pay_to) = (asset.clone(), pay_to.get_ref().clone());
                price_table::Terms::Evm(Evm { chain_id: *chain_id, asset, pay_to })
            }
            (TokenTerms::Evm { .. }, Part::Absent | Part::Wrong) => return None,
            (TokenTerms::PassThrough(terms), _) => price_table::Terms::PassThrough(terms.clone()),
        };
        offers.push(Offer {
            network: token.chain.network(),
            price,
            max_timeout_seconds,
            facilitators: facilitators.get_ref().clone().into(),
            terms,
        });
    }
    v1::narrow(&mut offers);
    let quote = |price| Quote { price, currency: first.currency.clone() };
    let next =
        next.map(|(next, price)| NextQuote { quote: quote(price), from: *next.from.get_ref() });
    Some(Priced { offers, quote: quote(price), next })
}

fn amount(
    price: &Price,
    text: &At<String>,
    token: &At<Token>,
    problems: &mut Vec<Problem>,
) -> Option<u128> {
    let (name, decimals) = (&token.get_ref().id, token.get_ref().decimals());
    let problem = match price.atomic(decimals) {
        Ok(amount) => return Some(amount),
        Err(Inexact::TooPrecise(needed)) => Problem::new(
            Code::PriceTooPrecise,
            format!("the price has more decimals than `{name}`"),
        )
        .at(text.span(), format!("{needed} decimals; the token has {decimals}"))
        .help(match decimals {
            0 => "write a whole number".to_owned(),
            _ => format!("the smallest price is 0.{:0>1$}", 1, usize::from(decimals)),
        }),
        Err(Inexact::TooBig) => {
            Problem::new(Code::PriceTooBig, format!("the price is too big for `{name}`"))
                .at(text.span(), "more atomic units than 128 bits hold")
                .help(format!("the token has {decimals} decimals; is that right?"))
        }
    };
    problems.push(problem.at(token.span(), "the token"));
    None
}

fn pattern(path: &At<String>, problems: &mut Vec<Problem>) -> Option<Pattern> {
    let text = path.get_ref();
    let (label, help) = match Pattern::parse(text) {
        Ok(pattern) => return Some(pattern),
        Err(BadPattern::DoubleStarInSegment) => (
            "`**` must stand alone between slashes".to_owned(),
            "write `*` for anything within a segment, `folder/**` for any depth".to_owned(),
        ),
        Err(BadPattern::DoubleStarTwice) => (
            "`**/**` says no more than `**`".to_owned(),
            format!("write `{}`", text.replace("**/**", "**")),
        ),
        Err(BadPattern::Key(bad)) => {
            let relative = text.trim_matches('/');
            let help = if relative != text && Pattern::parse(relative).is_ok() {
                format!("write `{relative}`: keys have no slash at either end")
            } else {
                "no key is spelled so; write a key as S3 lists it, or a pattern of keys".to_owned()
            };
            (bad.to_string(), help)
        }
    };
    problems.push(
        Problem::new(Code::BadPattern, format!("no object can match {text:?}"))
            .at(path.span(), label)
            .help(help),
    );
    None
}

fn without_time((key, span): &(&'static str, Range<usize>)) -> Problem {
    Problem::new(Code::MisplacedKey, format!("`{key}` has no place in this rule"))
        .at(span.clone(), "for timed access only")
        .help(format!("add a time such as `access = \"10m\"`, or remove `{key}`"))
}

/// Payments that stand alone buy one grant each, and the buyer gives up something for it.
fn independent(
    terms: &Terms,
    rule: &Range<usize>,
    access: Option<Access>,
    of_timed: &[(&'static str, Range<usize>)],
    problems: &mut Vec<Problem>,
) {
    let Part::Good(stated) = &terms.purchases else { return };
    if *stated.get_ref() == Purchases::OneAtATime {
        return;
    }
    let pass = of_timed.iter().find(|(key, _)| *key == "pass").map(|(_, span)| span);
    let timed = matches!(access, Some(Access::Seconds(_)));
    problems.push(if timed || pass.is_some() {
        let why = "timed access and passes belong to a payer, and independent payments to none";
        Problem::new(Code::IndependentAccess, why)
            .at(pass.unwrap_or(rule).clone(), "its access outlives the request")
            .at(stated.span(), "and its payments stand alone")
            .help(
                "sell it by `access = \"request\"`, or write `purchases = \"one-at-a-time\"` here",
            )
    } else {
        let what = "a payment whose answer was lost opens by itself alone";
        Problem::new(Code::IndependentPurchases, what)
            .at(rule.clone(), "who signs anew after a 503 may be charged twice")
            .at(stated.span(), "since payments are independent")
            .help(
                "let it be for wallets that buy often and at once; `ship sales` lists what to \
                 refund",
            )
    });
}

fn access(text: &At<String>, problems: &mut Vec<Problem>) -> Option<Access> {
    let (code, label) = match access::parse(text.get_ref()) {
        Ok(access) => return Some(access),
        Err(BadAccess::Shape) => (Code::BadWord, "neither `request` nor a time".to_owned()),
        Err(BadAccess::OutOfRange) => {
            (Code::OutOfRange, format!("not between 1s and {}d", access::MAX_DAYS))
        }
    };
    problems.push(
        Problem::new(code, format!("`access` cannot be {:?}", text.get_ref()))
            .at(text.span(), label)
            .help("write `request`, or a time such as `90s`, `10m`, `24h` or `30d`"),
    );
    None
}

fn mime_type(text: &At<String>, problems: &mut Vec<Problem>) -> Option<String> {
    if is_mime_type(text.get_ref()) {
        return Some(text.get_ref().clone());
    }
    problems.push(
        Problem::new(Code::BadMimeType, format!("{:?} is not a MIME type", text.get_ref()))
            .at(text.span(), "not `type/subtype`")
            .help("write one such as `application/json`, or leave it out"),
    );
    None
}

/// Terms that priced rules need and neither they nor `[payment]` have.
#[derive(Default)]
struct Missing {
    accept: Vec<Range<usize>>,
    pay_to: Vec<Range<usize>>,
    facilitators: Vec<Range<usize>>,
}

impl Missing {
    fn note(&mut self, span: &Range<usize>, terms: &Terms) {
        if let Part::Absent = terms.accept {
            self.accept.push(span.clone());
        }
        // Off the EVM networks, the token names its payee.
        let needs_payee = match &terms.accept {
            Part::Good(tokens) => tokens.iter().any(|token| token.get_ref().is_evm()),
            Part::Absent => true,
            Part::Wrong => false,
        };
        if let (Part::Absent, true) = (&terms.pay_to, needs_payee) {
            self.pay_to.push(span.clone());
        }
        if let Part::Absent = terms.facilitators {
            self.facilitators.push(span.clone());
        }
    }

    fn report(self, problems: &mut Vec<Problem>) {
        for (key, rules, question, example) in [
            ("accept", self.accept, "paid in which token?", "[\"base/usdc\"]"),
            ("pay_to", self.pay_to, "paid to whom?", "\"0x...\""),
            ("facilitators", self.facilitators, "settled by whom?", "[\"https://...\"]"),
        ] {
            let Some(first) = rules.first() else { continue };
            let who = match rules.len() {
                1 => "a priced rule has".to_owned(),
                count => format!("{count} priced rules have"),
            };
            problems.push(
                Problem::new(Code::MissingKey, format!("{who} no `{key}`"))
                    .at(first.clone(), question)
                    .help(format!("add `{key} = {example}` to `[payment]`, for all rules")),
            );
        }
    }
}
