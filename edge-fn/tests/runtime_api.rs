//! The loop over the Lambda Runtime API, against one that is scripted byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_fn::io::runtime::{Ended, Failure, RuntimeApi};
use paywall_core::clock::Micros;

const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 15\r\n\r\n{\"status\":\"OK\"}";

/// What the function sent: the number of the connection, the head's first line, the whole text.
#[derive(Debug)]
struct Call {
    connection: usize,
    line: String,
    text: String,
}

impl Call {
    fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").unwrap().1
    }
}

/// A Runtime API that answers the calls in order, and then closes and is gone.
fn scripted(answers: Vec<String>) -> (RuntimeApi, mpsc::Receiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = RuntimeApi::at(&listener.local_addr().unwrap().to_string());
    let (calls, received) = mpsc::channel();
    thread::spawn(move || {
        let mut answers = answers.into_iter().peekable();
        let mut connection = 0;
        while answers.peek().is_some() {
            let (mut stream, _) = listener.accept().unwrap();
            connection += 1;
            while answers.peek().is_some() {
                let Some(text) = read(&mut stream) else { break };
                let line = text.lines().next().unwrap().to_owned();
                calls.send(Call { connection, line, text }).unwrap();
                let answer = answers.next().unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                if answer.contains("connection: close") {
                    break;
                }
            }
        }
    });
    (api, received)
}

/// Reads a request with as many bytes as its head says, or `None` at the connection's end.
fn read(stream: &mut TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
    }
}

fn event(id: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n\
         Lambda-Runtime-Deadline-Ms: 1700000005000\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn echo(event: &[u8], deadline: Micros) -> Result<Vec<u8>, Failure> {
    assert_eq!(deadline, Micros::from_millis(1_700_000_005_000));
    Ok(event.to_vec())
}

fn failing(_: &[u8], _: Micros) -> Result<Vec<u8>, Failure> {
    Err(Failure { error_type: "Runtime.Test", error_message: "no \"answer\"".into() })
}

#[test]
fn events_are_answered_over_one_connection() {
    let (api, calls) = scripted(vec![
        event("first", "{\"n\":1}"),
        ACCEPTED.into(),
        event("second", "{\"n\":2}"),
        ACCEPTED.into(),
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n".into(),
    ]);
    let ended = api.serve(echo).unwrap_err();
    assert!(matches!(ended, Ended::Refused(_, status) if status == 500), "{ended}");
    let calls: Vec<Call> = calls.try_iter().collect();
    let lines: Vec<&str> = calls.iter().map(|call| call.line.as_str()).collect();
    let next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1";
    assert_eq!(
        lines,
        [
            next,
            "POST /2018-06-01/runtime/invocation/first/response HTTP/1.1",
            next,
            "POST /2018-06-01/runtime/invocation/second/response HTTP/1.1",
            next,
        ]
    );
    assert_eq!(calls[1].body(), "{\"n\":1}");
    assert_eq!(calls[3].body(), "{\"n\":2}");
    assert!(calls.iter().all(|call| call.connection == 1), "{calls:?}");
}

#[test]
fn a_chunked_event_and_connections_that_end() {
    let chunked = "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: c\r\n\
        lambda-runtime-deadline-ms: 1700000005000\r\ntransfer-encoding: chunked\r\n\
        connection: close\r\n\r\n4\r\n{\"n\"\r\n3\r\n:1}\r\n0\r\n\r\n";
    let closing = "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (api, calls) = scripted(vec![
        chunked.into(),
        closing.into(),
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".into(),
    ]);
    let ended = api.serve(echo).unwrap_err();
    assert!(matches!(ended, Ended::Refused(_, status) if status == 403), "{ended}");
    let calls: Vec<Call> = calls.try_iter().collect();
    assert_eq!(calls[1].body(), "{\"n\":1}");
    assert_eq!(calls.iter().map(|call| call.connection).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_failure_is_reported_and_the_next_event_is_served() {
    let (api, calls) = scripted(vec![
        event("bad", "{}"),
        ACCEPTED.into(),
        event("worse", "{}"),
        // The report is refused, which changes nothing.
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".into(),
    ]);
    let ended = api.serve(failing).unwrap_err();
    assert!(matches!(ended, Ended::Broken(..)), "{ended}");
    let calls: Vec<Call> = calls.try_iter().collect();
    assert_eq!(calls[1].line, "POST /2018-06-01/runtime/invocation/bad/error HTTP/1.1");
    let body = r#"{"errorType":"Runtime.Test","errorMessage":"no \"answer\""}"#;
    assert_eq!(calls[1].body(), body);
    let head = calls[1].text.to_lowercase();
    assert!(head.contains("lambda-runtime-function-error-type: runtime.test\r\n"), "{head}");
    assert_eq!(calls[3].line, "POST /2018-06-01/runtime/invocation/worse/error HTTP/1.1");
}

#[test]
fn an_answer_that_is_refused_becomes_a_failure() {
    let (api, calls) = scripted(vec![
        event("big", "{}"),
        "HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n".into(),
        ACCEPTED.into(),
    ]);
    api.serve(echo).unwrap_err();
    let calls: Vec<Call> = calls.try_iter().collect();
    assert_eq!(calls[1].line, "POST /2018-06-01/runtime/invocation/big/response HTTP/1.1");
    assert_eq!(calls[2].line, "POST /2018-06-01/runtime/invocation/big/error HTTP/1.1");
    assert!(calls[2].body().contains("413"), "{}", calls[2].body());
}

#[test]
fn without_a_deadline_nothing_is_begun() {
    for deadline in ["", "lambda-runtime-deadline-ms: soon\r\n"] {
        let head = "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: d\r\n";
        let (api, calls) = scripted(vec![
            format!("{head}{deadline}content-length: 2\r\n\r\n{{}}"),
            ACCEPTED.into(),
        ]);
        api.serve(|_, _| panic!("the event was begun")).unwrap_err();
        let calls: Vec<Call> = calls.try_iter().collect();
        assert_eq!(calls[1].line, "POST /2018-06-01/runtime/invocation/d/error HTTP/1.1");
        assert!(calls[1].body().contains("Runtime.NoDeadline"));
    }
}

#[test]
fn what_cannot_be_answered_ends_the_function() {
    let (api, _calls) = scripted(vec!["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".into()]);
    assert!(matches!(api.serve(echo).unwrap_err(), Ended::NoRequestId));
    let (api, _calls) = scripted(vec!["SSH-2.0-OpenSSH\r\n".into()]);
    assert!(matches!(api.serve(echo).unwrap_err(), Ended::Broken("invocation/next", _)));
    let cut = event("cut", "{}").replace("content-length: 2", "content-length: 9");
    let (api, _calls) = scripted(vec![cut]);
    assert!(matches!(api.serve(echo).unwrap_err(), Ended::Broken("invocation/next", _)));
    let (api, _calls) = scripted(vec![
        event("x", "{}"),
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n".into(),
    ]);
    assert!(matches!(api.serve(echo).unwrap_err(), Ended::Refused(_, status) if status == 502));
}

#[test]
fn a_function_that_cannot_start_says_so() {
    let (api, calls) = scripted(vec![ACCEPTED.into()]);
    let failure = Failure { error_type: "Runtime.CannotStart", error_message: "no keys".into() };
    api.cannot_start(&failure).unwrap();
    let call = calls.try_iter().next().unwrap();
    assert_eq!(call.line, "POST /2018-06-01/runtime/init/error HTTP/1.1");
    assert!(call.body().contains("no keys"));
}
