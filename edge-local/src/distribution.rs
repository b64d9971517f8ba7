//! A request's way through the distribution.
//!
//! ```text
//! viewer ──> limits, web ACL ──> viewer-request ──> cache ──> origin
//!    ^                                 │               │
//!    ├── generated response ───────────┘               │
//!    ├── response headers policy <── viewer-response <─┤
//!    └── response headers policy <── error page <──────┘   (for errors of the origin)
//! ```

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use cloudfront::limits;
use http::{HeaderMap, Method, Response, request};
use http_body_util::Full;

use crate::ViewerResponseSees;
use crate::behavior::{Behavior, S3Origin};
use crate::cache::{Cache, Fetched, Lookup, Missed};
use crate::cache_key;
use crate::distribution_config::DistributionConfig;
use crate::event::{self, Headers, Request};
use crate::log::{Exchange, Log};
use crate::origin::{self, Origin};
use crate::origin_group::{Group, Second, Source};
use crate::refusal::Refusal;
use crate::response::{Reply, XCache};
use crate::sandbox::Pool;
use crate::validate::{self, Decision};
use crate::web_acl::Acl;

/// The methods for which an origin group asks its second origin.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html>
const FAILS_OVER: [Method; 3] = [Method::GET, Method::HEAD, Method::OPTIONS];

/// Everything behind the front door.
#[derive(Debug)]
pub(crate) struct Distribution {
    pub(crate) cache: Cache,
    pub(crate) config: DistributionConfig,
    pub(crate) log: Log,
    /// By the ids that behaviors name.
    pub(crate) origins: BTreeMap<String, Origin>,
    pub(crate) pool: Pool,
    pub(crate) viewer_response_sees: ViewerResponseSees,
    pub(crate) web_acl: Acl,
    /// Whether an answer with the seal in it is handed on, as CloudFront would.
    pub(crate) shows_seal: bool,
}

/// One request under way.
struct Visit {
    /// The same in both events, and in `X-Amz-Cf-Id`.
    id: String,
    sandboxes: Vec<u32>,
}

impl Distribution {
    /// Answers a viewer and logs it.
    pub(crate) async fn answer(
        &self,
        client_ip: IpAddr,
        head: &request::Parts,
        has_body: bool,
    ) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let mut visit = Visit { id: request_id(), sandboxes: Vec::new() };
        let reply = match self.walk(&mut visit, client_ip, head, has_body).await {
            Ok(reply) => reply,
            // CloudFront shows no custom page when it is out of capacity.
            Err(refusal @ Refusal::LambdaLimitExceeded) => refusal.reply(&visit.id),
            Err(refusal) => self.with_error_page(refusal.reply(&visit.id)).await,
        };
        let reply = self.keep_seal(reply, &visit.id);
        self.log.exchange(&Exchange {
            method: &head.method,
            target: head.uri.path_and_query().map_or("*", |target| target.as_str()),
            status: reply.status,
            x_cache: reply.x_cache.as_str(),
            sandboxes: &visit.sandboxes,
            took: started.elapsed(),
        });
        reply.into_http(&visit.id)
    }

    async fn walk(
        &self,
        visit: &mut Visit,
        client_ip: IpAddr,
        head: &request::Parts,
        has_body: bool,
    ) -> Result<Reply, Refusal> {
        let behavior = self.config.behavior(head.uri.path());
        self.admit(behavior, head, has_body)?;
        let uri = match (&self.config.default_root_object, head.uri.path()) {
            // AWS does not say whether functions see `/` or the object that it stands for.
            (Some(root), "/") => format!("/{root}"),
            (_, path) => path.to_owned(),
        };
        let original = Request {
            client_ip,
            headers: self.web_acl.pass(&head.headers)?,
            method: head.method.to_string(),
            querystring: head.uri.query().unwrap_or_default().to_owned(),
            uri,
        };
        let edited = match self.viewer_request(visit, behavior, &original).await? {
            Decision::Forward(request) => request,
            Decision::Respond(response) => {
                let x_cache = XCache::LambdaGeneratedResponse;
                let mut reply = Reply::new(response.status, x_cache, response.body);
                reply.headers.set("server", "CloudFront");
                reply.headers.0.extend(response.headers.0);
                return Ok(reply);
            }
        };
        let reply = match self.fetch(behavior, &edited).await? {
            Ok(fetched) => Reply::object(&edited, &fetched),
            Err(refusal) => Reply::refused(refusal),
        };
        // CloudFront does not call the function for an origin's errors, 416 among them.
        let mut reply = if reply.status.as_u16() >= 400 {
            self.with_error_page(reply).await
        } else {
            let shown = match self.viewer_response_sees {
                ViewerResponseSees::Edited => &edited,
                ViewerResponseSees::Original => &original,
            };
            self.viewer_response(visit, behavior, shown, reply).await?
        };
        behavior.response_headers.apply(&original, &mut reply.headers);
        Ok(reply)
    }

    /// The answer; or 502, which CloudFront would not say, if a viewer would learn the seal of it, or the
    /// function has written the seal into its log. Where S3 is asked to say its worst, this only tells.
    fn keep_seal(&self, reply: Reply, id: &str) -> Reply {
        let Some(seal) = self.log.seal() else { return reply };
        let seal = seal.as_str();
        let shown = reply.headers.iter().any(|(_, value)| value.contains(seal))
            || memchr::memmem::find(&reply.body, seal.as_bytes()).is_some();
        if !shown && !self.log.has_leaked() {
            return reply;
        }
        self.log.problem(
            "the seal is in an answer or a line of the log: whoever reads it has the content",
        );
        if self.shows_seal { reply } else { Refusal::LambdaValidationError.reply(id) }
    }

    /// What CloudFront refuses before it calls the function.
    fn admit(
        &self,
        behavior: &Behavior,
        head: &request::Parts,
        has_body: bool,
    ) -> Result<(), Refusal> {
        let target = head.uri.path_and_query().map_or("", |target| target.as_str());
        let query = head.uri.query().unwrap_or_default();
        if target.len() > limits::URL_BYTES {
            Err(Refusal::UrlTooLong)
        } else if wire_bytes(&head.headers) + query.len() > limits::REQUEST_HEADERS_AND_QUERY_BYTES
        {
            Err(Refusal::RequestTooLarge)
        } else if !target.starts_with('/') || !head.headers.contains_key("host") {
            Err(Refusal::BadRequest)
        } else if !behavior.allowed_methods.contains(&head.method) {
            Err(Refusal::MethodNotAllowed)
        } else if has_body && head.method == Method::GET {
            Err(Refusal::BodyNotAllowed)
        } else {
            Ok(())
        }
    }

    async fn viewer_request(
        &self,
        visit: &mut Visit,
        behavior: &Behavior,
        request: &Request,
    ) -> Result<Decision, Refusal> {
        if !behavior.viewer_request {
            return Ok(Decision::Forward(request.clone()));
        }
        let answer = self.call(visit, event::viewer_request(&visit.id, request)).await?;
        self.accept("viewer-request", validate::viewer_request(request, &answer))
    }

    async fn viewer_response(
        &self,
        visit: &mut Visit,
        behavior: &Behavior,
        request: &Request,
        mut reply: Reply,
    ) -> Result<Reply, Refusal> {
        if behavior.viewer_response {
            let shown = event::Response {
                headers: reply.headers.clone(),
                status: reply.status.as_str().to_owned(),
                status_description: reply.status.canonical_reason().unwrap_or_default().to_owned(),
            };
            let event = event::viewer_response(&visit.id, request, &shown);
            let answer = self.call(visit, event).await?;
            reply.headers =
                self.accept("viewer-response", validate::viewer_response(&shown, &answer))?;
        }
        Ok(reply)
    }

    async fn call(&self, visit: &mut Visit, event: Bytes) -> Result<Bytes, Refusal> {
        match self.pool.invoke(event).await {
            Ok(answer) => {
                visit.sandboxes.push(answer.sandbox);
                Ok(answer.body)
            }
            Err(fault) => {
                let refusal = Refusal::from(&fault);
                // Other faults are logged by the sandbox that has them.
                if refusal == Refusal::LambdaLimitExceeded {
                    self.log.problem(&fault);
                }
                Err(refusal)
            }
        }
    }

    fn accept<T>(&self, event: &str, checked: Result<T, validate::Invalid>) -> Result<T, Refusal> {
        checked.map_err(|reason| {
            self.log.problem(format_args!("{event}: the function's answer is refused: {reason}"));
            Refusal::LambdaValidationError
        })
    }

    /// An object or the origin's error, from the cache or the origin.
    async fn fetch(
        &self,
        behavior: &Behavior,
        request: &Request,
    ) -> Result<Result<Fetched, origin::Refusal>, Refusal> {
        let Some(first) = self.source(behavior.origin.as_ref(), behavior, request) else {
            let uri = &request.uri;
            self.log.problem(format_args!("{uri}: the origin of its behavior is not emulated"));
            return Err(Refusal::OriginUnreachable);
        };
        if request.method == Method::OPTIONS.as_str() {
            return Ok(Err(origin::Refusal::no_cors()));
        }
        let fails_over = FAILS_OVER.iter().any(|method| method == request.method.as_str());
        let failover = behavior.failover.as_ref().filter(|_| fails_over);
        let second = failover.map(|failover| Second {
            statuses: &failover.statuses,
            source: self.source(failover.origin.as_ref(), behavior, request),
        });
        let lookup = Lookup {
            key: cache_key::key(request, behavior),
            from: Group { first, second },
            policy: &behavior.cache_policy,
        };
        match self.cache.get(lookup, Instant::now()).await {
            Ok(fetched) => Ok(Ok(fetched)),
            Err(Missed::Refused(refusal)) => {
                // A signature that is refused looks like a missing object to viewers.
                if let Some(
                    code @ ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "NoSuchBucket"),
                ) = refusal.code()
                {
                    let ids: Vec<_> = behavior.origins().map(|origin| &*origin.id).collect();
                    let ids = ids.join(" or ");
                    self.log.problem(format_args!("origin {ids}: S3 answered {code}"));
                }
                Ok(Err(refusal))
            }
            Err(Missed::Unreachable(why)) => {
                self.log.problem(why.reason);
                let (late, gone) = (Refusal::OriginTimedOut, Refusal::OriginUnreachable);
                Err(if why.timed_out { late } else { gone })
            }
        }
    }

    /// An origin, if it is emulated, and what it is asked.
    fn source<'a>(
        &'a self,
        s3: Option<&'a S3Origin>,
        behavior: &Behavior,
        request: &Request,
    ) -> Option<Source<'a>> {
        let s3 = s3?;
        let origin = self.origins.get(&s3.id)?;
        let request = cache_key::origin_request(request, behavior, s3);
        Some(Source { id: &s3.id, origin, request })
    }

    /// An error, or what the distribution shows instead: a page that is fetched through the behavior
    /// of its own path, without the function. If the page is missing, that is what is told.
    async fn with_error_page(&self, reply: Reply) -> Reply {
        let configured = self.config.error_page(reply.status);
        let Some(page) = configured.and_then(|error| error.page.as_ref()) else { return reply };
        let request = Request {
            client_ip: IpAddr::from([0; 4]),
            headers: Headers::default(),
            method: Method::GET.to_string(),
            querystring: String::new(),
            uri: page.path.clone(),
        };
        match self.fetch(self.config.behavior(&page.path), &request).await {
            Ok(Ok(fetched)) => Reply::error_page(page.status, &fetched.object),
            Ok(Err(refusal)) => Reply::refused(refusal),
            Err(_) => reply,
        }
    }
}

/// What the headers take on the wire.
fn wire_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + ": ".len() + value.len() + "\r\n".len())
        .sum()
}

/// 56 characters, as in `X-Amz-Cf-Id`.
fn request_id() -> String {
    let mut bytes = [0; 40];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    URL_SAFE.encode(bytes)
}
