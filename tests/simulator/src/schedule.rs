//! Virtual time, and the tasks that live in it.
//!
//! One thread, no real clock: the task whose time comes first goes on first. Tasks at the same
//! time go on in the order in which they were scheduled, so a history is the same every time.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use paywall_core::clock::Micros;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The schedule; cheap to clone.
#[derive(Clone, Default)]
pub struct Schedule(Rc<Inner>);

#[derive(Default)]
struct Inner {
    now: Cell<u64>,
    sequence: Cell<u64>,
    running: Cell<u64>,
    due: RefCell<BinaryHeap<Reverse<(u64, u64, u64)>>>,
    tasks: RefCell<BTreeMap<u64, Task>>,
}

impl Schedule {
    /// Time begins at `epoch`.
    pub fn begin(epoch: Micros) -> Self {
        let schedule = Schedule::default();
        schedule.0.now.set(epoch.0);
        schedule
    }

    /// Now.
    pub fn now(&self) -> Micros {
        Micros(self.0.now.get())
    }

    /// Adds a task that begins now.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        let id = self.next();
        self.0.tasks.borrow_mut().insert(id, Box::pin(task));
        self.wake(id, self.0.now.get());
    }

    /// Waits for so many microseconds.
    pub async fn sleep(&self, micros: u64) {
        let until = self.0.now.get() + micros;
        let mut asked = false;
        std::future::poll_fn(|_| {
            if self.0.now.get() >= until && asked {
                return Poll::Ready(());
            }
            if !asked {
                asked = true;
                self.wake(self.0.running.get(), until);
            }
            Poll::Pending
        })
        .await;
    }

    /// Waits for a slot to be filled, until `deadline` at most.
    pub async fn take<T>(&self, slot: &Slot<T>, deadline: Micros) -> Option<T> {
        let mut asked = false;
        std::future::poll_fn(|_| {
            if let Some(value) = slot.0.value.borrow_mut().take() {
                return Poll::Ready(Some(value));
            }
            if self.now() >= deadline {
                return Poll::Ready(None);
            }
            slot.0.waiting.set(Some(self.0.running.get()));
            if !asked {
                asked = true;
                self.wake(self.0.running.get(), deadline.0);
            }
            Poll::Pending
        })
        .await
    }

    /// Fills a slot and wakes who waits for it.
    pub fn fill<T>(&self, slot: &Slot<T>, value: T) {
        *slot.0.value.borrow_mut() = Some(value);
        if let Some(task) = slot.0.waiting.take() {
            self.wake(task, self.0.now.get());
        }
    }

    /// Runs until no task is left, or time passes `limit`. Says whether all tasks ended.
    pub fn run(&self, limit: Micros) -> bool {
        loop {
            let Some(Reverse((time, _, id))) = self.0.due.borrow_mut().pop() else {
                return self.0.tasks.borrow().is_empty();
            };
            if time > limit.0 {
                return false;
            }
            self.0.now.set(time.max(self.0.now.get()));
            let Some(mut task) = self.0.tasks.borrow_mut().remove(&id) else { continue };
            self.0.running.set(id);
            if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
                self.0.tasks.borrow_mut().insert(id, task);
            }
        }
    }

    fn wake(&self, task: u64, at: u64) {
        let entry = Reverse((at, self.next(), task));
        self.0.due.borrow_mut().push(entry);
    }

    fn next(&self) -> u64 {
        self.0.sequence.set(self.0.sequence.get() + 1);
        self.0.sequence.get()
    }
}

/// A place for one value, filled by one task and taken by another.
pub struct Slot<T>(Rc<SlotInner<T>>);

struct SlotInner<T> {
    value: RefCell<Option<T>>,
    waiting: Cell<Option<u64>>,
}

impl<T> Slot<T> {
    /// An empty one.
    pub fn new() -> Self {
        Slot(Rc::new(SlotInner { value: RefCell::new(None), waiting: Cell::new(None) }))
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Slot(self.0.clone())
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Slot::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_go_on_in_the_order_of_their_times() {
        let schedule = Schedule::begin(Micros(100));
        let seen = Rc::new(RefCell::new(vec![]));
        for delay in [30, 10, 20] {
            let (s, seen) = (schedule.clone(), seen.clone());
            schedule.spawn(async move {
                s.sleep(delay).await;
                seen.borrow_mut().push((s.now().0, delay));
            });
        }
        assert!(schedule.run(Micros(1_000)));
        assert_eq!(*seen.borrow(), [(110, 10), (120, 20), (130, 30)]);
    }

    #[test]
    fn a_slot_is_waited_for_until_the_deadline() {
        let schedule = Schedule::begin(Micros(0));
        let (slot, empty) = (Slot::new(), Slot::<u8>::new());
        let seen = Rc::new(RefCell::new(vec![]));
        let (s, filled) = (schedule.clone(), slot.clone());
        schedule.spawn(async move {
            s.sleep(5).await;
            s.fill(&filled, 7_u8);
        });
        let (s, out) = (schedule.clone(), seen.clone());
        schedule.spawn(async move {
            let first = s.take(&slot, Micros(9)).await;
            out.borrow_mut().push((s.now().0, first));
            let second = s.take(&empty, Micros(20)).await;
            out.borrow_mut().push((s.now().0, second));
        });
        assert!(schedule.run(Micros(1_000)));
        assert_eq!(*seen.borrow(), [(5, Some(7)), (20, None)]);
    }
}
