//! What viewer-response sees of the request, in both readings of AWS's documentation.

use edge_local::ViewerResponseSees;
use reqwest::StatusCode;

use crate::shop::{HELLO, Shop};

#[tokio::test]
async fn the_edited_request() {
    let shop =
        Shop::with(|options| options.viewer_response_sees = ViewerResponseSees::Edited).await;
    let answer = shop.get("/rewrite/me?now").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, HELLO));
    assert_eq!(answer.header("x-saw-uri"), "/hello.txt");
    assert_eq!(answer.header("x-saw-header"), "by viewer-request");
}

#[tokio::test]
async fn the_original_request() {
    let shop =
        Shop::with(|options| options.viewer_response_sees = ViewerResponseSees::Original).await;
    let answer = shop.get("/rewrite/me?now").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, HELLO));
    assert_eq!(answer.header("x-saw-uri"), "/rewrite/me");
    assert_eq!(answer.header("x-saw-header"), "nothing");
}

#[tokio::test]
async fn both_events_have_the_request_id_that_the_viewer_sees() {
    let shop = Shop::open().await;
    let answer = shop.get("/hello.txt").await;
    let id = answer.header("x-amz-cf-id");
    assert_eq!(answer.header("x-request-id"), id);
    let calls = shop
        .edge
        .log_lines()
        .iter()
        .filter(|line| line.contains("\"event\"") && line.contains(id))
        .count();
    assert_eq!(calls, 2);
    assert_ne!(shop.get("/hello.txt").await.header("x-amz-cf-id"), id);
}
