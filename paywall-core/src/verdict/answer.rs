//! An answer, taken apart. Facilitators differ in statuses, fields and forms, so all of them are looked at.

use serde_json::Value;

use crate::limits;
use crate::receipt;

/// Where codes stand. `errorReason` is the specifications'; CDP's envelope has `errorType`; Go's server
/// and others `error`; x402-rs until 0.10 and its forks answer `/settle` with `invalidReason`; x402-rs
/// until 1.x has `errorReasonDetails`; FastAPI has `detail`.
const NAMES: [&str; 6] =
    ["errorReason", "errorType", "error", "invalidReason", "errorReasonDetails", "detail"];

/// Where words about a code stand.
const WORDS: [&str; 5] =
    ["errorMessage", "errorReasonDetails", "invalidMessage", "invalidReasonDetails", "error"];

/// Fields that only an answer to the payment itself has.
const VERDICT: [&str; 4] = ["success", "isValid", "errorReason", "invalidReason"];

/// An HTTP answer of a facilitator.
pub(super) struct Answer<'a> {
    /// The HTTP status.
    pub(super) status: u16,
    /// Where a redirect points to.
    pub(super) location: Option<&'a str>,
    /// The body, without a byte order mark.
    body: &'a [u8],
    /// The body as a JSON object; else `null`.
    pub(super) json: Value,
}

impl<'a> Answer<'a> {
    /// Takes an answer apart.
    pub(super) fn new(status: u16, location: Option<&'a str>, body: &'a [u8]) -> Self {
        // Servers of .NET and Java write one before UTF-8; serde_json takes none.
        let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
        let json = match serde_json::from_slice(body) {
            Ok(json @ Value::Object(_)) => json,
            _ => Value::Null,
        };
        Answer { status, location, body, json }
    }

    /// Whether it is a JSON object.
    pub(super) fn is_object(&self) -> bool {
        self.json.is_object()
    }

    /// The body as text, if it is text and no JSON object.
    pub(super) fn text(&self) -> &str {
        let text =
            if self.is_object() { "" } else { str::from_utf8(self.body).unwrap_or_default() };
        text.trim_start()
    }

    /// Whether it is about the payment, by its fields.
    pub(super) fn has_verdict(&self) -> bool {
        VERDICT.iter().any(|field| !self.json[*field].is_null())
    }

    /// What stands where codes stand, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts(&NAMES)
    }

    /// What stands where words stand.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.texts(&WORDS)
    }

    /// What stands beside a code that is to be guarded.
    pub(super) fn messages(&self) -> impl Iterator<Item = &str> {
        self.texts(&WORDS[..3])
    }

    fn texts<'s>(&'s self, fields: &'s [&str]) -> impl Iterator<Item = &'s str> {
        fields.iter().filter_map(|field| self.json[*field].as_str()).filter(|text| !text.is_empty())
    }

    /// Itself in short: status, and the code or what is missing.
    pub(super) fn in_short(&self, code: &str) -> String {
        let what = match (code, self.is_object()) {
            ("", false) => "not a JSON object",
            ("", true) => "no verdict",
            (code, _) => code,
        };
        format!("HTTP {}, {}", self.status, cut(what))
    }

    /// Whether it names a transaction, in any spelling. What cannot be told counts as named.
    pub(super) fn names_transaction(&self) -> bool {
        receipt::transaction(&self.json) != Ok("")
    }

    /// Whether any word of the body speaks of what may have happened to the payment, so that a status
    /// alone proves nothing. Looking too widely is safe here: what is found makes less believed.
    pub(super) fn speaks_of_the_payment(&self) -> bool {
        let body = String::from_utf8_lossy(self.body).to_ascii_lowercase();
        let mut before = ' ';
        body.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).any(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            // Pages that say "Cannot POST /settle" speak of the path.
            let is_path = before == '/' && word == "settle";
            before = piece.chars().last().unwrap_or(' ');
            let is_of_unknown = matches!(
                word,
                "nonce"
                    | "already"
                    | "used"
                    | "duplicate"
                    | "pending"
                    | "failed"
                    | "unknown"
                    | "unexpected"
            );
            !is_path && (is_of_unknown || word.starts_with("settle"))
        })
    }
}

/// Codes are open strings: passed on, cut to a length, and without control characters.
pub(crate) fn cut(code: &str) -> String {
    let mut code: String = code.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    code.truncate(code.floor_char_boundary(limits::CODE_BYTES));
    code
}
