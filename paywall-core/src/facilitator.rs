//! What facilitators are asked, and how a call ends. What an answer means: [`crate::verdict`].
//! API: <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>.

/// What the facilitator did with a payment's extensions, told to the seller alone.
/// <https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md>
pub const EXTENSION_RESPONSES: &str = "extension-responses";

/// Which endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Read-only.
    Verify,
    /// Moves money.
    Settle,
}

impl Endpoint {
    /// The last segment of its path.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::Verify => "verify",
            Endpoint::Settle => "settle",
        }
    }
}

/// A call for the `io` module to make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// The facilitator's base URL, without a slash at the end.
    pub facilitator: String,
    /// JSON, to be POSTed.
    pub body: String,
    /// Milliseconds for everything: DNS, connecting, TLS, writing and reading.
    pub timeout_ms: u64,
    /// Milliseconds for what comes before the first byte of the request: DNS, connecting, TLS.
    /// Shorter than `timeout_ms` where another facilitator could be asked instead.
    pub connect_timeout_ms: u64,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// An HTTP answer was read to its end.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body, whatever it is.
        body: Vec<u8>,
        /// Where a redirect points to, for the operator. No redirect is ever followed.
        location: Option<String>,
        /// The header [`EXTENSION_RESPONSES`], as it came.
        extensions: Option<String>,
    },
    /// Not one byte of the request went out. Holds why.
    NotSent(String),
    /// Bytes of the request went out, and no whole answer came back. Holds why.
    Lost(String),
}
