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

mod answer;
mod environment;
mod lifecycle;
mod memory;
mod pool;
mod runtime_api;
mod settings;
mod shared;

pub(crate) use answer::Fault;
pub(crate) use pool::Pool;
pub(crate) use settings::Settings;
