//! A request's way through the distribution.
//!
//! ```text
//! viewer ──> limits ──> viewer-request ──> cache ──> origin
//!    ^                       │               │
//!    └── generated response ─┘               │
//!    └──────────────────── viewer-response <─┘   (not for errors of the origin)
//! ```

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, request};
use http_body_util::Full;

use crate::ViewerResponseSees;
use crate::behavior::Behavior;
use crate::cache::{Cache, Fetched};
use crate::event::{self, Headers, Request};
use crate::limits;
use crate::log::{Exchange, Log};
use crate::origin::{self, Origin};
use crate::refusal::Refusal;
use crate::response::{Reply, XCache};
use crate::sandbox::Pool;
use crate::validate::{self, Decision};

/// Everything behind the front door.
#[derive(Debug)]
pub(crate) struct Distribution {
    pub(crate) behavior: Behavior,
    pub(crate) cache: Arc<Cache>,
    pub(crate) log: Log,
    pub(crate) origin: Arc<Origin>,
    pub(crate) pool: Pool,
    pub(crate) viewer_response_sees: ViewerResponseSees,
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
            Err(refusal) => refusal.reply(&visit.id),
        };
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
        self.admit(head, has_body)?;
        let original = Request {
            client_ip,
            headers: Headers::visible(&head.headers),
            method: head.method.to_string(),
            querystring: head.uri.query().unwrap_or_default().to_owned(),
            uri: head.uri.path().to_owned(),
        };
        let edited = match self.viewer_request(visit, &original).await? {
            Decision::Forward(request) => request,
            Decision::Respond(response) => {
                let x_cache = XCache::LambdaGeneratedResponse;
                let mut reply = Reply::new(response.status, x_cache, response.body);
                reply.headers.set("server", "CloudFront");
                reply.headers.0.extend(response.headers.0);
                return Ok(reply);
            }
        };
        let reply = match self.fetch(&edited).await {
            Ok(fetched) => Reply::object(&edited, &fetched),
            Err(refusal) => Reply::refused(refusal),
        };
        // CloudFront does not call the function for an origin's errors, 416 among them.
        if reply.status.as_u16() >= 400 {
            return Ok(reply);
        }
        let shown = match self.viewer_response_sees {
            ViewerResponseSees::Edited => &edited,
            ViewerResponseSees::Original => &original,
        };
        self.viewer_response(visit, shown, reply).await
    }

    /// What CloudFront refuses before it calls the function.
    fn admit(&self, head: &request::Parts, has_body: bool) -> Result<(), Refusal> {
        let target = head.uri.path_and_query().map_or("", |target| target.as_str());
        let query = head.uri.query().unwrap_or_default();
        if target.len() > limits::URL_BYTES {
            Err(Refusal::UrlTooLong)
        } else if wire_bytes(&head.headers) + query.len() > limits::REQUEST_HEADERS_AND_QUERY_BYTES
        {
            Err(Refusal::RequestTooLarge)
        } else if !target.starts_with('/') || !head.headers.contains_key("host") {
            Err(Refusal::BadRequest)
        } else if !self.behavior.allowed_methods.contains(&head.method) {
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
        request: &Request,
    ) -> Result<Decision, Refusal> {
        if !self.behavior.viewer_request {
            return Ok(Decision::Forward(request.clone()));
        }
        let answer = self.call(visit, event::viewer_request(&visit.id, request)).await?;
        self.accept("viewer-request", validate::viewer_request(request, &answer))
    }

    async fn viewer_response(
        &self,
        visit: &mut Visit,
        request: &Request,
        mut reply: Reply,
    ) -> Result<Reply, Refusal> {
        if self.behavior.viewer_response {
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

    async fn fetch(&self, request: &Request) -> Result<Fetched, origin::Refusal> {
        if request.method == Method::OPTIONS.as_str() {
            return Err(self.origin.options());
        }
        let (cache, origin) = (Arc::clone(&self.cache), Arc::clone(&self.origin));
        let uri = request.uri.clone();
        let fetched =
            tokio::task::spawn_blocking(move || cache.get(&origin, &uri, Instant::now())).await;
        fetched.unwrap_or_else(|_| {
            // The runtime is shutting down.
            Err(origin::Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailable",
                "Stopping",
            ))
        })
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
