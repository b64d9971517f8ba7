//! YAML and JSON as trees that know their lines.
//!
//! JSON is YAML too, so one parser (`saphyr`) reads both. CloudFormation's short forms become its
//! long ones, `!Ref X` `{"Ref": "X"}`, and scalars stay text, since CloudFormation makes no difference
//! between `true` and `"true"`.

use saphyr::{MarkedYaml, Scalar, Tag, YamlData, YamlLoader};
use saphyr_parser::Parser;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Line in the file, from 1.
    pub(super) line: usize,
    /// What stands there.
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// A string, number or boolean, as written.
    Text(String),
    /// A resource of the template, by logical id; only in resolved trees.
    Resource(String),
    /// Something that only AWS knows, and why; only in resolved trees.
    Unknown(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the file's order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The one document in `source`.
    ///
    /// # Errors
    ///
    /// What is wrong with the syntax, and where.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
        // Text as written: `010` is no eight, and `2012-10-17` no date.
        loader.early_parse(false);
        let loaded = Parser::new_from_str(source).load(&mut loader, true);
        loaded.map_err(|error| error.to_string())?;
        if let Some(error) = loader.error() {
            return Err(error.to_string());
        }
        match loader.into_documents().as_slice() {
            [document] => Ok(Self::from(document)),
            documents => Err(format!("it holds {} YAML documents instead of one", documents.len())),
        }
    }

    /// The value of a mapping's key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The entries of a mapping; none for other values.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list, whether written as CloudFormation does or as the CloudFront API does
    /// (`{"Quantity": 1, "Items": [...]}`); none for other values.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Map(_) => self.get("Items").map_or(&[], Self::items),
            _ => &[],
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether the value says nothing: absent in all but name, empty, `false`, or a list of nothing.
    pub(super) fn is_off(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::Text(text) => text.is_empty() || text == "false",
            Value::Resource(_) | Value::Unknown(_) => false,
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => match (self.get("Enabled"), self.get("Quantity")) {
                (Some(switch), _) => switch.is_off(),
                (None, Some(quantity)) => quantity.text() == Some("0"),
                (None, None) => entries.is_empty(),
            },
        }
    }
}

impl From<&MarkedYaml<'_>> for Node {
    fn from(yaml: &MarkedYaml<'_>) -> Self {
        let line = yaml.span.start.line();
        let tagged = |tag: &Tag, value| match intrinsic(tag) {
            Some(name) => Value::Map(vec![(name, Self { line, value })]),
            None => value,
        };
        let value = match &yaml.data {
            YamlData::Representation(text, style, tag) => {
                let plain = Scalar::parse_from_cow_and_metadata(text.clone(), *style, None);
                let value = match plain {
                    Some(Scalar::Null) => Value::Null,
                    _ => Value::Text(text.to_string()),
                };
                match tag {
                    Some(tag) => tagged(tag, value),
                    None => value,
                }
            }
            YamlData::Tagged(tag, inner) => tagged(tag, Self::from(&**inner).value),
            YamlData::Sequence(items) => Value::List(items.iter().map(Self::from).collect()),
            YamlData::Mapping(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| {
                        let key = match Self::from(key).value {
                            Value::Text(text) => text,
                            _ => String::new(),
                        };
                        (key, Self::from(value))
                    })
                    .collect(),
            ),
            YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => Value::Null,
        };
        Self { line, value }
    }
}

/// The long form of a tag such as `!Sub`; `None` for YAML's own tags.
fn intrinsic(tag: &Tag) -> Option<String> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", name) => Some(format!("Fn::{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_are_one() {
        let short =
            Node::parse("a: !Ref X\nb: !If [Yes, !Sub '${A}/b', !GetAtt [B, Arn]]").unwrap();
        let long = Node::parse(
            r#"{"a": {"Ref": "X"},
                "b": {"Fn::If": ["Yes", {"Fn::Sub": "${A}/b"}, {"Fn::GetAtt": ["B", "Arn"]}]}}"#,
        )
        .unwrap();
        for key in ["a", "b"] {
            assert_eq!(
                format!("{:?}", short.get(key)).replace("line: 2", "line: 1"),
                format!("{:?}", long.get(key)).replace("line: 2", "line: 1")
            );
        }
    }

    #[test]
    fn scalars_stay_as_written_and_know_their_line() {
        let node = Node::parse("a: 010\nb: 2012-10-17\nc: yes\nd:\ne: ''\nf: \"null\"").unwrap();
        let text = |key: &str| node.get(key).unwrap().value.clone();
        assert_eq!(text("a"), Value::Text("010".into()));
        assert_eq!(text("b"), Value::Text("2012-10-17".into()));
        assert_eq!(text("d"), Value::Null);
        assert_eq!(text("e"), Value::Text(String::new()));
        assert_eq!(text("f"), Value::Text("null".into()));
        assert_eq!(node.get("c").unwrap().line, 3);
    }

    #[test]
    fn broken_files_are_named() {
        assert!(Node::parse("a: [").is_err());
        assert!(Node::parse("").is_err());
        assert!(Node::parse("a: 1\n---\nb: 2").is_err());
        assert!(
            Node::parse("a: 1\na: 2").is_err(),
            "CloudFormation refuses a key that stands twice"
        );
    }
}
