//! As much of JSON Schema 2020-12 as the extension needs: <https://json-schema.org/draft/2020-12/schema>.
//! A keyword that is not known here makes a schema invalid, so that nothing passes unread.

use serde_json::{Map, Value};

/// Why a value does not match a schema, or a schema cannot be read.
pub(super) fn mismatch(schema: &Value, value: &Value) -> Option<String> {
    look(schema, value, "").err()
}

fn look(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let place = if at.is_empty() { "/" } else { at };
    let Value::Object(schema) = schema else {
        return Err(format!("{place}: its schema is no object"));
    };
    for (keyword, wanted) in schema {
        let holds = match keyword.as_str() {
            "$schema" | "properties" => true,
            "type" => is_of(value, wanted),
            "const" => value == wanted,
            "enum" => wanted.as_array().is_some_and(|all| all.contains(value)),
            "required" => wanted.as_array().into_iter().flatten().all(|name| {
                value.as_object().is_none_or(|members| members.contains_key(text(name)))
            }),
            "additionalProperties" => {
                *wanted == Value::Bool(true) || members(value).all(|name| known(schema, name))
            }
            other => return Err(format!("{place}: the schema's keyword {other:?} is not known")),
        };
        if !holds {
            return Err(format!("{place}: not as {keyword:?} wants it, {wanted}"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, inner) in properties.into_iter().flatten() {
        if let Some(member) = value.get(name) {
            look(inner, member, &format!("{at}/{name}"))?;
        }
    }
    Ok(())
}

fn is_of(value: &Value, wanted: &Value) -> bool {
    match text(wanted) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        _ => false,
    }
}

fn members(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str)
}

fn known(schema: &Map<String, Value>, name: &str) -> bool {
    schema.get("properties").is_some_and(|properties| properties.get(name).is_some())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_matches_and_what_does_not() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "method": { "type": "string", "enum": ["GET"] },
                "kind": { "const": "http" },
                "query": { "type": "object", "properties": { "n": { "type": "number" } } },
            },
            "required": ["method"],
            "additionalProperties": false,
        });
        for good in [
            json!({ "method": "GET" }),
            json!({ "method": "GET", "kind": "http", "query": { "n": 1, "m": "any" } }),
        ] {
            assert_eq!(mismatch(&schema, &good), None, "{good}");
        }
        for (wrong, place) in [
            (json!([]), "/: not as \"type\""),
            (json!({}), "/: not as \"required\""),
            (json!({ "method": "POST" }), "/method: not as \"enum\""),
            (json!({ "method": 1 }), "/method: not as"),
            (json!({ "method": "GET", "kind": "mcp" }), "/kind: not as \"const\""),
            (json!({ "method": "GET", "more": 1 }), "/: not as \"additionalProperties\""),
            (json!({ "method": "GET", "query": { "n": "1" } }), "/query/n: not as \"type\""),
        ] {
            let why = mismatch(&schema, &wrong).unwrap_or_default();
            assert!(why.starts_with(place), "{wrong}: {why}");
        }
    }

    #[test]
    fn nothing_passes_unread() {
        for schema in [
            json!({ "$ref": "https://example.com/schema" }),
            json!({ "$id": "https://example.com/schema" }),
            json!({ "minimum": 1 }),
            json!({ "type": "integer" }),
            json!(true),
            Value::Null,
        ] {
            assert!(mismatch(&schema, &json!(1)).is_some(), "{schema}");
        }
    }
}
