//! `[log]`: what the function writes down.

use crate::code::Code;
use crate::report::Problem;
use crate::schema::{At, LogText};

/// The most lines that one may stand for.
const MOST: u32 = 1_000_000;

/// Of how many lines about what is free one is printed: 1 if `content.toml` does not say.
pub(crate) fn free_lines(text: &LogText, problems: &mut Vec<Problem>) -> Option<u32> {
    text.free.as_ref().map_or(Some(1), |free| rate(free, problems))
}

fn rate(text: &At<String>, problems: &mut Vec<Problem>) -> Option<u32> {
    let given = text.get_ref();
    let number = given.strip_prefix("1 in ").filter(|number| !number.starts_with(['+', '0']));
    let label = match number.map(str::parse::<u32>) {
        Some(Ok(number)) if number <= MOST => return Some(number),
        Some(Ok(_)) => format!("one in {MOST} is the fewest"),
        _ => "not `1 in` and a whole number".to_owned(),
    };
    let message = format!("nobody can say which lines {given:?} are");
    problems.push(Problem::new(Code::BadRate, message).at(text.span(), label).help(
        "write \"1 in 100\", for example; leave it out, or write \"1 in 1\", for every line",
    ));
    None
}
