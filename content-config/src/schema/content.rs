//! What a `content.toml` holds: every value with its place, nothing looked up yet.

use std::ops::Range;

use jiff::Timestamp;
use price_table::{Auth, BodyVersion, Dialect, PassScope, Purchases, VerifyPolicy};

use super::reader::At;

pub(crate) struct Content {
    pub(crate) site: Site,
    /// Defaults of all rules.
    pub(crate) payment: Terms,
    pub(crate) tokens: Vec<TokenText>,
    pub(crate) rpc: Vec<RpcText>,
    pub(crate) redemptions: RedemptionsText,
    pub(crate) page: PageText,
    pub(crate) log: LogText,
    pub(crate) rules: Vec<RuleText>,
}

pub(crate) struct Site {
    /// Of the whole table.
    pub(crate) span: Range<usize>,
    pub(crate) id: Option<At<String>>,
    pub(crate) urls: Option<At<Vec<At<String>>>>,
    pub(crate) objects: Option<ObjectsFrom>,
    pub(crate) default_root_object: Option<At<String>>,
    pub(crate) cors_origins: Option<At<Vec<At<String>>>>,
    pub(crate) body: BodyVersion,
    pub(crate) sealed: bool,
    /// Whether the digests of objects are told.
    pub(crate) digests: bool,
    /// The record of what was published, relative to `content.toml`.
    pub(crate) published: Option<At<String>>,
    /// Whether agents and catalogues may know what is for sale.
    pub(crate) discovery: Option<At<bool>>,
    pub(crate) name: Option<At<String>>,
    pub(crate) tags: Option<At<Vec<At<String>>>>,
    pub(crate) icon: Option<At<String>>,
    pub(crate) contact: Option<At<String>>,
    /// Whether people at a browser are shown a page to pay on.
    pub(crate) page: Option<At<bool>>,
    /// The epoch of the word by which WAF vouches; `None` if everybody pays.
    pub(crate) vouched_epoch: Option<u32>,
    /// Of all priced rules that do not say it themselves.
    pub(crate) mode: Option<Mode>,
}

/// `mode` and `until`.
#[derive(Clone)]
pub(crate) enum Mode {
    Charge,
    DryRun { until: At<Timestamp> },
}

/// `[page]`.
#[derive(Default)]
pub(crate) struct PageText {
    /// Of the whole table, if it is there.
    pub(crate) span: Option<Range<usize>>,
    pub(crate) logo: Option<At<String>>,
    pub(crate) accent: Option<At<String>>,
    pub(crate) terms: Option<At<String>>,
    pub(crate) folder: Option<At<String>>,
}

/// `[log]`.
#[derive(Default)]
pub(crate) struct LogText {
    /// Of how many lines about what is free one is printed.
    pub(crate) free: Option<At<String>>,
}

/// Where the objects come from, relative to `content.toml`.
pub(crate) enum ObjectsFrom {
    Folder(At<String>),
    Manifest(At<String>),
}

/// Terms of payment; a rule's own come before those of `[payment]`.
#[derive(Default)]
pub(crate) struct Terms {
    pub(crate) accept: Option<At<Vec<At<String>>>>,
    pub(crate) pay_to: Option<At<String>>,
    pub(crate) facilitators: Option<At<Vec<FacilitatorText>>>,
    pub(crate) max_timeout_seconds: Option<At<u32>>,
    pub(crate) purchases: Option<At<Purchases>>,
    /// The keys that are there, also those whose value is wrong.
    pub(crate) keys: Vec<&'static str>,
}

pub(crate) struct FacilitatorText {
    pub(crate) url: At<String>,
    pub(crate) verify: VerifyPolicy,
    pub(crate) auth: Auth,
    /// `None` if its host says it.
    pub(crate) dialect: Option<At<Dialect>>,
    pub(crate) refusals: Option<At<Vec<At<String>>>>,
}

/// An entry of `[rpc]`.
pub(crate) struct RpcText {
    pub(crate) network: At<String>,
    pub(crate) url: Option<At<String>>,
    /// The URL is in the secrets.
    pub(crate) secret: Option<At<bool>>,
    pub(crate) second: Option<At<String>>,
    pub(crate) confirmations: Option<At<u32>>,
    /// One of the keys has a value of the wrong type, which is reported.
    pub(crate) broken: bool,
}

impl RpcText {
    /// An entry that says nothing yet.
    pub(super) fn new(network: At<String>, broken: bool) -> Self {
        RpcText { network, url: None, secret: None, second: None, confirmations: None, broken }
    }
}

/// `[redemptions]`.
#[derive(Default)]
pub(crate) struct RedemptionsText {
    /// Of the whole table, if it is there.
    pub(crate) span: Option<Range<usize>>,
    pub(crate) store: Store,
    pub(crate) bucket: Option<At<String>>,
    pub(crate) region: Option<At<String>>,
    pub(crate) prefix: Option<At<String>>,
    pub(crate) keep_days: Option<At<u32>>,
    pub(crate) accept_unresolved: bool,
    pub(crate) shared_pay_to: bool,
    /// The keys that the S3 store alone has.
    pub(crate) of_s3: Vec<(&'static str, Range<usize>)>,
    /// One of the keys has a wrong value, which is reported.
    pub(crate) broken: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Store {
    #[default]
    Memory,
    S3,
}

pub(crate) struct TokenText {
    pub(crate) span: Range<usize>,
    pub(crate) id: Option<At<String>>,
    pub(crate) address: Option<At<String>>,
    pub(crate) decimals: Option<At<u32>>,
    /// EVM networks only, as is `version`.
    pub(crate) name: Option<At<String>>,
    pub(crate) version: Option<At<String>>,
    /// Other networks only, as are the next four.
    pub(crate) network: Option<At<String>>,
    pub(crate) v1_name: Option<At<String>>,
    pub(crate) pay_to: Option<At<String>>,
    pub(crate) symbol: Option<At<String>>,
    pub(crate) extra: Option<At<Vec<ExtraText>>>,
    pub(crate) currency: Option<At<String>>,
    /// One of the keys has a value of the wrong type, which is reported.
    pub(crate) broken: bool,
}

/// An entry of a token's `extra`.
pub(crate) struct ExtraText {
    pub(crate) key: At<String>,
    /// Text, `true` or `false`.
    pub(crate) value: At<serde_json::Value>,
}

pub(crate) struct RuleText {
    pub(crate) span: Range<usize>,
    pub(crate) path: Option<At<String>>,
    pub(crate) sale: Option<SaleText>,
    pub(crate) mode: Option<Mode>,
    pub(crate) title: String,
    pub(crate) description: Option<At<String>>,
    pub(crate) sample: Option<SampleText>,
    pub(crate) mime_type: Option<At<String>>,
    pub(crate) terms: Terms,
}

/// What an answer looks like.
pub(crate) enum SampleText {
    Value(At<serde_json::Value>),
    /// A file, relative to `content.toml`.
    File(At<String>),
}

pub(crate) enum SaleText {
    Free,
    Priced {
        price: At<String>,
        next: Option<NextText>,
        access: Option<At<String>>,
        pass: PassScope,
        access_epoch: u32,
        /// The keys that timed access alone has.
        of_timed: Vec<(&'static str, Range<usize>)>,
    },
}

/// `next` of a rule.
pub(crate) struct NextText {
    pub(crate) price: At<String>,
    pub(crate) from: At<Timestamp>,
}
