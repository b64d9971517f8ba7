//! Speaking to a node: JSON-RPC 2.0, <https://www.jsonrpc.org/specification>. One batch, or single
//! requests where a node takes no batches.

use serde_json::{Value, json};

use super::call::{Answer, NodeError, Said};
use super::question::Question;
use crate::facilitator::Outcome;
use crate::hex;
use crate::json::text;

/// So much of a node's own words goes to the log, in characters.
const WHY_CHARS: usize = 120;

/// How the reason begins where a node knows of nothing.
pub const NOTHING: &str = "the node has nothing";

/// A call that reverted, in the words of execution-apis: <https://github.com/ethereum/execution-apis>.
const REVERTED: i64 = 3;

/// Asks all questions by `post`, which sends a body. `singly` is whether the node was seen to take no
/// batches.
pub fn ask(
    questions: &[Question],
    singly: &mut bool,
    mut post: impl FnMut(String) -> Outcome,
) -> Said {
    if questions.len() > 1 && !*singly {
        let batch: Vec<_> = questions.iter().enumerate().map(|(id, q)| request(q, id)).collect();
        if let Some(answers) = read_batch(body(post(text(&batch)))?, questions.len()) {
            return Ok(answers);
        }
        *singly = true;
    }
    let mut answers = Vec::with_capacity(questions.len());
    for (id, question) in questions.iter().enumerate() {
        let answer = body(post(text(&request(question, id))))?;
        if !is_answer_to(&answer, id) {
            return Err(format!("the node's answer to {} is none", question.method()));
        }
        answers.push(read(answer, question.method()));
    }
    Ok(answers)
}

fn request(question: &Question, id: usize) -> Value {
    let (method, params) = (question.method(), question.params());
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn body(outcome: Outcome) -> Result<Value, String> {
    match outcome {
        // 429, most of all: to ask more, one by one, would not help.
        Outcome::Answered { status: status @ (401 | 403 | 429 | 500..), .. } => {
            Err(format!("the node answers {status}"))
        }
        Outcome::Answered { status, body, .. } => serde_json::from_slice(&body)
            .map_err(|_| format!("the node answers {status} without JSON")),
        Outcome::NotSent(why) | Outcome::Lost(why) => Err(format!("the node: {why}")),
    }
}

/// The answers in the order of their questions; `None` unless there is exactly one for each.
fn read_batch(answers: Value, count: usize) -> Option<Vec<Answer>> {
    let Value::Array(answers) = answers else { return None };
    if answers.len() != count {
        return None;
    }
    let mut ordered: Vec<Option<Answer>> = vec![None; count];
    for answer in answers {
        let id = (0..count).find(|id| is_answer_to(&answer, *id))?;
        if ordered[id].replace(read(answer, "a question")).is_some() {
            return None;
        }
    }
    ordered.into_iter().collect()
}

fn is_answer_to(answer: &Value, id: usize) -> bool {
    answer["id"].as_u64().is_some_and(|answered| answered == id as u64)
}

fn read(mut answer: Value, what: &str) -> Answer {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let words = error["message"].as_str().unwrap_or_default();
        let words: String = words.chars().filter(|c| !c.is_control()).take(WHY_CHARS).collect();
        let reverted = error["code"].as_i64() == Some(REVERTED)
            || ["execution reverted", "VM execution error", "reverted"]
                .iter()
                .any(|start| words.starts_with(start));
        // Some write other things there, and as long as they like.
        let code = error["code"].as_i64().map_or_else(String::new, |code| format!("{code} "));
        let why = format!("the node refuses {what}: {code}{words}");
        return Err(NodeError { why, reverted });
    }
    match answer["result"].take() {
        Value::Null => Err(NodeError::from(format!("{NOTHING} for {what}"))),
        result => Ok(result),
    }
}

/// A number, as JSON-RPC writes it.
pub fn quantity(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    // `from_str_radix` takes a sign.
    let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| all)
}

/// Exactly so many bytes.
pub fn bytes<const N: usize>(value: &Value) -> Option<[u8; N]> {
    hex::decode_array(value.as_str()?)
}
