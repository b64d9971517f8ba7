//! Records in an S3 bucket, written conditionally.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
//!
//! A record is an object under the prefix: JSON that people can read, too. The function's role needs
//! `s3:GetObject` and `s3:PutObject` on `<bucket>/<prefix>/*`, and `s3:ListBucket` on the bucket,
//! without a condition: else S3 answers 403 instead of 404 for a record that does not exist.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use std::thread;
use std::time::{Duration, Instant};

use price_table::key::Key;
use ureq::http::header::ETAG;
use ureq::http::{HeaderMap, Method, Uri};

use super::sigv4::{self, Scope, Signable};
use super::{Identity, error_code};
use crate::io::http::{Answer, End, Http, Repeat, Request, is_safe};
use paywall_core::clock::Micros;
use paywall_core::store::{Ask, Failed, Reply, Version};

/// The longest record that is read, in bytes. One holds a payment header's length for each payment
/// that is open or still opens something, and there are few.
const RECORD_BYTES: u64 = 1024 * 1024;

/// A folder of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// `scheme://host[:port]`, and the bucket where it is not part of the host's name; no slash at
    /// the end.
    base: String,
    host: String,
    /// The path of `base`.
    base_path: String,
    /// Percent-encoded, with a slash before and none after it; empty for the whole bucket.
    prefix: String,
    region: String,
}

/// One thing to do with one record. Made from an [`Ask`].
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Read it.
    Get,
    /// Write it if there is none.
    Create(&'a str),
    /// Write it if it still is this version.
    Replace(&'a str, &'a Version),
}

/// What every operation of a batch needs.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Sends requests.
    pub http: &'a Http,
    /// Signs them.
    pub identity: &'a Identity,
    /// Where records are.
    pub folder: &'a Folder,
}

impl Folder {
    /// In AWS; `None` if the names make no URL. A bucket whose name has dots does not match the certificate of `*.s3.…`, so it goes
    /// into the path. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
    pub fn aws(bucket: &str, region: &str, prefix: &str) -> Option<Self> {
        let base = match bucket.contains('.') {
            false => format!("https://{bucket}.s3.{region}.amazonaws.com"),
            true => format!("https://s3.{region}.amazonaws.com/{bucket}"),
        };
        Folder::new(&base, region, encoded(prefix)?)
    }

    /// From `s3+http://127.0.0.1:PORT/bucket[/prefix]`: an S3 API on loopback.
    pub fn loopback(text: &str, region: &str) -> Option<Self> {
        let url = text.strip_prefix("s3+").filter(|url| url.starts_with("http://"))?;
        let (authority, path) = url.strip_prefix("http://")?.split_once('/')?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() || bucket.contains(['?', '#']) || !is_safe(url) {
            return None;
        }
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => encoded(prefix)?,
        };
        Folder::new(&format!("http://{authority}/{bucket}"), region, prefix)
    }

    fn new(base: &str, region: &str, prefix: String) -> Option<Self> {
        let uri: Uri = base.parse().ok()?;
        Some(Folder {
            base: base.to_owned(),
            host: uri.authority()?.as_str().to_owned(),
            base_path: uri.path().trim_end_matches('/').to_owned(),
            prefix,
            region: region.to_owned(),
        })
    }
}

/// A prefix as a [`Folder`] has it; `None` for an empty one, and for what no key can begin with.
fn encoded(prefix: &str) -> Option<String> {
    Some(Key::parse(prefix.trim_matches('/')).ok()?.to_uri_path())
}

impl Client<'_> {
    /// Does all of `asks` at the same time, each on a connection of its own, and answers in their
    /// order.
    pub fn batch(
        &self,
        asks: &[Ask],
        now: Micros,
        timeout: Duration,
    ) -> Vec<Result<Reply, Failed>> {
        let one = |ask: &Ask| match ask {
            Ask::Get(key) => self.run(key.as_str(), &Operation::Get, now, timeout),
            Ask::Create(key, record) => {
                self.run(key.as_str(), &Operation::Create(&record.json), now, timeout)
            }
            Ask::Replace(key, record, version) => {
                self.run(key.as_str(), &Operation::Replace(&record.json, version), now, timeout)
            }
        };
        let Some((first, others)) = asks.split_first() else { return Vec::new() };
        thread::scope(|scope| {
            let others: Vec<_> = others.iter().map(|ask| scope.spawn(|| one(ask))).collect();
            let first = one(first);
            let others = others.into_iter().map(|other| {
                other.join().unwrap_or_else(|_| Err(Failed("its thread panicked".into())))
            });
            [first].into_iter().chain(others).collect()
        })
    }

    /// Does one thing with the record of this name, which needs no escaping.
    pub fn run(
        &self,
        name: &str,
        operation: &Operation<'_>,
        now: Micros,
        timeout: Duration,
    ) -> Result<Reply, Failed> {
        let until = Instant::now() + timeout;
        let answer = self.send(name, operation, now, timeout)?;
        // Two conditional requests met at S3, which asks to send one of them again.
        let answer = match (answer.status, error_code(&answer.body).as_str()) {
            (409, "ConditionalRequestConflict") => {
                let left = until.saturating_duration_since(Instant::now());
                self.send(name, operation, now, left)?
            }
            _ => answer,
        };
        read(name, operation, answer)
    }

    fn send(
        &self,
        name: &str,
        operation: &Operation<'_>,
        now: Micros,
        timeout: Duration,
    ) -> Result<Answer, Failed> {
        const JSON: (&str, &str) = ("content-type", "application/json");
        let Folder { base, host, base_path, prefix, region } = self.folder;
        let (method, body, own) = match operation {
            Operation::Get => (Method::GET, "", vec![]),
            Operation::Create(json) => (Method::PUT, *json, vec![JSON, ("if-none-match", "*")]),
            Operation::Replace(json, version) => {
                (Method::PUT, *json, vec![JSON, ("if-match", version.0.as_str())])
            }
        };
        let path = format!("{base_path}{prefix}/{name}");
        let signable = Signable {
            method: method.as_str(),
            host,
            path: &path,
            headers: &own,
            body: body.as_bytes(),
        };
        let scope = Scope { region, service: "s3" };
        let signed = sigv4::sign(&signable, &scope, self.identity, now);
        let headers: Vec<_> =
            own.into_iter().chain(signed.iter().map(|(k, v)| (*k, v.as_str()))).collect();
        let exchange = self.http.send(&Request {
            method: &method,
            url: &format!("{base}{prefix}/{name}"),
            headers: &headers,
            body: body.as_bytes(),
            timeout,
            connect_timeout: timeout,
            limit: RECORD_BYTES,
            // A write that was done already meets its own condition: that is a conflict, and its
            // writer knows its own record.
            repeat: Repeat::Safe,
        });
        match exchange.end {
            End::Answered(answer) => Ok(answer),
            End::NotSent(why) | End::Lost(why) => Err(failed(name, operation, &why)),
        }
    }
}

fn read(name: &str, operation: &Operation<'_>, answer: Answer) -> Result<Reply, Failed> {
    let Answer { status, headers, body } = answer;
    let code = || error_code(&body);
    match (status, operation) {
        (200, Operation::Get) => match version(&headers) {
            Some(version) => Ok(Reply::Found(body, version)),
            None => Err(failed(name, operation, "answered without an ETag")),
        },
        (200, _) => match version(&headers) {
            Some(version) => Ok(Reply::Written(version)),
            None => Err(failed(name, operation, "answered without an ETag")),
        },
        (404, Operation::Get) if code() == "NoSuchKey" => Ok(Reply::Missing),
        // The version to be replaced is gone, with its record.
        (404, Operation::Replace(..)) if code() == "NoSuchKey" => Ok(Reply::Conflict),
        (412, Operation::Create(_) | Operation::Replace(..)) => Ok(Reply::Conflict),
        (301 | 307 | 400 | 403 | 404, _) => {
            let hint = "check the bucket, its Region, and that the function's role has \
                        s3:GetObject, s3:PutObject and s3:ListBucket";
            Err(failed(name, operation, &format!("{status} {}: {hint}", code())))
        }
        _ => Err(failed(name, operation, &format!("{status} {}", code()))),
    }
}

fn version(headers: &HeaderMap) -> Option<Version> {
    Some(Version(headers.get(ETAG)?.to_str().ok()?.to_owned()))
}

fn failed(name: &str, operation: &Operation<'_>, why: &str) -> Failed {
    let what = match operation {
        Operation::Get => "reading",
        Operation::Create(_) => "creating",
        Operation::Replace(..) => "replacing",
    };
    Failed(format!("S3, {what} {name}: {why}"))
}
