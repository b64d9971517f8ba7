//! The one question that decides whether a buyer may be told to pay again: did a byte go out?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_fn::facilitator::{Call, Endpoint, Outcome};
use edge_fn::io::http::Http;

fn call(facilitator: String, timeout_ms: u64) -> Call {
    Call { endpoint: Endpoint::Settle, facilitator, body: r#"{"x":1}"#.into(), timeout_ms }
}

/// A server that does `serve` with each connection, and the requests that it read.
fn server(
    serve: impl Fn(TcpStream, &mpsc::Sender<String>) + Send + 'static,
) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &sender);
        }
    });
    (url, receiver)
}

/// Reads one request: its head, and as many bytes as it says.
fn read(stream: &mut TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase().split_once("content-length: ")?.1.to_owned();
            let length: usize = length.lines().next()?.trim().parse().ok()?;
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}

fn respond(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
}

#[test]
fn an_answer_is_read_whatever_its_status() {
    for status in ["200 OK", "400 Bad Request", "500 Internal Server Error", "302 Found"] {
        let (url, requests) = server(move |mut stream, requests| {
            requests.send(read(&mut stream).unwrap()).unwrap();
            respond(&mut stream, status, "{}");
        });
        assert_eq!(Http::default().post(&call(url, 2_000)), Outcome::Answered(b"{}".to_vec()));
        let request = requests.recv().unwrap();
        assert!(request.starts_with("POST /settle HTTP/1.1\r\n"), "{request}");
        assert!(request.to_lowercase().contains("content-type: application/json"));
        assert!(request.ends_with(r#"{"x":1}"#));
    }
}

#[test]
fn what_fails_before_the_first_byte_was_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // A plain HTTP server does not get through the TLS handshake.
    let (plain, requests) =
        server(|mut stream, _| drop(stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n")));
    let tls = plain.replace("http:", "https:");
    // One that says nothing keeps the handshake waiting.
    let (silent, _connections) = server(|stream, _| {
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(5));
            drop(stream);
        });
    });
    let silent_tls = silent.replace("http:", "https:");
    for url in [
        format!("http://{closed}"),
        tls,
        silent_tls,
        "https://no-such-host.invalid".to_owned(),
        "http://facilitator.example".to_owned(),
        "nonsense".to_owned(),
    ] {
        let outcome = Http::default().post(&call(url.clone(), 500));
        assert!(matches!(outcome, Outcome::NotSent(_)), "{url}: {outcome:?}");
    }
    assert!(requests.try_recv().is_err());
}

#[test]
fn what_fails_after_the_first_byte_may_have_been_sent() {
    type Serve = fn(TcpStream, &mpsc::Sender<String>);
    let servers: [(&str, Serve); 5] = [
        ("closed unread", |stream, _| drop(stream)),
        ("closed after reading", |mut stream, _| drop(read(&mut stream))),
        ("silent", |mut stream, _| {
            read(&mut stream);
            thread::sleep(Duration::from_secs(2));
        }),
        ("cut short", |mut stream, _| {
            read(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").unwrap();
        }),
        ("too long", |mut stream, _| {
            read(&mut stream);
            let body = "x".repeat(edge_fn::limits::FACILITATOR_ANSWER_BYTES as usize + 1);
            respond(&mut stream, "200 OK", &body);
        }),
    ];
    for (name, serve) in servers {
        let (url, _requests) = server(serve);
        let outcome = Http::default().post(&call(url, 500));
        assert!(matches!(outcome, Outcome::Lost(_)), "{name}: {outcome:?}");
    }
}

#[test]
fn a_dripping_answer_ends_with_the_deadline() {
    let (url, _requests) = server(|mut stream, _| {
        read(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(50));
            if stream.write_all(b" ").is_err() {
                return;
            }
        }
    });
    assert!(matches!(Http::default().post(&call(url, 300)), Outcome::Lost(_)));
}

#[test]
fn connections_are_kept_and_stale_ones_left() {
    let (url, requests) = server(|mut stream, requests| {
        requests.send("connection".into()).unwrap();
        // Two requests on a connection, then it goes.
        for _ in 0..2 {
            let Some(request) = read(&mut stream) else { return };
            requests.send(request.lines().next().unwrap().into()).unwrap();
            respond(&mut stream, "200 OK", "{}");
        }
    });
    let http = Http::default();
    for _ in 0..3 {
        let outcome = http.post(&call(url.clone(), 2_000));
        assert_eq!(outcome, Outcome::Answered(b"{}".to_vec()));
        // Time for the end of the connection to arrive.
        thread::sleep(Duration::from_millis(50));
    }
    let seen: Vec<_> = requests.try_iter().collect();
    let settle = "POST /settle HTTP/1.1";
    assert_eq!(seen, ["connection", settle, settle, "connection", settle]);
}
