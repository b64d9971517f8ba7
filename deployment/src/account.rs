//! Who deploys, and where.

use std::env;

use ship::s3::{Access, Credentials};

use crate::Error;
use crate::control_plane::{Caller, ControlPlane, REGION};
use crate::error::while_asking;

/// Asks AWS who this is.
pub(crate) async fn ask(plane: &impl ControlPlane) -> Result<Caller, Error> {
    plane.caller().await.map_err(while_asking("asking AWS who this is"))
}

/// Who it is, and where this goes.
pub(crate) fn sentence(caller: &Caller) -> String {
    let mut said = format!("{} as {}, Region {REGION}", caller.account, caller.arn);
    let named =
        ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter_map(|name| env::var(name).ok());
    if let Some(other) = named.filter(|name| !name.is_empty()).find(|name| name != REGION) {
        said += &format!(
            "\n(AWS_REGION is {other}: Lambda@Edge lives in {REGION}, so that is where this goes)"
        );
    }
    said
}

/// Asks AWS who this is, and says it.
pub(crate) async fn sign_in(plane: &impl ControlPlane) -> Result<Caller, Error> {
    let caller = ask(plane).await?;
    println!("account {}", sentence(&caller));
    Ok(caller)
}

/// What signs requests to S3.
pub(crate) async fn credentials(plane: &impl ControlPlane) -> Result<Credentials, Error> {
    let signer = plane.credentials().await.map_err(while_asking("asking for credentials"))?;
    Ok(Credentials {
        access_key_id: signer.access_key_id,
        secret_access_key: signer.secret_access_key,
        session_token: signer.session_token,
    })
}

/// What signs requests to S3, and, at Amazon, whose the bucket must be.
///
/// # Errors
///
/// There are no credentials, or AWS does not know them.
pub async fn access(plane: &impl ControlPlane, elsewhere: bool) -> Result<Access, Error> {
    let credentials = credentials(plane).await?;
    let owner = if elsewhere { None } else { Some(ask(plane).await?.account) };
    Ok(Access { credentials, owner })
}
