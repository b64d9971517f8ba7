//! Which stack holds a site's id: a record in its store says so.

use paywall_core::purchase::{SiteHolder, VERSION};
use price_table::{Redemptions, Table};
use url::Url;

use crate::error::Error;
use crate::s3::{Bucket, Credentials, S3Error, Target};

/// Looks in the table's store whether another stack holds the site's id; with `write`, says there that `stack` does.
/// Asks nobody where payments are remembered in memory.
///
/// The credentials need s3:GetObject, s3:PutObject and s3:ListBucket. The bucket must be `account`'s, where that is
/// known; `endpoint` is an S3 API that is not Amazon's.
///
/// # Errors
///
/// Another stack holds it, which `accept_new_site_id` allows; or the store does not answer.
pub async fn claim(
    credentials: &Credentials,
    account: Option<&str>,
    endpoint: Option<&Url>,
    table: &Table,
    stack: &str,
    accept_new_site_id: bool,
    write: bool,
) -> Result<(), Error> {
    let Redemptions::S3 { bucket, region, prefix, .. } = &table.redemptions else { return Ok(()) };
    let target = Target {
        bucket: bucket.to_string(),
        region: region.to_string(),
        prefix: format!("{prefix}/"),
        seal: None,
        endpoint: endpoint.cloned(),
        owner: account.map(str::to_owned),
    };
    let bucket = Bucket::open(target, credentials)?;
    let explain = |error: S3Error| error.explain(bucket.target());
    let id = &*table.site.id;
    let (key, own) = (SiteHolder::key(id), SiteHolder::new(id, stack));
    let json = serde_json::to_string(&own).expect("texts are JSON");
    let place = format!("{}{key}", bucket.target().name());
    let mut holder = match bucket.get(key.as_str()).await {
        Ok(found) => found.map(|json| read(&json, &place)).transpose()?,
        // It is made with the stack.
        Err(S3Error::Refused { code, .. }) if code == "NoSuchBucket" && !write => None,
        Err(error) => return Err(explain(error)),
    };
    if write && holder.is_none() {
        if bucket.create(key.as_str(), &json).await.map_err(explain)? {
            return Ok(());
        }
        // Somebody was first: this very request, it may be, whose first answer was lost.
        let found = bucket.get(key.as_str()).await.map_err(explain)?;
        holder = found.map(|json| read(&json, &place)).transpose()?;
    }
    match holder {
        Some(holder) if holder.stack != stack && !accept_new_site_id => {
            Err(Error::HeldByOther { id: id.to_owned(), holder: holder.stack, place })
        }
        Some(holder) if holder.stack != stack && write => {
            bucket.replace(key.as_str(), &json).await.map_err(explain)
        }
        None if write => Err(Error::HolderGone { place }),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn read(json: &[u8], place: &str) -> Result<SiteHolder, Error> {
    let place = place.to_owned();
    let holder: SiteHolder = match serde_json::from_slice(json) {
        Ok(holder) => holder,
        Err(why) => return Err(Error::NotAHolder { place, why: why.to_string() }),
    };
    if holder.v != VERSION {
        let (version, ours) = (holder.v.to_string(), VERSION.to_string());
        return Err(Error::OtherVersion { place, version, ours });
    }
    Ok(holder)
}
