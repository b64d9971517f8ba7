//! `bootstrap` behind a Lambda Runtime API that is scripted byte by byte.

mod viewer;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 15\r\n\r\n{\"status\":\"OK\"}";
const GONE: &str = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";

/// Where nobody should wait longer.
const PATIENCE: Duration = Duration::from_secs(60);

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1";

/// What the function sent: the number of the connection, the head's first line, the whole text.
#[derive(Debug)]
struct Call {
    connection: usize,
    line: String,
    text: String,
}

impl Call {
    fn json(&self) -> Value {
        serde_json::from_str(self.text.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

/// What a function did that was handed these answers, one for each call.
struct Ended {
    calls: Vec<Call>,
    success: bool,
    errors: String,
}

impl Ended {
    fn lines(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.line.as_str()).collect()
    }
}

/// Runs the function until it ends. After the last answer the API is gone.
fn run(
    answers: impl IntoIterator<Item = String, IntoIter: Send + 'static>,
    environment: &[(&str, &str)],
) -> Ended {
    let (address, calls) = scripted(answers.into_iter());
    let function = start(&address, environment).wait_with_output().unwrap();
    Ended {
        // Each call was received before what it was answered.
        calls: calls.try_iter().collect(),
        success: function.status.success(),
        errors: String::from_utf8(function.stderr).unwrap(),
    }
}

/// A folder with the sample's table.
fn folder() -> &'static Path {
    static FOLDER: LazyLock<&Path> = LazyLock::new(|| {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
        let table = content_config::compile(sample.as_ref()).unwrap().file();
        let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/runtime-api"));
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(price_table::file::NAME), table).unwrap();
        folder
    });
    &FOLDER
}

fn start(address: &str, environment: &[(&str, &str)]) -> Child {
    let [handover, pass] = ["1a", "2b"].map(|byte| byte.repeat(32));
    Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .env_clear()
        .env("LAMBDA_TASK_ROOT", folder())
        .envs([
            ("X402_HANDOVER_KEY", &*handover),
            ("X402_PASS_KEY", &pass),
            ("AWS_LAMBDA_RUNTIME_API", address),
        ])
        .envs([
            ("AWS_LAMBDA_FUNCTION_NAME", "us-east-1.x402"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ])
        .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"), ("X402_STORE", "memory")])
        .env("X402_SEAL", "a".repeat(26))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn scripted(
    answers: impl Iterator<Item = String> + Send + 'static,
) -> (String, mpsc::Receiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (calls, received) = mpsc::channel();
    thread::spawn(move || {
        let mut answers = answers.peekable();
        let mut connection = 0;
        while answers.peek().is_some() {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            connection += 1;
            while answers.peek().is_some() {
                let Some(text) = read(&mut stream) else { break };
                let line = text.lines().next().unwrap().to_owned();
                // Who only measures does not listen.
                let _ = calls.send(Call { connection, line, text });
                let answer = answers.next().unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                if answer.contains("connection: close") {
                    break;
                }
            }
        }
    });
    (address, received)
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

/// The event of a request for a free file of the sample, with a header that says which.
fn free(which: &str) -> String {
    viewer::event("GET", "/free/hello.txt", ("X-Which", which)).to_string()
}

fn foreign() -> String {
    json!({ "Records": [{ "cf": { "config": { "eventType": "origin-request" } } }] }).to_string()
}

fn deadline() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (now + Duration::from_secs(5)).as_millis().to_string()
}

fn headers(id: &str) -> String {
    format!(
        "Lambda-Runtime-Aws-Request-Id: {id}\r\nLambda-Runtime-Deadline-Ms: {}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:111122223333:function:x402:1\r\n\
         Lambda-Runtime-Trace-Id: Root=1-{id}\r\nLambda-Runtime-Invocation-Id: of-{id}\r\n",
        deadline()
    )
}

fn event(id: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{}content-length: {}\r\n\r\n{body}", headers(id), body.len())
}

#[test]
fn events_are_answered_over_one_connection() {
    let ended = run(
        [
            event("first", &free("one")),
            ACCEPTED.into(),
            event("second", &free("two")),
            ACCEPTED.into(),
            GONE.into(),
        ],
        &[],
    );
    let posted = |id| format!("POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1");
    assert_eq!(ended.lines(), [NEXT, &posted("first"), NEXT, &posted("second"), NEXT]);
    for (call, id, which) in [(1, "first", "one"), (3, "second", "two")] {
        let call = &ended.calls[call];
        assert_eq!(call.json()["headers"]["x-which"][0]["value"], which);
        assert!(call.text.contains(&format!("lambda-runtime-invocation-id: of-{id}\r\n")));
    }
    assert!(ended.calls.iter().all(|call| call.connection == 1), "{:?}", ended.calls);
    assert!(!ended.success);
}

#[test]
fn a_chunked_event_and_connections_that_end() {
    let body = free("one");
    let (some, more) = body.split_at(20);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\n{}transfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         {:x}\r\n{some}\r\n{:x}\r\n{more}\r\n0\r\n\r\n",
        headers("c"),
        some.len(),
        more.len()
    );
    let closing = "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let ended = run([chunked, closing.into(), GONE.into()], &[]);
    assert_eq!(ended.calls[1].json()["headers"]["x-which"][0]["value"], "one");
    let connections: Vec<_> = ended.calls.iter().map(|call| call.connection).collect();
    assert_eq!(connections, [1, 2, 3]);
}

#[test]
fn a_failure_is_reported_and_the_next_event_is_served() {
    for report in [ACCEPTED, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"] {
        for bad in [&foreign(), "{}", "[1]"] {
            let next = event("good", &free(""));
            let ended =
                run([event("bad", bad), report.into(), next, ACCEPTED.into(), GONE.into()], &[]);
            let call = &ended.calls[1];
            assert_eq!(call.line, "POST /2018-06-01/runtime/invocation/bad/error HTTP/1.1");
            assert_eq!(call.json()["errorType"], "Runtime.UnknownEvent", "{call:?}");
            assert!(call.text.to_lowercase().contains("lambda-runtime-function-error-type: "));
            let line = "POST /2018-06-01/runtime/invocation/good/response HTTP/1.1";
            assert_eq!(ended.calls[3].line, line);
        }
    }
}

/// The API knows that it refused, and what the event is told: here it is logged.
#[test]
fn an_answer_that_is_refused_is_logged_and_the_next_event_is_served() {
    for refused in ["413 Content Too Large", "410 Gone", "500 Internal Server Error"] {
        let refused = format!("HTTP/1.1 {refused}\r\ncontent-length: 0\r\n\r\n");
        let (big, good) = (event("big", &free("")), event("good", &free("")));
        let ended = run([big, refused.clone(), good, ACCEPTED.into(), GONE.into()], &[]);
        assert!(ended.errors.contains(&refused[9..12]), "{}", ended.errors);
        assert_eq!(
            ended.calls[3].line,
            "POST /2018-06-01/runtime/invocation/good/response HTTP/1.1"
        );
    }
}

/// Without a deadline nothing says how long a settlement may take; without an id no answer can be handed in.
#[test]
fn what_cannot_be_answered_in_time_is_not_begun_and_ends_the_function() {
    let without = |name: &str| {
        let kept = |line: &&str| !line.to_lowercase().starts_with(name);
        let head: Vec<_> = headers("x").split("\r\n").filter(kept).map(str::to_owned).collect();
        format!("HTTP/1.1 200 OK\r\n{}content-length: 2\r\n\r\n{{}}", head.join("\r\n"))
    };
    for answer in [
        without("lambda-runtime-deadline-ms"),
        without("lambda-runtime-aws-request-id"),
        without("none").replace("Deadline-Ms: ", "Deadline-Ms: soon"),
        event("cut", "{}").replace("content-length: 2", "content-length: 9"),
        "SSH-2.0-OpenSSH\r\n".into(),
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n".into(),
    ] {
        let ended = run([answer.clone()], &[]);
        assert_eq!(ended.lines(), [NEXT], "{answer}");
        assert!(!ended.success && !ended.errors.is_empty(), "{answer}");
    }
}

#[test]
fn a_function_that_cannot_start_says_so() {
    let ended = run([ACCEPTED.into()], &[("X402_PASS_KEY", "")]);
    assert_eq!(ended.lines(), ["POST /2018-06-01/runtime/init/error HTTP/1.1"]);
    let error = ended.calls[0].json();
    assert_eq!(error["errorType"], "Runtime.CannotStart");
    assert!(error["errorMessage"].as_str().unwrap().contains("no keys"), "{error}");
    assert!(!ended.success && ended.errors.contains("no keys"), "{}", ended.errors);
}

#[test]
fn a_function_without_a_table_that_is_whole_does_not_start() {
    let table = std::fs::read(folder().join(price_table::file::NAME)).unwrap();
    let flipped = |at: usize| {
        let mut table = table.clone();
        table[at] ^= 1;
        table
    };
    for (table, why) in [
        (None, "No such file"),
        (Some(vec![]), "another length"),
        (Some(flipped(7)), "of its format, and this function reads"),
        (Some(flipped(100)), "prices that are not as they were written"),
        (Some(flipped(table.len() - 1)), "an object that is not as it was written"),
        (Some(table[..table.len() - 1].to_vec()), "another length"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(table) = table {
            std::fs::write(folder.path().join(price_table::file::NAME), table).unwrap();
        }
        let root = folder.path().to_str().unwrap();
        let ended = run([ACCEPTED.into()], &[("LAMBDA_TASK_ROOT", root)]);
        assert_eq!(ended.lines(), ["POST /2018-06-01/runtime/init/error HTTP/1.1"]);
        let message = ended.calls[0].json()["errorMessage"].to_string();
        assert!(message.contains(why) && message.contains("table.bin"), "{message}");
        assert!(!ended.success);
    }
}

#[test]
fn a_function_with_the_secrets_of_another_site_does_not_start() {
    let key = |digit: &str| digit.repeat(64);
    for (site, starts) in [("sample", true), ("another", false)] {
        let task = tempfile::tempdir().unwrap();
        let table = price_table::file::NAME;
        std::fs::copy(folder().join(table), task.path().join(table)).unwrap();
        let secrets = json!({"site": site, "handover": [key("a")], "pass": [key("b")]});
        std::fs::write(task.path().join("secrets.json"), secrets.to_string()).unwrap();
        let ended = run([GONE.into()], &[("LAMBDA_TASK_ROOT", task.path().to_str().unwrap())]);
        let init = "POST /2018-06-01/runtime/init/error HTTP/1.1";
        assert_eq!(ended.lines(), [if starts { NEXT } else { init }], "{site}");
        assert_eq!(ended.errors.contains("the secrets are those of the site another"), !starts);
    }
}

#[test]
fn outside_of_lambda_it_says_so() {
    let ended = start("", &[]).wait_with_output().unwrap();
    let errors = String::from_utf8(ended.stderr).unwrap();
    assert!(errors.contains("start it through edge-local"), "{errors}");
}

/// Each event has another trace, which AWS's client would have the process remember for ever: `shim/setenv.c`.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn ten_thousand_events_leave_nothing_behind() {
    const WARM: usize = 1_000;
    const EVENTS: usize = 10_000;
    /// Remembered traces would take 144 bytes each.
    const MOST_KB: u64 = 512;

    let (tell, told) = mpsc::sync_channel(0);
    let body = free("");
    let answers = (0..=EVENTS).flat_map(move |n| {
        if n == WARM || n == EVENTS {
            tell.send(()).unwrap();
            tell.send(()).unwrap();
        }
        [event(&format!("{n:08x}-{n:024x}"), &body), ACCEPTED.into()]
    });
    let (address, _) = scripted(answers);
    let mut function = start(&address, &[]);
    let status = format!("/proc/{}/status", function.id());
    // The API waits while this is read.
    let resident = || {
        told.recv_timeout(PATIENCE).unwrap();
        let status = std::fs::read_to_string(&status).unwrap();
        told.recv_timeout(PATIENCE).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let (before, after) = (resident(), resident());
    function.kill().unwrap();
    function.wait().unwrap();
    assert!(after <= before + MOST_KB, "{before} kB, then {after} kB");
}
