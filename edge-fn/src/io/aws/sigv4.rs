//! AWS Signature Version 4.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! AWS's own crate, `aws-sigv4` 1.6.4, adds 47.7 kB to a zip that has the hashes and ureq already;
//! this file adds 6.3 kB. The crate is the reference that the tests compare each signature with.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Identity;
use paywall_core::clock::Micros;
use paywall_core::hex;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'r> {
    /// The HTTP method.
    pub method: &'r str,
    /// The host, with its port if the URL has one.
    pub host: &'r str,
    /// The path as it is sent, percent-encoded once. There is no query.
    pub path: &'r str,
    /// Other headers; names in lower case, values without white space at either end.
    pub headers: &'r [(&'r str, &'r str)],
    /// The body.
    pub body: &'r [u8],
}

/// Where a signature is good.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The AWS Region.
    pub region: &'s str,
    /// The service's name in signatures: `s3`, `ssm`.
    pub service: &'s str,
}

/// The headers that sign the request, `Authorization` the last. They go with it beside its own.
pub fn sign(
    request: &Signable<'_>,
    scope: &Scope<'_>,
    identity: &Identity,
    now: Micros,
) -> Vec<(&'static str, String)> {
    let time = timestamp(now);
    let day = &time[..8];
    let hash = digits(&Sha256::digest(request.body));
    let mut added = vec![("x-amz-content-sha256", hash.clone()), ("x-amz-date", time.clone())];
    if let Some(token) = &identity.session_token {
        added.push(("x-amz-security-token", token.clone()));
    }

    let own = request.headers.iter().copied().chain([("host", request.host)]);
    let mut headers: Vec<_> = own.chain(added.iter().map(|(k, v)| (*k, v.as_str()))).collect();
    headers.sort_unstable();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let Signable { method, path, .. } = request;
    let canonical = format!("{method}\n{path}\n\n{lines}\n{names}\n{hash}");

    let scopes = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let canonical = digits(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scopes}\n{canonical}");
    let secret = format!("AWS4{}", identity.secret_access_key);
    let key = [day, scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| mac(&key, part));
    let signature = digits(&mac(&key, &to_sign));
    let id = &identity.access_key_id;
    added.push((
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scopes}, SignedHeaders={names}, Signature={signature}"
        ),
    ));
    added
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn digits(bytes: &[u8]) -> String {
    hex::encode(bytes).split_off(2)
}

/// `YYYYMMDDTHHMMSSZ`.
fn timestamp(now: Micros) -> String {
    let (days, seconds) = (now.secs() / 86_400, now.secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Year, month and day of the days since 1970, counted in years that begin in March, so that the
/// odd month is the last. <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
fn date(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let next_year = u64::from(month >= 10);
    (era * 400 + year + next_year, if month < 10 { month + 3 } else { month - 9 }, day)
}
