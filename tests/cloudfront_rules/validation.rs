//! Answers of the function that CloudFront refuses: 502, the reason in the log, nothing of it for the
//! viewer.

use reqwest::StatusCode;

use crate::shop::{Answer, Shop};

fn assert_tells_nothing(answer: &Answer) {
    assert!(answer.body.contains("The request could not be satisfied."), "{}", answer.body);
    assert_eq!(answer.header("server"), "CloudFront");
    assert_eq!(answer.header("content-type"), "text/html");
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    assert!(!answer.body.contains("worth money"), "{}", answer.body);
    for name in answer.headers.keys() {
        let known = [
            "content-length",
            "content-type",
            "date",
            "server",
            "via",
            "x-amz-cf-id",
            "x-amz-cf-pop",
            "x-cache",
        ];
        assert!(known.contains(&name.as_str()), "{name} reached the viewer");
    }
}

async fn is_invalid(path: &str, reason: &str) {
    let shop = Shop::open().await;
    let answer = shop.get(path).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(answer.x_cache(), "LambdaValidationError");
    assert_tells_nothing(&answer);
    assert!(shop.logged(reason), "{:#?} should say {reason}", shop.edge.log_lines());

    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK, "the next request works");
    assert_eq!(shop.edge.sandboxes().len(), 1, "the sandbox is none the worse");
}

macro_rules! invalid {
    ($($name:ident: $path:literal, $reason:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            is_invalid($path, $reason).await;
        })*
    };
}

invalid! {
    a_response_over_40_kb: "/oversize", "40961 of body";
    a_disallowed_header: "/disallowed-header", "`x-edge-secret` is disallowed";
    a_changed_read_only_header: "/read-only-header", "`host` was changed";
    a_deleted_read_only_header: "/deleted-header", "`host` was deleted";
    a_changed_method: "/changed-method", "`method` was changed";
    a_uri_without_a_slash: "/bad-uri", "must start with `/`";
    a_204_with_a_body: "/204-with-body", "204 may not have a body";
    a_status_beyond_599: "/status-700", "from 200 to 599";
    a_body_that_is_not_base64: "/bad-base64", "not base64";
    an_answer_that_is_not_json: "/bad-json", "not JSON";
    an_answer_that_is_null: "/null", "request or a response";
    a_status_changed_on_viewer_response: "/response-status", "may not change the status";
    a_body_set_on_viewer_response: "/response-body", "may not set a body";
    a_length_changed_on_viewer_response: "/response-length", "`content-length` was changed";
    a_disallowed_header_on_viewer_response: "/response-cache", "`x-cache` is disallowed";
    a_viewer_response_that_is_null: "/response-null", "request or a response";
}

async fn fails(path: &str, reason: &str) {
    let shop = Shop::open().await;
    let answer = shop.get(path).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.x_cache(), "LambdaExecutionError");
    assert_tells_nothing(&answer);
    assert!(shop.logged(reason), "{:#?} should say {reason}", shop.edge.log_lines());
    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK, "the next request works");
}

#[tokio::test]
async fn a_crash() {
    fails("/crash", "exited before it answered (signal: 6").await;
}

#[tokio::test]
async fn a_crash_on_viewer_response() {
    fails("/response-crash", "exited before it answered (signal: 6").await;
}

#[tokio::test]
async fn an_error_that_the_function_reports() {
    fails("/error", "a secret reason").await;
}

#[tokio::test]
async fn polling_before_answering() {
    fails("/poll-early", "polled for work before it answered").await;
}

#[tokio::test]
async fn the_largest_response_passes() {
    let answer = Shop::open().await.get("/largest").await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 40 * 1024));
}
