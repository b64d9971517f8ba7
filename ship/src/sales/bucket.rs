//! The records of a bucket, in the order of their names, a few at a time.

use std::vec;

use anyhow::anyhow;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use paywall_core::store::{Account, Binding, Mark};

use super::classify;
use crate::s3::{Bucket, S3Error, Target};

/// Where accounts are, under the prefix: [`paywall_core::store::Ticket::account_key`].
const ACCOUNTS: &str = "accounts/";

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
    /// The accounts.
    bucket: Bucket,
}

/// A record, and its key if it cannot be read.
pub(crate) type Read = Result<Account, Unreadable>;

/// A record that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// As `s3://bucket/key`.
    pub(crate) place: String,
    pub(crate) why: String,
}

impl Records {
    /// Those under `prefix`, as `[redemptions]` names it. Asks nobody anything yet.
    pub(crate) fn open(mut target: Target) -> anyhow::Result<Self> {
        let prefix = target.prefix.trim_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        target.prefix = format!("{prefix}{slash}");
        let accounts = Target { prefix: format!("{}{ACCOUNTS}", target.prefix), ..target.clone() };
        Ok(Records { folder: Bucket::open(target)?, bucket: Bucket::open(accounts)? })
    }

    /// Where they are, for people.
    pub(crate) fn place(&self) -> String {
        self.bucket.target().name()
    }

    /// Hands over every record, and gives their number.
    pub(crate) async fn each(
        &self,
        mut each: impl AsyncFnMut(Read) -> anyhow::Result<()>,
    ) -> anyhow::Result<usize> {
        let explain = |error| self.explain(error);
        let mut count = 0;
        let mut page = Some(self.bucket.first_page().await.map_err(explain)?);
        while let Some(current) = page {
            for batch in current.objects.chunks(BATCH) {
                for read in self.read(batch).await.map_err(explain)? {
                    count += 1;
                    each(read).await?;
                }
            }
            page = self.bucket.next_page(&current).await.map_err(explain)?;
        }
        Ok(count)
    }

    /// What binds a payment to its object, if anything does.
    pub(crate) async fn binding(
        &self,
        mark: &Mark,
    ) -> anyhow::Result<Result<Option<Binding>, Unreadable>> {
        let key = mark.payment.binding_key();
        let json = self.folder.get(key.as_str()).await.map_err(|error| self.explain(error))?;
        let binding = json.map(|json| classify::read_binding(&json)).transpose();
        let place = || format!("{}{key}", self.folder.target().name());
        Ok(binding.map_err(|why| Unreadable { place: place(), why }))
    }

    fn explain(&self, error: S3Error) -> anyhow::Error {
        let advice = advice(&error, self.bucket.target());
        anyhow!(error).context(advice)
    }

    async fn read(&self, batch: &[content_config::Stored]) -> Result<vec::IntoIter<Read>, S3Error> {
        let reading = batch.iter().map(|stored| async move {
            let unreadable = |why: &str| {
                let place = format!("{}{}", self.place(), stored.key);
                Some(Err(Unreadable { place, why: why.to_owned() }))
            };
            if stored.size > RECORD_BYTES {
                return Ok(unreadable("it is longer than any record"));
            }
            // Gone since it was listed: its time was over.
            let Some(json) = self.bucket.get(&stored.key).await? else { return Ok(None) };
            let read = classify::read(&format!("{ACCOUNTS}{}", stored.key), &json);
            Ok(match read {
                Ok(account) => Some(Ok(account)),
                Err(why) => unreadable(&why),
            })
        });
        let read: Vec<_> = stream::iter(reading).buffered(PARALLEL).try_collect().await?;
        Ok(read.into_iter().flatten().collect::<Vec<_>>().into_iter())
    }
}

/// What to do about it.
fn advice(error: &S3Error, target: &Target) -> String {
    let Target { bucket, region, .. } = target;
    match error {
        S3Error::Refused { code, .. } if code == "NoSuchBucket" => format!(
            "there is no bucket {bucket}: check `bucket` of [redemptions] in content.toml, or --bucket"
        ),
        S3Error::Refused { code, .. } if code == "AccessDenied" || code == "403" => format!(
            "these credentials may not read {bucket}: they need s3:ListBucket, s3:GetObject, and the use of the bucket's KMS key if it has one"
        ),
        S3Error::Unreachable(_) => {
            format!("check the network, the region ({region}) and --endpoint-url, and run it again")
        }
        S3Error::Refused { status: 429 | 500.., .. } => "run it again in a while".to_owned(),
        _ => error.advice(target),
    }
}
