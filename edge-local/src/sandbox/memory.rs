//! How much memory a function uses.
//!
//! Lambda counts what the whole sandbox holds; here it is the sum of the peaks of resident memory of
//! the function's process and its offspring, which Linux keeps in `/proc/PID/status`. Other systems
//! have no such file: there the memory limit is not enforced.

use std::time::Duration;

/// Between two looks. A function that goes over and comes back in between is still caught, since the
/// system keeps the peak.
const INTERVAL: Duration = Duration::from_millis(20);

/// Peak resident memory of a process and its offspring in bytes; `None` where the system does not
/// tell.
pub(super) fn peak(pid: u32) -> Option<u64> {
    let own = own_peak(pid)?;
    Some(own + children(pid).into_iter().filter_map(peak).sum::<u64>())
}

fn own_peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// The children of all threads of a process.
/// <https://man7.org/linux/man-pages/man5/proc_pid_task.5.html>
fn children(pid: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|pids| {
            pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

/// Waits until a process and its offspring have used more than `limit` bytes; gives what it used.
pub(super) async fn exceeds(pid: u32, limit: u64) -> u64 {
    loop {
        if let Some(used) = peak(pid).filter(|used| *used > limit) {
            return used;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
