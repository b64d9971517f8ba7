//! Rows of the reviewed table that are not a code: what each of them is on the wire.

use paywall_core::facilitator::Outcome;
use serde_json::{Value, json};

use crate::support::{HASH, answer, failed, text, with};
use crate::table::Fed;

/// Rows that are no answer of their own, and why.
pub const NOT_FED: [(&str, &str, &str); 5] = [
    ("any", "any code on a second sending, unless this column says no", "every row is sent again"),
    ("other:payai", "JSON success:false", "says to use the reference's rows"),
    ("other:second-state", "as x402-rs 0.9-0.10", "says to use other rows"),
    ("other:daydreams", "as the reference e2e server", "says to use other rows"),
    (
        "other:dexter",
        "reference v1 codes; invalid_transaction_state = reverted; unexpected_settle_error",
        "says to use other rows",
    ),
];

fn moved(status: u16) -> Outcome {
    let location = Some("https://www.x402.org/facilitator/settle".to_owned());
    Outcome::Answered { status, body: b"Redirecting...".to_vec(), location, extensions: None }
}

fn fed(what: &str, settle: Vec<Outcome>) -> Fed {
    let (what, url) = (what.to_owned(), "https://facilitator.example");
    Fed { what, url, settle, verify: vec![] }
}

/// One thing to feed for each text of a row that names several in quotes; its dots are cut off.
fn texts(shape: &str, answers: impl Fn(&str) -> Vec<Outcome>) -> Vec<Fed> {
    let quoted = shape.split(" | ").map(str::trim);
    quoted.map(|quoted| fed(quoted, answers(quoted.trim_matches('"')))).collect()
}

/// Objects of a row that names several.
fn objects(shape: &str, status: u16) -> Vec<Fed> {
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    shape.split(" | ").map(|text| fed(text, vec![answer(status, &read(text))])).collect()
}

fn statuses(shape: &str, statuses: &[u16]) -> Vec<Fed> {
    let answers = statuses.iter().flat_map(|status| {
        let html = "<html><h1>Cannot POST /settle</h1></html>";
        [text(*status, html), text(*status, ""), answer(*status, &json!({"error": "Not so"}))]
    });
    vec![fed(shape, answers.collect())]
}

/// A failure of x402-rs, by the words beside its code.
fn node(status: u16, field: &str, words: &str) -> Outcome {
    answer(status, &with(failed("unexpected_error"), json!({field: words})))
}

fn x402_rs_nodes(words: &[&str]) -> Vec<Outcome> {
    let fields = ["errorMessage", "errorReasonDetails"];
    fields.iter().flat_map(|field| words.iter().map(|words| node(500, field, words))).collect()
}

const REVERTED: &str =
    "The contract function \"transferWithAuthorization\" reverted with the following reason:\n";
const ESTIMATE: &str = "server returned an error response: error code 3: execution reverted: ";

/// What a row stands for; nothing, if it is no answer of its own.
pub fn of(name: &str, shape: &str) -> Vec<Fed> {
    let one = |settle| vec![fed(shape, settle)];
    let with_code = |code: &str, more: Value| answer(400, &with(failed(code), more));
    match (name, shape) {
        ("any", "HTTP 301, not followed") => one(vec![moved(301)]),
        ("any", "HTTP 302, not followed") => one(vec![moved(302)]),
        ("any", "HTTP 307, not followed") => one(vec![moved(307)]),
        ("any", "HTTP 308, not followed") => one(vec![moved(308)]),
        ("any", "HTTP 401 without verdict") => statuses(shape, &[401]),
        ("any", shape) if shape.starts_with("HTTP 404/405/") => {
            statuses(shape, &[404, 405, 406, 410, 411, 413, 414, 415, 417, 421, 426, 431])
        }
        ("any", shape) if shape.starts_with("HTTP 403 without") => statuses(shape, &[403]),
        ("any", "HTTP 402 without verdict") => statuses(shape, &[402]),
        ("any", "HTTP 429 without verdict") => statuses(shape, &[429]),
        ("any", shape) if shape.starts_with("HTTP 400/408/") => {
            statuses(shape, &[400, 408, 409, 422])
        }
        ("any", shape) if shape.starts_with("HTTP 5xx") => {
            let mut all = statuses(shape, &[500, 502, 503, 504, 520]);
            all.push(fed("Cloudflare", vec![text(502, "error code: 502")]));
            all
        }
        ("any", "HTTP 202") => one(vec![answer(202, &json!({"paymentId": "1"}))]),
        ("any", shape) if shape.starts_with("success:false with a non-empty") => {
            let fields = ["transaction", "txHash", "transactionHash", "transaction_hash"];
            let say =
                |field: &&str| answer(200, &with(failed("invalid_scheme"), json!({*field: HASH})));
            one(fields.iter().map(say).collect())
        }
        ("cdp", shape) if shape.starts_with("invalid_payload with transaction") => {
            let words = "authorization nonce already submitted; transaction already on-chain";
            let more = json!({"transaction": HASH, "errorMessage": words});
            one(vec![with_code("invalid_payload", more)])
        }
        ("cdp", shape) if shape.starts_with("invalid_payload without transaction") => {
            let words = "contract call failed: transferWithAuthorization: execution reverted";
            one(vec![with_code("invalid_payload", json!({"errorMessage": words}))])
        }
        ("cdp", "failed_to_execute_transfer (no prefix, Dec 2025)") => {
            let body = failed("failed_to_execute_transfer");
            one(vec![answer(200, &body), answer(400, &body)])
        }
        ("cdp", "errorType invalid_request, no success field") => {
            let words = "'paymentPayload' is invalid: must match one of [x402V2PaymentPayload]";
            one(vec![answer(400, &json!({"errorType": "invalid_request", "errorMessage": words}))])
        }
        ("cdp", shape) if shape.starts_with("errorType = one of the codes above") => {
            one(vec![answer(400, &json!({"errorType": "settle_exact_failed_onchain"}))])
        }
        ("cdp", "errorType unauthorized | forbidden") => one(vec![
            answer(401, &json!({"errorType": "unauthorized", "errorMessage": "words"})),
            answer(403, &json!({"errorType": "forbidden", "errorMessage": "words"})),
        ]),
        ("cdp", "errorType payment_method_required") => {
            let words = "A valid payment method is required to complete the request";
            one(vec![answer(
                402,
                &json!({"errorType": "payment_method_required", "errorMessage": words}),
            )])
        }
        ("cdp", "errorType rate_limit_exceeded") => one(vec![answer(
            429,
            &json!({"errorType": "rate_limit_exceeded", "errorMessage": "words"}),
        )]),
        ("cdp", shape) if shape.starts_with("errorType internal_server_error") => {
            let codes = shape.trim_start_matches("errorType ").split(" | ");
            let say = |code| {
                let body = json!({"errorType": code, "errorMessage": "words"});
                [answer(403, &body), answer(500, &body)]
            };
            one(codes.flat_map(say).collect())
        }
        ("x402-rs", shape) if shape.starts_with("unexpected_error with \"error code 3") => {
            let words = shape.split_once("execution reverted: ").unwrap().1.trim_end_matches('"');
            one(x402_rs_nodes(&[&format!("{ESTIMATE}{words}, data: \"0x08c3\"")]))
        }
        (
            "x402-rs",
            "unexpected_error with \"... FiatTokenV2: authorization is not yet valid\"",
        ) => {
            one(x402_rs_nodes(&[&format!("{ESTIMATE}FiatTokenV2: authorization is not yet valid")]))
        }
        ("x402-rs", shape) if shape.starts_with("unexpected_error with \"... authorization is") => {
            one(x402_rs_nodes(&[
                &format!("{ESTIMATE}FiatTokenV2: authorization is used or canceled"),
                &format!("{ESTIMATE}FiatTokenV2: authorization is expired"),
                "Contract call failed: contract call to `balanceOf` returned no data",
            ]))
        }
        ("x402-rs", "\"Transaction 0x... reverted\" in the text") => {
            one(x402_rs_nodes(&[&format!("Transaction {HASH} reverted")]))
        }
        ("x402-rs", shape) if shape.starts_with("text \"") => {
            let words = shape.trim_start_matches("text \"").trim_end_matches('"');
            let status = if words.starts_with("Expected") { 415 } else { 400 };
            one(vec![text(status, words), text(422, &format!("{words}: missing field"))])
        }
        ("x402-rs", shape) if shape.contains("isValid:false") => {
            let code = shape.rsplit(' ').next().unwrap();
            let code = if shape.contains("on /settle") { "invalid_scheme" } else { code };
            one(vec![answer(200, &json!({"isValid": false, "invalidReason": code, "payer": ""}))])
        }
        ("x402-rs", shape) if shape.contains("errorReason invalid_scheme, transaction set") => {
            one(vec![with_code("invalid_scheme", json!({"transaction": HASH}))])
        }
        ("x402-rs", shape) if shape.contains("unexpected_settle_error") => {
            one(vec![with_code("unexpected_settle_error", json!({}))])
        }
        ("x402-rs", shape) if shape.contains("\"Invalid request\"") => {
            one(vec![answer(400, &json!({"error": "Invalid request"}))])
        }
        ("reference", shape) if shape.starts_with("the four codes above") => {
            let codes = [
                "invalid_exact_evm_signature",
                "invalid_exact_evm_insufficient_balance",
                "invalid_exact_evm_payload_authorization_valid_before",
                "invalid_exact_evm_payload_authorization_valid_after",
            ];
            let more = || json!({"errorMessage": "Authorization token expired"});
            one(codes.iter().map(|code| with_code(code, more())).collect())
        }
        ("reference", "invalid_exact_evm_transaction_failed: <text>") => {
            one(vec![answer(200, &failed("invalid_exact_evm_transaction_failed: nonce too low"))])
        }
        ("reference", shape) if shape.starts_with("viem text in errorReason") => {
            let reasons = [
                "FiatTokenV2: invalid signature",
                "ERC20: transfer amount exceeds balance",
                "FiatTokenV2: authorization is not yet valid",
            ];
            one(reasons
                .iter()
                .map(|why| answer(200, &failed(&format!("{REVERTED}{why}\n\n"))))
                .collect())
        }
        ("reference", "any other free text in errorReason") => one(vec![
            answer(
                200,
                &failed(
                    "Timed out while waiting for transaction with hash \"0x\" to be confirmed.",
                ),
            ),
            answer(
                200,
                &failed(&format!("{REVERTED}FiatTokenV2: authorization is used or canceled")),
            ),
            answer(200, &failed("insufficient funds for gas * price + value: balance 0")),
        ]),
        ("reference", "errorReason invalid_json | missing_parameters") => {
            let codes = ["invalid_json", "missing_parameters"];
            one(codes.iter().map(|code| with_code(code, json!({}))).collect())
        }
        ("reference", shape) if shape.starts_with("error|errorMessage starting") => {
            let words = [
                "No facilitator registered for scheme: exact and network: eip155:1",
                "No facilitator registered for x402 version: 3",
            ];
            let bare = words.iter().map(|words| answer(500, &json!({"error": words})));
            let route = words.iter().map(|words| {
                let more = json!({"errorMessage": words, "error": words});
                answer(500, &with(failed("unexpected_error"), more))
            });
            one(bare.chain(route).collect())
        }
        ("reference", shape) if shape.contains("no_facilitator_for_network") => {
            let codes = "no_facilitator_for_network: eip155:1|unsupported_version_7|invalid_version|\
                         invalid_v1_payload: x|invalid_v1_requirements|invalid_v2_payload: x|\
                         invalid_v2_requirements";
            let say = |code| answer(500, &json!({"error": code}));
            one(codes.split('|').map(say).collect())
        }
        ("reference", shape) if shape.starts_with("{\"error\":\"<code>: <message>\"}") => {
            // The hash is dropped, so what is said after sending, and what may be, stays unknown.
            let codes = [
                "invalid_exact_evm_transaction_failed: transaction reverted",
                "invalid_exact_evm_nonce_already_used: used",
                "invalid_exact_evm_insufficient_balance: insufficient funds for gas",
            ];
            one(codes.iter().map(|code| answer(500, &json!({"error": code}))).collect())
        }
        ("reference", "{\"detail\":\"No scheme 'exact' registered for network '...'\"}") => {
            objects(shape, 500)
        }
        ("reference", "{\"detail\":[...]}") => {
            one(vec![answer(422, &json!({"detail": [{"loc": ["body"], "msg": "Field required"}]}))])
        }
        ("reference", shape) if shape.starts_with("{\"error\":\"Missing paymentPayload") => {
            objects(shape, 400)
        }
        ("reference", shape) if shape.starts_with("errorReason \"Payment must be verified") => {
            let texts = [
                "Payment must be verified before settlement",
                "Payment verification expired (must settle within 5 minutes)",
            ];
            one(texts.iter().map(|text| answer(200, &failed(text))).collect())
        }
        ("reference", shape) if shape.contains("...aborted...") => {
            one(vec![answer(200, &failed("Connection aborted."))])
        }
        ("reference", "{\"error\":\"Invalid request\"}") => objects(shape, 400),
        ("other:payai", "non-JSON body, nginx page") => vec![Fed {
            what: shape.to_owned(),
            url: "https://facilitator.payai.network",
            settle: vec![text(
                503,
                "<html><title>503 Service Temporarily Unavailable</title></html>",
            )],
            verify: vec![],
        }],
        ("other:corbits" | "other:openfacilitator", shape) if shape.starts_with('"') => {
            texts(shape, |words| {
                if words == "other text" {
                    return vec![answer(200, &failed("Something else"))];
                }
                let words = words.replace("...", "0x11");
                vec![answer(200, &failed(&words)), answer(500, &failed(&words))]
            })
        }
        ("other:ultravioleta", shape) if shape.contains("invalid_address") => objects(shape, 403),
        ("other:ultravioleta", shape) if shape.contains("contract_call_failed") => {
            objects(shape, 400)
        }
        ("other:ultravioleta", shape) => objects(shape, 503),
        ("other:mogami", _) => {
            let say = |code| answer(200, &json!({"success": false, "errorReason": code}));
            one(vec![say("transaction_failed"), say("java.net.SocketTimeoutException: timeout")])
        }
        ("other:bankofai", _) => one(vec![answer(500, &failed("internal_error"))]),
        ("other:binance-v2", "errorReason with transaction \"\"") => {
            one(vec![answer(200, &failed("risk_control"))])
        }
        ("other:binance-v2", _) => {
            one(vec![with_code("invalid_transaction_state", json!({"transaction": HASH}))])
        }
        ("other:binance-v1", _) => {
            one(vec![answer(200, &json!({"success": false, "transaction": HASH}))])
        }
        ("other:circle", "HTTP 4xx with no outcome") => {
            let body = json!({"code": 2, "message": "credential_bound_elsewhere"});
            one(vec![answer(400, &body), answer(409, &body)])
        }
        ("other:circle", _) => {
            let body =
                json!({"success": false, "errorReason": "settlement_pending", "paymentId": "1"});
            one(vec![answer(200, &body)])
        }
        ("other:thirdweb", _) => {
            one(vec![text(400, "Bad Request"), text(500, "Internal Server Error")])
        }
        _ => vec![],
    }
}
