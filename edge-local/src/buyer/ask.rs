//! A request without a payment, and the terms that answer it.

use reqwest::{Client, Response, StatusCode, Url};

use super::challenge::Challenge;
use super::client::{root_cause, small_body};
use super::show;
use crate::error::Error;
use crate::facilitator::Wire;

/// Asks for an object without a payment.
pub(super) async fn ask(client: &Client, url: &str) -> Result<Response, Error> {
    let answer = client.get(object_url(url)?).send().await;
    answer.map_err(|why| Error::NotReached { url: url.to_owned(), why: root_cause(&why) })
}

fn object_url(text: &str) -> Result<Url, Error> {
    let why = match text.parse::<Url>() {
        Ok(url) if matches!(url.scheme(), "http" | "https") => return Ok(url),
        // `shop.example/a`, and `localhost:8402/a`, which a URL's grammar takes for a scheme.
        _ if !text.contains("://") => "it does not begin with https:// or http://".to_owned(),
        Ok(url) => format!("{}:// is neither https:// nor http://", url.scheme()),
        Err(why) => why.to_string(),
    };
    Err(Error::NotAUrl { url: text.to_owned(), why })
}

/// The terms in an answer that is no success.
pub(super) async fn terms(
    answer: Response,
    url: &str,
    wire: Option<Wire>,
) -> Result<Challenge, Error> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = small_body(answer).await?;
    if status != StatusCode::PAYMENT_REQUIRED {
        let (url, status) = (url.to_owned(), status.to_string());
        return Err(Error::NotForSale { url, status, said: show::refusal(&body) });
    }
    Challenge::read(&headers, &body, wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_url_says_why() {
        assert!(object_url("https://shop.example/a%20b").is_ok());
        for (text, said) in [
            ("shop.example/a", "does not begin with"),
            ("localhost:8402/a", "does not begin with"),
            ("", "does not begin with"),
            ("ftp://shop.example/a", "ftp:// is neither"),
            ("http://[::1/a", "IPv6"),
        ] {
            let error = object_url(text).expect_err(text).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
