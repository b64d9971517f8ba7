//! Stage 1: CloudFront's events, typed.
//!
//! `aws_lambda_events` has no CloudFront types (1.2.1), so these are the project's own, in that
//! crate's style. Shapes:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json;

/// The event that Lambda@Edge hands to a function: always one record.
#[derive(Clone, Debug, Deserialize)]
pub struct CloudFrontEvent {
    /// The records.
    #[serde(rename = "Records")]
    pub records: [Record; 1],
}

/// One record.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// What CloudFront says.
    pub cf: Cf,
}

/// The payload of a record.
#[derive(Clone, Debug, Deserialize)]
pub struct Cf {
    /// Which distribution, event and request.
    pub config: Config,
    /// The viewer's request.
    pub request: Request,
    /// In response events, the response about to be sent.
    pub response: Option<Response>,
}

/// Which distribution, event and request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Which of the four triggers.
    pub event_type: EventType,
    /// CloudFront's id of the request, the same for all of its events.
    pub request_id: String,
}

/// The triggers that this function serves; others do not deserialize, and the invocation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventType {
    /// Before the cache.
    ViewerRequest,
    /// After it.
    ViewerResponse,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The viewer's address; read-only.
    pub client_ip: String,
    /// Header fields.
    pub headers: Headers,
    /// The method; read-only.
    pub method: String,
    /// What follows `?`, without it.
    pub querystring: String,
    /// The path as the viewer spelled it.
    pub uri: String,
}

/// A response of the origin or the cache, or one that the function generates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status code in digits.
    pub status: String,
    /// The reason phrase.
    #[serde(default)]
    pub status_description: String,
    /// Header fields.
    #[serde(default)]
    pub headers: Headers,
    /// The body of a generated response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// Header fields: lower-case name to values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Headers(BTreeMap<String, Vec<HeaderValue>>);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct HeaderValue {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default)]
    value: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
enum Value {
    Text(String),
    /// Encoded here. Nothing in it is escaped in JSON, and it is most of a 402: to look for it would cost a sixth of
    /// the answer's CPU (`docs/cpu.md`).
    Base64(Arc<RawValue>),
}

impl Value {
    fn as_str(&self) -> &str {
        match self {
            Value::Text(text) => text,
            Value::Base64(quoted) => &quoted.get()[1..quoted.get().len() - 1],
        }
    }
}

impl Default for Value {
    fn default() -> Self {
        Value::Text(String::new())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Value {}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Base64(quoted) => quoted.serialize(serializer),
        }
    }
}

impl Headers {
    /// The first value of a field; `name` in lower case.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a field; `name` in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(|value| value.value.as_str())
    }

    /// Sets a field to one value. `name` as it is to be sent.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.put(name, Value::Text(value.into()));
    }

    /// Sets fields to the same bytes in base64.
    pub fn set_base64(&mut self, names: [&str; 2], bytes: &[u8]) {
        let value = Value::Base64(json::base64(bytes).into());
        for name in names {
            self.put(name, value.clone());
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        let value = HeaderValue { key: Some(name.to_owned()), value };
        self.0.insert(name.to_ascii_lowercase(), vec![value]);
    }

    /// Adds a value to a field. `name` as it is to be sent.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        let value = Value::Text(value.into());
        let value = HeaderValue { key: Some(name.to_owned()), value };
        self.0.entry(name.to_ascii_lowercase()).or_default().push(value);
    }

    /// Removes a field; `name` in lower case.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Removes the fields whose lower-case name the predicate picks.
    pub fn remove_where(&mut self, pick: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| !pick(name));
    }

    /// Name and value of each field, for measuring.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, values)| {
            values.iter().map(|value| (name.as_str(), value.value.as_str()))
        })
    }
}

/// What a viewer-request function returns: the request goes on, or is answered here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// Go on with this request.
    Request(Request),
    /// Answer with this response.
    Response(Response),
}
