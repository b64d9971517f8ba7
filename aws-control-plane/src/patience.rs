//! How long and how often AWS is asked.

use std::time::Duration;

/// How often a call is made at most, if `AWS_MAX_ATTEMPTS` says nothing: deployments poll, and what they are in the middle
/// of is not given up soon.
pub(crate) const ATTEMPTS: u32 = 6;
pub(crate) const CONNECT: Duration = Duration::from_secs(10);
/// Until the first byte, and between any two.
pub(crate) const READ: Duration = Duration::from_secs(60);
