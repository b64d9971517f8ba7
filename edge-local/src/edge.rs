//! Starting and stopping a local edge.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::behavior::Behavior;
use crate::cache::Cache;
use crate::distribution::Distribution;
use crate::origin::{Metadata, Origin};
use crate::sandbox::{Pool, Settings};
use crate::{Log, front, limits};

/// Which request the function sees in a viewer-response event. AWS does not say; a function should
/// work with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ViewerResponseSees {
    /// As its viewer-request event left it.
    #[default]
    Edited,
    /// As the viewer sent it.
    Original,
}

/// How a local edge is set up. [`Options::new`] gives the defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where viewers connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The function's executable, which speaks the Lambda Runtime API.
    pub function: PathBuf,
    /// The folder that acts as the S3 bucket.
    pub content: PathBuf,
    /// What is stored with objects, by key.
    pub metadata: BTreeMap<String, Metadata>,
    /// What the distribution does with requests.
    pub behavior: Behavior,
    /// Sandboxes that may be up at once; at least one.
    pub sandboxes: usize,
    /// Requests that may wait for a sandbox; one more is answered 503.
    pub queue: usize,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How long a sandbox may take to start.
    pub init_timeout: Duration,
    /// Bytes of resident memory that the function may use. Enforced on Linux only.
    pub memory: u64,
    /// Which request the function sees in a viewer-response event.
    pub viewer_response_sees: ViewerResponseSees,
    /// `X402_FACILITATOR` for the function: the base URL of the facilitator that settles.
    pub facilitator_url: Option<String>,
    /// `X402_SITE` for the function: the site's base URL; by default the local edge's own.
    pub site: Option<String>,
    /// More environment variables for the function; they win over all others.
    pub extra_env: Vec<(String, String)>,
    /// Whether the log also goes to standard output.
    pub print: bool,
}

impl Options {
    /// Defaults: a free port on loopback, four sandboxes, CloudFront's limits, nothing printed.
    pub fn new(function: impl Into<PathBuf>, content: impl Into<PathBuf>) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            function: function.into(),
            content: content.into(),
            metadata: BTreeMap::new(),
            behavior: Behavior::default(),
            sandboxes: 4,
            queue: 100,
            timeout: limits::TIMEOUT,
            init_timeout: limits::INIT_TIMEOUT,
            memory: limits::MEMORY_BYTES,
            viewer_response_sees: ViewerResponseSees::default(),
            facilitator_url: None,
            site: None,
            extra_env: Vec::new(),
            print: false,
        }
    }
}

/// Why a local edge does not start. Messages hold their cause.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error(
        "{0} is in use by another program: stop it, or listen elsewhere (`--listen 127.0.0.1:0` takes a free port)"
    )]
    AddressInUse(SocketAddr),
    /// The content folder is missing or unreadable.
    #[error("cannot read the content folder {}: {cause}; name an existing one with `--content DIR`", folder.display())]
    Content {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The function is missing, or no file.
    #[error("there is no function at {}: {cause}; build it, or leave `--function` out to have it built", path.display())]
    FunctionMissing {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The function may not be executed.
    #[error("the function {path} is not executable: run `chmod +x {path}`", path = .0.display())]
    FunctionNotExecutable(PathBuf),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; choose another address with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// No sandbox would ever run.
    #[error("at least one sandbox is needed: `--sandboxes 1`")]
    NoSandboxes,
}

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
    /// [`StartError`], when an address, folder or executable cannot be used.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if options.sandboxes == 0 {
            return Err(StartError::NoSandboxes);
        }
        let function = executable(&options.function)?;
        let origin = Origin::new(&options.content, options.metadata)
            .map_err(|cause| StartError::Content { folder: options.content.clone(), cause })?;
        let (listener, address) = listen(options.listen).await?;

        let mut env = vec![
            ("X402_SITE".to_owned(), options.site.unwrap_or_else(|| url(address))),
            ("X402_HANDOVER_KEY".to_owned(), random_key()),
        ];
        env.extend(options.facilitator_url.map(|url| ("X402_FACILITATOR".to_owned(), url)));
        env.extend(options.extra_env);
        let settings = Settings {
            function,
            timeout: options.timeout,
            init_timeout: options.init_timeout,
            memory: options.memory,
            extra_env: env,
        };
        let log = Log::new(options.print);
        let distribution = Arc::new(Distribution {
            cache: Arc::new(Cache::new(options.behavior.cache_policy)),
            behavior: options.behavior,
            origin: Arc::new(origin),
            pool: Pool::new(settings, log.clone(), options.sandboxes, options.queue),
            log,
            viewer_response_sees: options.viewer_response_sees,
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

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let error = |cause: io::Error| match cause.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Listen { address, cause },
    };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let address = listener.local_addr().map_err(error)?;
    Ok((listener, address))
}

/// The absolute path of the function, since its sandbox has another working directory.
fn executable(path: &Path) -> Result<PathBuf, StartError> {
    use std::os::unix::fs::PermissionsExt as _;
    let missing = |cause| StartError::FunctionMissing { path: path.to_owned(), cause };
    let found = path.canonicalize().map_err(missing)?;
    let metadata = found.metadata().map_err(missing)?;
    if !metadata.is_file() {
        return Err(missing(io::Error::other("it is not a file")));
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(StartError::FunctionNotExecutable(path.to_owned()));
    }
    Ok(found)
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
fn random_key() -> String {
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("the operating system has random numbers");
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
