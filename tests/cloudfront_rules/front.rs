//! What CloudFront does before and around the function.

use reqwest::{Method, StatusCode};

use crate::shop::{Answer, Shop};

fn assert_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status);
    assert_eq!(answer.x_cache(), "Error");
    assert!(answer.body.contains("The request could not be satisfied."), "{}", answer.body);
    assert!(answer.body.contains(answer.header("x-amz-cf-id")), "the page names the request");
}

#[tokio::test]
async fn methods_that_the_behavior_does_not_allow() {
    let shop = Shop::open().await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
        assert_refused(&shop.send(method, "/hello.txt", &[]).await, 403);
    }
    assert!(shop.edge.sandboxes().is_empty(), "the function was not called");
}

#[tokio::test]
async fn a_get_with_a_body() {
    let shop = Shop::open().await;
    assert_refused(&shop.post_body(Method::GET, "/hello.txt").await, 403);
}

#[tokio::test]
async fn sizes_of_requests() {
    let shop = Shop::open().await;
    let path = |bytes: usize| format!("/generated/{}", "a".repeat(bytes - "/generated/".len()));
    assert_eq!(shop.get(&path(8_192)).await.status, StatusCode::PAYMENT_REQUIRED);
    assert_refused(&shop.get(&path(8_193)).await, 414);

    let big = |bytes: usize| "a".repeat(bytes);
    let fits = shop.send(Method::GET, "/generated", &[("x-big", &big(20_000))]).await;
    assert_eq!(fits.status, StatusCode::PAYMENT_REQUIRED);
    assert_refused(&shop.send(Method::GET, "/generated", &[("x-big", &big(20_480))]).await, 413);
    let query = format!("/generated?{}", big(8_000));
    assert_refused(&shop.send(Method::GET, &query, &[("x-big", &big(13_000))]).await, 413);
}

#[tokio::test]
async fn options_reaches_the_function_and_then_a_bucket_without_cors() {
    let shop = Shop::open().await;
    let generated = shop.send(Method::OPTIONS, "/generated", &[]).await;
    assert_eq!(generated.status, StatusCode::PAYMENT_REQUIRED);
    let passed = shop.send(Method::OPTIONS, "/hello.txt", &[]).await;
    assert_eq!(passed.status, StatusCode::FORBIDDEN);
    assert!(passed.body.contains("<Code>AccessForbidden</Code>"), "{}", passed.body);
}

#[tokio::test]
async fn a_generated_response() {
    let shop = Shop::open().await;
    let answer = shop.get("/generated").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (402, "pay"));
    assert_eq!(answer.x_cache(), "LambdaGeneratedResponse");
    assert_eq!(answer.header("payment-required"), "terms");
    assert_eq!(answer.header("server"), "CloudFront");
    assert!(answer.header("via").ends_with(".cloudfront.net (CloudFront)"));
    assert!(!shop.logged("viewer-response"), "viewer-response does not run");

    let head = shop.send(Method::HEAD, "/generated", &[]).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (402, ""));
    assert_eq!(head.header("content-length"), "3");
}

#[tokio::test]
async fn what_the_function_is_shown() {
    let shop = Shop::open().await;
    let sent = [
        ("x-edge-forged", "1"),
        ("x-amz-cf-id", "1"),
        ("x-real-ip", "1"),
        ("x-forwarded-for", "10.0.0.1"),
    ];
    let answer = shop.send(Method::GET, "/reflect/%41+b//c%2F?x=%20&y", &sent).await;
    let cf: serde_json::Value = serde_json::from_str(&answer.body).expect("the event");
    assert_eq!(cf["request"]["uri"], "/reflect/%41+b//c%2F", "nothing is decoded or cleaned");
    assert_eq!(cf["request"]["querystring"], "x=%20&y");
    assert_eq!(cf["request"]["clientIp"], "127.0.0.1");
    assert_eq!(cf["request"]["method"], "GET");
    assert_eq!(cf["config"]["requestId"], answer.header("x-amz-cf-id"));
    let headers = cf["request"]["headers"].as_object().expect("headers");
    let host = shop.edge.address().to_string();
    assert_eq!(headers["host"], serde_json::json!([{"key": "Host", "value": host}]));
    assert_eq!(headers["x-forwarded-for"][0]["value"], "10.0.0.1");
    for hidden in ["x-edge-forged", "x-amz-cf-id", "x-real-ip"] {
        assert!(!headers.contains_key(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn requests_that_are_hardly_http() {
    let shop = Shop::open().await;
    for request in [
        "GET /hello.txt HTTP/1.1\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /a<b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let answer = shop.raw(request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?} -> {answer}");
    }
    assert!(shop.edge.sandboxes().is_empty(), "the function was not called");
}
