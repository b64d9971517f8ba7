//! What an invocation comes to.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;

/// An answer of the function.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What it posted to the Runtime API.
    pub(crate) body: Bytes,
    /// Which sandbox ran it.
    pub(crate) sandbox: u32,
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It never came up.
    #[error("could not be started: {0}")]
    CannotStart(io::Error),
    /// It ended by itself.
    #[error("exited before it answered ({0})")]
    Exited(ExitStatus),
    /// It told the Runtime API that it cannot start.
    #[error("reported an error while it started: {0}")]
    InitError(String),
    /// It never polled for work.
    #[error("did not poll for work within {0:?} of its start; killed")]
    InitTimedOut(Duration),
    /// More requests wait than the queue holds.
    #[error("all sandboxes are busy and the queue is full")]
    LimitExceeded,
    /// Too much memory.
    #[error("used {used} bytes of memory, but may use {limit}; killed")]
    OutOfMemory {
        /// Peak of resident memory.
        used: u64,
        /// What is allowed.
        limit: u64,
    },
    /// It asked for more work while it owed an answer.
    #[error("polled for work before it answered; killed")]
    PolledEarly,
    /// It told the Runtime API that the invocation failed.
    #[error("reported an error: {0}")]
    Reported(String),
    /// The local edge is stopping.
    #[error("was stopped")]
    Stopped,
    /// Too slow.
    #[error("took longer than {0:?}; killed")]
    TimedOut(Duration),
}
