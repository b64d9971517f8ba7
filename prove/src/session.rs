//! Requests one after another, within limits that are a courtesy to the seller.

use std::thread;
use std::time::{Duration, Instant};

use crate::answer::{Answer, Ask, Exchange, NoAnswer};

/// What asks.
pub(crate) trait Wire {
    /// Sends it once.
    fn send(&mut self, ask: &Ask) -> Result<Answer, NoAnswer>;
}

/// How much a seller is asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests at most.
    pub requests: u32,
    /// How long all of it may take.
    pub time: Duration,
    /// How long one answer may take, connecting included: some sellers settle for half a minute.
    pub answer: Duration,
    /// How much of a body is read, bytes.
    pub body: u64,
    /// How long to wait before each request.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            requests: 300,
            time: Duration::from_secs(600),
            answer: Duration::from_secs(40),
            body: 4 * 1024 * 1024,
            pause: Duration::from_millis(100),
        }
    }
}

/// The longest wait that a seller may ask for between two requests.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait where a seller does not say for how long.
const UNNAMED: Duration = Duration::from_secs(5);

/// A seller that is being asked.
pub struct Session {
    wire: Box<dyn Wire>,
    limits: Limits,
    begun: Instant,
    sent: u32,
}

impl Session {
    /// Nothing is asked yet.
    #[allow(
        private_bounds,
        reason = "the wire is HTTP, or what the tests of this crate take for it"
    )]
    pub fn new(wire: impl Wire + 'static, limits: Limits) -> Session {
        Session { wire: Box::new(wire), limits, begun: Instant::now(), sent: 0 }
    }

    /// How many requests went out.
    pub(crate) fn sent(&self) -> u32 {
        self.sent
    }

    /// Asks; once more where no answer came, and where the seller asks to wait. To send the same payment again is safe:
    /// its nonce is used once.
    pub(crate) fn ask(&mut self, ask: Ask) -> Exchange {
        let mut answer = self.once(&ask);
        // One lost connection says nothing of a seller.
        if matches!(&answer, Err(NoAnswer::Failed(_))) && !ask.may_be_silent {
            answer = self.once(&ask);
        }
        if let Some(wait) = answer.as_ref().ok().and_then(wait)
            && wait <= PATIENCE
            && self.begun.elapsed() + wait < self.limits.time
        {
            thread::sleep(wait);
            answer = self.once(&ask);
        }
        if let Ok(Answer { status: 429, .. }) = &answer {
            let why = "the seller limits how often it may be asked (429)";
            answer = Err(NoAnswer::Held(why.to_owned()));
        }
        Exchange { ask, answer }
    }

    fn once(&mut self, ask: &Ask) -> Result<Answer, NoAnswer> {
        if self.sent == self.limits.requests {
            return Err(NoAnswer::Held(format!("{} requests had been sent", self.sent)));
        }
        if self.begun.elapsed() > self.limits.time {
            let seconds = self.limits.time.as_secs();
            return Err(NoAnswer::Held(format!("the {seconds} s for all of it were over")));
        }
        thread::sleep(self.limits.pause);
        self.sent += 1;
        self.wire.send(ask)
    }
}

/// How long an answer asks to wait before the same is asked again: 429, and 503 that names a time.
fn wait(answer: &Answer) -> Option<Duration> {
    let named = answer.header("retry-after").parse().ok().map(Duration::from_secs);
    match answer.status {
        429 => Some(named.unwrap_or(UNNAMED)),
        503 => named,
        _ => None,
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("limits", &self.limits).field("sent", &self.sent).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with these; 0 is no answer.
    struct Scripted(Vec<u16>);

    impl Wire for Scripted {
        fn send(&mut self, _: &Ask) -> Result<Answer, NoAnswer> {
            let headers = [("retry-after".parse().unwrap(), "0".parse().unwrap())];
            let status = self.0.remove(0);
            if status == 0 {
                return Err(NoAnswer::Failed("lost".to_owned()));
            }
            Ok(Answer { status, headers: headers.into_iter().collect(), body: vec![] })
        }
    }

    fn session(script: &[u16], requests: u32) -> Session {
        let limits = Limits { requests, pause: Duration::ZERO, ..Limits::default() };
        Session::new(Scripted(script.to_vec()), limits)
    }

    #[test]
    fn limits_of_either_side_are_kept() {
        let mut busy = session(&[429, 402, 429, 429], 9);
        assert_eq!(busy.ask(Ask::get("", "")).answer.unwrap().status, 402);
        assert!(matches!(busy.ask(Ask::get("", "")).answer, Err(NoAnswer::Held(_))));
        assert_eq!(busy.sent(), 4);

        let mut lossy = session(&[0, 402, 0, 0], 9);
        assert_eq!(lossy.ask(Ask::get("", "")).answer.unwrap().status, 402);
        assert!(matches!(lossy.ask(Ask::get("", "")).answer, Err(NoAnswer::Failed(_))));

        let mut short = session(&[402], 1);
        assert!(short.ask(Ask::get("", "")).answer.is_ok());
        assert!(matches!(short.ask(Ask::get("", "")).answer, Err(NoAnswer::Held(_))));
    }
}
