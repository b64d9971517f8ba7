//! Records what a stack's deployment made, as `paywall deploy` and `attach` do, for tests of the check alone:
//! `record BUCKET STACK DISTRIBUTION VERSION-ARN WEB-ACL-ARN PATTERN…`.

// The futures of the SDK lie deep in each other.
#![recursion_limit = "256"]

use aws_control_plane::Aws;
use deployment::check::{Made, begin_change, record};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bucket, stack, distribution, version, web_acl, guarded @ ..] = arguments.as_slice() else {
        return Err("arguments are missing".into());
    };
    let aws = Aws::from_environment().await;
    if guarded.is_empty() {
        begin_change(&aws, bucket, stack, distribution)
            .await
            .map_err(|failure| failure.to_string())?;
        return Ok(());
    }
    let web_acl = (!web_acl.is_empty()).then_some(&**web_acl);
    let made = Made {
        stack,
        distribution,
        version,
        guarded,
        web_acl,
        config: None,
        owned: None,
        closed: false,
    };
    record(&aws, bucket, &made).await.map_err(|failure| failure.to_string())??;
    Ok(())
}
