//! What was seen, short enough to read, and without a key or a signature in it.

use next_step::plain;
use serde::Serialize;

use crate::answer::{Answer, Ask, Exchange, NoAnswer};

/// A request and its answer, as the report shows them.
#[derive(Clone, Debug, Serialize)]
pub struct Evidence {
    /// What was tried by it.
    pub tried: String,
    /// `GET /path`, and the headers that were added.
    pub request: String,
    /// Status and the headers that matter; or why there is none.
    pub answer: String,
}

/// Headers whose values open something.
const SECRET: [&str; 5] =
    ["payment-signature", "x-payment", "x-payment-signature", "authorization", "cookie"];

/// How much of a header is shown, bytes.
const SHOWN: usize = 72;

impl Evidence {
    pub(crate) fn new(exchange: &Exchange, shows: &[&str]) -> Evidence {
        Evidence {
            tried: exchange.ask.label.clone(),
            request: request(&exchange.ask),
            answer: match &exchange.answer {
                Ok(shown) => answer(shown, shows),
                Err(NoAnswer::Failed(why) | NoAnswer::Held(why)) => plain(why),
            },
        }
    }
}

fn request(ask: &Ask) -> String {
    let path = ask.url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut text = format!("{} /{path}", ask.method);
    for (name, value) in &ask.headers {
        let hidden = SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret));
        // What is short and no payment, is shown: garbage that was sent is evidence.
        let value = match hidden && value.len() > 24 {
            true => format!("({} bytes)", value.len()),
            false => cut(value),
        };
        text += &format!(", {name}: {value}");
    }
    plain(&text)
}

fn answer(answer: &Answer, shows: &[&str]) -> String {
    let mut text = answer.status.to_string();
    for name in shows {
        for value in answer.headers.get_all(*name) {
            text += &format!(", {name}: {}", cut(&String::from_utf8_lossy(value.as_bytes())));
        }
    }
    plain(&text)
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}… ({} bytes)", &value[..at], value.len()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signature_is_shown() {
        let ask = Ask::get("a", "https://shop.example/a//b")
            .header("PAYMENT-SIGNATURE", "c".repeat(900))
            .header("X-PAYMENT", "%%%")
            .header("Accept", "d".repeat(99));
        let shown = request(&ask);
        assert!(
            shown.starts_with(
                "GET /a//b, PAYMENT-SIGNATURE: (900 bytes), X-PAYMENT: %%%, Accept: ddd"
            ),
            "{shown}"
        );
        assert!(shown.ends_with("d… (99 bytes)"), "{shown}");
    }
}
