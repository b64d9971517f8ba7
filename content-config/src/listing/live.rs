//! What the validator of Coinbase's Developer Platform says of a URL that is deployed.

use super::check::{Check, Verdict, refused};
use super::review::{CDP, Listed, Object, Review, Seen};
use crate::online::{Client, Validation, validate};
use crate::web_url;

/// The most URLs that are asked about: each may take the whole time of a request.
const MAX_ASKED: usize = 10;

/// Asked where no facilitator of Coinbase's settles.
const VALIDATOR: &str = "https://api.cdp.coinbase.com/platform/v2/x402";

/// Has the first objects validated.
pub(crate) fn ask(review: &mut Review, client: &Client) {
    for object in review.objects.iter_mut().take(MAX_ASKED) {
        let asked = of(object, client);
        for seen in object.catalogues.iter_mut().filter(|seen| seen.catalogue == CDP) {
            add(seen, asked.clone());
        }
    }
}

fn add(seen: &mut Seen, asked: Vec<Check>) {
    if asked.len() > 1 {
        seen.checks.retain(|check| check.verdict != Verdict::NeedsOnline);
    }
    if seen.listing == Listed::Taken && refused(&asked) {
        seen.listing = Listed::Refused;
    }
    seen.asked = asked;
}

fn of(object: &Object, client: &Client) -> Vec<Check> {
    const NAME: &str = "validate";
    let url = &object.url;
    let not_asked =
        |why: String, help: &str| vec![Check::advised(NAME, Some((why, help.to_owned())))];
    if !(url.starts_with("https://") && web_url::is_public(url)) {
        let help = "deploy, and write the distribution's URL first in `urls` of [site]";
        return not_asked(format!("{url} is not one that it could ask"), help);
    }
    let base = object.cdp.as_deref().unwrap_or(VALIDATOR);
    match validate(client, base, url) {
        Ok(validation) => checks(validation),
        Err(why) => not_asked(format!("{base}/validate: {why}"), "try again"),
    }
}

/// Its checks under its own names, then its decision, then whether it lists the URL by now.
fn checks(validation: Validation) -> Vec<Check> {
    let Validation { valid, preflight, simulation, index } = validation;
    let mut checks: Vec<_> = preflight
        .into_iter()
        .map(|check| {
            let unmet =
                if check.severity == "advisory" { Verdict::Advice } else { Verdict::Refused };
            let help =
                "it asked what is deployed: publish first if that is older than this content.toml";
            let wrong = (!check.passed).then(|| (check.detail, help.to_owned()));
            Check::new(check.check, unmet, wrong)
        })
        .collect();
    let accepted = valid && simulation.outcome == "accepted";
    let why = simulation.rejection_reason.unwrap_or_else(|| "it does not say why".to_owned());
    let wrong = (!accepted)
        .then(|| (format!("it would not index the URL: {why}"), "mend what it refuses".to_owned()));
    checks.push(Check::new("simulation", Verdict::Refused, wrong));
    let listed = index.is_some_and(|index| index.active);
    let wrong = (!listed).then(|| {
        let help = "a sale that its facilitator settles lists it, within two hours; 30 days without one end that";
        ("it does not list the URL yet".to_owned(), help.to_owned())
    });
    checks.push(Check::new("index", Verdict::Advice, wrong));
    checks
}
