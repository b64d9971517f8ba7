//! Lambda's side: sandboxes that run the real function binary behind the Lambda Runtime API.
//!
//! ```text
//!   invoke ──> pool ──> sandbox task ──> Runtime API  <── GET next ──  function (child process)
//!                           │                          <── POST response
//!                           ├── freezes it (SIGSTOP) once it polls for work, thaws it for work
//!                           └── kills it past its time or memory
//! ```
//!
//! * [`pool`] chooses the sandbox: the one used last, else a new one, else the caller waits;
//! * [`lifecycle`] is one sandbox from start to end;
//! * [`runtime_api`] is the HTTP server that the function polls;
//! * [`environment`] is what the function finds in its environment;
//! * [`memory`] watches how much it uses.

mod environment;
mod lifecycle;
mod memory;
mod pool;
mod runtime_api;
mod shared;

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;

use crate::function::Function;
pub(crate) use pool::Pool;

/// What all sandboxes of a pool have in common.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What each sandbox runs.
    pub(crate) function: Function,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// How long the start may take.
    pub(crate) init_timeout: Duration,
    /// Bytes of resident memory that the function may use.
    pub(crate) memory: u64,
    /// Variables beyond those that Lambda sets.
    pub(crate) extra_env: Vec<(String, String)>,
}

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
