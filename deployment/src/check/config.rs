//! A distribution's configuration, as far as it decides who can read what.
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html>

use std::collections::BTreeMap;

use cloudfront::path_pattern::PathPattern;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of the behaviour without a pattern. No pattern has it: they begin with a slash or an asterisk.
pub(super) const DEFAULT: &str = "default";

/// The configuration, in the shape in which it is kept and compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    pub(super) enabled: bool,
    pub(super) web_acl: String,
    /// CloudFront fetches it for `/`.
    pub(super) root_object: String,
    /// A second distribution answers a share of the requests.
    pub(super) continuous_deployment: String,
    /// Whether tenants, with settings of their own, stand before the distribution.
    pub(super) connection_mode: String,
    pub(super) cookies_logged: bool,
    /// Pages that CloudFront fetches without asking the function.
    pub(super) error_pages: Vec<String>,
    /// In CloudFront's order; the default one is the last.
    pub(super) behaviours: Vec<Behaviour>,
}

/// A cache behaviour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// With the slash that CloudFront lets one leave out; or [`DEFAULT`].
    pub(super) pattern: String,
    /// Lambda's functions and CloudFront's.
    pub(super) functions: Vec<Association>,
    /// What a request may be fetched from: several, if the behaviour names an origin group.
    pub(super) origins: Vec<Origin>,
    /// What was judged when the function was put on, by name.
    pub(super) settings: BTreeMap<String, Value>,
}

/// A function on an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    pub(super) event: String,
    pub(super) arn: String,
    pub(super) include_body: bool,
}

/// Where content comes from, and as whom CloudFront asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    pub(super) domain: String,
    pub(super) path: String,
    pub(super) access: String,
}

impl Shape {
    /// Reads what `aws cloudfront get-distribution-config` has as `DistributionConfig`.
    pub(super) fn of(config: &Value) -> Result<Shape, String> {
        let raw = Raw::deserialize(config).map_err(|error| error.to_string())?;
        let default = Item { path_pattern: None, ..raw.default_cache_behavior.clone() };
        let all = raw.cache_behaviors.0.iter().chain([&default]);
        Ok(Shape {
            enabled: raw.enabled,
            web_acl: raw.web_acl_id.clone().unwrap_or_default(),
            root_object: raw.default_root_object.clone().unwrap_or_default(),
            continuous_deployment: raw.continuous_deployment_policy_id.clone().unwrap_or_default(),
            connection_mode: raw.connection_mode.clone().unwrap_or_else(|| "direct".to_owned()),
            cookies_logged: raw.logging.enabled && raw.logging.include_cookies,
            error_pages: raw.custom_error_responses.0.iter().filter_map(ErrorPage::said).collect(),
            behaviours: all.map(|item| item.behaviour(&raw)).collect::<Result<_, _>>()?,
        })
    }

    /// Where a behaviour stands, and it.
    pub(super) fn find(&self, pattern: &str) -> Option<(usize, &Behaviour)> {
        self.behaviours.iter().enumerate().find(|(_, behaviour)| behaviour.pattern == pattern)
    }
}

/// A pattern as CloudFront reads it.
pub(super) fn pattern(given: &str) -> String {
    match given {
        DEFAULT => DEFAULT.to_owned(),
        given => PathPattern::new(given).as_str().to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    enabled: bool,
    #[serde(rename = "WebACLId")]
    web_acl_id: Option<String>,
    default_root_object: Option<String>,
    continuous_deployment_policy_id: Option<String>,
    connection_mode: Option<String>,
    #[serde(default)]
    logging: Logging,
    #[serde(default)]
    custom_error_responses: List<ErrorPage>,
    default_cache_behavior: Item,
    #[serde(default)]
    cache_behaviors: List<Item>,
    origins: List<RawOrigin>,
    #[serde(default)]
    origin_groups: List<OriginGroup>,
}

/// `{"Quantity": 0}` or `{"Quantity": 1, "Items": […]}`.
#[derive(Clone, Deserialize)]
#[serde(try_from = "RawList<T>", bound = "T: Deserialize<'de>")]
struct List<T>(Vec<T>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: Deserialize<'de>")]
struct RawList<T> {
    quantity: usize,
    items: Option<Vec<T>>,
}

impl<T> TryFrom<RawList<T>> for List<T> {
    type Error = String;

    fn try_from(raw: RawList<T>) -> Result<Self, String> {
        let items = raw.items.unwrap_or_default();
        match items.len() == raw.quantity {
            true => Ok(List(items)),
            false => Err(format!("{} items, and {} are listed", raw.quantity, items.len())),
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Logging {
    enabled: bool,
    include_cookies: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorPage {
    error_code: u16,
    response_page_path: Option<String>,
}

impl ErrorPage {
    fn said(&self) -> Option<String> {
        let path = self.response_page_path.as_deref().filter(|path| !path.is_empty())?;
        Some(format!("{path} for {}", self.error_code))
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    path_pattern: Option<String>,
    target_origin_id: String,
    #[serde(default)]
    lambda_function_associations: List<Lambda>,
    #[serde(default)]
    function_associations: List<Function>,
    viewer_protocol_policy: String,
    allowed_methods: Option<List<String>>,
    cache_policy_id: Option<String>,
    origin_request_policy_id: Option<String>,
    forwarded_values: Option<Value>,
    #[serde(default)]
    smooth_streaming: bool,
    #[serde(default)]
    trusted_signers: Signers,
    #[serde(default)]
    trusted_key_groups: Signers,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lambda {
    event_type: String,
    #[serde(rename = "LambdaFunctionARN")]
    arn: String,
    include_body: Option<bool>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    event_type: String,
    #[serde(rename = "FunctionARN")]
    arn: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Signers {
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawOrigin {
    id: String,
    domain_name: String,
    origin_path: Option<String>,
    origin_access_control_id: Option<String>,
    s3_origin_config: Option<S3Origin>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Origin {
    origin_access_identity: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OriginGroup {
    id: String,
    members: List<Member>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Member {
    origin_id: String,
}

impl Item {
    fn behaviour(&self, raw: &Raw) -> Result<Behaviour, String> {
        let lambdas = self.lambda_function_associations.0.iter().map(|one| Association {
            event: one.event_type.clone(),
            arn: one.arn.clone(),
            include_body: one.include_body.unwrap_or(false),
        });
        let functions = self.function_associations.0.iter().map(|one| Association {
            event: one.event_type.clone(),
            arn: one.arn.clone(),
            include_body: false,
        });
        Ok(Behaviour {
            pattern: pattern(self.path_pattern.as_deref().unwrap_or(DEFAULT)),
            functions: lambdas.chain(functions).collect(),
            origins: raw.origins_of(&self.target_origin_id)?,
            settings: self.settings(),
        })
    }

    fn settings(&self) -> BTreeMap<String, Value> {
        let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
        let mut methods = self.allowed_methods.clone().unwrap_or_default().0;
        methods.sort_unstable();
        let pairs = [
            ("ViewerProtocolPolicy", Value::from(self.viewer_protocol_policy.as_str())),
            ("AllowedMethods", Value::from(methods)),
            ("CachePolicyId", text(&self.cache_policy_id)),
            ("OriginRequestPolicyId", text(&self.origin_request_policy_id)),
            ("ForwardedValues", self.forwarded_values.clone().unwrap_or_default()),
            ("SmoothStreaming", Value::from(self.smooth_streaming)),
            ("TrustedSigners", Value::from(self.trusted_signers.enabled)),
            ("TrustedKeyGroups", Value::from(self.trusted_key_groups.enabled)),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Raw {
    fn origins_of(&self, target: &str) -> Result<Vec<Origin>, String> {
        let group = self.origin_groups.0.iter().find(|group| group.id == target);
        let ids = match group {
            Some(group) => group.members.0.iter().map(|member| &*member.origin_id).collect(),
            None => vec![target],
        };
        let origin = |id: &str| {
            let found = self.origins.0.iter().find(|origin| origin.id == id);
            found.map(Origin::of).ok_or_else(|| format!("there is no origin {id:?}"))
        };
        ids.into_iter().map(origin).collect()
    }
}

impl Origin {
    fn of(raw: &RawOrigin) -> Origin {
        let control = raw.origin_access_control_id.as_deref().filter(|id| !id.is_empty());
        let identity = raw.s3_origin_config.as_ref();
        let identity = identity.and_then(|config| config.origin_access_identity.as_deref());
        Origin {
            domain: raw.domain_name.to_ascii_lowercase(),
            path: raw.origin_path.clone().unwrap_or_default(),
            access: control.or(identity).unwrap_or_default().to_owned(),
        }
    }
}

/// Whether an ARN names one version of a function of us-east-1, as Lambda@Edge demands.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>
pub(super) fn is_version(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    parts.len() == 8
        && parts[2..4] == ["lambda", "us-east-1"]
        && parts[5] == "function"
        && parts[7].parse::<u64>().is_ok()
}
