//! Who asks.

use aws_credential_types::provider::ProvideCredentials as _;
use deployment::control_plane::{Answer, Caller, Credentials};

use crate::aws::Aws;
use crate::failure;

pub(crate) async fn caller(aws: &Aws) -> Answer<Caller> {
    let asked = "sts GetCallerIdentity";
    let answer = aws.sts.get_caller_identity().send().await.map_err(failure::sdk(asked))?;
    let told = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match (told(answer.account()), told(answer.arn())) {
        (Some(account), Some(arn)) => {
            // Kept, unless it is kept already or being asked for: buckets need it.
            let _ = aws.account.set(account.clone());
            Ok(Caller { account, arn })
        }
        _ => Err(failure::unreadable(asked, "an answer without an account")),
    }
}

/// The account that buckets must belong to: asked once.
pub(crate) async fn number(aws: &Aws) -> Answer<String> {
    let asked = async || Ok(caller(aws).await?.account);
    aws.account.get_or_try_init(asked).await.cloned()
}

pub(crate) async fn credentials(aws: &Aws) -> Answer<Credentials> {
    let held = aws.signer.provider().provide_credentials().await;
    let held = held.map_err(|error| failure::credentials("the AWS credentials", &error))?;
    Ok(Credentials {
        access_key_id: held.access_key_id().to_owned(),
        secret_access_key: held.secret_access_key().to_owned(),
        session_token: held.session_token().map(str::to_owned),
    })
}
