//! A child process that never outlives its owner.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::runtime::Handle;

/// A child in a process group of its own, so that Ctrl-C in a terminal reaches only its owner and
/// the owner's signals reach all of its offspring.
///
/// It dies when this value is dropped. Should the owner be killed without a chance to clean up, then
/// on Linux the kernel kills the child (`PR_SET_PDEATHSIG`), and elsewhere a frozen child gets
/// SIGHUP, since its process group is then orphaned and stopped, and a running one loses its
/// connection to the Runtime API.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Pid,
    gone: bool,
}

impl Process {
    /// Starts the command with nothing on standard input and pipes on the other two.
    pub(crate) fn spawn(command: Command) -> io::Result<Self> {
        let mut command = bind_to_owner(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0);
        let child = spawn(command)?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let group = pid.ok_or_else(|| io::Error::other("the child has no process id"))?;
        Ok(Self { child, group, gone: false })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.group.as_raw_pid().cast_unsigned()
    }

    /// Its standard output and standard error; the second call gives nothing.
    pub(crate) fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Stops it from running, as Lambda does between invocations.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it run again.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Waits for it to end by itself. Can be dropped and called again.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        // What it started and left behind.
        self.signal(Signal::KILL);
        self.gone = true;
        Ok(status)
    }

    /// Kills it, frozen or not, and waits for its end.
    pub(crate) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        // An error would mean that it was waited for already.
        let _ = self.exited().await;
    }

    fn signal(&self, signal: Signal) {
        if !self.gone {
            // The one error possible is that nothing is left to signal.
            let _ = kill_process_group(self.group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

type Order = (Command, Handle, mpsc::Sender<io::Result<Child>>);

/// A thread that starts processes for as long as the program runs: Linux takes the end of the thread
/// that started a child for the end of its owner.
static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
    let (sender, orders) = mpsc::channel::<Order>();
    // Without the thread the receiver is dropped, and `spawn` fails.
    let _ = thread::Builder::new().name("spawner".to_owned()).spawn(move || {
        for (mut command, runtime, reply) in orders {
            let _context = runtime.enter();
            let _ = reply.send(command.spawn());
        }
    });
    sender
});

fn spawn(command: Command) -> io::Result<Child> {
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    let (reply, child) = mpsc::channel();
    let no_thread = || io::Error::other("no thread is left to start processes on");
    SPAWNER.send((command, runtime, reply)).map_err(|_| no_thread())?;
    child.recv().map_err(|_| no_thread())?
}

/// Asks Linux to kill the child when the thread that starts it ends.
#[cfg(target_os = "linux")]
fn bind_to_owner(mut command: Command) -> Command {
    use rustix::process::{getpid, getppid, set_parent_process_death_signal};
    let owner = getpid();
    let hook = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() == Some(owner) { Ok(()) } else { Err(rustix::io::Errno::SRCH.into()) }
    };
    // SAFETY: between fork and exec the hook only makes two system calls; it touches no lock and
    // allocates nothing.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(hook);
    }
    command
}

#[cfg(not(target_os = "linux"))]
fn bind_to_owner(command: Command) -> Command {
    command
}
