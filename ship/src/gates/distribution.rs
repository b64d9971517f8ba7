//! A distribution's configuration, as far as it decides who can read what.
//!
//! The same shapes come from `aws cloudfront get-distribution-config` and, for each distribution of an
//! account, from `list-distributions`.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html>

use cloudfront::path_pattern::{PathPattern, first_match};
use serde::{Deserialize, Deserializer};

/// CloudFront writes a list as `{"Quantity": 0}` or `{"Quantity": 1, "Items": [...]}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
pub(crate) struct List<T> {
    #[serde(default = "Vec::new", deserialize_with = "null_is_empty")]
    pub(crate) items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List { items: Vec::new() }
    }
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Distribution {
    pub(crate) default_cache_behavior: Behaviour,
    #[serde(default)]
    pub(crate) cache_behaviors: List<Behaviour>,
    pub(crate) origins: List<Origin>,
    #[serde(default)]
    pub(crate) origin_groups: List<OriginGroup>,
    #[serde(default)]
    pub(crate) custom_error_responses: List<ErrorPage>,
    /// Names a second distribution that gets a share of this one's requests.
    #[serde(default)]
    pub(crate) continuous_deployment_policy_id: Option<String>,
    #[serde(default)]
    pub(crate) logging: Logging,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Logging {
    #[serde(default)]
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) include_cookies: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Behaviour {
    /// Absent in the default behaviour.
    #[serde(default)]
    path_pattern: Option<String>,
    /// An origin, or an origin group.
    pub(crate) target_origin_id: String,
    pub(crate) viewer_protocol_policy: String,
    #[serde(default)]
    pub(crate) allowed_methods: List<String>,
    #[serde(default)]
    pub(crate) smooth_streaming: bool,
    #[serde(default)]
    pub(crate) trusted_signers: Signers,
    #[serde(default)]
    pub(crate) trusted_key_groups: Signers,
    #[serde(default)]
    pub(crate) lambda_function_associations: List<LambdaAssociation>,
    #[serde(default)]
    pub(crate) cache_policy_id: Option<String>,
    #[serde(default)]
    pub(crate) origin_request_policy_id: Option<String>,
    /// What behaviours had before policies; some still have it.
    #[serde(default)]
    pub(crate) forwarded_values: Option<ForwardedValues>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Signers {
    #[serde(default)]
    pub(crate) enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LambdaAssociation {
    #[serde(rename = "LambdaFunctionARN")]
    pub(crate) arn: String,
    pub(crate) event_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ForwardedValues {
    #[serde(default)]
    pub(crate) query_string: bool,
    #[serde(default)]
    pub(crate) cookies: ForwardedCookies,
    #[serde(default)]
    pub(crate) headers: List<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ForwardedCookies {
    /// `none`, `whitelist` or `all`.
    #[serde(default)]
    pub(crate) forward: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Origin {
    pub(crate) id: String,
    pub(crate) domain_name: String,
    #[serde(default)]
    pub(crate) origin_path: String,
    #[serde(default)]
    pub(crate) origin_access_control_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OriginGroup {
    pub(crate) id: String,
    pub(crate) members: List<Member>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Member {
    pub(crate) origin_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorPage {
    pub(crate) error_code: u16,
    /// Absent or empty: only the time that errors are cached is set.
    #[serde(default)]
    pub(crate) response_page_path: Option<String>,
}

impl Distribution {
    /// Every behaviour, in the order in which CloudFront asks them; the default one last.
    pub(crate) fn behaviours(&self) -> impl Iterator<Item = &Behaviour> {
        self.cache_behaviors.items.iter().chain([&self.default_cache_behavior])
    }

    /// The behaviour of a path.
    pub(crate) fn behaviour_of(&self, path: &str) -> &Behaviour {
        let behaviours = self.cache_behaviors.items.iter();
        let patterns = behaviours.map(|one| (PathPattern::new(one.pattern().unwrap_or("*")), one));
        first_match(patterns, path).unwrap_or(&self.default_cache_behavior)
    }

    /// The origins of a behaviour: one, or those of a group.
    pub(crate) fn origins_of(&self, behaviour: &Behaviour) -> Vec<&Origin> {
        let target = &behaviour.target_origin_id;
        let ids: Vec<&str> = match self.group(behaviour) {
            Some(group) => group.members.items.iter().map(|m| m.origin_id.as_str()).collect(),
            None => vec![target],
        };
        self.origins.items.iter().filter(|origin| ids.contains(&origin.id.as_str())).collect()
    }

    /// The origin that is asked first.
    pub(crate) fn first_origin_of(&self, behaviour: &Behaviour) -> Option<&Origin> {
        let first = self.group(behaviour).and_then(|group| group.members.items.first());
        let id = first.map_or(&behaviour.target_origin_id, |member| &member.origin_id);
        self.origins.items.iter().find(|origin| origin.id == *id)
    }

    /// The origin group that a behaviour names.
    pub(crate) fn group(&self, behaviour: &Behaviour) -> Option<&OriginGroup> {
        self.origin_groups.items.iter().find(|group| group.id == behaviour.target_origin_id)
    }
}

impl Behaviour {
    /// As people call it.
    pub(crate) fn name(&self) -> String {
        match self.pattern() {
            Some(pattern) => format!("behaviour `{pattern}`"),
            None => "the default behaviour".to_owned(),
        }
    }

    /// Its path pattern; none in the default behaviour.
    pub(crate) fn pattern(&self) -> Option<&str> {
        self.path_pattern.as_deref().filter(|pattern| !pattern.is_empty())
    }
}
