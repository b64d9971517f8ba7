//! Why a call failed, from what AWS, the SDK or the connection says.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use deployment::control_plane::{Failure, Kind};

use crate::credentials::NoSuchProfile;

/// What the SDK says of a call.
pub(crate) fn sdk<E>(asked: &str) -> impl FnOnce(SdkError<E, HttpResponse>) -> Failure
where
    E: Error + ProvideErrorMetadata + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(refusal) => {
            let (meta, status) = (refusal.err().meta(), refusal.raw().status().as_u16());
            let code = meta.code().map_or_else(|| status.to_string(), str::to_owned);
            let message = meta.message().map_or_else(|| format!("HTTP {status}"), str::to_owned);
            refused(asked, &code, &message)
        }
        SdkError::ConstructionFailure(_) => {
            credentials_in(asked, &error).unwrap_or_else(|| unreadable(asked, &chain(&error)))
        }
        SdkError::ResponseError(_) => unreadable(asked, &chain(&error)),
        // Credentials are asked for on the way, and their absence is told as if nothing could be sent.
        _ => credentials_in(asked, &error).unwrap_or_else(|| unreachable(asked, &chain(&error))),
    }
}

/// AWS said no.
pub(crate) fn refused(asked: &str, code: &str, message: &str) -> Failure {
    failure(asked, kind(code, message), code, message)
}

/// There was no answer.
pub(crate) fn unreachable(asked: &str, message: &str) -> Failure {
    failure(asked, Kind::Unreachable, "", message)
}

/// An answer that AWS does not give, or a question that cannot be asked.
pub(crate) fn unreadable(asked: &str, message: &str) -> Failure {
    failure(asked, Kind::Refused, "", message)
}

/// No credentials to sign with.
pub(crate) fn credentials(asked: &str, error: &CredentialsError) -> Failure {
    let said = chain(error);
    failure(asked, kind_of_credentials(error, &said), "", &said)
}

/// An error and its causes, each once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

fn failure(asked: &str, kind: Kind, code: &str, message: &str) -> Failure {
    // The command line's users read one line.
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    Failure { asked: asked.to_owned(), kind, code: code.to_owned(), message }
}

fn credentials_in(asked: &str, error: &(dyn Error + 'static)) -> Option<Failure> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<CredentialsError>() {
            return Some(credentials(asked, error));
        }
        next = cause.source();
    }
    None
}

fn kind_of_credentials(error: &CredentialsError, said: &str) -> Kind {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if cause.is::<NoSuchProfile>() {
            return Kind::NoProfile;
        }
        next = cause.source();
    }
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return Kind::NoCredentials;
    }
    // A session that ended, and one that never began, are mended alike: by signing in. "Session token not found or invalid"
    // is what IAM Identity Center says of both.
    let text = said.to_lowercase();
    if ["expired", "sso", "session token not found"].iter().any(|sign| text.contains(sign)) {
        return Kind::Expired;
    }
    match kind(said, said) {
        Kind::Refused if text.contains("dispatch failure") => Kind::Unreachable,
        Kind::Refused => Kind::NoCredentials,
        kind => kind,
    }
}

/// The codes that all services share, and how some word them.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn kind(code: &str, message: &str) -> Kind {
    let in_code = |signs: &[&str]| signs.iter().any(|sign| code.contains(sign));
    let in_message = |signs: &[&str]| signs.iter().any(|sign| message.contains(sign));
    if in_code(&["ExpiredToken", "TokenRefreshRequired"])
        || ((message.contains("token") || message.contains("Token")) && message.contains("expired"))
    {
        Kind::Expired
    } else if in_code(&[
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
        "AuthFailure",
        "InvalidAccessKeyId",
    ]) {
        Kind::Unknown
    } else if code == "403"
        || in_code(&["AccessDenied", "UnauthorizedOperation"])
        || in_message(&["AccessDenied", "not authorized"])
    {
        Kind::Denied
    } else if in_code(&["Throttl", "TooManyRequests", "SlowDown", "RequestLimitExceeded"])
        || in_message(&["Rate exceeded"])
    {
        Kind::Throttled
    } else {
        Kind::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_the_kind() {
        for (code, message, wanted) in [
            ("ExpiredTokenException", "", Kind::Expired),
            ("ExpiredToken", "The provided token has expired.", Kind::Expired),
            ("InvalidClientTokenId", "", Kind::Unknown),
            ("UnrecognizedClientException", "", Kind::Unknown),
            ("AccessDeniedException", "", Kind::Denied),
            ("ValidationError", "User x is not authorized to perform y", Kind::Denied),
            ("403", "Forbidden", Kind::Denied),
            ("Throttling", "Rate exceeded", Kind::Throttled),
            ("ThrottlingException", "", Kind::Throttled),
            ("SlowDown", "", Kind::Throttled),
            ("NoSuchDistribution", "", Kind::Refused),
            ("ValidationError", "Stack with id x does not exist", Kind::Refused),
        ] {
            assert_eq!(kind(code, message), wanted, "{code} {message}");
        }
    }

    #[test]
    fn credentials_tell_the_kind() {
        let of = |error: CredentialsError| credentials("sts GetCallerIdentity", &error).kind;
        assert_eq!(of(CredentialsError::not_loaded_no_source()), Kind::NoCredentials);
        assert_eq!(
            of(CredentialsError::provider_error(
                "the SSO token has expired and cannot be refreshed"
            )),
            Kind::Expired
        );
        assert_eq!(
            of(CredentialsError::provider_error("AccessDenied: may not assume the role")),
            Kind::Denied
        );
        assert_eq!(of(CredentialsError::provider_error("the process failed")), Kind::NoCredentials);
    }
}
