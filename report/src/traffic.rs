//! What the function's log says of requests.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead};

use paywall_core::log::{Event, Line};

/// What came of requests. Lines come at best effort, so these are counts of what came, and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Lines of the function about requests.
    pub lines: u64,
    /// Lines that look like the function's and cannot be read.
    pub unreadable: u64,
    /// Requests for what is free, or opened by a pass.
    pub free: u64,
    /// 402s: requests without a payment.
    pub asked: u64,
    /// Requests with a payment that could be good.
    pub paying: u64,
    /// Requests that a payment opened for the first time.
    pub sold: u64,
    /// Those that were opened again, by the same payment or an earlier one.
    pub again: u64,
    /// Refusals but the 402 without a payment, by their codes; the most first.
    pub refused: Vec<(String, u64)>,
    /// Milliseconds of each `/settle`, by facilitator, in order.
    pub settles: BTreeMap<String, Vec<u64>>,
    /// By object: how often it was asked for without a payment, and sold; the most often asked first.
    pub objects: Vec<(String, u64, u64)>,
    seen: Seen,
}

/// Lines that were counted: AWS may deliver one twice.
#[derive(Clone, Debug, Default)]
struct Seen(HashSet<u64>);

/// What was counted is told by the counts.
impl PartialEq for Seen {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Seen {}

impl Traffic {
    /// Reads logs, in any order. A line may begin with its time, and anything else, as `aws logs tail` prints it.
    ///
    /// # Errors
    ///
    /// One cannot be read.
    pub fn read(&mut self, log: impl BufRead) -> io::Result<()> {
        let mut refused: BTreeMap<_, _> = std::mem::take(&mut self.refused).into_iter().collect();
        let objects = std::mem::take(&mut self.objects);
        let mut objects: BTreeMap<_, _> =
            objects.into_iter().map(|(key, asked, sold)| (key, (asked, sold))).collect();
        books::lines::each(log, |read| match read {
            Ok((line, _)) => self.take(line, &mut refused, &mut objects),
            Err(_) => self.unreadable += 1,
        })?;
        self.refused = refused.into_iter().collect();
        self.refused.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
        self.objects = objects.into_iter().map(|(key, (asked, sold))| (key, asked, sold)).collect();
        self.objects.sort_by(|(a, one, _), (b, other, _)| other.cmp(one).then(a.cmp(b)));
        self.settles.values_mut().for_each(|settles| settles.sort_unstable());
        Ok(())
    }

    fn take(
        &mut self,
        line: Line,
        refused: &mut BTreeMap<String, u64>,
        objects: &mut BTreeMap<String, (u64, u64)>,
    ) {
        if line.event != Event::ViewerRequest || !self.seen.is_new(&line) {
            return;
        }
        self.lines += 1;
        let so_many = u64::from(line.sampled.unwrap_or(1));
        let mut object = |asked, sold| {
            let there = objects.entry(line.object.clone().unwrap_or_default()).or_default();
            *there = (there.0 + asked, there.1 + sold);
        };
        self.paying += u64::from(line.payment.is_some());
        match (line.outcome.as_str(), line.status) {
            ("payment_required", Some(402)) => {
                self.asked += 1;
                object(1, 0);
            }
            (code, Some(400..)) => *refused.entry(code.to_owned()).or_default() += 1,
            ("settled" | "resolved", _) => {
                self.sold += 1;
                object(0, 1);
            }
            ("owned" | "resent", _) => self.again += 1,
            ("free" | "pass", _) => self.free += so_many,
            _ => {}
        }
        for call in line.calls.into_iter().filter(|call| call.endpoint.as_str() == "settle") {
            self.settles.entry(call.to).or_default().push(call.ms);
        }
    }
}

impl Seen {
    fn is_new(&mut self, line: &Line) -> bool {
        let mut hasher = DefaultHasher::new();
        (&line.site, &line.request_id).hash(&mut hasher);
        line.request_id.is_empty() || self.0.insert(hasher.finish())
    }
}

/// The value that so many of a hundred do not exceed, of values in order.
pub(crate) fn percentile(values: &[u64], percent: usize) -> u64 {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or_default()
}

/// A part of all, in percent to one decimal place.
pub(crate) fn percent(part: u64, all: u64) -> String {
    match all {
        0 => "-".to_owned(),
        all => format!("{}.{} %", part * 100 / all, part * 1000 / all % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u32, more: &str) -> String {
        format!(
            "2026-11-28T00:00:00Z us-east-1 {{\"v\":1,\"requestId\":\"r{id}\",\"site\":\"shop\",\
             \"event\":\"viewer-request\",{more}}}\n"
        )
    }

    #[test]
    fn a_line_counts_once_and_what_is_not_one_is_told() {
        let settle = "\"calls\":[{\"endpoint\":\"verify\",\"to\":\"https://f\",\"ms\":9},{\"endpoint\":\"settle\",\"to\":\"https://f\",\"ms\":700}]";
        let asked = "\"outcome\":\"payment_required\",\"status\":402,\"object\":\"a\"";
        let log = [
            line(1, asked),
            line(1, asked),
            line(2, asked),
            line(3, &format!("\"outcome\":\"settled\",\"object\":\"a\",{settle}")),
            line(4, "\"outcome\":\"free\",\"sampled\":10"),
            line(5, "\"outcome\":\"insufficient_balance\",\"status\":402"),
            line(6, "\"outcome\":\"resent\",\"object\":\"a\""),
            "REPORT {}\n{\"outcome\": 7}\n".to_owned(),
        ];
        let mut traffic = Traffic::default();
        for part in log.chunks(3) {
            traffic.read(part.concat().as_bytes()).unwrap();
        }
        assert_eq!((traffic.lines, traffic.unreadable), (6, 1));
        assert_eq!((traffic.asked, traffic.sold, traffic.again, traffic.free), (2, 1, 1, 10));
        assert_eq!(traffic.refused, [("insufficient_balance".to_owned(), 1)]);
        assert_eq!(traffic.objects, [("a".to_owned(), 2, 1)]);
        assert_eq!(traffic.settles, BTreeMap::from([("https://f".to_owned(), vec![700])]));
    }

    #[test]
    fn percentiles() {
        let values: Vec<_> = (1..=200).collect();
        assert_eq!([50, 90, 99].map(|percent| percentile(&values, percent)), [100, 180, 198]);
        assert_eq!([1, 50, 99].map(|percent| percentile(&[7], percent)), [7; 3]);
        assert_eq!(percentile(&[], 50), 0);
        assert_eq!(
            (percent(1, 3), percent(0, 0), percent(2, 2)),
            ("33.3 %".into(), "-".into(), "100.0 %".into())
        );
    }
}
