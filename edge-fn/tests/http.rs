//! The one question that decides whether a buyer may be told to pay again: did a byte go out?

mod loopback;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_fn::io::http::{Answer, End, Exchange, Http, Method, Repeat, Request};

use loopback::{read, respond, server};

/// A longer answer, in bytes, is none.
const LIMIT: u64 = 64 * 1024;

/// POSTs to `/settle` there, in so many milliseconds.
fn post(http: &Http, url: &str, timeout_ms: u64, repeat: Repeat) -> Exchange {
    let timeout = Duration::from_millis(timeout_ms);
    http.send(&Request {
        method: &Method::POST,
        url: &format!("{url}/settle"),
        headers: &[("content-type", "application/json")],
        body: br#"{"x":1}"#,
        timeout,
        connect_timeout: timeout,
        limit: LIMIT,
        repeat,
    })
}

fn settle(url: &str, timeout_ms: u64) -> End {
    post(&Http::default(), url, timeout_ms, Repeat::Never).end
}

fn is_answer(end: &End, text: &str) -> bool {
    matches!(end, End::Answered(Answer { body, .. }) if body == text.as_bytes())
}

#[test]
fn an_answer_is_read_whatever_its_status() {
    for status in ["200 OK", "400 Bad Request", "500 Internal Server Error", "302 Found"] {
        let (url, requests) = server(move |mut stream, requests| {
            requests.send(read(&mut stream).unwrap()).unwrap();
            respond(&mut stream, status, "{}");
        });
        let End::Answered(answer) = settle(&url, 2_000) else { panic!("no answer") };
        assert_eq!(
            (answer.status.to_string().as_str(), &answer.body[..]),
            (&status[..3], &b"{}"[..])
        );
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
        let end = settle(&url, 500);
        assert!(matches!(end, End::NotSent(_)), "{url}: {end:?}");
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
            let body = "x".repeat(LIMIT as usize + 1);
            respond(&mut stream, "200 OK", &body);
        }),
    ];
    for (name, serve) in servers {
        let (url, _requests) = server(serve);
        let end = settle(&url, 500);
        assert!(matches!(end, End::Lost(_)), "{name}: {end:?}");
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
    assert!(matches!(settle(&url, 300), End::Lost(_)));
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
        let Exchange { end, .. } = post(&http, &url, 2_000, Repeat::Never);
        assert!(is_answer(&end, "{}"), "{end:?}");
        // Time for the end of the connection to arrive.
        thread::sleep(Duration::from_millis(50));
    }
    let seen: Vec<_> = requests.try_iter().collect();
    let settle = "POST /settle HTTP/1.1";
    assert_eq!(seen, ["connection", settle, settle, "connection", settle]);
    assert_eq!(http.connections(), 2);
}

/// The server answers once on its first connection, and closes it when the next request is read:
/// nobody could have seen that coming.
fn closes_under_the_second_request() -> (String, mpsc::Receiver<String>) {
    let first = AtomicBool::new(true);
    server(move |mut stream, requests| {
        while let Some(request) = read(&mut stream) {
            requests.send(request).unwrap();
            respond(&mut stream, "200 OK", "{}");
            if first.swap(false, Ordering::SeqCst) {
                requests.send(read(&mut stream).unwrap()).unwrap();
                return;
            }
        }
    })
}

#[test]
fn what_moves_money_is_never_sent_twice() {
    let (url, requests) = closes_under_the_second_request();
    let http = Http::default();
    assert!(is_answer(&post(&http, &url, 2_000, Repeat::Never).end, "{}"));
    let Exchange { end, .. } = post(&http, &url, 2_000, Repeat::Never);
    assert!(matches!(end, End::Lost(_)), "{end:?}");
    assert_eq!((requests.try_iter().count(), http.connections()), (2, 1));
}

#[test]
fn what_is_safe_to_repeat_goes_again_on_a_new_connection() {
    let (url, requests) = closes_under_the_second_request();
    let http = Http::default();
    for _ in 0..2 {
        let Exchange { end, .. } = post(&http, &url, 2_000, Repeat::Safe);
        assert!(is_answer(&end, "{}"), "{end:?}");
    }
    assert_eq!((requests.try_iter().count(), http.connections()), (3, 2));
}

#[test]
fn only_a_kept_connection_is_an_excuse() {
    // Each connection is new, and closed after its request.
    let (url, requests) = server(|mut stream, requests| {
        requests.send(read(&mut stream).unwrap()).unwrap();
    });
    let end = post(&Http::default(), &url, 2_000, Repeat::Safe).end;
    assert!(matches!(end, End::Lost(_)), "{end:?}");
    assert_eq!(requests.try_iter().count(), 1);

    // Kept, but the answer had begun.
    let first = AtomicBool::new(true);
    let (url, requests) = server(move |mut stream, requests| {
        while let Some(request) = read(&mut stream) {
            requests.send(request).unwrap();
            if !first.swap(false, Ordering::SeqCst) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{");
                return;
            }
            respond(&mut stream, "200 OK", "{}");
        }
    });
    let http = Http::default();
    assert!(is_answer(&post(&http, &url, 2_000, Repeat::Safe).end, "{}"));
    let Exchange { end, .. } = post(&http, &url, 2_000, Repeat::Safe);
    assert!(matches!(end, End::Lost(_)), "{end:?}");
    assert_eq!((requests.try_iter().count(), http.connections()), (2, 1));
}

#[test]
fn each_phase_is_timed_where_it_happened() {
    let (url, _requests) = server(|mut stream, _| {
        while read(&mut stream).is_some() {
            thread::sleep(Duration::from_millis(30));
            respond(&mut stream, "200 OK", "{}");
        }
    });
    let http = Http::default();
    let new = post(&http, &url, 2_000, Repeat::Never).phases;
    assert!(new.dns.is_some() && new.connect.is_some(), "{new:?}");
    assert!(new.wait >= Some(30) && new.read.is_some(), "{new:?}");
    let kept = post(&http, &url, 2_000, Repeat::Never).phases;
    assert_eq!((kept.dns, kept.connect, kept.tls), (None, None, None));
    assert!(kept.wait >= Some(30) && kept.read.is_some(), "{kept:?}");

    // A call that breaks off did so in the last phase that it has.
    let (silent, _requests) = server(|mut stream, _| {
        read(&mut stream);
        thread::sleep(Duration::from_secs(2));
    });
    let broken = post(&Http::default(), &silent, 200, Repeat::Never).phases;
    let all = [broken.dns, broken.connect, broken.tls, broken.send, broken.wait];
    // Whatever a busy machine took for the others; each is cut to whole milliseconds.
    assert!(all.into_iter().flatten().sum::<u64>() >= 195, "{broken:?}");
    assert!(broken.wait.is_some() && broken.read.is_none(), "{broken:?}");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = post(&Http::default(), &format!("http://{closed}"), 2_000, Repeat::Never).phases;
    assert!(refused.connect.is_some() && refused.tls.is_none(), "{refused:?}");
}

#[test]
fn connecting_has_a_limit_of_its_own() {
    // It takes the connection, and never answers the TLS handshake: there would be time enough.
    let (silent, _connections) = server(|stream, _| {
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(5));
            drop(stream);
        });
    });
    let exchange = Http::default().send(&Request {
        method: &Method::POST,
        url: &silent.replace("http:", "https:"),
        headers: &[],
        body: b"{}",
        timeout: Duration::from_secs(60),
        connect_timeout: Duration::from_millis(200),
        limit: LIMIT,
        repeat: Repeat::Never,
    });
    assert!(matches!(exchange.end, End::NotSent(_)), "{:?}", exchange.end);
    assert!(exchange.phases.tls.is_some() && exchange.phases.send.is_none());
}

#[test]
fn calls_in_parallel_keep_their_own_traces() {
    let (url, _requests) = server(|mut stream, _| {
        thread::spawn(move || {
            while let Some(request) = read(&mut stream) {
                let number = request.rsplit("number: ").next().unwrap().lines().next().unwrap();
                respond(&mut stream, "200 OK", number);
            }
        });
    });
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let http = Http::default();
    thread::scope(|scope| {
        for number in 0..20 {
            let (http, url) = (&http, &url);
            scope.spawn(move || {
                for round in 0..10 {
                    let text = format!("{number}-{round}");
                    let request = Request {
                        method: &Method::GET,
                        url,
                        headers: &[("number", &text)],
                        body: b"",
                        timeout: Duration::from_secs(5),
                        connect_timeout: Duration::from_secs(5),
                        limit: LIMIT,
                        repeat: Repeat::Safe,
                    };
                    let end = http.send(&request).end;
                    assert!(is_answer(&end, &text), "{end:?}");
                    let refused = post(http, &format!("http://{closed}"), 2_000, Repeat::Never);
                    assert!(matches!(refused.end, End::NotSent(_)), "{:?}", refused.end);
                }
            });
        }
    });
}
