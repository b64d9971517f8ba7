//! Which sandbox runs an invocation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::task::TaskTracker;

use super::answer::{Answer, Fault};
use super::lifecycle;
use super::settings::Settings;
use super::shared::{Job, Shared};
use crate::log::Log;

/// The sandboxes of one function.
///
/// A sandbox either stands on the stack of idle ones or holds a turn, and there are as many turns as
/// sandboxes allowed; a new one starts only when the stack is empty.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
    turns: Arc<Semaphore>,
    /// Places for requests that are served or wait.
    places: Semaphore,
    numbers: AtomicU32,
    tasks: TaskTracker,
}

impl Pool {
    /// A pool without sandboxes yet: at most `sandboxes` at once, with `queue` requests waiting.
    pub(crate) fn new(settings: Settings, log: Log, sandboxes: usize, queue: usize) -> Self {
        Self {
            shared: Arc::new(Shared::new(settings, log)),
            turns: Arc::new(Semaphore::new(sandboxes)),
            places: Semaphore::new(sandboxes.saturating_add(queue).min(Semaphore::MAX_PERMITS)),
            numbers: AtomicU32::new(1),
            tasks: TaskTracker::new(),
        }
    }

    /// Runs the function on an event. If the caller goes away, the function still finishes.
    pub(crate) async fn invoke(&self, event: Bytes) -> Result<Answer, Fault> {
        let _place = self.places.try_acquire().map_err(|_| Fault::LimitExceeded)?;
        let turns = Arc::clone(&self.turns);
        let turn = turns.acquire_owned().await.map_err(|_| Fault::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let mut job = Job { event, reply, turn };
        loop {
            let Some(sandbox) = self.shared.idle().pop() else {
                self.start(job);
                break;
            };
            match sandbox.send(job) {
                Ok(()) => break,
                // It ended while it was idle.
                Err(unsent) => job = unsent,
            }
        }
        answer.await.unwrap_or(Err(Fault::Stopped))
    }

    /// Process ids of the sandboxes that are up, by number.
    pub(crate) fn processes(&self) -> BTreeMap<u32, u32> {
        self.shared.processes().clone()
    }

    /// Kills all sandboxes without waiting for their end.
    pub(crate) fn cancel(&self) {
        self.turns.close();
        self.shared.stop.cancel();
    }

    /// Kills all sandboxes and waits until they are gone.
    pub(crate) async fn stop(&self) {
        self.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn start(&self, job: Job) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.tasks.spawn(lifecycle::run(number, Arc::clone(&self.shared), job));
    }
}
