//! The events that CloudFront hands to a Lambda@Edge function, as it spells them in JSON.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html>

use cloudfront::header_names;
use std::collections::BTreeMap;
use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// The name of the distribution in events, which is the one in AWS's own examples.
pub(crate) const DISTRIBUTION_DOMAIN_NAME: &str = "d111111abcdef8.cloudfront.net";
/// The id of the distribution in events, which is the one in AWS's own examples.
pub(crate) const DISTRIBUTION_ID: &str = "EDFDVBD6EXAMPLE";

/// Which event a function is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EventType {
    /// Before the cache is asked.
    ViewerRequest,
    /// Before an object goes to the viewer.
    ViewerResponse,
}

/// Headers by lower-case name, in the shape of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Headers(pub BTreeMap<String, Vec<Header>>);

/// One value of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The name as spelt on the wire. A function may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value.
    pub value: String,
}

/// A viewer's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    /// Address of the viewer.
    pub client_ip: IpAddr,
    /// Headers, without those that CloudFront hides from functions.
    pub headers: Headers,
    /// Method.
    pub method: String,
    /// Query string as sent, without `?`; empty if there is none.
    pub querystring: String,
    /// Path as sent: nothing is decoded.
    pub uri: String,
}

/// The response that a viewer-response function may touch. It has no body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    /// Headers, without those that CloudFront hides from functions.
    pub headers: Headers,
    /// Three digits.
    pub status: String,
    /// The reason phrase.
    pub status_description: String,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
struct Record<'a> {
    cf: Cf<'a>,
}

#[derive(Serialize)]
struct Cf<'a> {
    config: Config<'a>,
    request: &'a Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Response>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    distribution_domain_name: &'a str,
    distribution_id: &'a str,
    event_type: EventType,
    request_id: &'a str,
}

/// The JSON of a viewer-request event.
pub(crate) fn viewer_request(request_id: &str, request: &Request) -> Bytes {
    encode(EventType::ViewerRequest, request_id, request, None)
}

/// The JSON of a viewer-response event.
pub(crate) fn viewer_response(request_id: &str, request: &Request, response: &Response) -> Bytes {
    encode(EventType::ViewerResponse, request_id, request, Some(response))
}

fn encode(
    event_type: EventType,
    request_id: &str,
    request: &Request,
    response: Option<&Response>,
) -> Bytes {
    let config = Config {
        distribution_domain_name: DISTRIBUTION_DOMAIN_NAME,
        distribution_id: DISTRIBUTION_ID,
        event_type,
        request_id,
    };
    let event = Event { records: [Record { cf: Cf { config, request, response } }] };
    // Strings, maps with string keys and an address: there is nothing here that JSON cannot hold.
    serde_json::to_vec(&event).expect("an event is always JSON").into()
}

impl Headers {
    /// The headers of a message, less the hidden ones. Names are spelt `Like-This`: the spelling
    /// that the viewer chose is lost on the way through the HTTP library.
    pub(crate) fn visible(map: &HeaderMap) -> Self {
        let mut headers = Self::default();
        for (name, value) in map {
            if !header_names::is_disallowed(name.as_str()) {
                headers.append(name.as_str(), text(value.as_bytes()));
            }
        }
        headers
    }

    /// The first value of a header. `name` is lower-case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        Some(&self.0.get(name)?.first()?.value)
    }

    /// Sets a header to one value. `name` is lower-case.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.remove(name);
        self.append(name, value.into());
    }

    /// Name and value of every header.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, values)| {
            values.iter().map(move |header| (name.as_str(), &*header.value))
        })
    }

    /// What the headers take on the wire.
    pub(crate) fn wire_bytes(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + ": ".len() + value.len() + "\r\n".len()).sum()
    }

    fn append(&mut self, name: &str, value: String) {
        let header = Header { key: Some(title_case(name)), value };
        self.0.entry(name.to_owned()).or_default().push(header);
    }
}

/// A header's value: UTF-8 as it is, other bytes read as ISO-8859-1, as CloudFront converts them.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions-all.html>
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

fn title_case(name: &str) -> String {
    let words: Vec<String> = name
        .split('-')
        .map(|word| {
            let mut word = word.to_owned();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        })
        .collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn request() -> Request {
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("shop.example"));
        map.append("x-two", HeaderValue::from_static("1"));
        map.append("x-two", HeaderValue::from_static("2"));
        map.insert("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        map.insert("connection", HeaderValue::from_static("close"));
        map.insert("x-amz-cf-id", HeaderValue::from_static("forged"));
        Request {
            client_ip: IpAddr::from([203, 0, 113, 178]),
            headers: Headers::visible(&map),
            method: "GET".into(),
            querystring: "a=%20b".into(),
            uri: "/%70remium/a+b".into(),
        }
    }

    #[test]
    fn a_viewer_request_event_has_the_documented_shape() {
        let event: serde_json::Value =
            serde_json::from_slice(&viewer_request("id==", &request())).unwrap();
        assert_eq!(
            event,
            serde_json::json!({"Records": [{"cf": {
                "config": {
                    "distributionDomainName": "d111111abcdef8.cloudfront.net",
                    "distributionId": "EDFDVBD6EXAMPLE",
                    "eventType": "viewer-request",
                    "requestId": "id==",
                },
                "request": {
                    "clientIp": "203.0.113.178",
                    "headers": {
                        "host": [{"key": "Host", "value": "shop.example"}],
                        "x-latin": [{"key": "X-Latin", "value": "café"}],
                        "x-two": [{"key": "X-Two", "value": "1"}, {"key": "X-Two", "value": "2"}],
                    },
                    "method": "GET",
                    "querystring": "a=%20b",
                    "uri": "/%70remium/a+b",
                },
            }}]})
        );
    }

    #[test]
    fn a_viewer_response_event_adds_the_response() {
        let mut headers = Headers::default();
        headers.set("content-length", "3");
        let response = Response { headers, status: "200".into(), status_description: "OK".into() };
        let event: serde_json::Value =
            serde_json::from_slice(&viewer_response("id==", &request(), &response)).unwrap();
        let cf = &event["Records"][0]["cf"];
        assert_eq!(cf["config"]["eventType"], "viewer-response");
        assert_eq!(cf["request"]["uri"], "/%70remium/a+b");
        assert_eq!(
            cf["response"],
            serde_json::json!({
                "headers": {"content-length": [{"key": "Content-Length", "value": "3"}]},
                "status": "200",
                "statusDescription": "OK",
            })
        );
    }
}
