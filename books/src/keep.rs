//! The ledger that is kept in the records' bucket: a Parquet file a day, and where the books stand.
//!
//! ```text
//! books/SITE/2026-11-28.parquet   the day's rows, written whole if it still is the version that was read
//! books/SITE/state.json           up to which block; what may change still; which records were read: written last
//! ```
//!
//! A run that dies anywhere is as if it had not been: the next one begins at the same state, reads the same blocks, and books
//! each row under the same id. Of two at once one meets the other's version and stops. What is written never depends on
//! which run wrote it, but for what changed in between.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use next_step::Outcome;
use paywall_core::purchase::PaymentId;
use ship::s3::Version;

use crate::chain::{self, Stand, Watched};
use crate::day::Day;
use crate::desk::{Desk, not_read};
use crate::error::Error;
use crate::judge;
use crate::ledger::{Ledger, Posting, Row};
use crate::records::{Records, Unreadable};
use crate::state::{State, fingerprint};

/// So many blocks are booked before the ledger is written: about a day of Base.
const STEP: u64 = 50_000;

/// The file that is written last.
const STATE: &str = "state.json";

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Days that were written.
    pub(crate) days: BTreeSet<Day>,
    /// Up to which second each network is booked.
    pub(crate) booked: BTreeMap<String, u64>,
    /// Networks of which it is not proven that the node left no log out.
    pub(crate) unproven: BTreeSet<String>,
}

/// Where a site's ledger is kept.
pub(crate) struct Keep<'a> {
    pub(crate) records: &'a Records,
    /// The site's id.
    pub(crate) site: &'a str,
}

/// A day's file as it was read, and as it is to be.
struct Page {
    read: Option<Version>,
    before: Ledger,
    ledger: Ledger,
}

/// Pages that were opened.
type Pages = BTreeMap<Day, Page>;

impl Keep<'_> {
    fn key(&self, file: &str) -> String {
        format!("books/{}/{file}", self.site)
    }

    fn place(&self, key: &str) -> String {
        format!("{}{key}", self.records.folder().target().name())
    }

    async fn version(&self, key: &str) -> Outcome<Option<Version>> {
        let read = self.records.folder().version(key).await;
        read.map_err(|error| self.records.told(error))
    }

    async fn write(
        &self,
        key: &str,
        kind: &str,
        bytes: &[u8],
        read: Option<&Version>,
    ) -> Outcome<()> {
        let etag = read.map(|version| version.etag.as_str());
        let written = self.records.folder().swap(key, kind, bytes, etag).await;
        match written.map_err(|error| self.records.told(error))? {
            true => Ok(()),
            false => Err(Error::KeptByOther { place: self.place(key) }.into()),
        }
    }

    /// Whether a record was read before as it is now, and has nothing more to tell.
    pub(crate) async fn seen(&self) -> Outcome<impl Fn(&content_config::Stored) -> bool + use<>> {
        let seen = self.state().await?.1.seen;
        Ok(move |stored: &content_config::Stored| {
            seen.contains(&fingerprint(&stored.key, &stored.etag))
        })
    }

    async fn state(&self) -> Outcome<(Option<Version>, State)> {
        let key = self.key(STATE);
        let read = self.version(&key).await?;
        let state = match &read {
            None => State::default(),
            Some(version) => State::read(&version.bytes)
                .map_err(|why| Error::NotKept { place: self.place(&key), why })?,
        };
        Ok((read, state))
    }

    /// The rows of some days, as they are kept.
    pub(crate) async fn rows(&self, (from, to): (Day, Day)) -> Outcome<Ledger> {
        let (mut rows, mut day) = (vec![], from);
        while day <= to {
            let page = self.page(day).await?;
            rows.extend(page.ledger.rows().into_iter().cloned());
            day = day.after();
        }
        Ok(Ledger::of(rows))
    }

    async fn page(&self, day: Day) -> Outcome<Page> {
        let key = self.key(&format!("{day}.parquet"));
        let read = self.version(&key).await?;
        let ledger = match &read {
            None => Ledger::default(),
            Some(version) => crate::parquet::read(version.bytes.clone())
                .map_err(|why| Error::NotKept { place: self.place(&key), why })?,
        };
        Ok(Page { read, before: ledger.clone(), ledger })
    }

    async fn open<'p>(&self, pages: &'p mut Pages, day: Day) -> Outcome<&'p mut Ledger> {
        let page = match pages.entry(day) {
            Entry::Occupied(page) => page.into_mut(),
            Entry::Vacant(page) => page.insert(self.page(day).await?),
        };
        Ok(&mut page.ledger)
    }

    /// Goes on with the books, up to the newest blocks that stay, or as long as `in_time` says so. `begins` is their first
    /// day, if there are none yet.
    pub(crate) async fn go_on(
        &self,
        desk: &Desk<'_>,
        watched: &BTreeMap<String, Watched>,
        begins: Day,
        in_time: impl Fn() -> bool,
        mut unreadable: impl FnMut(&Unreadable),
    ) -> Outcome<Kept> {
        let mut kept = Kept::default();
        loop {
            let more = self.pass(desk, watched, begins, &mut kept, &mut unreadable).await?;
            if !(more && in_time()) {
                return Ok(kept);
            }
        }
    }

    /// One step of it. Says whether there are more blocks.
    async fn pass(
        &self,
        desk: &Desk<'_>,
        watched: &BTreeMap<String, Watched>,
        begins: Day,
        kept: &mut Kept,
        unreadable: &mut impl FnMut(&Unreadable),
    ) -> Outcome<bool> {
        let (read, mut state) = self.state().await?;
        let begins = *state.begins.get_or_insert(begins);
        let (mut pages, mut more) = (Pages::new(), false);
        for (network, watched) in watched {
            // A payee or token that is new is booked from the beginning; what was booked stays the row that it is.
            let since = state.networks.get(network).filter(|since| watched.all_in(since)).cloned();
            let Some(read) = blocks(desk, network, watched, since, begins).await? else { continue };
            let (reading, newest) = read;
            if !reading.proven {
                kept.unproven.insert(network.clone());
            }
            more |= reading.stand.block < newest;
            kept.booked.insert(network.clone(), reading.stand.time);
            // Pages first: whoever writes one after it was read here is met when this run writes it, and no record that was
            // read before overrides what that run knew.
            for transfer in &reading.transfers {
                self.open(&mut pages, Day::of(transfer.time)).await?;
            }
            for row in desk.transfers(&reading.transfers).await? {
                self.open(&mut pages, row.day()).await?.book(row);
            }
            state.networks.insert(network.clone(), reading.stand);
        }
        self.look_again(desk, watched, &mut state, &mut pages).await?;
        self.claims(desk, watched, &mut state, &mut pages, &kept.booked, unreadable).await?;
        for refund in desk.refunds.all() {
            let payment = refund.payment.to_string();
            if state.refunds.insert(payment) {
                let token = desk.tokens.named(&refund.network, &refund.asset);
                let row = judge::refund(refund, token);
                self.open(&mut pages, row.day()).await?.book(row);
            }
        }
        for (day, page) in pages {
            for row in page.ledger.rows() {
                state.watch(row);
            }
            if page.ledger != page.before {
                let bytes = crate::parquet::write(&page.ledger);
                let bytes = bytes.map_err(|why| Error::NotBooked { why })?;
                let kind = "application/vnd.apache.parquet";
                let file = self.key(&format!("{day}.parquet"));
                self.write(&file, kind, &bytes, page.read.as_ref()).await?;
                kept.days.insert(day);
            }
        }
        let bytes = state.to_json();
        if read.as_ref().is_none_or(|version| version.bytes != bytes) {
            self.write(&self.key(STATE), "application/json", &bytes, read.as_ref()).await?;
        }
        Ok(more)
    }

    /// Looks again at what may have changed: what is open, owed, unclear, or claimed and not on the chain.
    async fn look_again(
        &self,
        desk: &Desk<'_>,
        watched: &BTreeMap<String, Watched>,
        state: &mut State,
        pages: &mut Pages,
    ) -> Outcome<()> {
        for (id, day) in std::mem::take(&mut state.restless) {
            let Some(row) = self.open(pages, day).await?.get(&id).cloned() else { continue };
            if let Some(transfer) = row.transfer() {
                for row in desk.transfers(&[transfer]).await? {
                    self.open(pages, day).await?.book(row);
                }
                continue;
            }
            let Some(Ok(payment)) = row.payment.clone().map(PaymentId::try_from) else { continue };
            let on = watched.get(&row.network);
            // Its record may name another transaction than the one that paid it.
            let is_there = self.is_booked(pages, &row).await?
                || desk.claim(on, &payment, Some(row)).await?.is_none();
            if is_there {
                self.open(pages, day).await?.remove(|row| row.id() == id);
            }
        }
        Ok(())
    }

    /// What records claim that were written since the last time, and the chain does not show.
    async fn claims(
        &self,
        desk: &Desk<'_>,
        watched: &BTreeMap<String, Watched>,
        state: &mut State,
        pages: &mut Pages,
        booked: &BTreeMap<String, u64>,
        unreadable: &mut impl FnMut(&Unreadable),
    ) -> Outcome<()> {
        let (before, mut listed) = (std::mem::take(&mut state.seen), BTreeSet::new());
        let mut accounts = vec![];
        let wanted = std::cell::RefCell::new(&mut listed);
        let wants = |stored: &content_config::Stored| {
            let print = fingerprint(&stored.key, &stored.etag);
            wanted.borrow_mut().insert(print);
            !before.contains(&print)
        };
        let each = async |stored: content_config::Stored, read| {
            match read {
                Ok(account) => accounts.push((fingerprint(&stored.key, &stored.etag), account)),
                Err(why) => unreadable(&why),
            }
            Ok(())
        };
        self.records.accounts_of(wants, each).await?;
        // What is gone from the bucket is forgotten here as well.
        let mut seen: BTreeSet<u64> = before.intersection(&listed).copied().collect();
        for (print, account) in accounts {
            let mut rests = account.open.is_none();
            for entry in desk.entries(account) {
                let (Some(mark), Some(network)) = (&entry.mark, &entry.network) else { continue };
                let token = desk.tokens.named(network, entry.asset.as_deref().unwrap_or_default());
                let looked = booked.contains_key(network) && mark.payment.chain_id().is_some();
                let Some(row) = judge::claim(&entry, looked, token) else { continue };
                if state.begins.is_some_and(|begins| row.day() < begins) {
                    continue;
                }
                let due = booked.get(network).is_none_or(|until| judge::is_due(row.at, *until));
                if !due {
                    rests = false;
                    continue;
                }
                let on = watched.get(network).filter(|_| looked);
                if self.is_booked(pages, &row).await? {
                    continue;
                }
                if let Some(row) = desk.claim(on, &mark.payment, Some(row)).await? {
                    self.open(pages, row.day()).await?.book(row);
                }
            }
            if rests {
                seen.insert(print);
            }
        }
        state.seen = seen;
        Ok(())
    }

    /// Whether the transfer of a claim is booked, on its day or the ones beside it.
    async fn is_booked(&self, pages: &mut Pages, claim: &Row) -> Outcome<bool> {
        let day = claim.day();
        for day in [day.before(), day, day.after()] {
            let ledger = self.open(pages, day).await?;
            let booked = |row: &&Row| {
                row.payment == claim.payment && matches!(row.posting, Posting::Received(_))
            };
            if ledger.rows().iter().any(booked) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The next blocks of a network, and the newest that stays; `None` if there is no node of it.
async fn blocks(
    desk: &Desk<'_>,
    network: &str,
    watched: &Watched,
    since: Option<Stand>,
    begins: Day,
) -> Outcome<Option<(chain::Reading, u64)>> {
    let watched = watched.clone();
    let reading = desk.nodes.with(network, move |line| {
        let newest = chain::newest(line, &watched)?.number;
        let since = match since {
            Some(since) => since,
            None => chain::begin(line, &watched, begins.begins())?,
        };
        let to = newest.min(since.block + STEP);
        Ok((chain::read(line, &watched, &since, to)?, newest))
    });
    match reading.await? {
        Some(Ok(read)) => Ok(Some(read)),
        Some(Err(why)) => Err(not_read(network, why).into()),
        None => Ok(None),
    }
}
