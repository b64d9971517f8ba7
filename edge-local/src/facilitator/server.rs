//! HTTP on loopback: a port that can be closed and opened again, connections, routes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use rustix::net::{Shutdown, shutdown};
use serde_json::json;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::answer::Shared;
use super::call::Endpoint;
use super::fault::Reply;
use super::options::Options;

/// The largest request taken, in bytes; a payment is a few kilobytes.
const REQUEST_CAP: usize = 1 << 20;

/// Connections that may wait to be accepted, as in the standard library.
const BACKLOG: u32 = 128;

/// The task that accepts connections. Dropping this ends it and them.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    gate: mpsc::Sender<(bool, oneshot::Sender<io::Result<()>>)>,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(options: Options) -> io::Result<(SocketAddr, Server)> {
        let listener = hold((Ipv4Addr::LOCALHOST, 0).into())?.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(options));
        let (gate, orders) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(address, Port::Open(listener), orders, shared.clone()));
        Ok((address, Server { shared, gate, accepting }))
    }

    /// Opens or closes the door, and returns when that is done.
    pub(crate) async fn open(&self, open: bool) -> io::Result<()> {
        let ended = || io::Error::other("the facilitator has ended; start another one");
        let (done, outcome) = oneshot::channel();
        self.gate.send((open, done)).await.map_err(|_| ended())?;
        outcome.await.map_err(|_| ended())?
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A port that is listened on, or only held so that nobody else gets it.
enum Port {
    Held(TcpSocket),
    Open(TcpListener),
}

impl Port {
    fn open(self) -> io::Result<Port> {
        match self {
            Port::Held(socket) => Ok(Port::Open(socket.listen(BACKLOG)?)),
            open => Ok(open),
        }
    }

    fn close(self, address: SocketAddr) -> io::Result<Port> {
        let held = hold(address)?;
        if let Port::Open(listener) = self {
            shutdown(&listener, Shutdown::Both)?;
        }
        Ok(Port::Held(held))
    }
}

/// Ends a connection when dropped. Closing a socket, listening or connected, would not do: a child
/// that another thread is just starting has a copy of it until its `exec`, which keeps it open.
struct Ending(OwnedFd);

impl Drop for Ending {
    fn drop(&mut self) {
        shutdown(&self.0, Shutdown::Both).ok();
    }
}

/// Binds without listening. Several sockets of this process may hold one port, so that it is never
/// free between closing it and holding it.
fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(
    address: SocketAddr,
    mut port: Port,
    mut orders: mpsc::Receiver<(bool, oneshot::Sender<io::Result<()>>)>,
    shared: Arc<Shared>,
) {
    let mut connections = JoinSet::new();
    loop {
        let arrival = async {
            match &port {
                Port::Open(listener) => listener.accept().await,
                Port::Held(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            Ok((stream, _)) = arrival => {
                let Ok(copy) = stream.as_fd().try_clone_to_owned() else { continue };
                let ending = Ending(copy);
                let shared = shared.clone();
                let service = service_fn(move |request| serve(shared.clone(), request));
                connections.spawn(async move {
                    let _ending = ending;
                    let connection = hyper::server::conn::http1::Builder::new();
                    // An error here is a client that left, or a fault that closed the connection.
                    connection.serve_connection(TokioIo::new(stream), service).await.ok();
                });
            }
            Some(_) = connections.join_next() => {}
            order = orders.recv() => {
                let Some((open, done)) = order else { return };
                let moved = if open {
                    port.open()
                } else {
                    connections.shutdown().await;
                    port.close(address)
                };
                match moved {
                    Ok(moved) => {
                        port = moved;
                        done.send(Ok(())).ok();
                    }
                    Err(error) => {
                        done.send(Err(error)).ok();
                        return;
                    }
                }
            }
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> io::Result<Response<BoxBody<Bytes, io::Error>>> {
    let (parts, body) = request.into_parts();
    let endpoint = match (parts.method, parts.uri.path()) {
        (Method::POST, "/verify") => Ok(Endpoint::Verify),
        (Method::POST, "/settle") => Ok(Endpoint::Settle),
        (Method::GET, "/supported") => Ok(Endpoint::Supported),
        (_, "/verify" | "/settle" | "/supported") => Err(405),
        _ => Err(404),
    };
    let body = Limited::new(body, REQUEST_CAP).collect().await;
    let reply = match (endpoint, body) {
        (Err(status), _) => Reply::json(status, &json!({"error": "no such endpoint"})),
        (_, Err(_)) => Reply::json(413, &json!({"error": "the request cannot be read"})),
        (Ok(endpoint), Ok(body)) => {
            // A task of its own, because work goes on when the client hangs up.
            let work = tokio::spawn(async move { shared.reply(endpoint, &body.to_bytes()).await });
            work.await.map_err(io::Error::other)?
        }
    };
    match reply {
        Reply::Dropped => Err(io::Error::other("dropped on purpose")),
        Reply::Sent { status, content_type, body, drip } => {
            let body = match drip {
                None => Full::from(body).map_err(|never| match never {}).boxed(),
                Some(pause) => dripped(body, pause),
            };
            let response = Response::builder().status(status);
            let response = response.header(header::CONTENT_TYPE, content_type).body(body);
            response.map_err(io::Error::other)
        }
    }
}

fn dripped(body: Vec<u8>, pause: Duration) -> BoxBody<Bytes, io::Error> {
    let (mut sender, channel) = Channel::new(1);
    tokio::spawn(async move {
        for byte in body {
            tokio::time::sleep(pause).await;
            if sender.send_data(Bytes::from(vec![byte])).await.is_err() {
                return;
            }
        }
    });
    channel.boxed()
}
