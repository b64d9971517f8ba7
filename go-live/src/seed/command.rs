//! What one asks for, and the order of it.

use std::path::{Path, PathBuf};

use edge_local::buyer::{Key, client, sign_offer};
use next_step::Outcome;
use reqwest::Client;
use serde_json::{Value, json};

use super::plan::Plan;
use super::record::{Payment, Record, Step};
use crate::confirm::confirm;
use crate::error::Error;
use crate::keys::unix_now;
use crate::purchase::{Bought, Item, delivered, ours, payer, send};
use crate::receipt::Expected;

/// For so many seconds a shop knows the payments that it took; later it says of them what it says of those that it never
/// saw. The least `keep_days` of `[redemptions]`.
const REMEMBERED: u64 = 2 * 24 * 60 * 60;

/// Buys each named object once where it is sold, so that catalogues list it.
///
/// Coinbase's Bazaar and PayAI's list an object when a facilitator of theirs has settled a sale of it, and Coinbase's
/// forgets it after 30 days without one. What it costs is said before; it goes to your own payee. What was bought is in
/// the record, and is not bought again until it is due; a payment without an answer is sent again as it was.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Keys, paths, or patterns as in a rule's `path`: 'reports/**' names all that is for sale there.
    #[arg(required = true, value_name = "WHAT")]
    named: Vec<String>,
    /// The environment variable that holds the payer's private key, 64 hex digits.
    #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
    key_env: Option<String>,
    /// Pays real money on this network, eip155:8453 for example: without it only test networks are paid on.
    #[arg(long, value_name = "CAIP-2")]
    main_network: Option<String>,
    /// Where purchases are written down; listings.jsonl beside content.toml.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Buys anew what was bought so many days ago.
    #[arg(long, value_name = "DAYS", default_value_t = 25)]
    renew: u64,
    /// Says what it would cost, and buys nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Prints what was bought as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Buys, and gives the facts of it.
///
/// # Errors
///
/// What keeps it from going on. What was bought until then is in the record.
pub fn run(arguments: &Arguments, config: Option<PathBuf>) -> Outcome<Value> {
    let config = content_config::find(config).map_err(ship::Error::from)?;
    let compiled = content_config::compile(&config)
        .map_err(|report| ship::Error::content(&config, &report))?;
    if compiled.table().site.discovery.is_none() {
        return Err(Error::NotListed {}.into());
    }
    let path = arguments.record.clone().unwrap_or_else(|| config.with_file_name("listings.jsonl"));
    compiled.keeps_apart(&path).map_err(|why| Error::RecordForSale { why })?;
    let fresh = unix_now().saturating_sub(arguments.renew.saturating_mul(24 * 60 * 60));
    // Who only asks what it costs leaves no file behind.
    let looks = arguments.dry_run && !path.exists();
    let record = if looks { None } else { Some(Record::open(&path)?) };
    let main_network = arguments.main_network.as_deref();
    let plan = Plan::of(&compiled, &arguments.named, main_network, record.as_ref(), fresh)?;
    tell(&plan, &path, arguments.renew)?;
    if let (Some(variable), Some(record), false, false) =
        (&arguments.key_env, record, arguments.dry_run, plan.due.is_empty())
    {
        let key = payer(variable)?;
        println!("  paid by {}", key.address());
        confirm("Buy?", arguments.yes)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ship::Error::not_started)?;
        let bought = runtime.block_on(all(&plan, &key, record))?;
        println!(
            "Catalogues take up to some hours. The function's log has what each says: `listing` of the calls of a sale"
        );
        return Ok(facts(&plan, &bought));
    }
    Ok(facts(&plan, &Came::default()))
}

fn tell(plan: &Plan<'_>, record: &Path, renew: u64) -> Result<(), Error> {
    if !plan.listed.is_empty() {
        let (count, record) = (plan.listed.len(), record.display());
        println!("{count} of them bought in the last {renew} days, by {record}");
    }
    match plan.due.is_empty() {
        true => println!("nothing to buy"),
        false => plan.cost()?.iter().for_each(|cost| println!("{cost}")),
    }
    if plan.under_way > 0 {
        println!("{} of them by the payment that is under way, as it was signed", plan.under_way);
    }
    Ok(())
}

/// What became of the purchases, each with its URL.
#[derive(Default)]
struct Came<'p> {
    /// With the transaction.
    bought: Vec<(&'p str, String)>,
    /// Not bought, and not to be bought now: with the reason.
    left: Vec<(&'p str, String)>,
}

fn facts(plan: &Plan<'_>, came: &Came<'_>) -> Value {
    let urls = |items: &[Item<'_>]| items.iter().map(|item| item.url.clone()).collect::<Vec<_>>();
    let list = |came: &[(&str, String)], name: &str| {
        came.iter().map(|(url, what)| json!({ "url": url, name: what })).collect::<Vec<_>>()
    };
    json!({
        "outcome": "done",
        "due": urls(&plan.due),
        "listed": urls(&plan.listed),
        "bought": list(&came.bought, "transaction"),
        "left": list(&came.left, "why"),
    })
}

/// One after another, in the order of their keys. The first that fails ends it: whoever lacks money lacks it for all.
async fn all<'p>(plan: &'p Plan<'_>, key: &Key, mut record: Record) -> Outcome<Came<'p>> {
    let client = client()?;
    let mut came = Came::default();
    for item in &plan.due {
        match one(&client, item, key, &mut record).await {
            Ok(Sold::Now(transaction)) => {
                println!("bought  {}  {transaction}", item.url);
                came.bought.push((&item.url, transaction));
            }
            Ok(Sold::Not(why)) => {
                println!("left    {}  {why}", item.url);
                came.left.push((&item.url, why));
            }
            Err(told) => {
                let (done, due) = (came.bought.len(), plan.due.len());
                println!("stopped at {}, after {done} of {due}", item.url);
                return Err(told);
            }
        }
    }
    Ok(came)
}

/// What became of one purchase.
enum Sold {
    /// It was sold, by this transaction.
    Now(String),
    /// It was not, and is not to be paid now: why.
    Not(String),
}

/// Buys an object: by the payment that is under way, unless that is refused; else by a new one.
async fn one(client: &Client, item: &Item<'_>, key: &Key, record: &mut Record) -> Outcome<Sold> {
    if let Some(Step::Sent(payment)) = record.last(&item.url) {
        let payment = payment.clone();
        if let Ok(sold) = finish(client, item, payment, record).await? {
            return Ok(sold);
        }
    }
    // The sum that was said is of the first offers.
    let challenge = ours(client, item, &item.offers[..1]).await?;
    let signed = sign_offer(&challenge, key, None)?;
    let payment = Payment {
        at: unix_now(),
        payer: key.address().to_string(),
        network: format!("eip155:{}", signed.domain.token.chain_id),
        header: signed.header_name().to_owned(),
        value: signed.header_value(),
    };
    record.write(&item.url, Step::Sent(payment.clone()))?;
    let finished = finish(client, item, payment, record).await?;
    finished.map_err(|said| Error::NotTaken { said }.into())
}

/// Sends a payment that is written down. The inner error says why it was not taken.
async fn finish(
    client: &Client,
    item: &Item<'_>,
    Payment { at, payer, network, header, value }: Payment,
    record: &mut Record,
) -> Outcome<Result<Sold, String>> {
    let open = |why: String| Error::StillOpen { url: item.url.clone(), why };
    let (headers, content) = match send(client, item, (&header, &value)).await.map_err(open)? {
        Bought::Served(headers, content) => (headers, content),
        Bought::Open(said) => return Err(open(said).into()),
        Bought::Spent(said) => {
            record.write(&item.url, Step::Spent { at, said: said.clone() })?;
            return Ok(Ok(Sold::Not(said)));
        }
        Bought::Refused(said) if unix_now().saturating_sub(at) > REMEMBERED => {
            let said = format!("what became of a payment is not known so late. {said}");
            record.write(&item.url, Step::Spent { at, said: said.clone() })?;
            return Ok(Ok(Sold::Not(said)));
        }
        Bought::Refused(said) => {
            record.write(&item.url, Step::Refused { said: said.clone() })?;
            return Ok(Err(said));
        }
    };
    let expected = Expected { network: &network, payer: &payer };
    let transaction = delivered(item, &headers, &content, &expected)?;
    if record.knows(&transaction) {
        let said = format!(
            "{transaction}, an earlier purchase, opened it: it was neither paid nor sold anew"
        );
        record.write(&item.url, Step::Refused { said: said.clone() })?;
        return Ok(Ok(Sold::Not(said)));
    }
    let step = Step::Bought { at: unix_now(), network, transaction: transaction.clone() };
    record.write(&item.url, step)?;
    Ok(Ok(Sold::Now(transaction)))
}
