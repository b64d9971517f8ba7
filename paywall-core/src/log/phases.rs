//! Where the time of a call went.

use serde::{Deserialize, Serialize};

/// Milliseconds of each phase of a call that was entered; a call that failed did so in the last one.
/// A kept connection has neither DNS, connecting nor TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Phases {
    /// Finding the host's addresses.
    #[serde(rename = "dnsMs", skip_serializing_if = "Option::is_none")]
    pub dns: Option<u64>,
    /// Opening the connection.
    #[serde(rename = "connectMs", skip_serializing_if = "Option::is_none")]
    pub connect: Option<u64>,
    /// The TLS handshake.
    #[serde(rename = "tlsMs", skip_serializing_if = "Option::is_none")]
    pub tls: Option<u64>,
    /// Writing the request.
    #[serde(rename = "sendMs", skip_serializing_if = "Option::is_none")]
    pub send: Option<u64>,
    /// Waiting for the first byte of the answer.
    #[serde(rename = "waitMs", skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// Reading the rest of it.
    #[serde(rename = "readMs", skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}
