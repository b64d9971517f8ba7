//! How a local edge is set up.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use cloudfront::limits;
use content_config::Document;

use crate::credentials::Credentials;
use crate::distribution_config::DistributionConfig;
use crate::function::Function;
use crate::origin::{Bucket, Metadata, Worst};
use crate::web_acl::WebAcl;

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
    /// What each sandbox runs: an executable, a command, or a deployment package.
    pub function: Function,
    /// The bucket behind the default behavior, and behind every other that has the same one.
    pub content: Bucket,
    /// What is stored with the objects of folders, by key.
    pub metadata: BTreeMap<String, Metadata>,
    /// What lies in the bucket of `content` and in no file of its folder: the documents that are published with the
    /// objects.
    pub documents: Vec<Document>,
    /// Other buckets, by the ids of their origins.
    pub other_origins: BTreeMap<String, Bucket>,
    /// Credentials to sign requests to S3 APIs with; without any, they are not signed. The function
    /// gets them too, if its store is an S3 API.
    pub credentials: Option<Credentials>,
    /// How the buckets' reader is set up badly, if it is. Then answers that name the seal are handed on, as CloudFront
    /// would hand them on.
    pub worst: Option<Worst>,
    /// What the distribution does with requests.
    pub distribution: DistributionConfig,
    /// What stands before the distribution; `None` if nothing does.
    pub web_acl: Option<WebAcl>,
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
    /// `X402_RPC` for the function: the base URL of a JSON-RPC server for every network.
    pub rpc: Option<String>,
    /// `X402_STORE` for the function: `memory`, or a bucket behind an S3 API
    /// (`s3+http://127.0.0.1:PORT/BUCKET[/PREFIX]`).
    pub store: Option<String>,
    /// More environment variables for the function; they win over all others.
    pub extra_env: Vec<(String, String)>,
    /// Whether the log also goes to standard output.
    pub print: bool,
}

impl Options {
    /// Defaults: a free port on loopback, four sandboxes, CloudFront's limits, nothing printed.
    pub fn new(function: impl Into<Function>, content: impl Into<Bucket>) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            function: function.into(),
            content: content.into(),
            metadata: BTreeMap::new(),
            documents: Vec::new(),
            other_origins: BTreeMap::new(),
            credentials: None,
            worst: None,
            distribution: DistributionConfig::default(),
            web_acl: Some(WebAcl::default()),
            sandboxes: 4,
            queue: 100,
            timeout: limits::TIMEOUT,
            init_timeout: limits::INIT_TIMEOUT,
            memory: limits::MEMORY_BYTES,
            viewer_response_sees: ViewerResponseSees::default(),
            facilitator_url: None,
            site: None,
            rpc: None,
            store: None,
            extra_env: Vec::new(),
            print: false,
        }
    }
}
