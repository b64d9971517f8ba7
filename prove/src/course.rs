//! The order of it all: the terms, forged payments, purchases, then what must not open without one.

use edge_local::buyer::Wire;
use next_step::plain;
use serde_json::Value;

use crate::answer::{Ask, NoAnswer};
use crate::buyer::Buyer;
use crate::check::{Finding, Probe, Verdict};
use crate::checks;
use crate::error::Error;
use crate::evidence::Evidence;
use crate::known::Known;
use crate::report::{Checked, Report};
use crate::session::Session;
use crate::target::Target;
use crate::terms::asked;

/// Most exchanges that a line of the report shows.
const SHOWN: usize = 6;

/// Tries a seller. `other` is another priced URL of theirs, for a payment that was used; `tell` is told what is tried.
///
/// # Errors
///
/// There is nothing to try: no answer, no 402, or a key that can pay for nothing here.
pub fn prove(
    session: &mut Session,
    target: &Target,
    buyer: &Buyer,
    other: Option<&Target>,
    mut tell: impl FnMut(&Checked),
) -> Result<Report, Error> {
    if let Some(other) = other.filter(|other| other.origin != target.origin) {
        return Err(Error::OtherSeller { other: other.url(), origin: target.origin.clone() });
    }
    let mut known = meet(session, target)?;
    payable(&known, buyer)?;
    known.payer = buyer.payer();
    let mut lines = Vec::new();
    for probe in checks::before(&known, buyer)? {
        lines.extend(run(session, &mut known, probe, &mut tell));
    }
    let other = other.map(Target::url);
    for probe in checks::purchases(&known, buyer, other.as_deref())? {
        lines.extend(run(session, &mut known, probe, &mut tell));
    }
    for probe in checks::after(&known) {
        lines.extend(run(session, &mut known, probe, &mut tell));
    }
    let offers = known.terms.offers();
    let offers = offers.iter().filter_map(|(wire, _, offer)| offered(*wire, offer));
    Ok(Report {
        offers: offers.collect(),
        bought: known.bought.is_some(),
        forged_with_money: buyer.forges_with_money(&known),
        requests: session.sent(),
        checks: lines,
        ..Report::new(target.url())
    })
}

/// An offer, in words.
fn offered(wire: Wire, offer: &Value) -> Option<String> {
    let [.., amount] = asked(wire, offer)?;
    let text = |name: &str| offer[name].as_str().unwrap_or_default();
    let (asset, network, payee) = (text("asset"), text("network"), text("payTo"));
    let version = wire.number();
    Some(format!("v{version}: {amount} atomic units of {asset} on {network}, to {payee}"))
}

/// Asks for the terms, and for what nobody has.
fn meet(session: &mut Session, target: &Target) -> Result<Known, Error> {
    let url = target.url();
    let challenge = match session.ask(Ask::get("no payment", &url)).answer {
        Err(NoAnswer::Failed(why) | NoAnswer::Held(why)) => {
            return Err(Error::Unreachable { url, why });
        }
        Ok(answer) if answer.status != 402 => {
            return Err(Error::NotForSale { url, status: answer.status });
        }
        Ok(answer) => answer,
    };
    let mut known = Known::new(target.clone(), challenge);
    let folder = target.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let nowhere = target.spelled(&format!("{folder}/x402-prove-nobody-has-this"));
    known.missing = session.ask(Ask::get("a path that nobody has", nowhere)).answer.ok();
    Ok(known)
}

/// Refuses a key that may not pay what is asked: its owner would take the report for more than it is.
fn payable(known: &Known, buyer: &Buyer) -> Result<(), Error> {
    let wires = known.terms.wires();
    if !buyer.can_pay() || wires.iter().any(|wire| buyer.payable(known, *wire).is_some()) {
        return Ok(());
    }
    match wires.iter().find_map(|wire| buyer.forgeable(known, *wire)) {
        Some((offer, _)) => {
            Err(Error::MainNetwork { network: format!("eip155:{}", offer.domain.token.chain_id) })
        }
        // What is wrong with the offers, the report says.
        None => Ok(()),
    }
}

fn run(
    session: &mut Session,
    known: &mut Known,
    probe: Probe,
    tell: &mut impl FnMut(&Checked),
) -> Vec<Checked> {
    let Probe { asks, checks } = probe;
    let (exchanges, unasked) = match asks {
        Ok(asks) => (asks.into_iter().map(|ask| session.ask(ask)).collect(), None),
        Err(why) => (Vec::new(), Some(why)),
    };
    exchanges.iter().for_each(|exchange| known.learn(exchange));
    let line = |check: crate::check::Check| {
        let (Finding { verdict, says }, which) = match &unasked {
            Some(why) => (Finding { verdict: Verdict::NotTried, says: why.clone() }, Vec::new()),
            None => check.judge(known, &exchanges),
        };
        let seen = which.iter().map(|at| Evidence::new(&exchanges[*at], check.shows));
        let evidence = telling(seen);
        let more = which.len() - evidence.len();
        let says = plain(&says);
        let line = Checked {
            id: check.id,
            verdict,
            says,
            what: check.what,
            why: check.why,
            evidence,
            more,
        };
        tell(&line);
        line
    };
    checks.into_iter().map(line).collect()
}

/// As many as are shown: of each answer the first, then the rest.
fn telling(all: impl Iterator<Item = Evidence>) -> Vec<Evidence> {
    let (mut first, mut rest) = (Vec::<Evidence>::new(), Vec::new());
    for one in all {
        let seen = first.iter().any(|other| other.answer == one.answer);
        if seen { rest.push(one) } else { first.push(one) }
    }
    first.into_iter().chain(rest).take(SHOWN).collect()
}
