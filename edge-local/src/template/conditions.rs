//! CloudFormation's conditions.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>

use super::intrinsics::{DEPTH, Resolver, display, shape};
use super::node::Node;

impl Resolver<'_> {
    /// Whether the condition of this name holds.
    pub(super) fn named_condition(&self, name: &str, depth: usize) -> Result<bool, String> {
        let condition = self.section("Conditions", name);
        let condition = condition.ok_or_else(|| format!("there is no condition {name}"))?;
        self.condition(condition, depth + 1)
    }

    fn condition(&self, node: &Node, depth: usize) -> Result<bool, String> {
        if depth > DEPTH {
            return Err("a condition refers to itself".to_owned());
        }
        let [(name, argument)] = node.entries() else { return Err(shape("a condition")) };
        let each = || argument.items().iter().map(|one| self.condition(one, depth + 1));
        match (name.as_str(), argument.items()) {
            ("Condition", _) => self.named_condition(argument.text().unwrap_or_default(), depth),
            ("Fn::Equals", [left, right]) => {
                let text = |node| match self.deep(node, depth) {
                    Some(node) => display(&node),
                    None => Ok(String::new()),
                };
                Ok(text(left)? == text(right)?)
            }
            ("Fn::Not", [one]) => Ok(!self.condition(one, depth + 1)?),
            ("Fn::And", _) => Ok(each().collect::<Result<Vec<_>, _>>()?.into_iter().all(|is| is)),
            ("Fn::Or", _) => Ok(each().collect::<Result<Vec<_>, _>>()?.into_iter().any(|is| is)),
            _ => Err(format!("the condition function {name} is not evaluated here")),
        }
    }
}
