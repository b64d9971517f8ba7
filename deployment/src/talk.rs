//! Talking to whoever deploys.

use crate::Error;

/// Says which step begins.
pub(crate) fn begin(step: &str) {
    println!("\n== {step}");
}

/// The answer, a line; `None` where nobody is there to give one.
pub(crate) fn ask(question: &str) -> Result<Option<String>, Error> {
    println!();
    next_step::ask(question).map_err(|why| Error::Question { why: why.to_string() })
}

/// Shows what is to be done, in this order.
pub(crate) fn show(steps: &[String]) {
    println!("\nto be done, in this order:");
    for (at, step) in steps.iter().enumerate() {
        println!("  {:>2}. {step}", at + 1);
    }
}
