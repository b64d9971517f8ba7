//! `paywall refunds`: what is owed, with proof; what to send; and that it was sent. It signs and sends nothing.
//!
//! A refund is recorded in three steps, each a conditional write, so that it may break off anywhere and be run again:
//! the transaction is kept for one payment, the account says that it opens nothing any more, and the refund is written.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;

use next_step::Outcome;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::node::Authorization;
use paywall_core::purchase::{Account, Binding, PaymentId, VERSION};
use price_table::Table;
use ship::s3::{Access, Target};
use url::Url;

use crate::chain::{self, Watched};
use crate::classify;
use crate::command::payees;
use crate::desk::{Desk, Refunds, not_read, watched};
use crate::entry::State;
use crate::error::Error;
use crate::judge::{Known, Recorded};
use crate::ledger::{Credit, Owed, Posting, Row};
use crate::logs::Logs;
use crate::moment::moment;
use crate::nodes::{self, Nodes};
use crate::place::{Place, confirmations};
use crate::records::{Records, Unreadable};
use crate::refund::{Refund, Spent};
use crate::text::{inert, plain};
use crate::tokens::Tokens;
use crate::transfer::Transfer;

/// How often an account is read again because somebody else wrote it first.
const TRIES: usize = 6;

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

/// What proves that money is owed.
struct Proof<'a> {
    desk: &'a Desk<'a>,
    watched: std::collections::BTreeMap<String, Watched>,
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
        return record(&proof, records, transaction, payment, paid.as_deref()).await;
    }
    // Two accounts may tell of one payment.
    let mut owed = std::collections::BTreeMap::new();
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
        true => csv(&mut io::stdout().lock(), &owed),
        false => list(&mut io::stdout().lock(), &owed),
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

/// A payment that may be owed.
struct Candidate {
    payment: PaymentId,
    /// The transaction that paid it, if a record names it.
    transaction: Option<[u8; 32]>,
    /// Between which seconds it was paid, if it was.
    span: (u64, u64),
}

impl Candidate {
    fn of(payment: PaymentId, transaction: Option<&str>, since: u64, ends: Option<u64>) -> Self {
        let since = since.saturating_sub(limits::RELEASE_SECONDS);
        let until = ends.unwrap_or(since + limits::WINDOW_MOST_SECONDS);
        let span = (since, until.saturating_add(2 * limits::RELEASE_SECONDS));
        Candidate { payment, transaction: transaction.and_then(hex::decode_array), span }
    }
}

/// All payments that are no sale, as far as the records tell.
async fn candidates(
    records: &Records,
    desk: &Desk<'_>,
    mut unreadable: impl FnMut(&Unreadable),
) -> Outcome<Vec<Candidate>> {
    let mut candidates = vec![];
    let each = async |read: Result<Account, Unreadable>| {
        let account = match read {
            Ok(account) => account,
            Err(why) => {
                unreadable(&why);
                return Ok(());
            }
        };
        // What opened an earlier sale, and may have been paid all the same.
        for sale in &account.sales {
            let opened =
                sale.grant.as_ref().and_then(|grant| Some((grant.mark.as_ref()?, grant.at)));
            candidates.extend(
                opened.map(|(mark, at)| Candidate::of(mark.payment.clone(), None, at.secs(), None)),
            );
        }
        for entry in desk.entries(account) {
            let Some(mark) = entry.mark else { continue };
            let at = entry.bound_at.or(entry.settled_at).map_or(0, |at| at.secs());
            if !matches!(entry.state, State::Settled | State::Refunded | State::InProgress) {
                let (transaction, ends) = (entry.transaction.as_deref(), entry.valid_before);
                candidates.push(Candidate::of(mark.payment, transaction, at, ends));
            }
        }
        Ok(())
    };
    records.accounts(each).await?;
    let each = async |read: Result<(Binding, Option<Account>), Unreadable>| {
        match read {
            Ok((binding, account)) => {
                let entry = classify::bound(&binding, account.as_ref(), desk.now);
                let doubted = |state| matches!(state, State::NotKnown | State::PackedUnpaid);
                if entry.is_some_and(|entry| doubted(entry.state)) {
                    let at = binding.bound_at.secs();
                    candidates.push(Candidate::of(binding.payment, None, at, None));
                }
            }
            Err(why) => unreadable(&why),
        }
        Ok(())
    };
    records.bindings(each).await?;
    Ok(candidates)
}

impl Proof<'_> {
    /// The transfer that a payment made to a payee, if the chain shows it.
    async fn transfer(&self, candidate: &Candidate) -> Outcome<Option<Transfer>> {
        let PaymentId::Eip3009 { chain_id, asset, from, nonce } = candidate.payment else {
            return Ok(None);
        };
        let network = format!("eip155:{chain_id}");
        let Some(watched) = self.watched.get(&network).cloned() else { return Ok(None) };
        let authorization = Authorization { token: asset, from, nonce };
        let (transaction, span) = (candidate.transaction, candidate.span);
        let payment = candidate.payment.clone();
        let found = self.desk.nodes.with(&network, move |line| {
            let named = transaction.map(|it| chain::paid_by(line, &watched, it)).transpose()?;
            let its = |paid: Vec<Transfer>| {
                paid.into_iter().find(|transfer| transfer.payment().as_ref() == Some(&payment))
            };
            if let Some(transfer) = named.flatten().and_then(its) {
                return Ok(Some(transfer));
            }
            let spent = chain::spent_by(line, &watched, authorization, span)?;
            let Some(spent) = spent else { return Ok(None) };
            let paid = chain::paid_by(line, &watched, spent)?;
            Ok(its(paid.ok_or("the node has a log of a transaction, and no receipt of it")?))
        });
        match found.await? {
            Some(found) => Ok(found.map_err(|why| not_read(&network, why))?),
            None => Ok(None),
        }
    }
}

/// Records that a transaction paid a payment back.
async fn record(
    proof: &Proof<'_>,
    records: &Records,
    transaction: &str,
    text: &str,
    paid: Option<&str>,
) -> Outcome<ExitCode> {
    let no_such =
        |why: &str| Error::NoSuchPayment { payment: text.to_owned(), why: why.to_owned() };
    let payment = PaymentId::try_from(text.to_owned()).map_err(|_| no_such("no payment's name"))?;
    let not_a_refund =
        |why: &str| Error::NotARefund { transaction: transaction.to_owned(), why: why.to_owned() };
    let hash = hex::decode_array(transaction);
    let hash: [u8; 32] = hash.ok_or_else(|| not_a_refund("it is no transaction's hash"))?;
    let transaction = hex::encode(&hash);
    if let Some(there) = proof.desk.refunds.of(&payment) {
        return match there.transaction == transaction {
            true => done(there),
            false => Err(Error::RefundedBefore {
                payment: text.to_owned(),
                transaction: there.transaction.clone(),
            }
            .into()),
        };
    }
    if let Some(begun) = proof.desk.refunds.begun(text).filter(|it| it.transaction != transaction) {
        let (payment, transaction) = (text.to_owned(), begun.transaction.clone());
        return Err(Error::RefundedBefore { payment, transaction }.into());
    }
    let binding = match records.binding(&payment).await? {
        Ok(Some(binding)) => binding,
        Ok(None) => return Err(no_such("this store does not know it").into()),
        Err(unreadable) => {
            return Err(no_such(&format!("{}: {}", unreadable.place, unreadable.why)).into());
        }
    };
    let known = proof.desk.known(&payment).await?;
    let transfer = proof.transfer(&candidate(&binding, &known, paid)).await?;
    let transfer = transfer.ok_or_else(|| Error::NotPaid { payment: text.to_owned() })?;
    let Some(row) = proof.desk.transfers(std::slice::from_ref(&transfer)).await?.pop() else {
        return Err(Error::NotPaid { payment: text.to_owned() }.into());
    };
    // Where it broke off after the second step, the account says so.
    let was_owed = matches!(row.posting, Posting::Received(Credit::Owed(_)));
    if !was_owed {
        let what = row.posting.about().to_owned();
        return Err(Error::NotOwed { payment: text.to_owned(), what }.into());
    }
    let refund = proof.refund(&binding, &transfer, &row, hash).await?;
    keep(records, &refund, text).await?;
    close(records, &binding, &transaction, text).await?;
    write(records, &refund, text).await?;
    done(&refund)
}

fn candidate(binding: &Binding, known: &Known, paid: Option<&str>) -> Candidate {
    let entry = match &known.recorded {
        Recorded::Known(entry) | Recorded::Opened(entry) => Some(entry),
        Recorded::Nothing | Recorded::Unreadable(_) => None,
    };
    // Of what is refunded already, the code is the refund.
    let named = entry.filter(|entry| entry.state != State::Refunded);
    let named = paid.or_else(|| named?.transaction.as_deref());
    Candidate::of(binding.payment.clone(), named, binding.bound_at.secs(), None)
}

impl Proof<'_> {
    /// What a transaction paid back, by the chain.
    async fn refund(
        &self,
        binding: &Binding,
        paid: &Transfer,
        row: &Row,
        hash: [u8; 32],
    ) -> Outcome<Refund> {
        let network = paid.network();
        let confirmations = self.watched.get(&network).map_or(u64::MAX, |it| it.confirmations);
        let back = Watched {
            chain_id: paid.chain_id,
            tokens: vec![paid.asset],
            payees: vec![paid.from],
            confirmations,
        };
        let came = self.desk.nodes.with(&network, move |line| chain::paid_by(line, &back, hash));
        let came = match came.await? {
            Some(came) => came.map_err(|why| not_read(&network, why))?.unwrap_or_default(),
            None => vec![],
        };
        let refuse = |why: String| Error::NotARefund { transaction: hex::encode(&hash), why };
        if came.is_empty() {
            let token = hex::encode(&paid.asset);
            let payer = hex::encode(&paid.from);
            return Err(refuse(format!(
                "it is not on the chain, or not deep enough, or moves no {token} to {payer}"
            ))
            .into());
        }
        let after = |it: &&Transfer| (it.block, it.index) > (paid.block, paid.index);
        if !came.iter().any(|it| after(&it)) {
            return Err(refuse("it is older than the payment".to_owned()).into());
        }
        let others = came.iter().filter(after).filter(|it| it.from != it.to);
        let Some(best) = others.max_by_key(|it| it.value).filter(|it| it.value >= paid.value)
        else {
            let owed = row.whole().unwrap_or_else(|| format!("{} atomic units", paid.value));
            return Err(refuse(format!(
                "it does not pay the whole of it to its payer at once: {owed}"
            ))
            .into());
        };
        Ok(Refund {
            v: VERSION,
            payment: binding.payment.clone(),
            subject: binding.subject.clone(),
            why: row.posting.name().to_owned(),
            network,
            asset: hex::encode(&paid.asset),
            paid_at: paid.time,
            // What was sent beyond the payment was not owed.
            amount: paid.value,
            from: hex::encode(&best.from),
            to: hex::encode(&best.to),
            payee: hex::encode(&paid.to),
            transaction: hex::encode(&hash),
            block: best.block,
            index: best.index,
            time: best.time,
        })
    }
}

/// First step: the transaction is this payment's, and no other's.
async fn keep(records: &Records, refund: &Refund, payment: &str) -> Outcome<()> {
    let key = Spent::key(&refund.network, &refund.transaction);
    let spent = Spent::new(&refund.transaction, &refund.payment);
    match records.create(key.as_str(), &spent).await? {
        None => Ok(()),
        Some(there) if there == spent => Ok(()),
        Some(Spent { payment: other, .. }) if other.to_string() != payment => {
            let (transaction, payment) = (refund.transaction.clone(), other.to_string());
            Err(Error::SpentOnOther { transaction, payment }.into())
        }
        Some(_) => Err(Error::Moving { place: key.to_string() }.into()),
    }
}

/// Second step: what was owed opens nothing any more.
async fn close(
    records: &Records,
    binding: &Binding,
    transaction: &str,
    payment: &str,
) -> Outcome<()> {
    let key = classify::account_of(binding);
    let mark = binding.mark();
    for _ in 0..TRIES {
        let Some((mut account, etag)) = records.account_version(&key).await? else { return Ok(()) };
        let before = account.clone();
        if !account.refund(&mark, transaction, nodes::now()) {
            let payment = payment.to_owned();
            if let Some(closed) = account.closed.into_iter().find(|closed| closed.mark == mark) {
                let transaction = closed.code;
                return Err(Error::RefundedBefore { payment, transaction }.into());
            }
            return match account.sales.iter().any(|sale| sale.mark == mark) {
                true => Err(Error::ServedMeanwhile { payment }.into()),
                // It stands nowhere, or packed: there is nothing to close.
                false => Ok(()),
            };
        }
        if account == before || records.swap(&key, account, &etag).await? {
            return Ok(());
        }
    }
    Err(Error::Moving { place: key }.into())
}

/// Third step: the books know it.
async fn write(records: &Records, refund: &Refund, payment: &str) -> Outcome<()> {
    match records.create(Refund::key(&refund.payment).as_str(), refund).await? {
        None => Ok(()),
        Some(there) if there.transaction == refund.transaction => Ok(()),
        Some(there) => Err(Error::RefundedBefore {
            payment: payment.to_owned(),
            transaction: there.transaction,
        }
        .into()),
    }
}

fn done(refund: &Refund) -> Outcome<ExitCode> {
    let by = if refund.by_payee() { "the payee" } else { "somebody else" };
    println!(
        "recorded: {} was paid back by {} ({by}, {})",
        refund.payment,
        refund.transaction,
        moment(refund.time)
    );
    Ok(ExitCode::SUCCESS)
}

fn list(out: &mut impl Write, owed: &[Row]) -> io::Result<()> {
    for row in owed {
        let amount = match (row.whole(), &row.token) {
            (Some(amount), Some((symbol, _))) => format!("{amount} {symbol}"),
            _ => format!("{} atomic units", row.amount),
        };
        let name = row.name.as_deref().unwrap_or_default();
        writeln!(out, "{}  to {}  for {}", plain(&amount), row.payer, plain(name))?;
        writeln!(out, "    {}: {}", row.posting.name(), row.posting.about())?;
        writeln!(
            out,
            "    paid {} by {}",
            moment(row.at),
            row.transaction.as_deref().unwrap_or_default()
        )?;
        writeln!(out, "    payment {}", row.payment.as_deref().unwrap_or_default())?;
        writeln!(out, "    token {} of {}\n", row.asset, row.network)?;
    }
    match owed.len() {
        0 => writeln!(out, "nothing is owed"),
        count => writeln!(
            out,
            "owed: {count}; once one is sent, `paywall refunds paid TX --for PAYMENT` records it"
        ),
    }
}

/// What to send.
fn csv(out: &mut impl Write, owed: &[Row]) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let columns =
        ["network", "asset", "token", "to", "amount", "atomicAmount", "payment", "paidBy", "why"];
    csv.write_record(columns)?;
    for row in owed {
        let token = row.token.as_ref().map(|(symbol, _)| symbol.clone());
        let cells = [
            Some(row.network.clone()),
            Some(row.asset.clone()),
            token,
            Some(row.payer.clone()),
            row.whole(),
            Some(row.amount.to_string()),
            row.payment.clone(),
            row.transaction.clone(),
            Some(row.posting.name().to_owned()),
        ];
        csv.write_record(cells.map(|cell| inert(cell.unwrap_or_default()).into_owned()))?;
    }
    csv.flush()
}
