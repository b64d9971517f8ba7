//! One request, tried again while that may help.

use std::io::SeekFrom;
use std::str::FromStr as _;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use url::Url;

use super::body::Body;
use super::error::S3Error;

/// Waits between the tries. S3 asks for patience with 503 `SlowDown`:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html>
const WAITS: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// How much of a file is read at once.
const BUFFER: usize = 256 * 1_024;

pub(super) struct Request<'a> {
    method: Method,
    url: Url,
    headers: Vec<(&'a str, &'a str)>,
    body: Body<'a>,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        method: Method,
        url: Url,
        headers: Vec<(&'a str, &'a str)>,
        body: Body<'a>,
    ) -> Self {
        Request { method, url, headers, body }
    }

    /// The same with one more header, which the signature does not hold, and a body.
    pub(super) fn with<'b>(self, header: (&'b str, &'b str), body: Body<'b>) -> Request<'b>
    where
        'a: 'b,
    {
        let headers = self.headers.into_iter().chain([header]).collect();
        Request { method: self.method, url: self.url, headers, body }
    }

    /// Sends it until there is an answer worth having. Each of them may be repeated: to store or
    /// delete twice is to do it once.
    pub(super) async fn send(&self, http: &Client) -> Result<Response, S3Error> {
        tried(|| self.once(http)).await
    }

    /// The same, of what S3 begins to answer with 200 before it is done, so that an error comes in the answer's text.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
    pub(super) async fn text(&self, http: &Client) -> Result<String, S3Error> {
        let whole = async || {
            let text = self.once(http).await?.text().await.map_err(S3Error::unreachable)?;
            S3Error::in_text(text)
        };
        tried(whole).await
    }

    async fn once(&self, http: &Client) -> Result<Response, S3Error> {
        let mut request =
            http.request(self.method.clone(), self.url.clone()).headers(self.headers()?);
        request = match self.body {
            Body::Empty => request,
            Body::Bytes(bytes) => request.header(CONTENT_LENGTH, bytes.len()).body(bytes.to_vec()),
            Body::File { path, from, bytes } => {
                let failed = |error| S3Error::file(path, error);
                let mut opened = File::open(path).await.map_err(failed)?;
                opened.seek(SeekFrom::Start(from)).await.map_err(failed)?;
                // The size that was hashed: a file that grows meanwhile fails the checksum anyway.
                let stream = ReaderStream::with_capacity(opened.take(bytes), BUFFER);
                request.header(CONTENT_LENGTH, bytes).body(reqwest::Body::wrap_stream(stream))
            }
        };
        let answer = request.send().await.map_err(S3Error::unreachable)?;
        if answer.status().is_success() { Ok(answer) } else { Err(S3Error::read(answer).await) }
    }

    fn headers(&self) -> Result<HeaderMap, S3Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value)
                .map_err(|_| S3Error::Unreadable(format!("{value:?} cannot be a header")))?;
            let name = HeaderName::from_str(name)
                .map_err(|_| S3Error::Unreadable(format!("{name:?} cannot name a header")))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// What comes of it, tried again while that may help.
async fn tried<T>(once: impl AsyncFn() -> Result<T, S3Error>) -> Result<T, S3Error> {
    let mut waits = WAITS.iter();
    loop {
        match once().await {
            Err(error) if error.may_pass() => match waits.next() {
                Some(wait) => tokio::time::sleep(*wait).await,
                None => return Err(error),
            },
            done => return done,
        }
    }
}
