//! The cache of one edge location: answers of the origin by path.
//!
//! It holds objects and, briefly, the origin's 403 and 404. Requests for one object that miss at
//! the same time are not collapsed into one: each asks the origin.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use lru::LruCache;

use crate::behavior::CachePolicy;
use crate::freshness;
use crate::limits;
use crate::origin::{Answer, Object, Origin, Refusal};

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

/// Objects and errors by path.
#[derive(Debug)]
pub(crate) struct Cache {
    policy: CachePolicy,
    entries: Mutex<Entries>,
}

#[derive(Debug)]
struct Entries {
    by_uri: LruCache<String, Entry>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    stored: Instant,
    ttl: Duration,
    answer: Result<Arc<Object>, Refusal>,
}

impl Cache {
    /// An empty cache.
    pub(crate) fn new(policy: CachePolicy) -> Self {
        let entries = Entries { by_uri: LruCache::unbounded(), bytes: 0 };
        Self { policy, entries: Mutex::new(entries) }
    }

    /// The object at `uri`: from the cache while it is fresh at `now`, else from the origin. Reads
    /// the disk.
    pub(crate) fn get(&self, origin: &Origin, uri: &str, now: Instant) -> Result<Fetched, Refusal> {
        let cached = self.lock().by_uri.get(uri).cloned();
        let stale = match cached {
            Some(entry) if entry.is_fresh(now) => {
                let object = entry.answer?;
                let age = Some(now.saturating_duration_since(entry.stored));
                return Ok(Fetched { object, outcome: Outcome::Hit, age });
            }
            Some(entry) => entry.answer.ok(),
            None => None,
        };
        let (object, outcome) =
            match (origin.get(uri, stale.as_ref().map(|object| object.etag.as_str())), stale) {
                (Answer::Found(object), _) => (Arc::new(object), Outcome::Miss),
                (Answer::NotModified, Some(object)) => (object, Outcome::RefreshHit),
                (Answer::NotModified, None) => unreachable!("no ETag was sent to compare with"),
                (Answer::Refused(refusal), _) => {
                    if matches!(refusal.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
                        self.store(uri, now, limits::ERROR_CACHING_MIN_TTL, Err(refusal.clone()));
                    }
                    return Err(refusal);
                }
            };
        let ttl = freshness::ttl(self.policy, object.cache_control.as_deref());
        self.store(uri, now, ttl, Ok(Arc::clone(&object)));
        let age = (outcome == Outcome::RefreshHit).then_some(Duration::ZERO);
        Ok(Fetched { object, outcome, age })
    }

    fn store(
        &self,
        uri: &str,
        stored: Instant,
        ttl: Duration,
        answer: Result<Arc<Object>, Refusal>,
    ) {
        let mut entries = self.lock();
        let entry = Entry { stored, ttl, answer };
        entries.bytes += entry.bytes();
        if let Some(old) = entries.by_uri.put(uri.to_owned(), entry) {
            entries.bytes -= old.bytes();
        }
        while entries.bytes > CAPACITY_BYTES
            && let Some((_, oldest)) = entries.by_uri.pop_lru()
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
    use crate::origin::Metadata;
    use std::collections::BTreeMap;
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
            let origin = Origin::new(dir.path(), BTreeMap::from([("a".into(), metadata)])).unwrap();
            let cache = Cache::new(CachePolicy::CACHING_OPTIMIZED);
            Self { dir, origin, cache, start: Instant::now() }
        }

        fn write(&self, text: &str) {
            fs::write(self.dir.path().join("a"), text).unwrap();
        }

        fn get(&self, uri: &str, second: u64) -> Result<Fetched, Refusal> {
            self.cache.get(&self.origin, uri, self.start + Duration::from_secs(second))
        }
    }

    #[test]
    fn a_copy_serves_until_it_is_stale() {
        let shop = Shop::new();
        shop.write("old");
        let miss = shop.get("/a", 0).unwrap();
        assert_eq!((miss.outcome, miss.age), (Outcome::Miss, None));

        shop.write("new");
        let hit = shop.get("/a", 59).unwrap();
        assert_eq!((hit.outcome, hit.age), (Outcome::Hit, Some(Duration::from_secs(59))));
        assert_eq!(&hit.object.body[..], b"old");

        let changed = shop.get("/a", 60).unwrap();
        assert_eq!(changed.outcome, Outcome::Miss);
        assert_eq!(&changed.object.body[..], b"new");

        let confirmed = shop.get("/a", 120).unwrap();
        assert_eq!((confirmed.outcome, confirmed.age), (Outcome::RefreshHit, Some(Duration::ZERO)));
        assert_eq!(shop.get("/a", 121).unwrap().outcome, Outcome::Hit);
    }

    #[test]
    fn the_key_is_the_path_as_spelt() {
        let shop = Shop::new();
        shop.write("x");
        assert_eq!(shop.get("/a", 0).unwrap().outcome, Outcome::Miss);
        assert_eq!(shop.get("/%61", 0).unwrap().outcome, Outcome::Miss);
        assert_eq!(shop.get("/a", 0).unwrap().outcome, Outcome::Hit);
    }

    #[test]
    fn errors_are_kept_for_ten_seconds() {
        let shop = Shop::new();
        assert_eq!(shop.get("/a", 0).unwrap_err().status, StatusCode::FORBIDDEN);
        shop.write("here now");
        assert!(shop.get("/a", 9).is_err());
        assert_eq!(shop.get("/a", 10).unwrap().outcome, Outcome::Miss);
    }
}
