//! The front door: HTTP/1.1 from viewers.
//!
//! A request that is not HTTP, or whose target holds bytes that no URL may have, is refused by the
//! HTTP library with a bare 400, where CloudFront sends a page.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::distribution::Distribution;

/// Takes connections until it is dropped, which ends those under way as well.
pub(crate) async fn serve(listener: TcpListener, distribution: Arc<Distribution>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let distribution = Arc::clone(&distribution);
                connections.spawn(converse(stream, peer.ip(), distribution));
            }
            // Out of file descriptors, say: others may be closed by the next try.
            Err(error) => {
                distribution.log.problem(format_args!("cannot take a connection: {error}"));
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, viewer: IpAddr, distribution: Arc<Distribution>) {
    // Answers are written at once; there is nothing to gain from waiting for more bytes.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: http::Request<Incoming>| {
        let distribution = Arc::clone(&distribution);
        async move {
            let has_body = !request.body().is_end_stream();
            let (head, _body) = request.into_parts();
            Ok::<_, Infallible>(distribution.answer(viewer, &head, has_body).await)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    // A viewer may go away at any time.
    let _ = connection.await;
}
