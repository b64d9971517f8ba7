//! One sandbox, from its start to its end.
//!
//! ```text
//! start ──> init ──polls──> invocation ──answers, polls──> idle (frozen) ──> invocation ──> ...
//!             └─────────────────┴── too slow, too big, exits ──┴──> end
//! ```
//!
//! The caller has its answer once the sandbox is ready for the next one, so that requests that come
//! one after the other meet the same sandbox.
//!
//! Lambda starts a sandbox that failed to initialise once more within the first invocation; here
//! the first failure is the answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::answer::{Answer, Fault};
use super::runtime_api::{Call, Invocation, RuntimeApi, What};
use super::shared::{Job, Shared};
use super::{environment, memory};
use crate::process::Process;

/// How long to read what a dead function still has in its pipes.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How much of a function's error report goes to the log, in bytes.
const REPORT_BYTES: usize = 2_000;

/// A sandbox whose function is up.
struct Sandbox {
    number: u32,
    shared: Arc<Shared>,
    process: Process,
    api: RuntimeApi,
    output: JoinSet<()>,
}

/// Starts a sandbox for `job` and keeps it until it fails or the pool stops.
pub(super) async fn run(number: u32, shared: Arc<Shared>, mut job: Job) {
    let mut sandbox = match Sandbox::start(number, Arc::clone(&shared)).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            let fault = Fault::CannotStart(error);
            shared.log.problem(format_args!("sandbox {number}: the function {fault}"));
            return Debt { to: job.reply, answer: Some(Err(fault)) }.settle();
        }
    };
    let mut poll = match sandbox.init().await {
        Ok(poll) => poll,
        Err(fault) => return sandbox.end(fault, Some(Debt::new(job.reply))).await,
    };
    loop {
        let Job { event, reply, turn } = job;
        let mut debt = Debt::new(reply);
        poll = match sandbox.invoke(poll, event, &mut debt).await {
            Ok(poll) => poll,
            Err(fault) => return sandbox.end(fault, Some(debt)).await,
        };
        sandbox.process.freeze();
        let (sender, mut work) = oneshot::channel();
        shared.idle().push(sender);
        drop(turn);
        debt.settle();
        let fault = tokio::select! {
            biased;
            Ok(next) = &mut work => {
                job = next;
                continue;
            }
            () = shared.stop.cancelled() => Fault::Stopped,
            status = sandbox.process.exited() => exit_fault(status),
        };
        work.close();
        let debt = work.try_recv().ok().map(|job| Debt::new(job.reply));
        return sandbox.end(fault, debt).await;
    }
}

/// What is owed to a caller.
struct Debt {
    to: oneshot::Sender<Result<Answer, Fault>>,
    answer: Option<Result<Answer, Fault>>,
}

impl Debt {
    fn new(to: oneshot::Sender<Result<Answer, Fault>>) -> Self {
        Self { to, answer: None }
    }

    /// Hands the answer over. The viewer may be gone; the function has finished all the same.
    fn settle(self) {
        if let Some(answer) = self.answer {
            let _ = self.to.send(answer);
        }
    }
}

impl Sandbox {
    async fn start(number: u32, shared: Arc<Shared>) -> std::io::Result<Self> {
        let api = RuntimeApi::start().await?;
        let command = environment::command(&shared.settings, number, api.address);
        let mut process = Process::spawn(command)?;
        shared.processes().insert(number, process.id());
        shared.log.sandbox(number, format_args!("started (pid {})", process.id()));
        let mut output = JoinSet::new();
        let (stdout, stderr) = process.output();
        if let Some(stdout) = stdout {
            output.spawn(copy_lines(stdout, number, Arc::clone(&shared)));
        }
        if let Some(stderr) = stderr {
            output.spawn(copy_lines(stderr, number, Arc::clone(&shared)));
        }
        Ok(Self { number, shared, process, api, output })
    }

    /// Waits for the first poll for work.
    async fn init(&mut self) -> Result<Call, Fault> {
        let limit = self.shared.settings.init_timeout;
        let deadline = Instant::now() + limit;
        loop {
            let call = self.call(deadline, Fault::InitTimedOut(limit)).await?;
            match call.what {
                What::Next => return Ok(call),
                What::InitError { ref body } => {
                    let fault = Fault::InitError(report(body));
                    call.accept();
                    return Err(fault);
                }
                _ => call.refuse("no invocation is under way"),
            }
        }
    }

    /// Runs one invocation, from the poll that takes it to the next one, and notes the answer.
    async fn invoke(&mut self, poll: Call, event: Bytes, debt: &mut Debt) -> Result<Call, Fault> {
        let limit = self.shared.settings.timeout;
        let deadline = Instant::now() + limit;
        let id = uuid::Uuid::new_v4().to_string();
        self.process.thaw();
        poll.invoke(Invocation { id: id.clone(), deadline: SystemTime::now() + limit, event });
        loop {
            let call = self.call(deadline, Fault::TimedOut(limit)).await?;
            match &call.what {
                What::Next if debt.answer.is_some() => return Ok(call),
                What::Next => return Err(Fault::PolledEarly),
                What::Response { id: of, body } if *of == id && debt.answer.is_none() => {
                    self.check_memory()?;
                    let body = body.clone();
                    debt.answer = Some(Ok(Answer { body, sandbox: self.number }));
                    call.accept();
                }
                What::Error { id: of, body } if *of == id && debt.answer.is_none() => {
                    let fault = Fault::Reported(report(body));
                    self.problem(&fault);
                    debt.answer = Some(Err(fault));
                    call.accept();
                }
                _ => call.refuse("the invocation is not under way"),
            }
        }
    }

    /// The function's next call, or why there will be none. `late` is the fault of a function that
    /// makes none before the deadline.
    async fn call(&mut self, deadline: Instant, late: Fault) -> Result<Call, Fault> {
        let limit = self.shared.settings.memory;
        let pid = self.process.id();
        tokio::select! {
            biased;
            () = self.shared.stop.cancelled() => Err(Fault::Stopped),
            Some(call) = self.api.calls.recv() => Ok(call),
            status = self.process.exited() => Err(exit_fault(status)),
            used = memory::exceeds(pid, limit) => Err(Fault::OutOfMemory { used, limit }),
            () = tokio::time::sleep_until(deadline) => Err(late),
        }
    }

    /// A function may go over its memory and answer before the watch looks again.
    fn check_memory(&self) -> Result<(), Fault> {
        let limit = self.shared.settings.memory;
        match memory::peak(self.process.id()) {
            Some(used) if used > limit => Err(Fault::OutOfMemory { used, limit }),
            _ => Ok(()),
        }
    }

    async fn end(mut self, fault: Fault, debt: Option<Debt>) {
        self.process.kill().await;
        let drained = async { while self.output.join_next().await.is_some() {} };
        // Offspring that left the process group could hold the pipes open for ever.
        let _ = tokio::time::timeout(LAST_WORDS, drained).await;
        self.shared.processes().remove(&self.number);
        match fault {
            Fault::Stopped => self.shared.log.sandbox(self.number, "stopped"),
            ref fault => self.problem(fault),
        }
        if let Some(mut debt) = debt {
            debt.answer.get_or_insert(Err(fault));
            debt.settle();
        }
    }

    fn problem(&self, fault: &Fault) {
        self.shared.log.problem(format_args!("sandbox {}: the function {fault}", self.number));
    }
}

fn exit_fault(status: std::io::Result<std::process::ExitStatus>) -> Fault {
    match status {
        Ok(status) => Fault::Exited(status),
        Err(error) => Fault::CannotStart(error),
    }
}

/// A report of the function, made fit for one line of a log.
fn report(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(REPORT_BYTES)]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn copy_lines(stream: impl AsyncRead + Unpin, sandbox: u32, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    // A pipe that fails is one that the function closed.
    while stream.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(&line);
        shared.log.function(sandbox, text.trim_end());
        line.clear();
    }
}
