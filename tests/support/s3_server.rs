//! An S3 server on loopback that checks signatures, with one bucket.

use std::fs;
use std::sync::Arc;

use edge_local::{Credentials, S3Url, buyer};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rusty_s3::{Bucket, S3Action as _, UrlStyle};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::shop::PATIENCE;

const BUCKET: &str = "shop";
// The keys of AWS's own examples.
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The server, up until it is dropped.
pub(crate) struct S3Server {
    endpoint: String,
    _root: tempfile::TempDir,
    _connections: JoinSet<()>,
}

impl S3Server {
    pub(crate) async fn start() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(root.path()).expect("a file system");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = builder.build();
        // `s3s-fs` looks whether a condition holds and then writes: by turns, that is one step.
        let turn = Arc::new(Mutex::new(()));

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let mut connections = JoinSet::new();
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // Objects are answered in two pieces: the second would wait for the first's acknowledgement.
                let _ = stream.set_nodelay(true);
                let (service, turn) = (service.clone(), turn.clone());
                let in_turn = service_fn(move |request: http::Request<Incoming>| {
                    let (service, turn) = (service.clone(), turn.clone());
                    async move {
                        let _turn = turn.lock().await;
                        hyper::service::Service::call(&service, request).await
                    }
                });
                open.spawn(async move {
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), in_turn);
                    let _ = connection.await;
                });
            }
        });
        Self { endpoint, _root: root, _connections: connections }
    }

    pub(crate) fn url(&self, prefix: &str) -> S3Url {
        format!("s3+{}/{BUCKET}{prefix}", self.endpoint).parse().expect("a location")
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials::new(KEY_ID, SECRET)
    }

    /// Stores an object with headers.
    pub(crate) async fn put(&self, key: &str, body: &str, headers: &[(&str, &str)]) {
        let endpoint = self.endpoint.parse().expect("a URL");
        let bucket = Bucket::new(endpoint, UrlStyle::Path, BUCKET, "us-east-1").expect("a bucket");
        let credentials = rusty_s3::Credentials::new(KEY_ID, SECRET);
        let url = bucket.put_object(Some(&credentials), key).sign(PATIENCE);
        let client = buyer::client().expect("a client");
        let mut put = client.put(url).body(body.to_owned()).timeout(PATIENCE);
        for (name, value) in headers {
            put = put.header(*name, *value);
        }
        let answer = put.send().await.expect("the server answers");
        assert!(answer.status().is_success(), "{key}: {:?}", answer.text().await);
    }
}
