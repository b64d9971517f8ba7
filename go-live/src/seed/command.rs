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
    Ok(facts(&plan, &[]))
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
    Ok(())
}

fn facts(plan: &Plan<'_>, bought: &[(&str, String)]) -> Value {
    let urls = |items: &[Item<'_>]| items.iter().map(|item| item.url.clone()).collect::<Vec<_>>();
    let bought: Vec<_> = bought
        .iter()
        .map(|(url, transaction)| json!({ "url": url, "transaction": transaction }))
        .collect();
    json!({ "outcome": "done", "due": urls(&plan.due), "listed": urls(&plan.listed), "bought": bought })
}

/// One after another, in the order of their keys. The first that fails ends it: whoever lacks money lacks it for all.
async fn all<'p>(
    plan: &'p Plan<'_>,
    key: &Key,
    mut record: Record,
) -> Outcome<Vec<(&'p str, String)>> {
    let client = client()?;
    let mut bought = Vec::new();
    for item in &plan.due {
        match one(&client, item, key, &mut record).await {
            Ok(transaction) => {
                println!("bought  {}  {transaction}", item.url);
                bought.push((item.url.as_str(), transaction));
            }
            Err(told) => {
                let (done, due) = (bought.len(), plan.due.len());
                println!("stopped at {}, after {done} of {due}", item.url);
                return Err(told);
            }
        }
    }
    Ok(bought)
}

/// Buys an object: by the payment that is under way, unless that is refused; else by a new one.
async fn one(client: &Client, item: &Item<'_>, key: &Key, record: &mut Record) -> Outcome<String> {
    if let Some(Step::Sent(payment)) = record.last(&item.url) {
        let payment = payment.clone();
        if let Ok(transaction) = finish(client, item, payment, record).await? {
            return Ok(transaction);
        }
    }
    let challenge = ours(client, item).await?;
    let signed = sign_offer(&challenge, key, None)?;
    let payment = Payment {
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
    Payment { payer, network, header, value }: Payment,
    record: &mut Record,
) -> Outcome<Result<String, String>> {
    let open = |why: String| Error::StillOpen { url: item.url.clone(), why };
    let (headers, body) = match send(client, &item.url, (&header, &value)).await.map_err(open)? {
        Bought::Served(headers, body) => (headers, body),
        Bought::Open(said) => return Err(open(said).into()),
        Bought::Refused(said) => {
            record.write(&item.url, Step::Refused { said: said.clone() })?;
            return Ok(Err(said));
        }
    };
    let expected = Expected { network: &network, payer: &payer };
    let transaction = delivered(item, &headers, &body, &expected)?;
    let step = Step::Bought { at: unix_now(), network, transaction: transaction.clone() };
    record.write(&item.url, step)?;
    Ok(Ok(transaction))
}
