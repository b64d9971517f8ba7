//! Why each thing is tried: what says that it should be so.

use serde::Serialize;

/// A text that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub link: &'static str,
}

macro_rules! sources {
    ($($constant:ident: $name:literal, $link:literal;)*) => {
        $(pub(crate) const $constant: Source = Source { name: $name, link: $link };)*
    };
}

sources! {
    V2_HTTP: "x402 v2, HTTP transport", "https://github.com/x402-foundation/x402/blob/main/specs/transports-v2/http.md";
    V2: "x402 v2", "https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md";
    V1_HTTP: "x402 v1, HTTP transport", "https://github.com/x402-foundation/x402/blob/main/specs/transports-v1/http.md";
    EXACT: "x402, scheme exact on EVM", "https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md";
    CAIP2: "CAIP-2", "https://chainagnostic.org/CAIPs/caip-2";
    EIP3009: "EIP-3009", "https://eips.ethereum.org/EIPS/eip-3009";
    NODE: "Node.js, --max-http-header-size", "https://nodejs.org/api/cli.html#--max-http-header-sizesize";
    NORMAL: "RFC 3986, 6.2.2", "https://www.rfc-editor.org/rfc/rfc3986.html#section-6.2.2";
    BYPASSES: "GHSA-3j63-5h8p-gf7c", "https://github.com/advisories/GHSA-3j63-5h8p-gf7c";
    ENCODED_SLASH: "x402, pull request 2372", "https://github.com/x402-foundation/x402/pull/2372";
    MALFORMED: "x402, pull request 967", "https://github.com/x402-foundation/x402/pull/967";
    CACHED: "x402, issue 2955", "https://github.com/x402-foundation/x402/issues/2955";
    PAGE: "x402, issue 2418", "https://github.com/x402-foundation/x402/issues/2418";
    REPLAYS: "x402, issue 803", "https://github.com/x402-foundation/x402/issues/803";
    CORS: "Fetch, CORS protocol", "https://fetch.spec.whatwg.org/#http-cors-protocol";
    PREFLIGHT: "Fetch, CORS-preflight fetch", "https://fetch.spec.whatwg.org/#cors-preflight-fetch";
    HEAD: "RFC 9110, 9.3.2", "https://www.rfc-editor.org/rfc/rfc9110.html#section-9.3.2";
    METHODS: "RFC 9110, 9.1", "https://www.rfc-editor.org/rfc/rfc9110.html#section-9.1";
    RANGES: "RFC 9110, 14.2", "https://www.rfc-editor.org/rfc/rfc9110.html#section-14.2";
    CONDITIONS: "RFC 9110, 13.2.1", "https://www.rfc-editor.org/rfc/rfc9110.html#section-13.2.1";
    VARY: "RFC 9110, 12.5.5", "https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.5";
    ETAG: "RFC 9110, 8.8.3", "https://www.rfc-editor.org/rfc/rfc9110.html#section-8.8.3";
    TRUSTED: "RFC 7239, 8.1", "https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1";
    STORING: "RFC 9111, 3", "https://www.rfc-editor.org/rfc/rfc9111.html#section-3";
    ERRORS: "RFC 9110, 15.5", "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5";
    HTTPS: "RFC 9110, 4.2.2", "https://www.rfc-editor.org/rfc/rfc9110.html#section-4.2.2";
}
