//! The order of it all: the terms, a purchase, then what must not open without one.

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
    let other = other.map(Target::url);
    for probe in checks::purchases(&known, buyer, other.as_deref())? {
        lines.extend(run(session, &mut known, probe, &mut tell));
    }
    for probe in checks::without(&known, buyer)? {
        lines.extend(run(session, &mut known, probe, &mut tell));
    }
    let offers = known.terms.offers().into_iter().filter_map(|(wire, _, offer)| {
        let [network, asset, pay_to, amount] = asked(wire, offer)?;
        Some(format!(
            "v{}: {amount} atomic units of {asset} on {network}, to {pay_to}",
            wire.number()
        ))
    });
    Ok(Report::new(target.url(), offers.collect(), known.bought.is_some(), session.sent(), lines))
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
        let evidence =
            which.iter().take(SHOWN).map(|at| Evidence::new(&exchanges[*at], check.shows));
        let evidence = evidence.collect();
        let more = which.len().saturating_sub(SHOWN);
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
