//! A function that gets its events by a pipe.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

/// Kernel time is counted in these: `sysconf(_SC_CLK_TCK)`, 100 on every Linux that Rust knows.
const TICKS_PER_SECOND: f64 = 100.0;
const DEADLINE: Duration = Duration::from_secs(5);

pub(crate) struct Child {
    process: std::process::Child,
    events: ChildStdin,
    answers: BufReader<File>,
    _folder: TempDir,
}

pub(crate) struct Answer {
    /// 200 for a request that goes on.
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Child {
    pub(crate) fn start(function: &Path, facilitator: &str) -> Self {
        Child::start_by(Command::new(function), facilitator)
    }

    /// The same, by a command of which the function is part.
    pub(crate) fn start_by(mut command: Command, facilitator: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("answers");
        let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
        let table = content_config::compile(sample.as_ref()).expect("the sample has no errors");
        std::fs::write(folder.path().join("table.bin"), table.file()).expect("a table");
        let key = |digits: &str| digits.repeat(32);
        let mut process = command
            .arg(&pipe)
            .env_clear()
            .env("LAMBDA_TASK_ROOT", folder.path())
            .env("X402_SITE", "https://shop.example")
            .env("X402_FACILITATOR", facilitator)
            .env("X402_HANDOVER_KEY", key("01"))
            .env("X402_PASS_KEY", key("02"))
            .env("X402_SEAL", "a".repeat(26))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let events = process.stdin.take().expect("a pipe");
        let mut answers = BufReader::new(File::open(&pipe).expect("the other end"));
        let mut ready = String::new();
        answers.read_line(&mut ready).expect("a line");
        assert_eq!(ready, "ready\n", "{command:?} does not start");
        Child { process, events, answers, _folder: folder }
    }

    pub(crate) fn answer(&mut self, event: &str) -> Answer {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let line = format!("{} {event}\n", (now + DEADLINE).as_millis());
        self.events.write_all(line.as_bytes()).expect("it listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("a line");
        let json = answer.strip_prefix("answer ").unwrap_or_else(|| panic!("{answer}"));
        let json: Value = serde_json::from_str(json).expect("JSON");
        let status =
            json["status"].as_str().map_or(200, |status| status.parse().expect("a status"));
        Answer { status, json }
    }

    /// User and system time of all its threads so far.
    pub(crate) fn process_micros(&self) -> f64 {
        let stat = self.proc("stat");
        // After the name, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        let fields: Vec<_> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
        let ticks: f64 =
            fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum();
        ticks / TICKS_PER_SECOND * 1e6
    }

    /// Time of its first thread so far, to the nanosecond.
    pub(crate) fn thread_micros(&self) -> f64 {
        let stat = self.proc("schedstat");
        let nanos: f64 = stat.split(' ').next().expect("a field").parse().expect("a number");
        nanos / 1e3
    }

    /// Lets it say its last word, and waits for its end.
    pub(crate) fn end(mut self) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(asked.success());
        self.process.wait().expect("its end");
    }

    fn proc(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.process.id())).expect("it runs")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
