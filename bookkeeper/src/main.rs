//! The executable: AWS, the clock and standard output for the rest of the crate.

// The futures of the SDK lie deep in each other.
#![recursion_limit = "256"]

use std::time::{SystemTime, UNIX_EPOCH};

use aws_control_plane::Aws;
use bookkeeper::{Event, Settings, lines, look};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let aws = Aws::from_environment().await;
    let (aws, settings) = (&aws, &settings);
    run(service_fn(async move |event: LambdaEvent<Event>| {
        handle(aws, settings, &event.payload).await
    }))
    .await
}

async fn handle(aws: &Aws, settings: &Settings, event: &Event) -> Result<Value, Error> {
    let checked = look(aws, settings).await.map_err(|failure| failure.to_string())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    for line in lines(&checked, settings, event, u64::try_from(now)?) {
        println!("{line}");
    }
    Ok(json!({"findings": checked.findings.len()}))
}
