//! CloudFormation's functions, as far as a distribution needs them.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
//!
//! What only a deployment knows does not stop the reading: a parameter without a default stands as
//! `<Name>`, a resource as itself, and anything else as [`Value::Unknown`], which is an error only
//! where it matters.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Node, Value};

/// How deep functions and conditions may lead; beyond it they go in a circle.
pub(super) const DEPTH: usize = 64;

/// Resolves the functions of one template.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    template: &'a Node,
    parameters: &'a BTreeMap<String, String>,
}

impl<'a> Resolver<'a> {
    /// A resolver with values for parameters; others have the template's defaults.
    pub(super) fn new(template: &'a Node, parameters: &'a BTreeMap<String, String>) -> Self {
        Self { template, parameters }
    }

    /// Parameters that were given a value and that the template does not have.
    pub(super) fn unknown_parameters(&self) -> BTreeSet<&str> {
        let known = |name: &str| self.section("Parameters", name).is_some();
        self.parameters.keys().map(String::as_str).filter(|name| !known(name)).collect()
    }

    /// A resource's type and properties; `None` if there is none, or its condition is false.
    pub(super) fn resource(&self, id: &str) -> Option<(&'a str, Option<&'a Node>)> {
        let resource = self.section("Resources", id)?;
        if let Some(condition) = resource.get("Condition").and_then(Node::text)
            && self.named_condition(condition, 0) == Ok(false)
        {
            return None;
        }
        Some((resource.get("Type")?.text()?, resource.get("Properties")))
    }

    /// `node` without functions; `None` where they come to `AWS::NoValue`.
    pub(super) fn resolve(&self, node: &Node) -> Option<Node> {
        self.deep(node, 0)
    }

    pub(super) fn section(&self, section: &str, name: &str) -> Option<&'a Node> {
        self.template.get(section)?.get(name)
    }

    pub(super) fn deep(&self, node: &Node, depth: usize) -> Option<Node> {
        let line = node.line;
        let at = |value| Some(Node { line, value });
        if depth > DEPTH {
            return at(Value::Unknown("it refers to itself".to_owned()));
        }
        match &node.value {
            Value::List(items) => at(Value::List(
                items.iter().filter_map(|item| self.deep(item, depth + 1)).collect(),
            )),
            Value::Map(entries) => match entries.as_slice() {
                [(name, argument)] if is_function(name) => {
                    let called = self.call(name, argument, depth + 1);
                    match called.unwrap_or_else(|reason| Some(Value::Unknown(reason))) {
                        Some(value) => at(value),
                        None => None,
                    }
                }
                entries => at(Value::Map(
                    entries
                        .iter()
                        .filter_map(|(key, value)| {
                            Some((key.clone(), self.deep(value, depth + 1)?))
                        })
                        .collect(),
                )),
            },
            other => at(other.clone()),
        }
    }

    /// A function's value; `None` is `AWS::NoValue`.
    fn call(&self, name: &str, argument: &Node, depth: usize) -> Result<Option<Value>, String> {
        if name == "Ref" {
            return self.reference(argument.text().unwrap_or_default());
        }
        if name == "Fn::Sub" {
            return self.substitute(argument, depth).map(Some);
        }
        if name == "Fn::If" {
            let [condition, yes, no] = argument.items() else { return Err(shape(name)) };
            let chosen = if self.named_condition(condition.text().unwrap_or_default(), depth)? {
                yes
            } else {
                no
            };
            return Ok(self.deep(chosen, depth).map(|node| node.value));
        }
        let Some(argument) = self.deep(argument, depth) else { return Err(shape(name)) };
        let texts = |node: &Node| node.items().iter().map(display).collect::<Result<Vec<_>, _>>();
        match (name, argument.items()) {
            ("Fn::GetAtt", items) => {
                let (id, attribute) = match (argument.text(), items) {
                    (Some(text), _) => text.split_once('.').ok_or_else(|| shape(name))?,
                    (None, [id, attribute]) => {
                        (id.text().unwrap_or_default(), attribute.text().unwrap_or_default())
                    }
                    _ => return Err(shape(name)),
                };
                self.attribute(id, attribute).map(Some)
            }
            ("Fn::Join", [separator, list]) => {
                let separator = display(separator)?;
                Ok(Some(Value::Text(texts(list)?.join(&separator))))
            }
            ("Fn::Split", [separator, text]) => {
                let (separator, text) = (display(separator)?, display(text)?);
                let parts = text.split(separator.as_str());
                let node =
                    |part: &str| Node { line: argument.line, value: Value::Text(part.into()) };
                Ok(Some(Value::List(parts.map(node).collect())))
            }
            ("Fn::Select", [index, list]) => {
                let index: usize = display(index)?.parse().map_err(|_| shape(name))?;
                let chosen = list.items().get(index).ok_or("the list is shorter")?;
                Ok(Some(chosen.value.clone()))
            }
            ("Fn::FindInMap", [map, first, second]) => {
                let path = [display(map)?, display(first)?, display(second)?];
                let found = self
                    .section("Mappings", &path[0])
                    .and_then(|map| map.get(&path[1])?.get(&path[2]))
                    .ok_or_else(|| format!("Mappings hold no {}", path.join(".")))?;
                Ok(Some(found.value.clone()))
            }
            ("Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::FindInMap", _) => Err(shape(name)),
            _ => Err(format!("{name} is not evaluated here")),
        }
    }

    fn reference(&self, name: &str) -> Result<Option<Value>, String> {
        // The account and stack of AWS's own examples.
        let pseudo = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::AccountId" => Some("111122223333"),
            "AWS::Partition" => Some("aws"),
            "AWS::Region" => Some("us-east-1"),
            "AWS::StackName" => Some("local"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::StackId" => {
                Some("arn:aws:cloudformation:us-east-1:111122223333:stack/local/00000000")
            }
            _ => None,
        };
        if let Some(value) = pseudo {
            return Ok(Some(Value::Text(value.to_owned())));
        }
        if let Some(parameter) = self.section("Parameters", name) {
            return Ok(Some(self.parameter(name, parameter)));
        }
        match self.resource(name) {
            Some(_) => Ok(Some(Value::Resource(name.to_owned()))),
            None => Err(format!("the template has no parameter or resource {name}")),
        }
    }

    fn parameter(&self, name: &str, parameter: &Node) -> Value {
        let given = self.parameters.get(name).cloned();
        let default = || match &parameter.get("Default")?.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let kind = parameter.get("Type").and_then(Node::text).unwrap_or("String");
        let is_looked_up = kind.starts_with("AWS::SSM::Parameter::Value");
        let Some(text) = given.or_else(|| if is_looked_up { None } else { default() }) else {
            return Value::Text(format!("<{name}>"));
        };
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            let node = |item: &str| Node {
                line: parameter.line,
                value: Value::Text(item.trim().to_owned()),
            };
            return Value::List(text.split(',').map(node).collect());
        }
        Value::Text(text)
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<Value, String> {
        let (kind, _) =
            self.resource(id).ok_or_else(|| format!("the template has no resource {id}"))?;
        match (kind, attribute) {
            // What stands for the resource itself.
            ("AWS::Lambda::Version", "FunctionArn")
            | (
                "AWS::CloudFront::OriginAccessControl"
                | "AWS::CloudFront::CachePolicy"
                | "AWS::CloudFront::ResponseHeadersPolicy"
                | "AWS::CloudFront::OriginRequestPolicy",
                "Id",
            )
            | ("AWS::S3::Bucket", "DomainName" | "RegionalDomainName") => {
                Ok(Value::Resource(id.to_owned()))
            }
            _ => Ok(Value::Text(format!("<{id}.{attribute}>"))),
        }
    }

    /// `Fn::Sub`, with or without names of its own.
    fn substitute(&self, argument: &Node, depth: usize) -> Result<Value, String> {
        let (text, own) = match (&argument.value, argument.items()) {
            (Value::Text(text), _) => (text.as_str(), None),
            (_, [text, own]) => (text.text().unwrap_or_default(), Some(own)),
            _ => return Err(shape("Fn::Sub")),
        };
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| shape("Fn::Sub"))?;
            done.push_str(before);
            match (name.strip_prefix('!'), own.and_then(|own| own.get(name))) {
                (Some(literal), _) => done.push_str(&format!("${{{literal}}}")),
                (None, Some(value)) => {
                    let value = self.deep(value, depth).ok_or_else(|| shape("Fn::Sub"))?;
                    done.push_str(&display(&value)?);
                }
                (None, None) => {
                    let value = match name.trim().split_once('.') {
                        Some((id, attribute)) => Some(self.attribute(id, attribute)?),
                        None => self.reference(name.trim())?,
                    };
                    let value = value.ok_or_else(|| shape("Fn::Sub"))?;
                    done.push_str(&display(&Node { line: argument.line, value })?);
                }
            }
            rest = after;
        }
        done.push_str(rest);
        Ok(Value::Text(done))
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

pub(super) fn shape(function: &str) -> String {
    format!("{function} is not written as CloudFormation wants it")
}

/// A value as text.
pub(super) fn display(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Null => Ok(String::new()),
        Value::Text(text) => Ok(text.clone()),
        Value::Resource(id) => Ok(format!("<{id}>")),
        Value::Unknown(reason) => Err(reason.clone()),
        Value::List(items) => {
            Ok(items.iter().map(display).collect::<Result<Vec<_>, _>>()?.join(","))
        }
        Value::Map(_) => Err("a mapping stands where text is wanted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  Prefix: {Type: String, Default: ''}
  Bucket: {Type: String}
  Names: {Type: CommaDelimitedList, Default: 'a.example, b.example'}
Conditions:
  HasPrefix: !Not [!Equals [!Ref Prefix, '']]
  Both: !And [!Condition HasPrefix, !Equals [a, a]]
  Loop: !Condition Loop
Mappings: {Sizes: {small: {ttl: 60}}}
Resources:
  Version: {Type: 'AWS::Lambda::Version'}
  Files: {Type: 'AWS::S3::Bucket'}
  Extra: {Type: 'AWS::S3::Bucket', Condition: HasPrefix}
"#;

    fn resolved(parameters: &[(&str, &str)], node: &str) -> Option<Value> {
        let template = Node::parse(TEMPLATE).unwrap();
        let parameters =
            parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let resolver = Resolver::new(&template, &parameters);
        resolver.resolve(&Node::parse(node).unwrap()).map(|node| node.value)
    }

    #[track_caller]
    fn is_text(parameters: &[(&str, &str)], node: &str, text: &str) {
        assert_eq!(resolved(parameters, node), Some(Value::Text(text.into())), "{node}");
    }

    #[test]
    fn functions() {
        is_text(&[], "!Ref Prefix", "");
        is_text(&[], "!Ref Bucket", "<Bucket>");
        is_text(
            &[("Bucket", "b")],
            "!Sub '/${Bucket}/${!Literal}/${AWS::Region}'",
            "/b/${Literal}/us-east-1",
        );
        is_text(
            &[],
            "!Sub ['${X}-${Files.Arn}', {X: !Ref AWS::AccountId}]",
            "111122223333-<Files.Arn>",
        );
        is_text(&[], "!Join ['-', [a, !Ref Bucket]]", "a-<Bucket>");
        is_text(&[], "!Select [1, !Ref Names]", "b.example");
        is_text(&[], "!Select [0, !Split [':', 'x:y']]", "x");
        is_text(&[], "!FindInMap [Sizes, small, ttl]", "60");
        is_text(&[("Prefix", "p")], "!If [Both, yes, no]", "yes");
        is_text(&[], "!If [Both, yes, no]", "no");
        for node in ["!Ref Version", "!GetAtt Version.FunctionArn"] {
            assert_eq!(resolved(&[], node), Some(Value::Resource("Version".into())));
        }
        assert_eq!(resolved(&[], "!If [HasPrefix, x, !Ref AWS::NoValue]"), None);
    }

    #[test]
    fn lists_lose_what_has_no_value() {
        let list = resolved(&[], "[a, !If [HasPrefix, x, !Ref AWS::NoValue]]").unwrap();
        let Value::List(items) = list else { panic!("{list:?}") };
        assert_eq!(items.len(), 1);
    }

    #[test]
    fn what_cannot_be_known_says_why() {
        for (node, reason) in [
            ("!ImportValue x", "not evaluated"),
            ("!Ref Nobody", "no parameter or resource Nobody"),
            ("!Ref Extra", "no parameter or resource Extra"),
            ("!If [Loop, a, b]", "refers to itself"),
            ("!If [Nobody, a, b]", "no condition Nobody"),
            ("!Select [9, [a]]", "shorter"),
            ("!Join [a]", "not written as"),
        ] {
            let Some(Value::Unknown(why)) = resolved(&[], node) else { panic!("{node} is known") };
            assert!(why.contains(reason), "{node}: {why}");
        }
    }
}
