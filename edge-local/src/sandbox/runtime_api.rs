//! The Lambda Runtime API of one sandbox.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! It only carries: each request of the function becomes a [`Call`] that the sandbox's task takes
//! up and replies to.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cloudfront::limits;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::environment::{FUNCTION_NAME, FUNCTION_VERSION, REGION};

const PREFIX: &str = "/2018-06-01/runtime/";

/// The server, up until this is dropped.
pub(super) struct RuntimeApi {
    /// Where it listens, on loopback.
    pub(super) address: SocketAddr,
    /// What the function asks for.
    pub(super) calls: mpsc::Receiver<Call>,
    _server: AbortOnDropHandle<()>,
}

/// A request of the function that waits for its reply.
pub(super) struct Call {
    /// What it wants.
    pub(super) what: What,
    reply: oneshot::Sender<Response<Full<Bytes>>>,
}

/// What the function wants.
pub(super) enum What {
    /// Work: `GET invocation/next`.
    Next,
    /// To hand in an answer: `POST invocation/{id}/response`.
    Response { id: String, body: Bytes },
    /// To report that an invocation failed: `POST invocation/{id}/error`.
    Error { id: String, body: Bytes },
    /// To report that it cannot start: `POST init/error`.
    InitError { body: Bytes },
}

/// A piece of work.
pub(super) struct Invocation {
    /// Lambda's id of the invocation.
    pub(super) id: String,
    /// When the time limit ends.
    pub(super) deadline: SystemTime,
    /// The event's JSON.
    pub(super) event: Bytes,
}

impl RuntimeApi {
    /// Listens on a free port of the loopback address.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (sender, calls) = mpsc::channel(8);
        let server = tokio::spawn(serve(listener, sender));
        Ok(Self { address, calls, _server: AbortOnDropHandle::new(server) })
    }
}

impl Call {
    /// Hands out work in reply to [`What::Next`].
    pub(super) fn invoke(self, invocation: Invocation) {
        let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
        let trace = uuid::Uuid::new_v4().simple().to_string();
        let response = Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", invocation.id)
            .header("Lambda-Runtime-Deadline-Ms", deadline.as_millis().to_string())
            .header(
                "Lambda-Runtime-Invoked-Function-Arn",
                format!("arn:aws:lambda:{REGION}:123456789012:function:{FUNCTION_NAME}:{FUNCTION_VERSION}"),
            )
            .header(
                "Lambda-Runtime-Trace-Id",
                format!("Root=1-{}-{};Sampled=0", &trace[..8], &trace[8..]),
            )
            .body(Full::new(invocation.event));
        // Every header is made of letters, digits and punctuation.
        self.send(response.expect("the headers are well-formed"));
    }

    /// Takes what the function handed in.
    pub(super) fn accept(self) {
        self.send(json(StatusCode::ACCEPTED, serde_json::json!({"status": "OK"})));
    }

    /// Refuses a call that makes no sense now.
    pub(super) fn refuse(self, why: &str) {
        self.send(error(StatusCode::BAD_REQUEST, "InvalidStateTransition", why));
    }

    fn send(self, response: Response<Full<Bytes>>) {
        // The function may be gone by now; its end is noticed elsewhere.
        let _ = self.reply.send(response);
    }
}

async fn serve(listener: TcpListener, calls: mpsc::Sender<Call>) {
    // Connections end with the server: dropping the set aborts them.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        while connections.try_join_next().is_some() {}
        let calls = calls.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| handle(request, calls.clone()));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(None)
                .serve_connection(TokioIo::new(stream), service);
            // A broken connection is the function's affair.
            let _ = connection.await;
        });
    }
}

async fn handle(
    request: Request<Incoming>,
    calls: mpsc::Sender<Call>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let limited = Limited::new(body, limits::INVOCATION_PAYLOAD_BYTES);
    let Ok(body) = limited.collect().await else {
        return Ok(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "an answer may have 6 MB at most",
        ));
    };
    let body = body.to_bytes();
    let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let what = match (&head.method, parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => What::Next,
        (&Method::POST, ["invocation", id, "response"]) => {
            What::Response { id: (*id).to_owned(), body }
        }
        (&Method::POST, ["invocation", id, "error"]) => What::Error { id: (*id).to_owned(), body },
        (&Method::POST, ["init", "error"]) => What::InitError { body },
        _ => return Ok(error(StatusCode::NOT_FOUND, "NotFound", "there is no such endpoint")),
    };
    let (reply, answer) = oneshot::channel();
    if calls.send(Call { what, reply }).await.is_ok()
        && let Ok(response) = answer.await
    {
        return Ok(response);
    }
    Ok(error(StatusCode::GONE, "SandboxEnded", "the sandbox has ended"))
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    json(status, serde_json::json!({"errorType": kind, "errorMessage": message}))
}

fn json(status: StatusCode, body: serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.to_string().into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}
