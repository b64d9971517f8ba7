//! `paywall refunds`: what is owed, with proof; what to send; and that it was sent. It signs and sends nothing.

mod list;
mod paid;
mod proof;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::ExitCode;

use next_step::Outcome;
use price_table::Table;
use ship::s3::{Access, Target};
use url::Url;

use crate::command::payees;
use crate::desk::{Desk, Refunds, watched};
use crate::error::Error;
use crate::ledger::{Credit, Owed, Posting, Row};
use crate::logs::Logs;
use crate::nodes::{self, Nodes};
use crate::place::{Place, confirmations};
use crate::records::{Records, Unreadable};
use crate::tokens::Tokens;
use proof::{Proof, candidates};

/// Lists what is owed to buyers, with proof from the chain, or records that it was paid back.
///
/// Nothing is signed or sent: `--csv` prints what to send, and `paid` takes the transaction that did. Credentials are those of
/// `paywall sales`; `paid` needs s3:PutObject, too.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// A node's JSON-RPC URL: what is owed is what the chain shows as paid. May be repeated, for other networks.
    #[arg(long, value_name = "URL", required = true)]
    rpc: Vec<Url>,
    /// How deep a block must be to count, itself included [default: what `[rpc]` of the content.toml
    /// says, or 900].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    confirmations: Option<u32>,
    /// Whom buyers paid before the content.toml was changed. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    payee: Vec<String>,
    /// Print what to send, for a wallet or an accountant.
    #[arg(long)]
    csv: bool,
    #[command(subcommand)]
    paid: Option<Paid>,
}

#[derive(Debug, clap::Subcommand)]
enum Paid {
    /// Records that a transaction paid back what was owed: of the payment's token, to its payer, at least its amount, after it,
    /// from whomever. One transaction pays back one payment.
    Paid {
        /// The transaction, as 0x and 64 hexadecimal digits.
        #[arg(value_name = "TX")]
        transaction: String,
        /// Which payment, as `paywall refunds` names it.
        #[arg(long = "for", value_name = "PAYMENT")]
        payment: String,
        /// The transaction that paid the payment, where no record names it and the search does not find it.
        #[arg(long, value_name = "TX")]
        paid: Option<String>,
    },
}

/// Lists, or records.
///
/// # Errors
///
/// There is no list, or nothing is recorded.
pub fn run(arguments: &Arguments, access: impl FnOnce() -> Outcome<Access>) -> Outcome<ExitCode> {
    let content = arguments.place.content(false)?;
    let Some(table) = content.as_ref().map(|(_, compiled)| compiled.table()) else {
        return Err(Error::NoTable {}.into());
    };
    let target = arguments.place.target(content.as_ref())?;
    let Access { credentials, owner } = access()?;
    let records = Records::open(Target { owner, ..target }, &credentials)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ship::Error::not_started)?;
    runtime.block_on(refunds(arguments, table, &records))
}

impl Arguments {
    /// Whether the records are kept elsewhere than at Amazon, where buckets have no account.
    pub fn elsewhere(&self) -> bool {
        self.place.elsewhere()
    }
}

async fn refunds(arguments: &Arguments, table: &Table, records: &Records) -> Outcome<ExitCode> {
    let tokens = Tokens::of(table);
    let deep = |network: &str| {
        let stated = confirmations(table, network);
        arguments.confirmations.or(stated).unwrap_or(nodes::CONFIRMATIONS)
    };
    let nodes = Nodes::open(&arguments.rpc, table.alone(), deep).await?;
    let watched = watched(table, &payees(&arguments.payee)?, deep);
    let looks = watched.keys().filter(|network| confirmations(table, network).is_some());
    let looks: BTreeSet<String> = looks.cloned().collect();
    let mut unreadable = 0;
    let mut leave_out = |record: &Unreadable| {
        eprintln!("warning: {} is left out: {}", record.place, record.why);
        unreadable += 1;
    };
    let refunds = Refunds::read(records, &mut leave_out).await?;
    let logs = Logs::default();
    let desk = Desk {
        tokens: &tokens,
        nodes: &nodes,
        records: Some(records),
        logs: &logs,
        refunds: &refunds,
        now: nodes::now(),
        looks,
    };
    let proof = Proof { desk: &desk, watched };
    if let Some(Paid::Paid { transaction, payment, paid }) = &arguments.paid {
        return paid::record(&proof, records, transaction, payment, paid.as_deref()).await;
    }
    // Two accounts may tell of one payment.
    let mut owed = BTreeMap::new();
    for candidate in candidates(records, &desk, leave_out).await? {
        let Some(transfer) = proof.transfer(&candidate).await? else { continue };
        let row = desk.transfers(&[transfer]).await?.pop();
        if let Some(begun) = row.as_ref().and_then(|row| desk.refunds.begun(row.payment.as_ref()?))
        {
            let (payment, transaction) = (&begun.payment, &begun.transaction);
            eprintln!(
                "warning: {payment} is left out, since {transaction} pays it back: `paid {transaction} --for {payment}` records it"
            );
            continue;
        }
        owed.extend(row.filter(is_owed).map(|row| ((row.at, row.id()), row)));
    }
    let owed: Vec<_> = owed.into_values().collect();
    let written = match arguments.csv {
        true => list::csv(&mut io::stdout().lock(), &owed),
        false => list::write(&mut io::stdout().lock(), &owed),
    };
    written.map_err(|why| Error::ListNotWritten { why: why.to_string() })?;
    Ok(match unreadable {
        0 => ExitCode::SUCCESS,
        _ => {
            eprintln!("error: the list is not complete: records could not be read: {unreadable}");
            ExitCode::from(3)
        }
    })
}

fn is_owed(row: &Row) -> bool {
    matches!(row.posting, Posting::Received(Credit::Owed(why)) if why != Owed::Refunded)
}
