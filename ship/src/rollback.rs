//! What putting a distribution's configuration back undoes.

use serde_json::Value;

use crate::error::Error;

/// What changes when `then` is put in the place of `now`, a line each; none if nothing does.
///
/// # Errors
///
/// `then` is of another distribution.
pub fn differences(now: &Value, then: &Value) -> Result<Vec<String>, Error> {
    // CloudFront's name for the distribution's creation: never changes, and differs between any two.
    if now["CallerReference"] != then["CallerReference"] {
        return Err(Error::OtherDistribution {});
    }
    let mut changes = Vec::new();
    compare("", now, then, &mut changes);
    Ok(changes)
}

/// One line a value that differs.
fn compare(path: &str, now: &Value, then: &Value, out: &mut Vec<String>) {
    match (now, then) {
        (Value::Object(one), Value::Object(other)) => {
            let absent = other.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(absent) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, &now[key], &then[key], out);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (now, then)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}[{at}]"), now, then, out);
            }
        }
        _ if now == then => {}
        _ => out.push(format!("{path}: {now} becomes {then}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs() {
        let now = json!({"A": {"B": [1, 2], "C": true}, "D": [1]});
        let then = json!({"A": {"B": [1, 3], "C": true, "E": "e"}, "D": []});
        assert_eq!(
            differences(&now, &then).unwrap(),
            ["A.B[1]: 2 becomes 3", "A.E: null becomes \"e\"", "D: [1] becomes []"]
        );
        assert!(differences(&now, &now).unwrap().is_empty());
    }

    #[test]
    fn another_distribution_is_refused() {
        let of = |reference: &str| json!({ "CallerReference": reference });
        assert!(differences(&of("a"), &of("a")).is_ok());
        let error = differences(&of("a"), &of("b")).unwrap_err();
        assert!(error.to_string().contains("is of another distribution"), "{error}");
    }
}
