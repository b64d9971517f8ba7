//! Records in S3: conditional writes that are true ones, and every way in which S3 can fail.

mod loopback;
mod s3_server;

use std::net::TcpStream;
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use edge_fn::io::aws::Identity;
use edge_fn::io::aws::s3::{Client, Folder, Operation};
use edge_fn::io::clock::now;
use edge_fn::io::http::Http;
use paywall_core::store::{Failed, Reply, Version};

use loopback::{read, respond, server};
use s3_server::Server;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A place, and a client for it.
struct Place {
    http: Http,
    identity: Identity,
    folder: Folder,
}

impl Place {
    fn new(server: &Server) -> Self {
        let (identity, folder) = (server.identity.clone(), server.folder("shop/sales"));
        Place { http: Http::default(), identity, folder }
    }

    fn client(&self) -> Client<'_> {
        Client { http: &self.http, identity: &self.identity, folder: &self.folder }
    }

    fn run(&self, name: &str, operation: &Operation<'_>) -> Result<Reply, Failed> {
        self.client().run(name, operation, now(), TIMEOUT)
    }

    fn written(&self, name: &str, operation: &Operation<'_>) -> Version {
        match self.run(name, operation) {
            Ok(Reply::Written(version)) => version,
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_record_is_created_once_and_replaced_by_who_knows_it() {
    let server = Server::start();
    let place = Place::new(&server);
    let name = "accounts/0xabc/reports-2026.json";
    assert_eq!(place.run(name, &Operation::Get), Ok(Reply::Missing));
    let nobody = Version("\"00000000000000000000000000000000\"".into());
    assert_eq!(place.run(name, &Operation::Replace("{}", &nobody)), Ok(Reply::Conflict));

    let first = place.written(name, &Operation::Create(r#"{"by":1}"#));
    let found = Ok(Reply::Found(br#"{"by":1}"#.to_vec(), first.clone()));
    assert_eq!(place.run(name, &Operation::Get), found);
    assert_eq!(place.run(name, &Operation::Create(r#"{"by":2}"#)), Ok(Reply::Conflict));
    assert_eq!(place.run(name, &Operation::Get), found);

    let second = place.written(name, &Operation::Replace(r#"{"by":2}"#, &server.spelled(&first)));
    assert_ne!(second, first);
    let found = Ok(Reply::Found(br#"{"by":2}"#.to_vec(), second.clone()));
    let stale = server.spelled(&first);
    assert_eq!(place.run(name, &Operation::Replace(r#"{"by":3}"#, &stale)), Ok(Reply::Conflict));
    assert_eq!(place.run(name, &Operation::Get), found);
    place.written(name, &Operation::Replace(r#"{"by":3}"#, &server.spelled(&second)));

    // Without a prefix the bucket is the folder.
    let whole = Place { folder: server.folder(""), ..Place::new(&server) };
    assert!(matches!(
        whole.run(&format!("shop/sales/{name}"), &Operation::Get),
        Ok(Reply::Found(..))
    ));
    whole.written("v2/sites/shop.json", &Operation::Create("{}"));

    // Another folder of the bucket has none of it.
    let other = Place { folder: server.folder("shop/other"), ..Place::new(&server) };
    assert_eq!(other.run(name, &Operation::Get), Ok(Reply::Missing));
}

/// Fifty writers at once, each with a record of its own: the one that won, and how the others lost.
fn race(server: &Server, place: &Place, name: &str, version: Option<&Version>) -> Version {
    const WRITERS: usize = 50;
    // No two versions have the same bytes: a version is known by them.
    let record = |writer| format!(r#"{{"by":{writer},"after":{version:?}}}"#);
    let start = Barrier::new(WRITERS);
    let replies: Vec<_> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (start, json) = (&start, record(writer));
                scope.spawn(move || {
                    let operation = match version {
                        None => Operation::Create(&json),
                        Some(version) => Operation::Replace(&json, version),
                    };
                    // A client of its own, as each sandbox has.
                    let http = Http::default();
                    let client = Client { http: &http, ..place.client() };
                    start.wait();
                    client.run(name, &operation, now(), TIMEOUT)
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let mut won = Vec::new();
    for (writer, reply) in replies.into_iter().enumerate() {
        match reply {
            Ok(Reply::Written(version)) => won.push((writer, version)),
            lost => assert!(server.is_lost(&lost), "{name}: {lost:?}"),
        }
    }
    let [(winner, version)] = &won[..] else { panic!("{name}: {} writers won", won.len()) };
    let found = Ok(Reply::Found(record(*winner).into_bytes(), version.clone()));
    assert_eq!(place.run(name, &Operation::Get), found);
    version.clone()
}

#[test]
fn of_fifty_writers_exactly_one_wins() {
    let server = Server::start();
    let place = Place::new(&server);
    for round in 0..5 {
        let name = format!("bindings/{round}.json");
        let mut version = race(&server, &place, &name, None);
        for _ in 0..3 {
            version = race(&server, &place, &name, Some(&server.spelled(&version)));
        }
    }
}

#[test]
fn what_s3_refuses_is_no_answer_about_the_record() {
    let server = Server::start();
    let operations = [Operation::Get, Operation::Create("{}")];
    let mut wrong_key = Place::new(&server);
    wrong_key.identity.secret_access_key = "wrong".repeat(8);
    for operation in &operations {
        let Err(Failed(why)) = wrong_key.run("a.json", operation) else { panic!("{operation:?}") };
        assert!(why.contains("403") && why.contains("role"), "{why}");
        assert!(!why.contains("wrongwrong"), "{why}");
    }
    assert_eq!(Place::new(&server).run("a.json", &Operation::Get), Ok(Reply::Missing));
}

/// Runs an operation against a server that does what `serve` does, and counts its requests.
fn against(
    operation: &Operation<'_>,
    serve: impl Fn(TcpStream, &mpsc::Sender<String>) + Send + 'static,
) -> (Result<Reply, Failed>, usize) {
    let (url, requests) = server(serve);
    let identity = Identity {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        session_token: Some("token".into()),
    };
    let folder = Folder::loopback(&format!("s3+{url}/bucket/shop"), "us-east-1").unwrap();
    let client = Client { http: &Http::default(), identity: &identity, folder: &folder };
    let reply = client.run("a.json", operation, now(), Duration::from_secs(1));
    (reply, requests.try_iter().count())
}

/// Answers the requests of one connection in turn.
fn answers(
    list: &'static [(&'static str, &'static str)],
) -> impl Fn(TcpStream, &mpsc::Sender<String>) + Send + 'static {
    move |mut stream, requests| {
        for (status, body) in list {
            let Some(request) = read(&mut stream) else { return };
            assert!(request.contains("x-amz-security-token: token\r\n"), "{request}");
            requests.send(request).unwrap();
            respond(&mut stream, status, body);
        }
    }
}

#[test]
fn each_failure_is_what_it_is() {
    const MET: (&str, &str) =
        ("409 Conflict", "<Error><Code>ConditionalRequestConflict</Code></Error>");
    const DONE: (&str, &str) = ("200 OK\r\netag: \"e\"", "");
    let version = Version("\"v\"".into());
    let create = Operation::Create("{}");
    let replace = Operation::Replace("{}", &version);
    let written = Ok(Reply::Written(Version("\"e\"".into())));

    // Two conditional requests met: once more, and only once.
    assert_eq!(against(&create, answers(&[MET, DONE])), (written.clone(), 2));
    assert_eq!(against(&replace, answers(&[MET, DONE])), (written, 2));
    let (reply, requests) = against(&create, answers(&[MET, MET, DONE]));
    assert!(matches!(&reply, Err(Failed(why)) if why.contains("ConditionalRequestConflict")));
    assert_eq!(requests, 2);

    let conflict = ("412 Precondition Failed", "<Error><Code>PreconditionFailed</Code></Error>");
    for (operation, status, body, expected) in [
        (&create, conflict.0, conflict.1, Ok(Reply::Conflict)),
        (&replace, conflict.0, conflict.1, Ok(Reply::Conflict)),
        (&replace, "404 Not Found", "<Error><Code>NoSuchKey</Code></Error>", Ok(Reply::Conflict)),
        (
            &Operation::Get,
            "404 Not Found",
            "<Error><Code>NoSuchKey</Code></Error>",
            Ok(Reply::Missing),
        ),
    ] {
        let list = Box::leak(Box::new([(status, body)]));
        assert_eq!(against(operation, answers(list)), (expected, 1), "{operation:?} {status}");
    }
    for (operation, status, body, word) in [
        (&create, "503 Slow Down", "<Error><Code>SlowDown</Code></Error>", "SlowDown"),
        (&create, "200 OK", "", "ETag"),
        (&Operation::Get, "200 OK", "{}", "ETag"),
        (&Operation::Get, conflict.0, conflict.1, "412"),
        (
            &Operation::Get,
            "404 Not Found",
            "<Error><Code>NoSuchBucket</Code></Error>",
            "NoSuchBucket",
        ),
        (&Operation::Get, "404 Not Found", "<html>a proxy's page", "404"),
        (&create, "404 Not Found", "<Error><Code>NoSuchKey</Code></Error>", "404"),
        (&create, "307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/", "", "307"),
        (
            &Operation::Get,
            "403 Forbidden",
            "<Error><Code>AccessDenied</Code></Error>",
            "ListBucket",
        ),
    ] {
        let list = Box::leak(Box::new([(status, body)]));
        let (reply, requests) = against(operation, answers(list));
        assert!(matches!(&reply, Err(Failed(why)) if why.contains(word)), "{status}: {reply:?}");
        assert_eq!(requests, 1);
    }
}

#[test]
fn a_silent_server_and_an_absent_one_fail_in_time() {
    let (reply, requests) = against(&Operation::Create("{}"), |mut stream, requests| {
        requests.send(read(&mut stream).unwrap()).unwrap();
        thread::sleep(Duration::from_secs(3));
    });
    assert!(matches!(reply, Err(Failed(_))), "{reply:?}");
    assert_eq!(requests, 1);
    let (reply, _) = against(&Operation::Get, |stream, _| drop(stream));
    assert!(matches!(reply, Err(Failed(_))), "{reply:?}");
}

#[test]
fn only_an_s3_server_on_loopback_can_stand_in() {
    for url in [
        "s3+http://127.0.0.1:9000/bucket/prefix",
        "s3+http://localhost:1/b/p/q",
        "s3+http://127.0.0.1:9000/bucket",
        "s3+http://127.0.0.1:9000/bucket/",
    ] {
        assert!(Folder::loopback(url, "us-east-1").is_some(), "{url}");
    }
    for url in [
        "",
        "memory",
        "http://127.0.0.1:9000/bucket/prefix",
        "s3+http://127.0.0.1:9000",
        "s3+http://127.0.0.1:9000/",
        "s3+http://127.0.0.1:9000//",
        "s3+http://127.0.0.1:9000//prefix",
        "s3+http://127.0.0.1:9000/bucket?x",
        "s3+http://127.0.0.1:9000/bucket/../x",
        "s3+http://s3.example/bucket/prefix",
        "s3+https://127.0.0.1/bucket/prefix",
    ] {
        assert_eq!(Folder::loopback(url, "us-east-1"), None, "{url}");
    }
}
