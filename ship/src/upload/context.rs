//! What an upload is told by whoever runs it.

use std::pin::Pin;

use super::live::Live;
use crate::keeper::Keeper;
use crate::s3::Access;

/// Has CloudFront drop its copies of a distribution's paths; fails with the reason.
pub type Invalidate<'a> = dyn Fn(String, Vec<String>) -> Invalidated<'a> + 'a;

/// An invalidation under way.
pub type Invalidated<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

/// Asks once more what is live, before something is deleted.
pub type Again<'a> = dyn Fn() -> Said<'a> + 'a;

/// The answer under way.
pub type Said<'a> = Pin<Box<dyn Future<Output = Live> + 'a>>;

/// What an upload is told by whoever runs it: what its command line does not say.
pub struct Context<'a> {
    /// By whose leave, and whose the bucket must be.
    pub access: Access,
    /// The table that is live, unless `--deployed` or `--not-deployed` says.
    pub live: Live,
    /// How that is asked once more; without it, nothing else is known.
    pub again: Option<&'a Again<'a>>,
    /// The bucket, unless `--bucket` names one.
    pub bucket: Option<String>,
    /// The distribution, unless `--distribution` names one.
    pub distribution: Option<String>,
    /// What keeps the deployment's seal.
    pub keeper: Option<&'a dyn Keeper>,
    /// How CloudFront is asked; without it, what to run is printed.
    pub invalidate: Option<&'a Invalidate<'a>>,
}

impl Context<'_> {
    /// One that knows nothing of a deployment.
    pub fn plain(access: Access) -> Self {
        Context {
            access,
            live: Live::Unknown,
            again: None,
            bucket: None,
            distribution: None,
            keeper: None,
            invalidate: None,
        }
    }
}
