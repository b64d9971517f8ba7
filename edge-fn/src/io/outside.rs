//! The [`World`] of a sandbox. Its calls block.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, EXTENSION_RESPONSES, Endpoint, Outcome};
use paywall_core::limits;
use paywall_core::node::{self, NodeCall, Said};
use paywall_core::purchase::{Effect, Heard};
use paywall_core::world::{Phases, World};
use ureq::http::Method;

use super::auth::Credentials;
use super::clock;
use super::http::{Answer, End, Exchange, Http, Repeat, Request};
use super::records::Records;

/// A node's answer is read up to this many bytes. The longest one that is asked for is the receipt of
/// a transaction: one that settles a hundred payments at once has some 100 KB.
const RPC_ANSWER_BYTES: u64 = 1024 * 1024;

/// Everything outside the walk.
pub struct Outside<'s> {
    /// The id of the site, for the log.
    pub site: &'s str,
    /// The client; its connections outlive invocations.
    pub http: &'s Http,
    /// Proofs for facilitators.
    pub credentials: &'s Credentials,
    /// Where sales are remembered.
    pub records: &'s Records,
    /// URLs of nodes, by CAIP-2 name.
    pub rpc: &'s BTreeMap<String, String>,
    /// Which nodes were seen to take no batches.
    pub singly: &'s Mutex<BTreeSet<String>>,
}

impl World for Outside<'_> {
    fn now(&self) -> Micros {
        clock::now()
    }

    fn run(&self, effect: &Effect) -> (Heard, Phases) {
        match effect {
            Effect::Store { asks, timeout_ms } => {
                let timeout = Duration::from_millis(*timeout_ms);
                let replies = self.records.run(self.site, self.http, asks, self.now(), timeout);
                (Heard::Store(replies), Phases::default())
            }
            Effect::Facilitator { call, .. } => {
                let (outcome, phases) = self.call(call);
                (Heard::Facilitator(outcome), phases)
            }
            Effect::Node { calls, .. } => (Heard::Node(self.nodes(calls)), Phases::default()),
        }
    }
}

impl Outside<'_> {
    fn call(&self, call: &Call) -> (Outcome, Phases) {
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
                timeout: Duration::from_millis(call.timeout_ms),
                connect_timeout: Duration::from_millis(call.connect_timeout_ms),
                limit: limits::FACILITATOR_ANSWER_BYTES,
                repeat,
            }),
            Err(why) => (Outcome::NotSent(why), Phases::default()),
        }
    }

    /// Asks nodes at the same time.
    fn nodes(&self, calls: &[NodeCall]) -> Vec<Said> {
        let Some((first, others)) = calls.split_first() else { return Vec::new() };
        thread::scope(|scope| {
            let others: Vec<_> =
                others.iter().map(|call| scope.spawn(|| self.node(call))).collect();
            let first = self.node(first);
            let others = others.into_iter().map(|other| {
                other.join().unwrap_or_else(|_| Err("the thread of a node panicked".into()))
            });
            [first].into_iter().chain(others).collect()
        })
    }

    fn node(&self, call: &NodeCall) -> Said {
        let known = call.url.as_deref().or_else(|| self.rpc.get(&call.network).map(String::as_str));
        let Some(url) = known else {
            return Err(format!("the secrets lack rpc[\"{}\"]", call.network));
        };
        let until = Instant::now() + Duration::from_millis(call.timeout_ms);
        let singles = || self.singly.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let before = singles().contains(url);
        let mut singly = before;
        let said = node::ask(&call.questions, &mut singly, |body| {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Outcome::NotSent("no time left to look at the chain".into());
            }
            let (outcome, _) = self.post(&Post {
                url,
                authorization: None,
                body: &body,
                timeout: left,
                connect_timeout: left,
                limit: RPC_ANSWER_BYTES,
                repeat: Repeat::Safe,
            });
            outcome
        });
        if singly && !before {
            singles().insert(url.to_owned());
        }
        said
    }
}

/// A POST of JSON.
struct Post<'p> {
    url: &'p str,
    authorization: Option<&'p str>,
    body: &'p str,
    timeout: Duration,
    connect_timeout: Duration,
    limit: u64,
    repeat: Repeat,
}

impl Outside<'_> {
    fn post(&self, post: &Post<'_>) -> (Outcome, Phases) {
        let mut headers =
            vec![("content-type", "application/json"), ("accept", "application/json")];
        headers.extend(post.authorization.map(|value| ("authorization", value)));
        let Exchange { end, phases } = self.http.send(&Request {
            method: &Method::POST,
            url: post.url,
            headers: &headers,
            body: post.body.as_bytes(),
            timeout: post.timeout,
            connect_timeout: post.connect_timeout,
            limit: post.limit,
            repeat: post.repeat,
        });
        let outcome = match end {
            End::Answered(answer) => {
                let Answer { status, headers, body } = answer;
                let text =
                    |name| headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
                let (location, extensions) = (text("location"), text(EXTENSION_RESPONSES));
                Outcome::Answered { status, body, location, extensions }
            }
            End::NotSent(why) => Outcome::NotSent(why),
            End::Lost(why) => Outcome::Lost(why),
        };
        (outcome, phases)
    }
}
