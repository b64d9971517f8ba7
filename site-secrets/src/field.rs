//! The fields of a document, read with their places.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

/// What is wrong with a document, and where. It never quotes a value: that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Problem(what.into())
    }
}

/// Reads JSON. serde's own message may quote what it read.
pub(crate) fn json(text: &str) -> Result<Value, Problem> {
    serde_json::from_slice(text.as_bytes()).map_err(|error| {
        Problem(format!("is not JSON: line {}, column {}", error.line(), error.column()))
    })
}

/// A value of the document, and the way to it.
pub(crate) struct Field<'j> {
    path: String,
    json: &'j Value,
}

/// An object of the document, and the way to it.
pub(crate) struct Object<'j> {
    path: String,
    json: &'j Map<String, Value>,
}

impl<'j> Field<'j> {
    pub(crate) fn root(json: &'j Value) -> Self {
        Field { path: String::new(), json }
    }

    pub(crate) fn object(&self, known: &[&str]) -> Result<Object<'j>, Problem> {
        let json = self.json.as_object().ok_or_else(|| self.wrong("must be an object"))?;
        match json.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(Object { path: self.path.clone(), json }),
            Some(key) => {
                let known = known.join(", ");
                Err(self.wrong(&format!("has the unknown field \"{key}\"; known are {known}")))
            }
        }
    }

    pub(crate) fn text(&self) -> Result<String, Problem> {
        let text = self.json.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.wrong("must be a text that is not empty"))
    }

    /// A text that can stand in a header or a URL.
    pub(crate) fn token(&self) -> Result<String, Problem> {
        let token = self.text()?;
        match token.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(token),
            false => Err(self.wrong("must be ASCII without spaces")),
        }
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Problem> {
        let texts = self.json.as_array().map(|list| list.iter().map(Value::as_str).collect());
        let texts: Option<Vec<&str>> = texts.flatten();
        let texts = texts.ok_or_else(|| self.wrong("must be a list of texts"))?;
        Ok(texts.into_iter().map(str::to_owned).collect())
    }

    pub(crate) fn wrong(&self, what: &str) -> Problem {
        match self.path.as_str() {
            "" => Problem(what.to_owned()),
            path => Problem(format!("{path} {what}")),
        }
    }
}

impl<'j> Object<'j> {
    pub(crate) fn optional(&self, key: &str) -> Option<Field<'j>> {
        let json = self.json.get(key)?;
        let path = match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        Some(Field { path, json })
    }

    pub(crate) fn required(&self, key: &str) -> Result<Field<'j>, Problem> {
        let path = Field { path: self.path.clone(), json: &Value::Null };
        self.optional(key).ok_or_else(|| path.wrong(&format!("lacks the field \"{key}\"")))
    }

    /// The entries of an object with keys of the seller's; none if it is left out.
    pub(crate) fn entries<T>(
        &self,
        key: &str,
        read: impl Fn(&str, &Field<'_>) -> Result<T, Problem>,
    ) -> Result<BTreeMap<String, T>, Problem> {
        let Some(field) = self.optional(key) else { return Ok(BTreeMap::new()) };
        let json = field.json.as_object().ok_or_else(|| field.wrong("must be an object"))?;
        let mut entries = BTreeMap::new();
        for (name, json) in json {
            let field = Field { path: format!("{key}[\"{name}\"]"), json };
            entries.insert(name.clone(), read(name, &field)?);
        }
        Ok(entries)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
