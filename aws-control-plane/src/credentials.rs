//! What signs: the SDK's chain of providers, asked once for all that sign.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_config::profile::{self, ProfileSet};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use tokio::sync::Mutex;

/// Credentials are fetched anew when they end sooner. Longer than the SDK's own ten seconds, so that the two agree.
const LEFT: Duration = Duration::from_secs(60);

/// A chain's last answer: each asking may start a process, or call a service.
pub(crate) struct Held {
    chain: Option<SharedCredentialsProvider>,
    last: Mutex<Option<Credentials>>,
}

/// `AWS_PROFILE` names a profile that no file has.
#[derive(Debug)]
pub(crate) struct NoSuchProfile(String);

impl fmt::Display for NoSuchProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the profile {} could not be found", self.0)
    }
}

impl std::error::Error for NoSuchProfile {}

impl Held {
    pub(crate) fn new(chain: Option<SharedCredentialsProvider>) -> Held {
        Held { chain, last: Mutex::new(None) }
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut last = self.last.lock().await;
        let soon = SystemTime::now() + LEFT;
        if let Some(held) = last.as_ref().filter(|held| held.expiry().is_none_or(|end| end > soon))
        {
            return Ok(held.clone());
        }
        let Some(chain) = &self.chain else {
            return Err(CredentialsError::not_loaded_no_source());
        };
        match chain.provide_credentials().await {
            Ok(fresh) => Ok(last.insert(fresh).clone()),
            Err(error) => match missing_profile().await {
                Some(missing) => Err(CredentialsError::invalid_configuration(missing)),
                None => Err(error),
            },
        }
    }
}

/// The chain goes on to the machine's role if there is no such profile, and then says nothing of it.
async fn missing_profile() -> Option<NoSuchProfile> {
    let name = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty())?;
    let files = EnvConfigFiles::default();
    let profiles: ProfileSet = profile::load(&Fs::real(), &Env::real(), &files, None).await.ok()?;
    profiles.get_profile(&name).is_none().then_some(NoSuchProfile(name))
}

impl ProvideCredentials for Held {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}
