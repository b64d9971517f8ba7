//! The cache of one edge location: answers of the origins by [key](crate::cache_key).
//!
//! It holds objects, redirects and, briefly, the origin's 403 and 404. Requests for one object that miss at
//! the same time are not collapsed into one: each asks the origin.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cloudfront::limits;
use http::StatusCode;
use lru::LruCache;

use crate::behavior::CachePolicy;
use crate::freshness;
use crate::origin::{Answer, Object, Refusal, Unreachable};
use crate::origin_group::Group;

/// Bytes of objects that stay in the cache; the least recently used go first.
const CAPACITY_BYTES: usize = 256 * 1_024 * 1_024;

/// How a request was answered, as `X-Cache` tells the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// From the cache.
    Hit,
    /// From the origin.
    Miss,
    /// From the cache, after the origin said that the copy is still right.
    RefreshHit,
}

/// An object on its way to the viewer.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    /// The object.
    pub object: Arc<Object>,
    /// Where it came from.
    pub outcome: Outcome,
    /// How long it has been in the cache; `None` if it was not there.
    pub age: Option<Duration>,
}

/// Why there is no object.
#[derive(Clone, Debug)]
pub(crate) enum Missed {
    /// The origin, or the cache for it, says no.
    Refused(Refusal),
    /// The origin says nothing.
    Unreachable(Unreachable),
}

/// A request to the cache.
#[derive(Debug)]
pub(crate) struct Lookup<'a> {
    /// Where the answer is kept.
    pub key: String,
    /// Who is asked if somebody has to be.
    pub from: Group<'a>,
    /// How long the answer stays.
    pub policy: &'a CachePolicy,
}

/// Objects and errors by key.
#[derive(Debug)]
pub(crate) struct Cache {
    error_ttls: BTreeMap<StatusCode, Duration>,
    entries: Mutex<Entries>,
}

#[derive(Debug)]
struct Entries {
    by_key: LruCache<String, Entry>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    stored: Instant,
    ttl: Duration,
    answer: Result<Arc<Object>, Refusal>,
}

impl Cache {
    /// An empty cache. Errors stay as long as they are given, or for CloudFront's default.
    pub(crate) fn new(error_ttls: BTreeMap<StatusCode, Duration>) -> Self {
        let entries = Entries { by_key: LruCache::unbounded(), bytes: 0 };
        Self { error_ttls, entries: Mutex::new(entries) }
    }

    /// An object: from the cache while it is fresh at `now`, else from the origin.
    pub(crate) async fn get(&self, lookup: Lookup<'_>, now: Instant) -> Result<Fetched, Missed> {
        let Lookup { key, from, policy } = lookup;
        let keeps = policy.max_ttl > Duration::ZERO;
        let cached = if keeps { self.lock().by_key.get(&key).cloned() } else { None };
        let stale = match cached {
            Some(entry) if entry.is_fresh(now) => {
                let object = entry.answer.map_err(Missed::Refused)?;
                let age = Some(now.saturating_duration_since(entry.stored));
                return Ok(Fetched { object, outcome: Outcome::Hit, age });
            }
            Some(entry) => entry.answer.ok(),
            None => None,
        };
        let etag = stale.as_ref().map(|object| object.etag.as_str());
        let (object, outcome) = match (from.get(etag).await, stale) {
            (Answer::Found(object), _) => (Arc::new(object), Outcome::Miss),
            (Answer::NotModified, Some(object)) => (object, Outcome::RefreshHit),
            (Answer::NotModified, None) => {
                let reason = "an origin answered 304 to a request without an ETag".to_owned();
                return Err(Missed::Unreachable(Unreachable { timed_out: false, reason }));
            }
            (Answer::Refused(refusal), _) => {
                if let Some(ttl) = self.ttl_of(&refusal, policy).filter(|_| keeps) {
                    self.store(&key, now, ttl, Err(refusal.clone()));
                }
                return Err(Missed::Refused(refusal));
            }
            (Answer::Unreachable(why), _) => return Err(Missed::Unreachable(why)),
        };
        if keeps && freshness::may_be_kept(policy, object.cache_control.as_deref()) {
            let ttl = freshness::ttl(policy, object.cache_control.as_deref(), object.expires_in);
            self.store(&key, now, ttl, Ok(Arc::clone(&object)));
        }
        let age = (outcome == Outcome::RefreshHit).then_some(Duration::ZERO);
        Ok(Fetched { object, outcome, age })
    }

    /// How long a refusal stays, if it does. CloudFront caches redirects as it does objects: S3's have no `Cache-Control`.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorS3Origin.html>
    fn ttl_of(&self, refusal: &Refusal, policy: &CachePolicy) -> Option<Duration> {
        match refusal.status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                let ttl = self.error_ttls.get(&refusal.status);
                Some(ttl.copied().unwrap_or(limits::ERROR_CACHING_MIN_TTL))
            }
            status if status.is_redirection() => Some(freshness::ttl(policy, None, None)),
            _ => None,
        }
    }

    fn store(
        &self,
        key: &str,
        stored: Instant,
        ttl: Duration,
        answer: Result<Arc<Object>, Refusal>,
    ) {
        let mut entries = self.lock();
        let entry = Entry { stored, ttl, answer };
        entries.bytes += entry.bytes();
        if let Some(old) = entries.by_key.put(key.to_owned(), entry) {
            entries.bytes -= old.bytes();
        }
        while entries.bytes > CAPACITY_BYTES
            && let Some((_, oldest)) = entries.by_key.pop_lru()
        {
            entries.bytes -= oldest.bytes();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        // An entry is stored whole or not at all, so a panic elsewhere leaves nothing half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.stored) < self.ttl
    }

    /// Errors and empty objects count too, so that inventing paths cannot fill the memory.
    fn bytes(&self) -> usize {
        const OVERHEAD: usize = 1_024;
        OVERHEAD
            + self
                .answer
                .as_ref()
                .map_or_else(|refusal| refusal.body.len(), |object| object.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::{self, Folder, Metadata, Origin, Store};
    use crate::origin_group::Source;
    use std::fs;

    struct Shop {
        dir: tempfile::TempDir,
        origin: Origin,
        cache: Cache,
        start: Instant,
    }

    impl Shop {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let metadata =
                Metadata { cache_control: Some("max-age=60".into()), ..Default::default() };
            let metadata = BTreeMap::from([("a".into(), metadata)]);
            let folder = Folder::new(dir.path(), metadata, None).unwrap();
            let origin = Origin::new(Store::Folder(folder), None);
            let cache = Cache::new(BTreeMap::new());
            Self { dir, origin, cache, start: Instant::now() }
        }

        fn write(&self, text: &str) {
            fs::write(self.dir.path().join("a"), text).unwrap();
        }

        async fn get(&self, uri: &str, second: u64) -> Result<Fetched, Missed> {
            self.get_by(&CachePolicy::caching_optimized(), uri, second).await
        }

        async fn get_by(
            &self,
            policy: &CachePolicy,
            uri: &str,
            second: u64,
        ) -> Result<Fetched, Missed> {
            let request = origin::Request { uri: uri.to_owned(), ..Default::default() };
            let first = Source { id: "content", origin: &self.origin, request };
            let from = Group { first, second: None };
            let lookup = Lookup { key: uri.to_owned(), from, policy };
            self.cache.get(lookup, self.start + Duration::from_secs(second)).await
        }
    }

    #[tokio::test]
    async fn a_copy_serves_until_it_is_stale() {
        let shop = Shop::new();
        shop.write("old");
        let miss = shop.get("/a", 0).await.unwrap();
        assert_eq!((miss.outcome, miss.age), (Outcome::Miss, None));

        shop.write("new");
        let hit = shop.get("/a", 59).await.unwrap();
        assert_eq!((hit.outcome, hit.age), (Outcome::Hit, Some(Duration::from_secs(59))));
        assert_eq!(&hit.object.body[..], b"old");

        let changed = shop.get("/a", 60).await.unwrap();
        assert_eq!(changed.outcome, Outcome::Miss);
        assert_eq!(&changed.object.body[..], b"new");

        let confirmed = shop.get("/a", 120).await.unwrap();
        assert_eq!((confirmed.outcome, confirmed.age), (Outcome::RefreshHit, Some(Duration::ZERO)));
        assert_eq!(shop.get("/a", 121).await.unwrap().outcome, Outcome::Hit);
    }

    #[tokio::test]
    async fn the_key_is_the_path_as_spelt() {
        let shop = Shop::new();
        shop.write("x");
        assert_eq!(shop.get("/a", 0).await.unwrap().outcome, Outcome::Miss);
        assert_eq!(shop.get("/%61", 0).await.unwrap().outcome, Outcome::Miss);
        assert_eq!(shop.get("/a", 0).await.unwrap().outcome, Outcome::Hit);
    }

    #[tokio::test]
    async fn errors_are_kept_for_ten_seconds() {
        let shop = Shop::new();
        let Err(Missed::Refused(refusal)) = shop.get("/a", 0).await else { panic!("found") };
        assert_eq!(refusal.status, StatusCode::FORBIDDEN);
        shop.write("here now");
        assert!(shop.get("/a", 9).await.is_err());
        assert_eq!(shop.get("/a", 10).await.unwrap().outcome, Outcome::Miss);
    }

    #[tokio::test]
    async fn errors_stay_as_long_as_they_are_told() {
        let mut shop = Shop::new();
        shop.cache = Cache::new([(StatusCode::FORBIDDEN, Duration::from_secs(60))].into());
        assert!(shop.get("/a", 0).await.is_err());
        shop.write("here now");
        assert!(shop.get("/a", 59).await.is_err());
        assert!(shop.get("/a", 60).await.is_ok());
    }

    #[tokio::test]
    async fn caching_disabled_keeps_nothing() {
        let shop = Shop::new();
        let policy = CachePolicy::caching_disabled();
        assert!(shop.get_by(&policy, "/a", 0).await.is_err());
        shop.write("x");
        for _ in 0..2 {
            let fetched = shop.get_by(&policy, "/a", 0).await.unwrap();
            assert_eq!(fetched.outcome, Outcome::Miss);
        }
    }
}
