//! A chain that is made up by the test, and its node on loopback.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use paywall_core::hex;
use paywall_core::purchase::PaymentId;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::payments::{PAYEE, Payment, TOKEN};
use super::test_chain::World;

pub(crate) struct Chain {
    pub(crate) url: String,
    world: Arc<Mutex<World>>,
    accepting: JoinHandle<()>,
}

impl Chain {
    /// One whose last block is of `now`, and whose first is three days older.
    pub(crate) async fn start(now: u64) -> Self {
        let world = Arc::new(Mutex::new(World::new(now, 3 * 43_200)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&world)));
        Chain { url, world, accepting }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Pays a payment to the payee, two seconds after it was presented.
    pub(crate) fn pay(&self, payment: &Payment) -> String {
        self.pay_at(payment, 10_000, payment.at + 2)
    }

    pub(crate) fn pay_at(&self, payment: &Payment, value: u128, second: u64) -> String {
        let PaymentId::Eip3009 { asset, from, nonce, .. } = payment.mark().payment else {
            panic!("{payment:?}")
        };
        let way = (asset, from, address(PAYEE));
        hex::encode(&self.world().pay(way, value, Some(nonce), second))
    }

    /// A plain transfer of the token.
    pub(crate) fn send(&self, from: [u8; 20], to: [u8; 20], value: u128, second: u64) -> String {
        hex::encode(&self.world().pay((address(TOKEN), from, to), value, None, second))
    }
}

pub(crate) fn address(text: &str) -> [u8; 20] {
    hex::decode_array(text).unwrap()
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, world: Arc<Mutex<World>>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let _ = socket.set_nodelay(true);
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let answer = |request: Request<Incoming>| {
                let world = Arc::clone(&world);
                async move {
                    let mut body = s3s::Body::from(request.into_body());
                    let bytes = body.store_all_limited(1024 * 1024).await.unwrap();
                    let asked: Value = serde_json::from_slice(&bytes).unwrap();
                    let said = match &asked {
                        Value::Array(all) => all.iter().map(|one| reply(&world, one)).collect(),
                        one => reply(&world, one),
                    };
                    Ok::<_, Infallible>(Response::new(s3s::Body::from(said.to_string())))
                }
            };
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service_fn(answer))
                .await;
        });
    }
}

fn reply(world: &Mutex<World>, asked: &Value) -> Value {
    let id = &asked["id"];
    match world.lock().unwrap().answer(asked["method"].as_str().unwrap(), &asked["params"]) {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(why) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32_000, "message": why } })
        }
    }
}
