//! The executable: AWS, the clock and standard output for the rest of the crate.

// The futures of the SDK lie deep in each other.
#![recursion_limit = "256"]

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_control_plane::Aws;
use bookkeeper::{Event, Settings, ledger, lines, look};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use ship::s3::{Access, Credentials};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let variable = |name: &str| env::var(name).ok();
    if let Some(settings) = ledger::Settings::read(variable)? {
        let aws = Aws::from_environment().await;
        let (aws, settings) = (&aws, &settings);
        return run(service_fn(async move |event: LambdaEvent<Event>| {
            keep(aws, settings, event).await
        }))
        .await;
    }
    let settings = Settings::read(variable)?;
    let aws = Aws::from_environment().await;
    let (aws, settings) = (&aws, &settings);
    run(service_fn(async move |event: LambdaEvent<Event>| {
        handle(aws, settings, &event.payload).await
    }))
    .await
}

async fn handle(aws: &Aws, settings: &Settings, event: &Event) -> Result<Value, Error> {
    let checked = look(aws, settings).await.map_err(|failure| failure.to_string())?;
    for line in lines(&checked, settings, event, milliseconds()?) {
        println!("{line}");
    }
    Ok(json!({"findings": checked.findings.len()}))
}

async fn keep(
    aws: &Aws,
    settings: &ledger::Settings,
    event: LambdaEvent<Event>,
) -> Result<Value, Error> {
    let plan = settings.plan(aws).await?;
    // Those of the role, which Lambda renews between invocations.
    let credentials = Credentials::from_environment().map_err(|error| error.to_string())?;
    let access = Access { credentials, owner: Some(settings.owner.clone()) };
    let endpoint = env::var("AWS_ENDPOINT_URL_S3").ok().map(|url| url.parse()).transpose()?;
    let deadline = event.context.deadline;
    let left = || deadline.saturating_sub(milliseconds().unwrap_or(u64::MAX));
    let report = ledger::keep(&plan, access, endpoint, left).await?;
    for line in ledger::lines(&report, settings, &event.payload, milliseconds()?) {
        println!("{line}");
    }
    Ok(json!({"days": report.days, "wrong": report.wrong.len()}))
}

fn milliseconds() -> Result<u64, Error> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}
