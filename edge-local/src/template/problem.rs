//! What is wrong with a file, by line.

use std::fmt;

/// Something in a file that cannot be emulated, or not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// All of a file's problems, by line.
#[derive(Debug)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|Problem { line, message }| write!(f, "\n  line {line}: {message}"))
    }
}
