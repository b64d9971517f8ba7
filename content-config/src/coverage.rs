//! Every object has one rule, and every rule has an object: what is wrong if not.

use std::collections::{BTreeMap, BTreeSet};

use crate::assign::Winner;
use crate::code::Code;
use crate::nearest::{few, nearest};
use crate::objects::Found;
use crate::pattern::Pattern;
use crate::report::Problem;
use crate::schema::At;

/// The rules' patterns and places, the objects, and who sells which.
pub(crate) struct Coverage<'a> {
    pub(crate) patterns: &'a [Pattern],
    /// Of each pattern in `content.toml`.
    pub(crate) spans: &'a [std::ops::Range<usize>],
    pub(crate) objects: &'a [Found],
    pub(crate) winners: &'a [Winner],
    /// The value that names the folder or the manifest.
    pub(crate) origin: &'a At<String>,
}

impl Coverage<'_> {
    pub(crate) fn check(&self, problems: &mut Vec<Problem>) {
        self.uncovered(problems);
        self.ties(problems);
        self.idle_rules(problems);
    }

    fn keys(&self, of: impl Fn(&Winner) -> bool) -> Vec<&str> {
        let pairs = self.objects.iter().zip(self.winners);
        pairs.filter(|(_, winner)| of(winner)).map(|(object, _)| object.key.as_str()).collect()
    }

    /// One problem for each top folder that no rule covers.
    fn uncovered(&self, problems: &mut Vec<Problem>) {
        let mut folders: BTreeMap<String, Vec<&Found>> = BTreeMap::new();
        for (object, winner) in self.objects.iter().zip(self.winners) {
            if *winner == Winner::Nobody {
                let pattern = match object.key.split_once('/') {
                    Some((top, _)) => format!("{top}/**"),
                    None => object.key.clone(),
                };
                folders.entry(pattern).or_default().push(object);
            }
        }
        for (pattern, objects) in folders {
            let keys = few(objects.iter().map(|object| object.key.as_str()));
            let problem = Problem::new(Code::ObjectWithoutRule, format!("no rule covers {keys}"));
            let label = "what is not covered would not be for sale";
            let problem = match &objects[0].line {
                Some(line) => problem.at_manifest(line.clone(), label),
                None => problem.at(self.origin.span(), label),
            };
            problems.push(problem.help(format!(
                "add a rule, such as\n[[rule]]\npath = {pattern:?}\nprice = \"0.01\""
            )));
        }
    }

    /// One problem for each set of rules that tie.
    fn ties(&self, problems: &mut Vec<Problem>) {
        let sets: BTreeSet<_> = self
            .winners
            .iter()
            .filter_map(|winner| if let Winner::Tie(rules) = winner { Some(rules) } else { None })
            .collect();
        for rules in sets {
            let keys = self.keys(|winner| matches!(winner, Winner::Tie(other) if other == rules));
            // A pattern that stands twice is reported as such.
            if rules.iter().all(|rule| self.patterns[*rule] == self.patterns[rules[0]]) {
                continue;
            }
            let keys = few(keys.into_iter());
            let mut problem =
                Problem::new(Code::RulesTie, format!("equally specific rules match {keys}"));
            for (nth, rule) in rules.iter().enumerate() {
                let label = if nth == 0 { "this rule" } else { "and this one" };
                problem = problem.at(self.spans[*rule].clone(), label);
            }
            problems.push(problem.help(
                "make one of the patterns more specific, or add a rule for just these objects",
            ));
        }
    }

    /// Rules that sell nothing.
    fn idle_rules(&self, problems: &mut Vec<Problem>) {
        let mut busy = vec![false; self.patterns.len()];
        for winner in self.winners {
            match winner {
                Winner::Nobody => {}
                Winner::Rule(rule) => busy[*rule] = true,
                Winner::Tie(rules) => rules.iter().for_each(|rule| busy[*rule] = true),
            }
        }
        for rule in (0..busy.len()).filter(|rule| !busy[*rule]) {
            let pattern = &self.patterns[rule];
            if self.patterns[..rule].contains(pattern) {
                continue;
            }
            let matched = self.objects.iter().zip(self.winners);
            let matched: Vec<_> =
                matched.filter(|(object, _)| pattern.matches(&object.key)).collect();
            problems.push(if matched.is_empty() {
                self.matches_nothing(rule)
            } else {
                self.shadowed(rule, &matched)
            });
        }
    }

    fn matches_nothing(&self, rule: usize) -> Problem {
        let text = self.patterns[rule].as_str();
        let near = nearest(text, self.objects.iter().map(|object| object.key.as_str()));
        let help = match near {
            Some(near) if !text.contains('*') => format!("did you mean `{near}`?"),
            _ if !text.contains('*') => format!("for what is in a folder, write `{text}/**`"),
            _ => "remove the rule, or publish the objects that it is for".to_owned(),
        };
        Problem::new(Code::RuleMatchesNothing, format!("the rule `{text}` matches no object"))
            .at(
                self.spans[rule].clone(),
                format!("nothing under {:?} matches", self.origin.get_ref()),
            )
            .help(help)
    }

    fn shadowed(&self, rule: usize, matched: &[(&Found, &Winner)]) -> Problem {
        let text = self.patterns[rule].as_str();
        let winners: BTreeSet<usize> = matched
            .iter()
            .flat_map(|(_, winner)| match winner {
                Winner::Nobody => Vec::new(),
                Winner::Rule(rule) => vec![*rule],
                Winner::Tie(rules) => rules.clone(),
            })
            .collect();
        let names = few(winners.iter().map(|rule| self.patterns[*rule].as_str()));
        let mut problem = Problem::new(
            Code::RuleShadowed,
            format!("the rule `{text}` sells nothing: {names} win all that it matches"),
        )
        .at(
            self.spans[rule].clone(),
            format!("matches {}", few(matched.iter().map(|(o, _)| o.key.as_str()))),
        );
        const SHOWN: usize = 3;
        for winner in winners.iter().take(SHOWN) {
            problem = problem.at(self.spans[*winner].clone(), "more specific");
        }
        problem.help("remove the rule, or the more specific ones: the most specific rule wins, whatever the order")
    }
}
