//! What the loop asks nodes of a chain.

use super::effect::Effect;
use super::evidence::{Finding, Search, Sought};
use super::facts::time_left;
use super::look;
use super::machine::{Purchase, Step};
use super::order::{Nodes, Settings, transfer};
use super::reason::{self, Refused};
use super::record::Why;
use super::state::{Doubt, State, Target};
use crate::limits;
use crate::node::{NodeCall, Question};

impl<S: Settings> Purchase<'_, S> {
    fn ask_nodes(
        &self,
        nodes: &Nodes,
        questions: Vec<Vec<Question>>,
        network: &str,
    ) -> Option<Effect> {
        let timeout_ms = time_left(self.order.deadline, self.now)?;
        let calls = nodes.urls.iter().zip(questions).map(|(url, questions)| NodeCall {
            network: network.to_owned(),
            url: url.clone(),
            questions,
            timeout_ms,
        });
        Some(Effect::Node { calls: calls.collect(), look: false })
    }

    pub(super) fn look(&mut self) -> Step {
        let order = &self.order;
        let nodes = self.settings.nodes(&order.bill.network);
        let (Some(nodes), Some((_, transfer))) = (nodes, transfer(&order.mark, &order.bill)) else {
            return self.begin();
        };
        let questions = nodes.urls.iter().map(|_| look::questions(&transfer)).collect();
        match self.ask_nodes(&nodes, questions, &order.bill.network) {
            Some(Effect::Node { mut calls, .. }) => {
                for call in &mut calls {
                    call.timeout_ms = call.timeout_ms.min(limits::LOOK_MS);
                }
                Step::Ask(Effect::Node { calls, look: true }, State::Look)
            }
            _ => self.late(),
        }
    }

    pub(super) fn reason(&mut self, code: String, about_payer: bool) -> Step {
        let (order, settings) = (self.order.clone(), self.settings);
        let network = &order.bill.network;
        let nodes = settings.nodes(network);
        let chain = transfer(&order.mark, &order.bill);
        let (Some(nodes), Some((chain_id, transfer))) = (nodes, chain) else {
            let facilitator = self.memory.target.as_ref().map(|open| open.facilitator.clone());
            let facilitator = facilitator.unwrap_or_default();
            let believed = about_payer
                || (self.is_proven() && self.reader(&facilitator).believed_without_node(&code));
            return match believed {
                true => self.close(Why::Refused, code),
                false => {
                    self.doubted(format!("{code}, whose reason cannot be seen without a node"))
                }
            };
        };
        let refused = Refused {
            chain_id,
            transfer,
            call: order.call.clone(),
            valid_after: order.valid_after,
            about_payer,
        };
        let questions = nodes.urls.iter().map(|_| reason::first()).collect();
        match self.ask_nodes(&nodes, questions, network) {
            Some(effect) => {
                let doubt = Box::new(Doubt { refused, code });
                Step::Ask(effect, State::ReasonHeight(doubt))
            }
            None => self.doubted("no time left to see a refusal's reason".into()),
        }
    }

    pub(super) fn ask_reason(&mut self, doubt: Box<Doubt>, heights: Vec<Option<u64>>) -> Step {
        let network = self.order.bill.network.clone();
        let Some(mut nodes) = self.settings.nodes(&network) else { return self.recall() };
        let mut asked = heights.iter();
        nodes.urls.retain(|_| asked.next().is_some_and(Option::is_some));
        let known = heights.iter().flatten();
        let questions = known.map(|height| reason::second(&doubt.refused, *height)).collect();
        match self.ask_nodes(&nodes, questions, &network) {
            Some(effect) => Step::Ask(effect, State::ReasonSeen(doubt, heights)),
            None => self.doubted("no time left to see a refusal's reason".into()),
        }
    }

    pub(super) fn evidence(&mut self, target: Target) -> Step {
        if let Target::Closed(at) = target {
            let held = self.memory.held.as_ref();
            let closed = held.and_then(|held| held.account.closed.get(at));
            self.memory.target = closed.map(|closed| closed.reopened());
        }
        self.evidence_at(0, None, target)
    }

    pub(super) fn evidence_at(
        &mut self,
        at: usize,
        first: Option<Finding>,
        target: Target,
    ) -> Step {
        let Some(open) = self.memory.target.clone() else { return self.recall() };
        let nodes = self.settings.nodes(&open.bill.network);
        match nodes.and_then(|nodes| Sought::of(&open, nodes.confirmations)) {
            Some(sought) => self.ask_chain(Search::new(sought), at, first, target),
            None => self.later(target),
        }
    }

    pub(super) fn ask_chain(
        &mut self,
        search: Search,
        at: usize,
        first: Option<Finding>,
        target: Target,
    ) -> Step {
        let network = self.memory.target.as_ref().map(|open| open.bill.network.clone());
        let network = network.unwrap_or_default();
        let nodes = self.settings.nodes(&network).and_then(|nodes| {
            let url = nodes.urls.get(at)?.clone();
            Some(Nodes { urls: vec![url], ..nodes })
        });
        let effect = nodes.and_then(|n| self.ask_nodes(&n, vec![search.questions()], &network));
        match effect {
            Some(effect) => Step::Ask(effect, State::Evidence(Box::new(search), at, first, target)),
            None => {
                self.note("no time left to look at the chain".into());
                self.later(target)
            }
        }
    }

    pub(super) fn another_node(&self, at: usize) -> bool {
        let network = self.memory.target.as_ref().map(|open| &open.bill.network);
        let nodes = network.and_then(|network| self.settings.nodes(network));
        nodes.is_some_and(|nodes| at + 1 < nodes.urls.len())
    }

    pub(super) fn close_target(&mut self, target: Target, why: Why, code: String) -> Step {
        match target {
            Target::Open => self.close(why, code),
            // It was refused, and spent on something else: for its buyer it is used.
            Target::Closed(_) => self.refuse(self.used()),
        }
    }
}
