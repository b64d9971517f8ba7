//! What was found.

use jiff::Timestamp;
use serde::Serialize;

use crate::check::Verdict;
use crate::evidence::Evidence;
use crate::sources::Source;

/// What no request from outside can show.
const OUT_OF_REACH: [&str; 5] = [
    "What the chain says: a receipt is the seller's word. Look its transaction up.",
    "Whether the signature of a payment that is not yet used opens another resource at the same price: in x402 it names none.",
    "What the seller does while its facilitator, its store or its chain fails.",
    "Many requests at once: one payment sent twice in the same moment, floods, rate limits.",
    "Other resources than this one, and ways to them that only the seller's configuration shows.",
];

/// One line of a report.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Its name, which stays.
    pub id: &'static str,
    /// What it came to.
    pub verdict: Verdict,
    /// What was seen.
    pub says: String,
    /// What should be.
    pub what: &'static str,
    /// What says so.
    pub why: Source,
    /// Requests and answers that show it.
    pub evidence: Vec<Evidence>,
    /// How many more there were.
    pub more: usize,
}

/// What was found of a seller.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program that tried it.
    pub tool: &'static str,
    /// What was tried.
    pub url: String,
    /// When.
    pub at: Timestamp,
    /// What is asked for it.
    pub offers: Vec<String>,
    /// Whether something was bought.
    pub bought: bool,
    /// Whether forged payments were signed by a key that could pay, so that no refusal was for want of money.
    pub forged_with_money: bool,
    /// How many requests were sent.
    pub requests: u32,
    /// All that was tried, and what was not.
    pub checks: Vec<Checked>,
    /// What cannot be tried from outside.
    pub out_of_reach: &'static [&'static str],
}

impl Report {
    /// An empty one of now.
    pub(crate) fn new(url: String) -> Report {
        Report {
            tool: concat!("paywall prove ", env!("CARGO_PKG_VERSION")),
            url,
            // To the second: nobody needs more.
            at: Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default(),
            offers: Vec::new(),
            bought: false,
            forged_with_money: false,
            requests: 0,
            checks: Vec::new(),
            out_of_reach: &OUT_OF_REACH,
        }
    }

    /// The lines of this verdict.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Checked> {
        self.checks.iter().filter(move |line| line.verdict == verdict)
    }
}
