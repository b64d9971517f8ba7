//! One call of SSM: `GetParameter`.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>

use std::env;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{Method, Uri};

use super::sigv4::{self, Scope, Signable};
use super::{Identity, error_code};
use crate::io::http::{End, Http, Repeat, Request};
use paywall_core::clock::Micros;
use paywall_core::json::text;
use site_secrets::Parameter;

/// An endpoint on loopback, for rehearsal: the variable that AWS's own tools know.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
const ENDPOINT: &str = "AWS_ENDPOINT_URL_SSM";

/// The longest answer, in bytes: an advanced parameter holds 8 KB.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
const ANSWER_BYTES: u64 = 64 * 1024;

/// Whom to ask.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Sends requests.
    pub http: &'a Http,
    /// Signs them.
    pub identity: &'a Identity,
    /// Instead of AWS's own: an URL on loopback.
    pub endpoint: Option<&'a str>,
}

/// Rehearsal's endpoint.
pub fn endpoint_from_env() -> Option<String> {
    // Nobody sets it on Lambda@Edge. Should something else do so, secrets still go to AWS only.
    env::var(ENDPOINT).ok().filter(|endpoint| endpoint.starts_with("http://"))
}

impl Client<'_> {
    /// The decrypted value; or why there is none, for the operator.
    pub fn get_parameter(
        &self,
        parameter: &Parameter,
        now: Micros,
        timeout: Duration,
    ) -> Result<String, String> {
        get_parameter(self, parameter, now, timeout).map_err(|why| {
            format!("SSM parameter {} in {}: {why}", parameter.name, parameter.region)
        })
    }
}

fn get_parameter(
    client: &Client<'_>,
    parameter: &Parameter,
    now: Micros,
    timeout: Duration,
) -> Result<String, String> {
    let Parameter { name, region } = parameter;
    let aws = format!("https://ssm.{region}.amazonaws.com");
    let endpoint = client.endpoint.unwrap_or(&aws).trim_end_matches('/');
    let uri: Uri = endpoint.parse().map_err(|_| "its Region makes no host name".to_owned())?;
    let body = text(&json!({"Name": name, "WithDecryption": true}));
    let own = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AmazonSSM.GetParameter"),
    ];
    let signable = Signable {
        method: "POST",
        host: uri.authority().map_or("", |authority| authority.as_str()),
        path: "/",
        headers: &own,
        body: body.as_bytes(),
    };
    let signed = sigv4::sign(&signable, &Scope { region, service: "ssm" }, client.identity, now);
    let headers: Vec<_> =
        own.into_iter().chain(signed.iter().map(|(k, v)| (*k, v.as_str()))).collect();
    let exchange = client.http.send(&Request {
        method: &Method::POST,
        url: &format!("{endpoint}/"),
        headers: &headers,
        body: body.as_bytes(),
        timeout,
        connect_timeout: timeout,
        limit: ANSWER_BYTES,
        repeat: Repeat::Safe,
    });
    let answer = match exchange.end {
        End::Answered(answer) => answer,
        End::NotSent(why) | End::Lost(why) => return Err(why),
    };
    let value = |json: Value| Some(json["Parameter"]["Value"].as_str()?.to_owned());
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .ok()
            .and_then(value)
            .ok_or_else(|| "the answer has no value".to_owned()),
        status => {
            let code = error_code(&answer.body);
            let hint = match code.as_str() {
                "ParameterNotFound" => ": make it, or correct SECRETS_FILE's name or Region",
                "AccessDeniedException" => {
                    ": the function's role needs ssm:GetParameter, and kms:Decrypt for its key"
                }
                _ => "",
            };
            Err(format!("{status} {code}{hint}"))
        }
    }
}
