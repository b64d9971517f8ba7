//! A Lambda function that breaks whichever rule of the platform the request's path names, so that
//! tests can see the local edge enforce it. It speaks the Lambda Runtime API itself:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! A path may be followed by anything after a second slash. Paths that begin with `/response-` break
//! their rule on viewer-response and leave the request alone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

fn main() {
    match std::env::var("MISBEHAVE_AT_START").unwrap_or_default().as_str() {
        "error" => {
            let report = json!({"errorType": "Runtime.Import", "errorMessage": "no such module"});
            call("POST", "init/error", report.to_string().as_bytes());
            return;
        }
        "exit" => {
            eprintln!("exiting at once");
            std::process::exit(3);
        }
        "sleep" => sleep(Duration::from_secs(60)),
        "tell-environment" => {
            for (name, value) in std::env::vars() {
                println!("{name}={value}");
            }
        }
        _ => {}
    }
    loop {
        let (id, event) = next();
        let cf = &event["Records"][0]["cf"];
        let first = cf["request"]["uri"].as_str().unwrap_or("/").split('/').nth(1).unwrap_or("");
        println!(
            "{}",
            json!({"event": cf["config"]["eventType"], "id": cf["config"]["requestId"]})
        );
        let answer = match cf["config"]["eventType"].as_str() {
            Some("viewer-response") => on_response(first, cf),
            _ => on_request(first, cf, &id),
        };
        if let Some(body) = answer {
            call("POST", &format!("invocation/{id}/response"), &body);
        }
    }
}

/// What to answer to a viewer-request; `None` if that has been seen to.
fn on_request(path: &str, cf: &Value, id: &str) -> Option<Vec<u8>> {
    let mut request = cf["request"].clone();
    let answer = match path {
        "largest" => json!({"status": "200", "body": "x".repeat(40 * 1024)}),
        "oversize" => json!({"status": "200", "body": "x".repeat(40 * 1024 + 1)}),
        "disallowed-header" => {
            request["headers"]["x-edge-secret"] = json!([{"value": "1"}]);
            request
        }
        "read-only-header" => {
            request["headers"]["host"] = json!([{"value": "elsewhere.example"}]);
            request
        }
        "deleted-header" => {
            request["headers"].as_object_mut().expect("headers").remove("host");
            request
        }
        "changed-method" => {
            request["method"] = "POST".into();
            request
        }
        "bad-uri" => {
            request["uri"] = "no-slash".into();
            request
        }
        "204-with-body" => json!({"status": "204", "body": "a secret body"}),
        "status-700" => json!({"status": "700"}),
        "bad-base64" => json!({"status": "200", "body": "!!!", "bodyEncoding": "base64"}),
        "bad-json" => return Some(b"{\"status\": a secret".to_vec()),
        "null" => Value::Null,
        "generated" => json!({
            "status": "402",
            "statusDescription": "Payment Required",
            "headers": {"payment-required": [{"key": "PAYMENT-REQUIRED", "value": "terms"}]},
            "body": "cGF5", "bodyEncoding": "base64",
        }),
        "reflect" => json!({"status": "200", "body": cf.to_string()}),
        "sleep" => {
            sleep(Duration::from_secs(60));
            request
        }
        "slow" => {
            sleep(Duration::from_millis(300));
            json!({"status": "200", "body": "slow"})
        }
        "eat-memory" => {
            // Written to, so that it is resident; kept, so that it stays so.
            let hoard = vec![1_u8; 256 * 1024 * 1024];
            sleep(Duration::from_secs(60));
            json!({"status": "200", "body": hoard.len().to_string()})
        }
        "gulp" => {
            // Over and back before anyone can look.
            let gulp = vec![1_u8; 256 * 1024 * 1024];
            json!({"status": "200", "body": gulp.iter().map(|byte| u64::from(*byte)).sum::<u64>().to_string()})
        }
        "crash" => {
            eprintln!("crashing with a secret reason");
            std::process::abort();
        }
        "error" => {
            let report = json!({"errorType": "Oops", "errorMessage": "a secret reason"});
            call("POST", &format!("invocation/{id}/error"), report.to_string().as_bytes());
            return None;
        }
        "poll-early" => return None,
        "die-later" => {
            call("POST", &format!("invocation/{id}/response"), br#"{"status": "200"}"#);
            std::process::exit(4);
        }
        "rewrite" => {
            request["uri"] = "/hello.txt".into();
            request["querystring"] = "".into();
            request["headers"]["x-handed-over"] = json!([{"value": "by viewer-request"}]);
            request
        }
        _ => request,
    };
    Some(answer.to_string().into_bytes())
}

/// What to answer to a viewer-response.
fn on_response(path: &str, cf: &Value) -> Option<Vec<u8>> {
    let mut response = cf["response"].clone();
    match path {
        "response-status" => response["status"] = "201".into(),
        "response-body" => response["body"] = "another body".into(),
        "response-length" => response["headers"]["content-length"] = json!([{"value": "1"}]),
        "response-cache" => response["headers"]["x-cache"] = json!([{"value": "Hit"}]),
        "response-crash" => std::process::abort(),
        "response-null" => response = Value::Null,
        _ => {
            let seen = cf["request"]["headers"]["x-handed-over"][0]["value"].as_str();
            let headers = &mut response["headers"];
            headers["x-saw-uri"] = json!([{"value": cf["request"]["uri"]}]);
            headers["x-saw-header"] = json!([{"value": seen.unwrap_or("nothing")}]);
            headers["x-saw-status"] = json!([{"value": cf["response"]["status"]}]);
            headers["x-request-id"] = json!([{"value": cf["config"]["requestId"]}]);
        }
    }
    Some(response.to_string().into_bytes())
}

fn next() -> (String, Value) {
    let (headers, body) = call("GET", "invocation/next", b"");
    let id = headers
        .iter()
        .find_map(|line| {
            line.to_lowercase().strip_prefix("lambda-runtime-aws-request-id:").map(str::to_owned)
        })
        .expect("an invocation has an id");
    (id.trim().to_owned(), serde_json::from_slice(&body).expect("an event is JSON"))
}

/// One exchange with the Runtime API, on a connection of its own.
fn call(method: &str, path: &str, body: &[u8]) -> (Vec<String>, Vec<u8>) {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("started behind a Runtime API");
    let mut stream = TcpStream::connect(&api).expect("the Runtime API listens");
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the Runtime API takes the request");
    stream.write_all(body).expect("the Runtime API takes the body");
    let mut stream = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).expect("the Runtime API answers");
        if line.trim().is_empty() {
            break;
        }
        headers.push(line.trim().to_owned());
    }
    let mut body = Vec::new();
    stream.read_to_end(&mut body).expect("the answer has an end");
    (headers, body)
}
