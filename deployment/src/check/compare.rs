//! What was deployed, and what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::config::{Association, Behaviour, Shape, is_version};
use super::expected::Expected;
use super::finding::Finding;
use super::owner::Owned;
use super::web_acl;

/// The events that the function needs: every request passes it, and every answer to one.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html>
const EVENTS: [&str; 2] = ["viewer-request", "viewer-response"];

/// What AWS has.
#[derive(Clone, Debug)]
pub struct Observed {
    /// When, in seconds since 1970.
    pub at: u64,
    /// The distribution's configuration; `None` if there is no such distribution.
    pub config: Option<Value>,
    /// The stack's web ACL; `None` if it is gone, or if there was none to ask for.
    pub web_acl: Option<Value>,
    /// The hash of the package of each version of our function that is not the one that is known, where its owner's code has
    /// it.
    pub packages: BTreeMap<String, String>,
}

/// Everything that is not as it was deployed, and could give priced objects away or keep the function from them.
///
/// What is not known to be harmless is found: a new behaviour without the function, wherever its pattern leads. CloudFront
/// matches patterns on a normalised path and S3 reads the raw one, so what a pattern reaches is not decided by it.
///
/// A distribution that is still `InProgress` is judged by what it is going to be.
pub fn compare(expected: &Expected, observed: &Observed) -> Vec<Finding> {
    let Some(config) = &observed.config else {
        return vec![Finding::DistributionGone { id: expected.distribution.clone() }];
    };
    let now = match Shape::of(config) {
        Ok(now) => now,
        Err(why) => return vec![Finding::ConfigUnreadable { why }],
    };
    let judge = Judge {
        expected,
        was: &expected.config,
        now: &now,
        packages: &observed.packages,
        changing: expected.is_changing(observed.at),
    };
    let mut found = Vec::new();
    judge.whole(&mut found);
    judge.guarded(&mut found);
    for (at, behaviour) in now.behaviours.iter().enumerate() {
        judge.behaviour(at, behaviour, &mut found);
    }
    judge.web_acl(observed.web_acl.as_ref(), &mut found);
    found
}

struct Judge<'a> {
    expected: &'a Expected,
    was: &'a Shape,
    now: &'a Shape,
    packages: &'a BTreeMap<String, String>,
    changing: bool,
}

impl Judge<'_> {
    fn whole(&self, found: &mut Vec<Finding>) {
        let (was, now) = (self.was, self.now);
        match (was.enabled, now.enabled) {
            // A deployment opens and closes.
            _ if self.changing => {}
            (true, false) => found.push(Finding::DistributionDisabled),
            (_, true) if self.expected.closed => found.push(Finding::DistributionEnabled),
            _ => {}
        }
        for (code, name, was, now) in [
            ("root-object", "the default root object", &was.root_object, &now.root_object),
            (
                "continuous-deployment",
                "the continuous deployment policy",
                &was.continuous_deployment,
                &now.continuous_deployment,
            ),
            ("connection-mode", "the connection mode", &was.connection_mode, &now.connection_mode),
        ] {
            if was != now {
                let (was, now) = (was.clone(), now.clone());
                found.push(Finding::Setting { code, name, was, now });
            }
        }
        for page in now.error_pages.iter().filter(|page| !was.error_pages.contains(page)) {
            found.push(Finding::ErrorPage { page: page.clone() });
        }
        if now.cookies_logged && !was.cookies_logged {
            found.push(Finding::CookiesLogged);
        }
    }

    /// Those that must have the function and are not there; and what has come before them.
    fn guarded(&self, found: &mut Vec<Finding>) {
        for pattern in &self.expected.guarded {
            if self.now.find(pattern).is_none() {
                found.push(Finding::BehaviourGone { behaviour: pattern.clone() });
            }
        }
        for (at, open) in self.now.behaviours.iter().enumerate() {
            // What is not expected at all is found anyway.
            let Some((was_at, _)) = self.was.find(&open.pattern) else { continue };
            if self.must(open) {
                continue;
            }
            let overtaken = self.expected.guarded.iter().find(|pattern| {
                let was = self.was.find(pattern).is_some_and(|(guarded, _)| guarded < was_at);
                was && self.now.find(pattern).is_some_and(|(guarded, _)| guarded > at)
            });
            if let Some(before) = overtaken {
                found.push(Finding::BehaviourBefore {
                    behaviour: open.pattern.clone(),
                    before: before.clone(),
                });
            }
        }
    }

    fn must(&self, behaviour: &Behaviour) -> bool {
        self.expected.guarded.contains(&behaviour.pattern)
    }

    fn behaviour(&self, at: usize, behaviour: &Behaviour, found: &mut Vec<Finding>) {
        let was = self.was.find(&behaviour.pattern).map(|(_, was)| was);
        let lacks = self.lacks(behaviour);
        let guarded = lacks.is_empty();
        if self.must(behaviour) {
            found.extend(lacks);
        } else if was.is_none() && !guarded {
            found.push(self.open(at, behaviour));
            return;
        }
        self.beside(behaviour, was, found);
        match was {
            Some(was) => {
                if was.origins != behaviour.origins {
                    found.push(Finding::OriginChanged { behaviour: behaviour.pattern.clone() });
                }
                if self.must(behaviour) && was.settings != behaviour.settings {
                    let names = behaviour.settings.iter();
                    let changed = names.filter(|(name, now)| was.settings.get(*name) != Some(now));
                    found.push(Finding::BehaviourChanged {
                        behaviour: behaviour.pattern.clone(),
                        settings: changed.map(|(name, _)| name.clone()).collect(),
                    });
                }
            }
            // A new one that has the function may sell from where the others do.
            None => {
                let known = |was: &Behaviour| self.must(was) && was.origins == behaviour.origins;
                if !self.was.behaviours.iter().any(known) {
                    found.push(Finding::OriginChanged { behaviour: behaviour.pattern.clone() });
                }
            }
        }
    }

    /// A behaviour that nobody expects, without the function.
    fn open(&self, at: usize, behaviour: &Behaviour) -> Finding {
        let rest = &self.now.behaviours[at + 1..];
        let name = behaviour.pattern.clone();
        match rest.iter().find(|later| self.must(later)) {
            Some(later) => {
                Finding::BehaviourBefore { behaviour: name, before: later.pattern.clone() }
            }
            None => Finding::BehaviourOpen { behaviour: name },
        }
    }

    /// What a behaviour lacks to be guarded.
    fn lacks(&self, behaviour: &Behaviour) -> Vec<Finding> {
        let mut found = Vec::new();
        for event in EVENTS {
            let mut there = behaviour.functions.iter().filter(|one| one.event == event).peekable();
            if there.peek().is_none() {
                found.push(Finding::AssociationRemoved {
                    behaviour: behaviour.pattern.clone(),
                    event,
                });
            }
            found.extend(there.filter_map(|one| self.wrong(behaviour, one)));
        }
        found
    }

    fn wrong(&self, behaviour: &Behaviour, one: &Association) -> Option<Finding> {
        let (behaviour, event, arn) =
            (behaviour.pattern.clone(), one.event.clone(), one.arn.clone());
        if self.expected.version != one.arn && !self.is_ours(arn.as_str()) {
            return Some(Finding::OtherFunction { behaviour, event, arn });
        }
        let passes = self.expected.version == one.arn
            || self.is_known_package(&arn)
            || self.changing && self.is_newer(&arn);
        match passes {
            false => Some(Finding::OtherVersion { behaviour, event, arn }),
            true => one.include_body.then_some(Finding::IncludesBody { behaviour, event }),
        }
    }

    /// Whether it is our function, in whichever version, alias or none.
    fn is_ours(&self, arn: &str) -> bool {
        unversioned(&self.expected.version) == unversioned(arn)
    }

    /// Whether it is a version of a package that was judged, or that its owner is to deploy.
    fn is_known_package(&self, arn: &str) -> bool {
        let known =
            |owned: &Owned| self.packages.get(arn).is_some_and(|it| owned.code_sha256.contains(it));
        self.expected.owned.as_ref().is_some_and(known)
    }

    /// Whether it is a version that was made after the one that is known.
    fn is_newer(&self, arn: &str) -> bool {
        let number = |arn: &str| arn.split(':').nth(7)?.parse::<u64>().ok();
        matches!((number(arn), number(&self.expected.version)), (Some(new), Some(known)) if new > known)
    }

    /// Functions that stand beside ours, or on a behaviour without ours. They may send a request elsewhere:
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-examples.html#lambda-examples-content-based-routing-examples>
    fn beside(&self, behaviour: &Behaviour, was: Option<&Behaviour>, found: &mut Vec<Finding>) {
        for one in &behaviour.functions {
            // Judged above, where it must be there; and harmless where it need not.
            let judged =
                EVENTS.contains(&&*one.event) && (self.must(behaviour) || self.is_ours(&one.arn));
            // Its owner's new versions are its owner's business.
            let same = |old: &&Association| {
                old.event == one.event && unversioned(&old.arn) == unversioned(&one.arn)
            };
            let known = was.is_some_and(|was| was.functions.iter().any(|old| same(&old)));
            if !judged && !known {
                found.push(Finding::OtherFunction {
                    behaviour: behaviour.pattern.clone(),
                    event: one.event.clone(),
                    arn: one.arn.clone(),
                });
            }
        }
    }

    fn web_acl(&self, acl: Option<&Value>, found: &mut Vec<Finding>) {
        let (was, now) = (&self.was.web_acl, &self.now.web_acl);
        if was.is_empty() {
            return;
        }
        if now.is_empty() {
            found.push(Finding::WebAclGone { was: was.clone() });
            return;
        }
        if was != now {
            found.push(Finding::WebAclOther { was: was.clone(), now: now.clone() });
            return;
        }
        let vouches = acl.and_then(web_acl::vouches_wrongly);
        found.extend(vouches.map(|why| Finding::WebAclVouches { why }));
        let Some(rules) = &self.expected.rules else { return };
        match acl.map(web_acl::rules) {
            None => found.push(Finding::WebAclGone { was: was.clone() }),
            Some(Err(why)) => found.push(Finding::WebAclChanged { rules: vec![why] }),
            Some(Ok(now)) if !self.changing => {
                let lost = rules.iter().filter(|rule| !now.contains(rule));
                let new = now.iter().filter(|rule| !rules.contains(rule));
                let mut names: Vec<_> = lost.chain(new).map(|rule| rule.name.clone()).collect();
                names.sort_unstable();
                names.dedup();
                if !names.is_empty() {
                    found.push(Finding::WebAclChanged { rules: names });
                }
            }
            Some(Ok(_)) => {}
        }
    }
}

/// The versions of our function that a configuration names beside the one that is known, where its owner's code has it: what
/// their packages are is to be asked.
pub(super) fn other_versions(expected: &Expected, config: &Value) -> BTreeSet<String> {
    let (Some(_), Ok(now)) = (&expected.owned, Shape::of(config)) else { return BTreeSet::new() };
    let all = now.behaviours.iter().flat_map(|behaviour| &behaviour.functions);
    let other = |arn: &&String| {
        **arn != expected.version
            && is_version(arn)
            && unversioned(arn) == unversioned(&expected.version)
    };
    all.map(|one| &one.arn).filter(other).cloned().collect()
}

/// A Lambda function's ARN without what comes after its name; other ARNs as they are.
fn unversioned(arn: &str) -> &str {
    let mut colons = arn.match_indices(':').map(|(at, _)| at);
    match (arn.contains(":lambda:"), colons.nth(6)) {
        (true, Some(at)) => &arn[..at],
        _ => arn,
    }
}
