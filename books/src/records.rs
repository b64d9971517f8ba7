//! The records of a bucket, in the order of their names, a few at a time.

use std::vec;

use content_config::Stored;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use paywall_core::purchase::{Account, Binding, PaymentId};

use next_step::{Outcome, Told};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ship::s3::{Bucket, Credentials, S3Error, Target, Version};

use crate::classify::account_of;
use crate::error::Error;
use crate::read;
use crate::refund::{Refund, Spent};

/// Where accounts are, under the prefix: [`Account::key`].
const ACCOUNTS: &str = "v2/accounts/";

/// Where bindings are: [`Binding::key`].
const PAYMENTS: &str = "v2/payments/";

/// Where refunds are: [`Refund::key`].
const REFUNDS: &str = "v2/refunds/payments/";

/// Where it stands which payment a transaction paid back: [`Spent::key`].
const SPENT: &str = "v2/refunds/transactions/";

/// The longest record that the function reads, in bytes: `RECORD_BYTES` of `edge-fn/src/io/aws/s3.rs`.
const RECORD_BYTES: u64 = 1024 * 1024;

/// Records that are held at a time.
const BATCH: usize = 64;

/// Requests at once.
const PARALLEL: usize = 16;

/// The records of a folder.
pub(crate) struct Records {
    /// All of them.
    folder: Bucket,
    accounts: Bucket,
    payments: Bucket,
    refunds: Bucket,
    spent: Bucket,
}

/// A record, or which one cannot be read.
pub(crate) type Read<T> = Result<T, Unreadable>;

/// A record that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// As `s3://bucket/key`.
    pub(crate) place: String,
    pub(crate) why: String,
}

impl Records {
    /// Those under `prefix`, as `[redemptions]` names it. Asks nobody anything yet.
    pub(crate) fn open(mut target: Target, credentials: &Credentials) -> Outcome<Self> {
        let prefix = target.prefix.trim_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        target.prefix = format!("{prefix}{slash}");
        let under = |folder: &str| {
            let prefix = format!("{}{folder}", target.prefix);
            Bucket::open(Target { prefix, ..target.clone() }, credentials)
        };
        let (accounts, payments) = (under(ACCOUNTS)?, under(PAYMENTS)?);
        let (refunds, spent) = (under(REFUNDS)?, under(SPENT)?);
        let folder = Bucket::open(target, credentials)?;
        Ok(Records { folder, accounts, payments, refunds, spent })
    }

    /// Where the accounts are, for people.
    pub(crate) fn place(&self) -> String {
        self.accounts.target().name()
    }

    /// Hands over every account, and gives their number.
    pub(crate) async fn accounts(
        &self,
        mut each: impl AsyncFnMut(Read<Account>) -> Outcome<()>,
    ) -> Outcome<usize> {
        let all = |_: &Stored| true;
        self.accounts_of(all, async |_, read| each(read).await).await
    }

    /// The same of those that are to be read, by their names below the prefix and their ETags.
    pub(crate) async fn accounts_of(
        &self,
        wanted: impl Fn(&Stored) -> bool,
        each: impl AsyncFnMut(Stored, Read<Account>) -> Outcome<()>,
    ) -> Outcome<usize> {
        self.each(&self.accounts, ACCOUNTS, read::account, wanted, each).await
    }

    /// Every refund.
    pub(crate) async fn refunds(&self) -> Outcome<Vec<Read<Refund>>> {
        let mut refunds = vec![];
        let each = async |_, read| {
            refunds.push(read);
            Ok(())
        };
        self.each(&self.refunds, REFUNDS, read::refund, |_| true, each).await?;
        Ok(refunds)
    }

    /// Which payment each transaction pays back, as it was said before the refund was written.
    pub(crate) async fn spent(&self) -> Outcome<Vec<Read<Spent>>> {
        let mut spent = vec![];
        let each = async |_, read| {
            spent.push(read);
            Ok(())
        };
        self.each(&self.spent, SPENT, read::spent, |_| true, each).await?;
        Ok(spent)
    }

    /// An account, by its name under the prefix.
    pub(crate) async fn account(&self, key: &str) -> Outcome<Read<Option<Account>>> {
        self.one(key, read::account).await
    }

    /// An account that can be read, and which version of it that is.
    pub(crate) async fn account_version(&self, key: &str) -> Outcome<Option<(Account, String)>> {
        let version = self.folder.version(key).await.map_err(|error| self.explain(error))?;
        let account =
            |Version { bytes, etag }: Version| Some((read::account(key, &bytes).ok()?, etag));
        Ok(version.and_then(account))
    }

    /// Writes an account if it still is that version; says whether it is written.
    pub(crate) async fn swap(&self, key: &str, mut next: Account, etag: &str) -> Outcome<bool> {
        next.writer = writer();
        let json = serde_json::to_vec(&next).map_err(ship::Error::not_started)?;
        let written = self.folder.swap(key, "application/json", &json, Some(etag)).await;
        written.map_err(|error| self.explain(error))
    }

    /// Writes a record if there is none; gives the one that is there.
    pub(crate) async fn create<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        record: &T,
    ) -> Outcome<Option<T>> {
        let json = serde_json::to_vec(record).map_err(ship::Error::not_started)?;
        let written = self.folder.swap(key, "application/json", &json, None).await;
        if written.map_err(|error| self.explain(error))? {
            return Ok(None);
        }
        let there = self.folder.get(key).await.map_err(|error| self.explain(error))?;
        let place = format!("{}{key}", self.folder.target().name());
        match there.as_deref().map(serde_json::from_slice) {
            Some(Ok(there)) => Ok(Some(there)),
            Some(Err(_)) | None => Err(Error::Moving { place }.into()),
        }
    }

    /// All that lies under the prefix.
    pub(crate) fn folder(&self) -> &Bucket {
        &self.folder
    }

    /// What went wrong with it.
    pub(crate) fn told(&self, error: S3Error) -> Told {
        self.explain(error)
    }

    /// Hands over every binding, with the account that it names, if there is one.
    pub(crate) async fn bindings(
        &self,
        mut each: impl AsyncFnMut(Read<(Binding, Option<Account>)>) -> Outcome<()>,
    ) -> Outcome<()> {
        let explain = |error| self.explain(error);
        let mut page = Some(self.payments.first_page().await.map_err(explain)?);
        while let Some(current) = page {
            for batch in current.objects.chunks(BATCH) {
                let bindings = read_batch(&self.payments, PAYMENTS, read::binding, batch);
                let bindings = bindings.await.map_err(explain)?.map(|(_, read)| read);
                let reading = bindings.map(async |binding| self.with_account(binding).await);
                let mut reading = stream::iter(reading).buffered(PARALLEL);
                while let Some(read) = reading.try_next().await? {
                    each(read).await?;
                }
            }
            page = self.payments.next_page(&current).await.map_err(explain)?;
        }
        Ok(())
    }

    async fn with_account(
        &self,
        binding: Read<Binding>,
    ) -> Outcome<Read<(Binding, Option<Account>)>> {
        let binding = match binding {
            Ok(binding) => binding,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        let account = self.one(&account_of(&binding), read::account).await?;
        Ok(account.map(|account| (binding, account)))
    }

    /// What binds a payment, if anything does.
    pub(crate) async fn binding(&self, id: &PaymentId) -> Outcome<Read<Option<Binding>>> {
        self.one(Binding::key(id).as_str(), read::binding).await
    }

    async fn one<T>(
        &self,
        key: &str,
        read: fn(&str, &[u8]) -> Result<T, String>,
    ) -> Outcome<Read<Option<T>>> {
        let json = self.folder.get(key).await.map_err(|error| self.explain(error))?;
        let record = json.map(|json| read(key, &json)).transpose();
        let place = || format!("{}{key}", self.folder.target().name());
        Ok(record.map_err(|why| Unreadable { place: place(), why }))
    }

    async fn each<T>(
        &self,
        bucket: &Bucket,
        folder: &str,
        read: fn(&str, &[u8]) -> Result<T, String>,
        wanted: impl Fn(&Stored) -> bool,
        mut each: impl AsyncFnMut(Stored, Read<T>) -> Outcome<()>,
    ) -> Outcome<usize> {
        let explain = |error| self.explain(error);
        let mut count = 0;
        let mut page = Some(bucket.first_page().await.map_err(explain)?);
        while let Some(current) = page {
            count += current.objects.len();
            let objects: Vec<_> = current.objects.iter().filter(|it| wanted(it)).cloned().collect();
            for batch in objects.chunks(BATCH) {
                for (stored, read) in
                    read_batch(bucket, folder, read, batch).await.map_err(explain)?
                {
                    each(stored, read).await?;
                }
            }
            page = bucket.next_page(&current).await.map_err(explain)?;
        }
        Ok(count)
    }

    fn explain(&self, error: S3Error) -> Told {
        let advice = advice(&error, self.folder.target());
        error.advised(advice).into()
    }
}

async fn read_batch<T>(
    bucket: &Bucket,
    folder: &str,
    read: fn(&str, &[u8]) -> Result<T, String>,
    batch: &[Stored],
) -> Result<vec::IntoIter<(Stored, Read<T>)>, S3Error> {
    let reading = batch.iter().map(|stored| async move {
        let unreadable = |why: &str| {
            let place = format!("{}{}", bucket.target().name(), stored.key);
            Some((stored.clone(), Err(Unreadable { place, why: why.to_owned() })))
        };
        if stored.size > RECORD_BYTES {
            return Ok(unreadable("it is longer than any record"));
        }
        // Gone since it was listed: its time was over.
        let Some(json) = bucket.get(&stored.key).await? else { return Ok(None) };
        Ok(match read(&format!("{folder}{}", stored.key), &json) {
            Ok(record) => Some((stored.clone(), Ok(record))),
            Err(why) => unreadable(&why),
        })
    });
    let read: Vec<_> = stream::iter(reading).buffered(PARALLEL).try_collect().await?;
    Ok(read.into_iter().flatten().collect::<Vec<_>>().into_iter())
}

/// Which write of the books this is: no two versions of a record have the same bytes.
fn writer() -> String {
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher as _, Hasher as _};
    use std::sync::atomic::{AtomicU64, Ordering};
    static WRITES: AtomicU64 = AtomicU64::new(0);
    // Its keys are random.
    let random = RandomState::new().build_hasher().finish();
    format!("books-{random:016x}/{}", WRITES.fetch_add(1, Ordering::Relaxed))
}

/// What to do about it.
fn advice(error: &S3Error, target: &Target) -> String {
    let Target { bucket, region, .. } = target;
    match error {
        S3Error::Refused { code, .. } if code == "NoSuchBucket" => format!(
            "there is no bucket {bucket}: check `bucket` of [redemptions] in content.toml, or --bucket"
        ),
        S3Error::Refused { code, .. } if code == "AccessDenied" || code == "403" => format!(
            "these credentials may not read {bucket}: they need s3:ListBucket, s3:GetObject, and the use of the bucket's KMS key if it has one{}",
            S3Error::whose(target)
        ),
        S3Error::Unreachable(_) => {
            format!("check the network, the region ({region}) and --endpoint-url, and run it again")
        }
        S3Error::Refused { status: 429 | 500.., .. } => "run it again in a while".to_owned(),
        _ => error.advice(target),
    }
}
