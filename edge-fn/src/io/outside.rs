//! The [`World`] of a sandbox. Its calls block, so each of its futures is ready at once.

use std::collections::BTreeMap;
use std::time::Duration;

use ureq::http::Method;

use super::auth::Credentials;
use super::clock;
use super::http::{Answer, End, Exchange, Http, Repeat, Request};
use super::records::Records;
use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::limits;
use paywall_core::store::{Ask, Failed, Reply};
use paywall_core::world::{Called, RpcCall, World};

/// A node's answer is read up to this many bytes. The longest one that is asked for is the receipt of
/// a transaction: one that settles a hundred payments at once has some 100 KB.
const RPC_ANSWER_BYTES: u64 = 1024 * 1024;

/// Everything outside the walk.
pub struct Outside<'s> {
    /// The client; its connections outlive invocations.
    pub http: &'s Http,
    /// Proofs for facilitators.
    pub credentials: &'s Credentials,
    /// Where sales are remembered.
    pub records: &'s Records,
    /// URLs of nodes, by CAIP-2 name.
    pub rpc: &'s BTreeMap<String, String>,
}

impl World for Outside<'_> {
    fn now(&self) -> Micros {
        clock::now()
    }

    async fn call(&self, call: &Call) -> Called {
        let (path, repeat) = match call.endpoint {
            Endpoint::Verify => ("verify", Repeat::Safe),
            Endpoint::Settle => ("settle", Repeat::Never),
        };
        let url = format!("{}/{path}", call.facilitator);
        let facilitator = &call.facilitator;
        match self.credentials.authorization(facilitator, &Method::POST, &url, self.now()) {
            Ok(authorization) => self.post(&Post {
                url: &url,
                authorization: authorization.as_deref(),
                body: &call.body,
                timeout_ms: call.timeout_ms,
                connect_timeout_ms: call.connect_timeout_ms,
                limit: limits::FACILITATOR_ANSWER_BYTES,
                repeat,
            }),
            Err(why) => Outcome::NotSent(why).into(),
        }
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        let RpcCall { network, url, body, timeout_ms } = call;
        let known = url.as_deref().or_else(|| self.rpc.get(network).map(String::as_str));
        match known {
            Some(url) => self.post(&Post {
                url,
                authorization: None,
                body,
                timeout_ms: *timeout_ms,
                connect_timeout_ms: *timeout_ms,
                limit: RPC_ANSWER_BYTES,
                repeat: Repeat::Safe,
            }),
            None => Outcome::NotSent(format!("the secrets lack rpc[\"{network}\"]")).into(),
        }
    }

    async fn records(&self, asks: Vec<Ask>, timeout_ms: u64) -> Vec<Result<Reply, Failed>> {
        self.records.run(self.http, asks, self.now(), Duration::from_millis(timeout_ms))
    }
}

/// A POST of JSON.
struct Post<'p> {
    url: &'p str,
    authorization: Option<&'p str>,
    body: &'p str,
    timeout_ms: u64,
    connect_timeout_ms: u64,
    limit: u64,
    repeat: Repeat,
}

impl Outside<'_> {
    fn post(&self, post: &Post<'_>) -> Called {
        let mut headers =
            vec![("content-type", "application/json"), ("accept", "application/json")];
        headers.extend(post.authorization.map(|value| ("authorization", value)));
        let Exchange { end, phases } = self.http.send(&Request {
            method: &Method::POST,
            url: post.url,
            headers: &headers,
            body: post.body.as_bytes(),
            timeout: Duration::from_millis(post.timeout_ms),
            connect_timeout: Duration::from_millis(post.connect_timeout_ms),
            limit: post.limit,
            repeat: post.repeat,
        });
        let outcome = match end {
            End::Answered(answer) => {
                let Answer { status, headers, body } = answer;
                let location = headers.get("location").and_then(|url| url.to_str().ok());
                Outcome::Answered { status, body, location: location.map(str::to_owned) }
            }
            End::NotSent(why) => Outcome::NotSent(why),
            End::Lost(why) => Outcome::Lost(why),
        };
        Called { outcome, phases }
    }
}
