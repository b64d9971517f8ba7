//! Systems Manager's parameters.

use deployment::control_plane::{Answer, Parameter};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::signed::Service;
use crate::{failure, json_call};

pub(crate) async fn one(aws: &Aws, name: &str) -> Answer<Option<Parameter>> {
    let asked = "ssm GetParameter";
    let answer = call(aws, asked, &json!({"Name": name, "WithDecryption": true})).await;
    let answer = match answer {
        Err(failure)
            if matches!(
                failure.code.as_str(),
                "ParameterNotFound" | "ParameterVersionNotFound"
            ) =>
        {
            return Ok(None);
        }
        answer => answer?,
    };
    let told = &answer["Parameter"];
    let version = told["Version"].as_u64();
    match (version, told["Value"].as_str()) {
        (Some(version), Some(value)) => Ok(Some(Parameter {
            version,
            value: value.to_owned(),
            written: written(&told["LastModifiedDate"]),
        })),
        _ => Err(failure::unreadable(asked, "an answer without a version or a value")),
    }
}

/// Seconds since 1970, with a fraction, as ISO 8601.
fn written(told: &Value) -> String {
    let milliseconds = told.as_f64().map(|seconds| (seconds * 1_000.0).round());
    #[allow(clippy::cast_possible_truncation, reason = "floats saturate, and jiff has bounds")]
    let time = milliseconds.and_then(|told| Timestamp::from_millisecond(told as i64).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}

pub(crate) async fn key(aws: &Aws, name: &str) -> Answer<Option<String>> {
    let filter = json!([{"Key": "Name", "Option": "Equals", "Values": [name]}]);
    let mut question = json!({ "ParameterFilters": filter });
    // A page may be empty, and not the last.
    loop {
        let answer = call(aws, "ssm DescribeParameters", &question).await?;
        if let Some(told) = answer["Parameters"].as_array().and_then(|found| found.first()) {
            return Ok(told["KeyId"].as_str().map(str::to_owned));
        }
        match answer["NextToken"].as_str().filter(|token| !token.is_empty()) {
            Some(token) => question["NextToken"] = token.into(),
            None => return Ok(None),
        }
    }
}

pub(crate) async fn put(
    aws: &Aws,
    name: &str,
    value: &str,
    key: Option<&str>,
    overwrite: bool,
) -> Answer<u64> {
    let asked = "ssm PutParameter";
    let mut question =
        json!({"Name": name, "Value": value, "Type": "SecureString", "Overwrite": overwrite});
    if let Some(key) = key {
        question["KeyId"] = key.into();
    }
    let answer = call(aws, asked, &question).await?;
    let version = answer["Version"].as_u64();
    version.ok_or_else(|| failure::unreadable(asked, "an answer without a version"))
}

pub(crate) async fn delete(aws: &Aws, name: &str) -> Answer<()> {
    call(aws, "ssm DeleteParameter", &json!({ "Name": name })).await.map(drop)
}

async fn call(aws: &Aws, asked: &str, question: &Value) -> Answer<Value> {
    json_call::call(aws, Service::Ssm, "AmazonSSM", asked, question).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_iso() {
        assert_eq!(written(&json!(1_700_000_000.25)), "2023-11-14T22:13:20.25Z");
        assert_eq!(written(&json!(1_700_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(written(&json!(null)), "");
    }
}
