//! What a distribution is configured to do; [`crate::template`] reads it from a file.

use std::time::Duration;

use cloudfront::path_pattern::{PathPattern, first_match};
use http::StatusCode;

use crate::behavior::{Behavior, S3Origin};

/// The configuration of a distribution. The default sells everything through the function.
#[derive(Clone, Debug, Default)]
pub struct DistributionConfig {
    /// Cache behaviors in order of precedence: the first whose pattern matches is used.
    pub behaviors: Vec<(PathPattern, Behavior)>,
    /// The behavior of every other path.
    pub default_behavior: Behavior,
    /// What `/` stands for, without a slash at its start.
    pub default_root_object: Option<String>,
    /// What is shown instead of errors.
    pub error_pages: Vec<ErrorPage>,
}

/// A custom error response.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPage {
    /// The status that it replaces.
    pub status: StatusCode,
    /// How long the error stays in the cache, at least.
    pub caching_min_ttl: Duration,
    /// What is shown instead; without it only the time counts.
    pub page: Option<Page>,
}

/// A page that is shown instead of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path, fetched through the behavior that this path belongs to, without any function.
    pub path: String,
    /// The status that it is sent with.
    pub status: StatusCode,
}

impl DistributionConfig {
    /// The behavior of a path as the viewer sent it.
    pub fn behavior(&self, raw_path: &str) -> &Behavior {
        let behaviors = self.behaviors.iter().map(|(pattern, behavior)| (pattern, behavior));
        first_match(behaviors, raw_path).unwrap_or(&self.default_behavior)
    }

    /// All behaviors.
    pub fn all_behaviors(&self) -> impl Iterator<Item = &Behavior> {
        self.behaviors.iter().map(|(_, behavior)| behavior).chain([&self.default_behavior])
    }

    /// The buckets behind the behaviors; one origin may appear more than once.
    pub fn origins(&self) -> impl Iterator<Item = &S3Origin> {
        self.all_behaviors().flat_map(Behavior::origins)
    }

    /// Whether the function runs before an origin is asked, in some behavior.
    pub(crate) fn is_gated(&self, origin: &str) -> bool {
        let of = |behavior: &&Behavior| behavior.origins().any(|it| it.id == origin);
        self.all_behaviors().filter(of).any(|behavior| behavior.viewer_request)
    }

    /// The custom response for a status.
    pub fn error_page(&self, status: StatusCode) -> Option<&ErrorPage> {
        self.error_pages.iter().find(|page| page.status == status)
    }
}
