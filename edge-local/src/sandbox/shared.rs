//! What the pool and its sandboxes share: who is idle, who is up, and what is to be done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Fault};
use super::settings::Settings;
use crate::log::Log;

/// What the pool shares with its sandboxes.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) log: Log,
    pub(super) stop: CancellationToken,
    /// Idle sandboxes. Lambda prefers the one used last, so this is a stack.
    idle: Mutex<Vec<oneshot::Sender<Job>>>,
    /// Process ids of the sandboxes that are up, by number.
    processes: Mutex<BTreeMap<u32, u32>>,
}

/// An invocation on its way to a sandbox.
#[derive(Debug)]
pub(super) struct Job {
    /// The event's JSON.
    pub(super) event: Bytes,
    /// Where the answer goes.
    pub(super) reply: oneshot::Sender<Result<Answer, Fault>>,
    /// The right to be busy; dropped when the sandbox is idle again or gone.
    pub(super) turn: OwnedSemaphorePermit,
}

impl Shared {
    pub(super) fn new(settings: Settings, log: Log) -> Self {
        Self {
            settings,
            log,
            stop: CancellationToken::new(),
            idle: Mutex::default(),
            processes: Mutex::default(),
        }
    }

    pub(super) fn idle(&self) -> MutexGuard<'_, Vec<oneshot::Sender<Job>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn processes(&self) -> MutexGuard<'_, BTreeMap<u32, u32>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
