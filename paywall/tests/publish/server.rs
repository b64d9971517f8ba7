//! An S3 server on loopback: the crate `s3s` speaks the protocol and checks every signature and
//! checksum, `s3s-fs` keeps the objects in a folder.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::objects::{Encryption, Objects};
use super::parts::Uploads;

pub(crate) const BUCKET: &str = "shop";
pub(crate) const REGION: &str = "us-east-1";

/// The example pair of AWS's documentation.
pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Where nobody should wait longer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    pub(crate) url: String,
    /// What it has of objects that come in parts.
    pub(crate) uploads: Arc<Uploads>,
    watched: Arc<Watched>,
    accepting: JoinHandle<()>,
    folder: TempDir,
}

/// Who may.
struct Keys;

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == ACCESS_KEY {
            return Ok(SECRET_KEY.into());
        }
        Err(s3_error!(InvalidAccessKeyId))
    }
}

/// What the tests see and change of the traffic.
#[derive(Default)]
struct Watched {
    /// Requests that are being answered.
    active: AtomicUsize,
    puts: AtomicUsize,
    /// Whatever was asked.
    calls: AtomicUsize,
    /// Of the puts, copies: their bytes do not come from outside.
    copies: AtomicUsize,
    /// How many changes are still made before the one that is made and never answered.
    hang_after: Mutex<Option<usize>>,
    /// The same of all calls, whether they change something or not.
    hang_after_calls: Mutex<Option<usize>>,
    hung: Notify,
    /// Every PUT waits so long.
    put_takes: Mutex<Duration>,
    /// The account that the bucket belongs to, where requests must say so.
    owner: Mutex<Option<&'static str>>,
    /// What requests asked, of those that said whose the bucket must be: methods and queries.
    owned: Mutex<Vec<String>>,
    /// What is refused, by a part of its query.
    denied: Mutex<Option<&'static str>>,
    /// Answered as S3 does when the request is signed for another Region.
    elsewhere: Mutex<Option<&'static str>>,
}

/// A request that is being answered, or that the client's end of the connection has not ended yet.
struct Busy(Arc<Watched>);

impl Busy {
    fn new(watched: &Arc<Watched>) -> Busy {
        watched.active.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(watched))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An object as the server gives it.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) content_encoding: String,
    pub(crate) cache_control: String,
    pub(crate) etag: String,
}

impl Server {
    /// A server with one empty bucket.
    pub(crate) async fn start() -> Server {
        Server::with(Encryption::S3).await
    }

    pub(crate) async fn with(encryption: Encryption) -> Server {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        Server::on(folder, encryption).await
    }

    /// Another one, with what this one has now.
    #[allow(dead_code, reason = "the journey alone goes on from one place in many ways")]
    pub(crate) async fn copy(&self) -> Server {
        Server::on(super::shop::copied(self.folder.path()), Encryption::S3).await
    }

    async fn on(folder: TempDir, encryption: Encryption) -> Server {
        let uploads = Arc::<Uploads>::default();
        let objects = Objects::new(folder.path(), encryption, Arc::clone(&uploads));
        let mut builder = S3ServiceBuilder::new(objects);
        builder.set_auth(Keys);
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let watched = Arc::<Watched>::default();
        let accepting = tokio::spawn(accept(listener, service, Arc::clone(&watched)));
        Server { url, uploads, watched, accepting, folder }
    }

    /// How many objects were sent since the last time.
    pub(crate) fn puts(&self) -> usize {
        self.watched.puts.swap(0, Ordering::SeqCst)
    }

    /// How many calls there were since the last time.
    #[allow(dead_code, reason = "the journey alone counts them")]
    pub(crate) fn calls(&self) -> usize {
        self.watched.calls.swap(0, Ordering::SeqCst)
    }

    /// How many of the sent ones were copies, since the last time.
    pub(crate) fn copies(&self) -> usize {
        self.watched.copies.swap(0, Ordering::SeqCst)
    }

    /// Makes that many changes from now on, and answers the last one never.
    pub(crate) fn hang_after(&self, changes: usize) {
        *self.watched.hang_after.lock().unwrap() = Some(changes);
    }

    #[allow(dead_code, reason = "the journey alone is killed after each")]
    /// Does what that many calls ask from now on, and answers the last one never.
    pub(crate) fn hang_after_calls(&self, calls: usize) {
        *self.watched.hang_after_calls.lock().unwrap() = Some(calls);
    }

    /// Answers again.
    pub(crate) fn go_on(&self) {
        *self.watched.hang_after.lock().unwrap() = None;
        *self.watched.hang_after_calls.lock().unwrap() = None;
    }

    /// When it does not answer.
    pub(crate) async fn hung(&self) {
        self.watched.hung.notified().await;
    }

    /// Waits until nothing is being done any more for a client that is gone.
    pub(crate) async fn quiet(&self) {
        let busy = || self.watched.active.load(Ordering::SeqCst) > 0;
        for _ in 0..1_000 {
            if !busy() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a request of a client that is gone does not end");
    }

    pub(crate) fn puts_so_far(&self) -> usize {
        self.watched.puts.load(Ordering::SeqCst)
    }

    pub(crate) fn make_puts_take(&self, time: Duration) {
        *self.watched.put_takes.lock().unwrap() = time;
    }

    pub(crate) fn move_to(&self, region: &'static str) {
        *self.watched.elsewhere.lock().unwrap() = Some(region);
    }

    /// From now on every request must say, under its signature, that the bucket is this account's. Gives the methods of
    /// those that did, and whether they asked for a list, since the last time.
    pub(crate) fn belong_to(&self, owner: Option<&'static str>) -> Vec<String> {
        *self.watched.owner.lock().unwrap() = owner;
        std::mem::take(&mut *self.watched.owned.lock().unwrap())
    }

    pub(crate) async fn get(&self, key: &str) -> Got {
        let (bucket, credentials) = self.bucket();
        let url = bucket.get_object(Some(&credentials), key).sign(PATIENCE);
        let answer = client().get(url).send().await.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        let (content_type, cache_control) = (header("content-type"), header("cache-control"));
        let content_encoding = header("content-encoding");
        let (status, etag) = (answer.status().as_u16(), header("etag"));
        let bytes = answer.bytes().await.unwrap().to_vec();
        Got { status, bytes, content_type, content_encoding, cache_control, etag }
    }

    /// Every key, sorted.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let (bucket, credentials) = self.bucket();
        let url = bucket.list_objects_v2(Some(&credentials)).sign(PATIENCE);
        let text = client().get(url).send().await.unwrap().text().await.unwrap();
        let listed = rusty_s3::actions::ListObjectsV2::parse_response(&text).unwrap();
        assert_eq!(listed.next_continuation_token, None, "one page");
        listed.contents.into_iter().map(|object| object.key).collect()
    }

    /// Stores an object as some other tool would: without type, caching and checksum.
    pub(crate) async fn put(&self, key: &str, bytes: impl AsRef<[u8]>) {
        let (bucket, credentials) = self.bucket();
        let url = bucket.put_object(Some(&credentials), key).sign(PATIENCE);
        let answer = client().put(url).body(bytes.as_ref().to_vec()).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        self.watched.puts.fetch_sub(1, Ordering::SeqCst);
    }

    /// Stores an object with headers.
    pub(crate) async fn put_with(&self, key: &str, bytes: &[u8], headers: &[(&str, &str)]) {
        let (bucket, credentials) = self.bucket();
        let mut action = bucket.put_object(Some(&credentials), key);
        for (name, value) in headers {
            action.headers_mut().insert(*name, *value);
        }
        let mut put = client().put(action.sign(PATIENCE)).body(bytes.to_owned());
        for (name, value) in headers {
            put = put.header(*name, *value);
        }
        let answer = put.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        self.watched.puts.fetch_sub(1, Ordering::SeqCst);
    }

    /// What HEAD tells of an object.
    pub(crate) async fn head(&self, key: &str) -> BTreeMap<String, String> {
        let (bucket, credentials) = self.bucket();
        let url = bucket.head_object(Some(&credentials), key).sign(PATIENCE);
        let answer = client().head(url).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        let headers = answer.headers().iter();
        headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect()
    }

    /// Begins an object as another tool does; gives its id.
    pub(crate) async fn begin(&self, key: &str, checksum: &str) -> String {
        let (bucket, credentials) = self.bucket();
        let mut action = bucket.create_multipart_upload(Some(&credentials), key);
        action.headers_mut().insert("x-amz-checksum-algorithm", checksum);
        let post =
            client().post(action.sign(PATIENCE)).header("x-amz-checksum-algorithm", checksum);
        let text = post.send().await.unwrap().text().await.unwrap();
        let answer = rusty_s3::actions::CreateMultipartUpload::parse_response(&text).unwrap();
        answer.upload_id().to_owned()
    }

    /// Refuses what has this in its query, as if there were no right to it.
    pub(crate) fn deny(&self, query: Option<&'static str>) {
        *self.watched.denied.lock().unwrap() = query;
    }

    /// Puts an object where the server finds it, past its API: `s3s-fs` keeps what it knows of an
    /// object in a file whose name is the key in base64, and has no name for keys of 180 characters.
    #[allow(dead_code, reason = "only sales have such keys")]
    pub(crate) fn put_file(&self, key: &str, bytes: &str) {
        let path = self.folder.path().join(BUCKET).join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    #[allow(dead_code, reason = "what only the tests of sales need")]
    pub(crate) fn delete_file(&self, key: &str) {
        std::fs::remove_file(self.folder.path().join(BUCKET).join(key)).unwrap();
    }

    fn bucket(&self) -> (Bucket, Credentials) {
        let url = self.url.parse().unwrap();
        let bucket = Bucket::new(url, UrlStyle::Path, BUCKET, REGION).unwrap();
        (bucket, Credentials::new(ACCESS_KEY, SECRET_KEY))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(PATIENCE).build().unwrap()
}

async fn accept(listener: TcpListener, service: S3Service, watched: Arc<Watched>) {
    while let Ok((socket, _)) = listener.accept().await {
        // Objects are answered in two pieces: the second would wait for the first's acknowledgement.
        let _ = socket.set_nodelay(true);
        let (service, watched) = (service.clone(), Arc::clone(&watched));
        let answer = move |request: Request<Incoming>| {
            let (service, watched) = (service.clone(), Arc::clone(&watched));
            let busy = Busy::new(&watched);
            async move {
                let busy = busy;
                let refused = watched.denied(&request).or_else(|| watched.wrong_owner(&request));
                if let Some(answer) = refused.or_else(|| watched.wrong_region(&request)) {
                    return Ok::<_, Infallible>(answer);
                }
                if request.method() == Method::PUT {
                    let time = *watched.put_takes.lock().unwrap();
                    tokio::time::sleep(time).await;
                }
                let is_put = request.method() == Method::PUT;
                let is_copy = request.headers().contains_key("x-amz-copy-source");
                watched.calls.fetch_add(1, Ordering::SeqCst);
                let changes = matches!(*request.method(), Method::PUT | Method::POST);
                let hangs =
                    is_last(&watched.hang_after_calls) || changes && is_last(&watched.hang_after);
                let answer = service.call(request.map(s3s::Body::from)).await.expect("s3s answers");
                if is_put && answer.status().is_success() {
                    watched.puts.fetch_add(1, Ordering::SeqCst);
                    watched.copies.fetch_add(usize::from(is_copy), Ordering::SeqCst);
                }
                if hangs {
                    drop(busy);
                    watched.hung.notify_one();
                    std::future::pending::<()>().await;
                }
                Ok(answer)
            }
        };
        tokio::spawn(async move {
            let service = hyper::service::service_fn(answer);
            // A client that is killed breaks its connections.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

/// Counts down; whether this is the last one.
fn is_last(left: &Mutex<Option<usize>>) -> bool {
    let mut left = left.lock().unwrap();
    *left = left.map(|left| left.saturating_sub(1));
    *left == Some(0)
}

fn forbidden() -> Response<s3s::Body> {
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let mut answer = Response::new(s3s::Body::from(body.to_owned()));
    *answer.status_mut() = StatusCode::FORBIDDEN;
    answer
}

impl Watched {
    /// `s3s` does not look whose a bucket is; S3 does.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
    fn wrong_owner(&self, request: &Request<Incoming>) -> Option<Response<s3s::Body>> {
        const HEADER: &str = "x-amz-expected-bucket-owner";
        let owner = (*self.owner.lock().unwrap())?;
        let query = request.uri().query().unwrap_or_default();
        let signed = query.split('&').find(|part| part.starts_with("X-Amz-SignedHeaders="));
        let signed = signed.is_some_and(|names| names.contains(HEADER));
        if signed && request.headers().get(HEADER).is_some_and(|said| said == owner) {
            let list = if query.contains("list-type") { " list" } else { "" };
            self.owned.lock().unwrap().push(format!("{}{list}", request.method()));
            return None;
        }
        Some(forbidden())
    }

    fn denied(&self, request: &Request<Incoming>) -> Option<Response<s3s::Body>> {
        let denied = (*self.denied.lock().unwrap())?;
        let query = request.uri().query().unwrap_or_default();
        query.split('&').any(|part| part.starts_with(denied)).then(forbidden)
    }

    /// `s3s` takes any Region; S3 does not.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    fn wrong_region(&self, request: &Request<Incoming>) -> Option<Response<s3s::Body>> {
        let region = (*self.elsewhere.lock().unwrap())?;
        let query = request.uri().query().unwrap_or_default();
        if query.contains(&format!("%2F{region}%2Fs3%2F")) {
            return None;
        }
        let body = format!(
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong</Message>\
             <Region>{region}</Region></Error>"
        );
        let mut answer = Response::new(s3s::Body::from(body));
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        Some(answer)
    }
}
