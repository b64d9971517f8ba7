//! `rollback`: a distribution's configuration as a file has it, and what that undoes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Puts a distribution's configuration back as a file has it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What `aws cloudfront get-distribution-config` prints now.
    config: PathBuf,
    /// What it printed then.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Where to write the configuration.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the configuration and prints what changes: nothing, if it prints nothing.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (now, then) = (read(&arguments.config)?, read(&arguments.to)?);
    // CloudFront's name for the distribution's creation: never changes, and differs between any two.
    if now["CallerReference"] != then["CallerReference"] {
        bail!("{} is of another distribution", arguments.to.display());
    }
    fs::write(&arguments.output, serde_json::to_vec_pretty(&then)?)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    let mut changes = Vec::new();
    differences("", &now, &then, &mut changes);
    for change in changes {
        println!("{change}");
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let shown = path.display();
    let text = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let mut answer: Value = serde_json::from_slice(&text).with_context(|| format!("{shown}"))?;
    match answer.get_mut("DistributionConfig") {
        Some(config) => Ok(config.take()),
        None => bail!("{shown}: not what attach.sh keeps"),
    }
}

/// One line a value that differs.
fn differences(path: &str, now: &Value, then: &Value, out: &mut Vec<String>) {
    match (now, then) {
        (Value::Object(one), Value::Object(other)) => {
            let absent = other.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(absent) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differences(&path, &now[key], &then[key], out);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (now, then)) in one.iter().zip(other).enumerate() {
                differences(&format!("{path}[{at}]"), now, then, out);
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
        let mut out = Vec::new();
        let now = json!({"A": {"B": [1, 2], "C": true}, "D": [1]});
        let then = json!({"A": {"B": [1, 3], "C": true, "E": "e"}, "D": []});
        differences("", &now, &then, &mut out);
        assert_eq!(out, ["A.B[1]: 2 becomes 3", "A.E: null becomes \"e\"", "D: [1] becomes []"]);
    }
}
