//! Who is asked on a miss: an origin, or the two of an origin group.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorOriginGroups.html>
//!
//! The first one is asked each time, whatever it answered before. AWS does not say whether the second is asked with
//! the ETag of a stale copy; here it is, like the first.

use std::collections::BTreeSet;

use http::StatusCode;

use crate::origin::{Answer, Origin, Request, Unreachable};

/// An origin and what it is asked.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The origin's id, for the log.
    pub(crate) id: &'a str,
    pub(crate) origin: &'a Origin,
    pub(crate) request: Request,
}

/// An origin, and the one that is asked when it fails.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) first: Source<'a>,
    pub(crate) second: Option<Second<'a>>,
}

/// The second origin of a group.
#[derive(Debug)]
pub(crate) struct Second<'a> {
    /// What the first one answers when this one is asked.
    pub(crate) statuses: &'a BTreeSet<StatusCode>,
    /// `None` is an origin that is not emulated.
    pub(crate) source: Option<Source<'a>>,
}

impl Group<'_> {
    /// Asks for the object, or whether it still has this ETag.
    pub(crate) async fn get(self, if_none_match: Option<&str>) -> Answer {
        let answer = self.first.get(if_none_match).await;
        let Some(second) = self.second.filter(|second| second.is_asked_after(&answer)) else {
            return answer;
        };
        match second.source {
            Some(source) => source.get(if_none_match).await,
            None => Answer::Unreachable(Unreachable {
                timed_out: false,
                reason: "the second origin of the group is not emulated".to_owned(),
            }),
        }
    }
}

impl Second<'_> {
    fn is_asked_after(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Refused(refusal) => self.statuses.contains(&refusal.status),
            Answer::Unreachable(_) => true,
            Answer::Found(_) | Answer::NotModified => false,
        }
    }
}

impl Source<'_> {
    async fn get(mut self, if_none_match: Option<&str>) -> Answer {
        self.request.if_none_match = if_none_match.map(str::to_owned);
        match self.origin.get(&self.request).await {
            Answer::Unreachable(Unreachable { timed_out, reason }) => {
                let reason = format!("origin {}: {reason}", self.id);
                Answer::Unreachable(Unreachable { timed_out, reason })
            }
            answer => answer,
        }
    }
}
