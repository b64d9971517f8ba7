//! A server that speaks S3: the one of `S3_TEST_URL` (`tests/s3/radosgw.sh` starts one), or, without
//! that, `s3s-fs` in this process.
//!
//! `s3s-fs` looks whether a condition holds and then writes, so writers that arrive together can all
//! win. Here its requests take turns, which is what makes its conditional writes true ones.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process, thread};

use edge_fn::io::aws::Identity;
use edge_fn::io::aws::s3::Folder;
use edge_fn::io::aws::sigv4::{self, Scope, Signable};
use edge_fn::io::clock;
use edge_fn::io::http::{End, Http, Method, Repeat, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use paywall_core::clock::Micros;
use paywall_core::store::{Failed, Reply, Version};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// The variable that names another server.
const URL: &str = "S3_TEST_URL";
const REGION: &str = "us-east-1";

/// A server with an empty bucket of its own.
pub struct Server {
    url: String,
    bucket: String,
    /// Who may use it.
    pub identity: Identity,
    files: Option<PathBuf>,
}

impl Server {
    /// Starts one, or takes the one that is given.
    pub fn start() -> Self {
        static BUCKETS: AtomicU32 = AtomicU32::new(0);
        let number = BUCKETS.fetch_add(1, Ordering::Relaxed);
        let bucket = format!("records-{}-{number}", process::id());
        let server = match env::var(URL) {
            Ok(url) => {
                let identity = Identity::from_env().expect("AWS_* beside S3_TEST_URL");
                Server { url, bucket, identity, files: None }
            }
            Err(_) => Self::in_process(bucket),
        };
        server.create_bucket();
        server
    }

    /// How this server wants a version in `If-Match`: S3 as it gave it, in quotes, and Ceph's 16th
    /// release, which compares it with the bare hash, without.
    pub fn spelled(&self, version: &Version) -> Version {
        match self.files {
            Some(_) => version.clone(),
            None => Version(version.0.trim_matches('"').to_owned()),
        }
    }

    /// Whether a writer has lost a race. Ceph's 16th release answers 500 to some who lost it late.
    pub fn is_lost(&self, reply: &Result<Reply, Failed>) -> bool {
        match reply {
            Ok(Reply::Conflict) => true,
            Err(Failed(why)) => self.files.is_none() && why.ends_with("500 UnknownError"),
            _ => false,
        }
    }

    /// `prefix` in its bucket.
    pub fn folder(&self, prefix: &str) -> Folder {
        Folder::loopback(&format!("s3+{}/{}/{prefix}", self.url, self.bucket), REGION).unwrap()
    }

    fn in_process(bucket: String) -> Self {
        let files = env::temp_dir().join(&bucket);
        fs::create_dir_all(&files).unwrap();
        // The example keys of AWS's documentation.
        let identity = Identity {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let address = serve(&files, &identity);
        Server { url: format!("http://{address}"), bucket, identity, files: Some(files) }
    }

    fn create_bucket(&self) {
        let path = format!("/{}", self.bucket);
        let host = self.url.strip_prefix("http://").unwrap();
        let signable = Signable { method: "PUT", host, path: &path, headers: &[], body: b"" };
        let scope = Scope { region: REGION, service: "s3" };
        let now: Micros = clock::now();
        let signed = sigv4::sign(&signable, &scope, &self.identity, now);
        let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let end = Http::default()
            .send(&Request {
                method: &Method::PUT,
                url: &format!("{}{path}", self.url),
                headers: &headers,
                body: b"",
                timeout: Duration::from_secs(20),
                connect_timeout: Duration::from_secs(20),
                limit: 64 * 1024,
                repeat: Repeat::Safe,
            })
            .end;
        assert!(matches!(&end, End::Answered(answer) if answer.status == 200), "{end:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(files) = &self.files {
            let _ = fs::remove_dir_all(files);
        }
    }
}

/// Serves a folder until the process ends.
fn serve(files: &PathBuf, identity: &Identity) -> SocketAddr {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(files).unwrap());
    let Identity { access_key_id, secret_access_key, .. } = identity;
    builder.set_auth(SimpleAuth::from_single(access_key_id, secret_access_key.as_str()));
    let service = builder.build();
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    thread::spawn(move || {
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let turn = Arc::new(Mutex::new(()));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Objects are answered in two pieces: the second would wait for the first's acknowledgement.
                let _ = stream.set_nodelay(true);
                let (service, turn) = (service.clone(), turn.clone());
                let in_turn = hyper::service::service_fn(move |request| {
                    let (service, turn) = (service.clone(), turn.clone());
                    async move {
                        let _mine = turn.lock().await;
                        hyper::service::Service::call(&service, request).await
                    }
                });
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), in_turn).await;
                });
            }
        });
    });
    address
}
