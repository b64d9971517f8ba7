//! Starting and stopping a local edge.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use content_config::Document;
use price_table::Seal;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::cache::Cache;
use crate::credentials::Credentials;
use crate::distribution::Distribution;
use crate::error::Error;
use crate::options::Options;
use crate::origin::{Bucket, Folder, Origin, S3, Sealed, Store};
use crate::sandbox::{Pool, Settings};
use crate::web_acl::{Acl, WebAcl};
use crate::{Log, front};

/// A running local edge. Dropping it kills every sandbox; [`Edge::stop`] also waits for their end.
#[derive(Debug)]
pub struct Edge {
    address: SocketAddr,
    distribution: Arc<Distribution>,
    front: AbortOnDropHandle<()>,
}

impl Edge {
    /// Starts to listen. Sandboxes start when requests need them.
    ///
    /// # Errors
    ///
    /// [`Error`], when an address, folder or executable cannot be used.
    pub async fn start(options: Options) -> Result<Self, Error> {
        if options.sandboxes == 0 {
            return Err(Error::NoSandboxes {});
        }
        let function = options.function.clone().checked()?;
        let origins = origins(&options, function.seal.as_ref())?;
        let (listener, address) = listen(options.listen).await?;

        let mut env = vec![
            ("X402_SITE".to_owned(), options.site.unwrap_or_else(|| url(address))),
            ("X402_HANDOVER_KEY".to_owned(), random_key()),
            ("X402_PASS_KEY".to_owned(), random_key()),
        ];
        let named = [
            ("X402_FACILITATOR", options.facilitator_url),
            ("X402_RPC", options.rpc),
            ("X402_STORE", options.store.clone()),
        ];
        env.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        if options.store.is_some_and(|store| store.starts_with("s3+")) {
            env.extend(options.credentials.iter().flat_map(Credentials::variables));
        }
        env.extend(options.extra_env);
        let seal = function.seal.clone();
        let settings = Settings {
            function,
            timeout: options.timeout,
            init_timeout: options.init_timeout,
            memory: options.memory,
            extra_env: env,
        };
        let log = Log::new(options.print).hiding(seal.clone());
        let error_pages = options.distribution.error_pages.iter();
        let error_ttls = error_pages.map(|page| (page.status, page.caching_min_ttl)).collect();
        let distribution = Arc::new(Distribution {
            cache: Cache::new(error_ttls),
            config: options.distribution,
            origins,
            pool: Pool::new(settings, log.clone(), options.sandboxes, options.queue),
            log,
            viewer_response_sees: options.viewer_response_sees,
            shows_seal: options.worst.is_some(),
            web_acl: Acl::new(options.web_acl),
        });
        let front = tokio::spawn(front::serve(listener, Arc::clone(&distribution)));
        Ok(Self { address, distribution, front: AbortOnDropHandle::new(front) })
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The log so far, oldest line first: requests, what sandboxes do, what the function wrote. The
    /// newest 10,000 lines are kept.
    pub fn log_lines(&self) -> Vec<String> {
        self.distribution.log.lines()
    }

    /// Puts another web ACL before the distribution, or none: from the next request on.
    pub fn set_web_acl(&self, acl: Option<WebAcl>) {
        self.distribution.web_acl.set(acl);
    }

    /// Process ids of the sandboxes that are up, by number.
    pub fn sandboxes(&self) -> BTreeMap<u32, u32> {
        self.distribution.pool.processes()
    }

    /// Closes all connections, kills all sandboxes and waits until they are gone.
    pub async fn stop(self) {
        self.front.abort();
        self.distribution.pool.stop().await;
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.distribution.pool.cancel();
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let error = |why: io::Error| match (why.kind(), address.to_string()) {
        (io::ErrorKind::AddrInUse, address) => Error::AddressInUse { address },
        (_, address) => Error::NotListening { address, why: why.to_string() },
    };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let address = listener.local_addr().map_err(error)?;
    Ok((listener, address))
}

/// The buckets behind the behaviors, by the ids of their origins.
fn origins(options: &Options, seal: Option<&Seal>) -> Result<BTreeMap<String, Origin>, Error> {
    let config = &options.distribution;
    let main = config.default_behavior.origin.as_ref().map(|origin| &origin.bucket);
    let mut origins = BTreeMap::new();
    for origin in config.origins() {
        let given = options.other_origins.get(&origin.id);
        // What the function never asks for lies where its seller put it.
        let below = seal.filter(|_| given.is_none() || config.is_gated(&origin.id));
        let sealed = below.map(|seal| Sealed { path: origin.path.clone(), seal: seal.clone() });
        let (bucket, documents) = match given {
            Some(bucket) => (bucket, BTreeMap::new()),
            None if main == Some(&origin.bucket) => {
                (&options.content, published(&options.documents, &origin.path))
            }
            None => {
                let (id, bucket) = (origin.id.clone(), origin.bucket.clone());
                return Err(Error::OriginUnknown { id, bucket });
            }
        };
        origins.insert(origin.id.clone(), open(bucket, documents, options, sealed)?);
    }
    match options.other_origins.keys().find(|id| !origins.contains_key(*id)) {
        Some(unused) => Err(Error::OriginUnused { id: unused.clone() }),
        None => Ok(origins),
    }
}

/// Documents by the keys that they are published under, below an origin path.
fn published(documents: &[Document], path: &str) -> BTreeMap<String, Document> {
    let below = |key: &str| format!("{path}/{key}").trim_start_matches('/').to_owned();
    documents.iter().map(|document| (below(&document.key), document.clone())).collect()
}

fn open(
    bucket: &Bucket,
    documents: BTreeMap<String, Document>,
    options: &Options,
    sealed: Option<Sealed>,
) -> Result<Origin, Error> {
    let store = match bucket {
        // A bucket behind an API has what was published to it.
        Bucket::Folder(folder) => Folder::new(folder, options.metadata.clone(), sealed)
            .map(|folder| Store::Folder(folder.with(documents)))
            .map_err(|why| Error::FolderNotRead {
                folder: folder.display().to_string(),
                why: why.to_string(),
            }),
        Bucket::S3(url) => {
            S3::new(url, options.credentials.as_ref()).map(|s3| Store::S3(Box::new(s3)))
        }
    };
    store.map(|store| Origin::new(store, options.worst))
}

/// A URL that leads to `address`; a wildcard address is reached on loopback.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// 64 hexadecimal digits: the key under which the function signs what it hands from one event to
/// the other, new for every run.
pub(crate) fn random_key() -> String {
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("the operating system has random numbers");
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
