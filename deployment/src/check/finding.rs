//! What the check says.

use super::owner::Owner;

/// One thing that is not as it was deployed. Its code is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is no function on an event.
    AssociationRemoved {
        behaviour: String,
        event: &'static str,
    },
    /// Another function is on an event.
    OtherFunction {
        behaviour: String,
        event: String,
        arn: String,
    },
    /// Our function, in a version that nobody deployed.
    OtherVersion {
        behaviour: String,
        event: String,
        arn: String,
    },
    /// The function gets the request's body.
    IncludesBody {
        behaviour: String,
        event: String,
    },
    /// A behaviour without the function comes before one that has it.
    BehaviourBefore {
        behaviour: String,
        before: String,
    },
    /// A new behaviour without the function, after those that have it.
    BehaviourOpen {
        behaviour: String,
    },
    /// A behaviour that had the function is not there.
    BehaviourGone {
        behaviour: String,
    },
    /// What was judged before the function was put on has changed.
    BehaviourChanged {
        behaviour: String,
        settings: Vec<String>,
    },
    /// Its content comes from elsewhere.
    OriginChanged {
        behaviour: String,
    },
    /// A page that CloudFront fetches without asking the function.
    ErrorPage {
        page: String,
    },
    /// A setting of the whole distribution, under a code of its own.
    Setting {
        code: &'static str,
        name: &'static str,
        was: String,
        now: String,
    },
    /// Passes are cookies.
    CookiesLogged,
    DistributionDisabled,
    /// It was closed, since not all is there that it sells.
    DistributionEnabled,
    DistributionGone {
        id: String,
    },
    ConfigUnreadable {
        why: String,
    },
    /// The distribution has no web ACL, or the ACL was deleted.
    WebAclGone {
        was: String,
    },
    WebAclOther {
        was: String,
        now: String,
    },
    WebAclChanged {
        rules: Vec<String>,
    },
    /// It would vouch for automated clients, or block them.
    WebAclVouches {
        why: String,
    },
    /// What was deployed is not known.
    ExpectedGone {
        of: String,
    },
    ExpectedUnreadable {
        of: String,
        why: String,
    },
    ExpectedOfAnother {
        of: String,
        distribution: String,
        wanted: String,
    },
}

const AGAIN: &str =
    "deploy or attach again with paywall, which judges the distribution before it changes it";
const OWNER: &str = "whatever owns the distribution (CDK, Terraform, CloudFormation) undid what was attached to it: \
                     attach again, and write the association into its owner's code; if the function itself is there now \
                     (`paywall watch`), `paywall destroy` takes this stack down";

impl Finding {
    /// What scripts may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Finding::AssociationRemoved { .. } => "association-removed",
            Finding::OtherFunction { .. } => "other-function",
            Finding::OtherVersion { .. } => "other-version",
            Finding::IncludesBody { .. } => "includes-body",
            Finding::BehaviourBefore { .. } => "behaviour-before",
            Finding::BehaviourOpen { .. } => "behaviour-open",
            Finding::BehaviourGone { .. } => "behaviour-gone",
            Finding::BehaviourChanged { .. } => "behaviour-changed",
            Finding::OriginChanged { .. } => "origin-changed",
            Finding::ErrorPage { .. } => "error-page",
            Finding::Setting { code, .. } => code,
            Finding::CookiesLogged => "cookies-logged",
            Finding::DistributionDisabled => "distribution-disabled",
            Finding::DistributionEnabled => "distribution-enabled",
            Finding::DistributionGone { .. } => "distribution-gone",
            Finding::ConfigUnreadable { .. } => "config-unreadable",
            Finding::WebAclGone { .. } => "web-acl-gone",
            Finding::WebAclOther { .. } => "web-acl-other",
            Finding::WebAclChanged { .. } => "web-acl-changed",
            Finding::WebAclVouches { .. } => "web-acl-vouches",
            Finding::ExpectedGone { .. } => "expected-gone",
            Finding::ExpectedUnreadable { .. } => "expected-unreadable",
            Finding::ExpectedOfAnother { .. } => "expected-of-another",
        }
    }

    /// What is wrong, and where.
    pub fn what(&self) -> String {
        match self {
            Finding::AssociationRemoved { behaviour, event } => {
                format!("behaviour {behaviour} has no function on {event}")
            }
            Finding::OtherFunction { behaviour, event, arn } => {
                format!("behaviour {behaviour} has {arn} on {event}, which was not there")
            }
            Finding::OtherVersion { behaviour, event, arn } => {
                format!(
                    "behaviour {behaviour} has {arn} on {event}, which is not the version that was deployed"
                )
            }
            Finding::IncludesBody { behaviour, event } => {
                format!("behaviour {behaviour} hands request bodies to the function on {event}")
            }
            Finding::BehaviourBefore { behaviour, before } => {
                format!(
                    "behaviour {behaviour} has not the function and comes before {before}, which has it"
                )
            }
            Finding::BehaviourOpen { behaviour } => {
                format!("behaviour {behaviour} is new and has not the function")
            }
            Finding::BehaviourGone { behaviour } => {
                format!("behaviour {behaviour}, which had the function, is gone")
            }
            Finding::BehaviourChanged { behaviour, settings } => {
                format!("behaviour {behaviour} has another {}", settings.join(", "))
            }
            Finding::OriginChanged { behaviour } => {
                format!(
                    "behaviour {behaviour} fetches from elsewhere, or as somebody else, than was judged"
                )
            }
            Finding::ErrorPage { page } => {
                format!(
                    "there is a new error page, {page}, which CloudFront fetches without asking the function"
                )
            }
            Finding::Setting { name, was, now, .. } => {
                format!("{name} is {now:?}, and was {was:?}")
            }
            Finding::CookiesLogged => "the access log holds cookies, and so passes".to_owned(),
            Finding::DistributionDisabled => {
                "the distribution is disabled: nobody can buy".to_owned()
            }
            Finding::DistributionEnabled => {
                "the distribution is enabled, and was closed until all that it sells is published: who buys what is not there pays \
                 for nothing"
                    .to_owned()
            }
            Finding::DistributionGone { id } => format!("there is no distribution {id}"),
            Finding::ConfigUnreadable { why } => {
                format!("the distribution's configuration cannot be read: {why}")
            }
            Finding::WebAclGone { was } => {
                format!("the web ACL {was} is gone: requests are not limited")
            }
            Finding::WebAclOther { was, now } => {
                format!("the distribution has the web ACL {now} instead of {was}")
            }
            Finding::WebAclChanged { rules } => {
                format!("the web ACL has other rules than were deployed: {}", rules.join(", "))
            }
            Finding::WebAclVouches { why } => format!("the web ACL: {why}"),
            Finding::ExpectedGone { of } => {
                format!(
                    "{of} is gone: what was deployed is not known, so nothing can be compared with it"
                )
            }
            Finding::ExpectedUnreadable { of, why } => format!("{of} cannot be read: {why}"),
            Finding::ExpectedOfAnother { of, distribution, wanted } => {
                format!("{of} is about the distribution {distribution}, not {wanted}")
            }
        }
    }

    /// What to do about it, where a stack of this tool's has the function; or in the code of its owner.
    pub fn mend(&self, owner: Option<Owner>) -> String {
        owner.map_or_else(|| self.mended_here().to_owned(), |owner| self.mended_by(owner))
    }

    fn mended_here(&self) -> &'static str {
        match self {
            Finding::AssociationRemoved { .. }
            | Finding::OtherFunction { .. }
            | Finding::OtherVersion { .. }
            | Finding::BehaviourGone { .. }
            | Finding::WebAclGone { .. }
            | Finding::WebAclOther { .. } => OWNER,
            Finding::BehaviourBefore { .. } | Finding::BehaviourOpen { .. } => {
                "take it off, or attach again: that judges what it reaches, and takes --path PATTERN to guard it too"
            }
            Finding::DistributionDisabled => {
                "enable it; if the site is to end, destroy it with paywall"
            }
            Finding::DistributionEnabled => {
                "disable it; publish, then deploy with paywall, which opens it once all is there"
            }
            Finding::DistributionGone { .. } => {
                "deploy again; if the site has ended, destroy its stacks with paywall"
            }
            Finding::ConfigUnreadable { .. } => {
                "deploy or attach again with the newest paywall: it writes the check anew, with what it compares with"
            }
            Finding::WebAclChanged { .. } => {
                "deploy or attach again; limits are changed with --parameter, so that they are known"
            }
            Finding::WebAclVouches { .. } => {
                "`paywall deploy --parameter VouchedValue=` makes everybody pay, and then `paywall deploy` writes both rules anew"
            }
            // Whose code has the function, nothing says then.
            Finding::ExpectedUnreadable { .. } => {
                "deploy or attach again with the newest paywall (or `paywall watch`, where Terraform or CDK has the function): it \
                 writes the check anew, with what it compares with"
            }
            Finding::ExpectedGone { .. } | Finding::ExpectedOfAnother { .. } => {
                "deploy or attach again with paywall (or `paywall watch`, where Terraform or CDK has the function), which judges \
                 the distribution and writes it anew"
            }
            Finding::IncludesBody { .. }
            | Finding::BehaviourChanged { .. }
            | Finding::OriginChanged { .. }
            | Finding::ErrorPage { .. }
            | Finding::Setting { .. }
            | Finding::CookiesLogged => AGAIN,
        }
    }

    fn mended_by(&self, owner: Owner) -> String {
        let apply = owner.applies();
        match self {
            Finding::AssociationRemoved { .. }
            | Finding::OtherFunction { .. }
            | Finding::BehaviourGone { .. } => format!(
                "the behaviour has {} in the code, and {apply} puts it back; what is meant to be so, `paywall watch` judges \
                 anew",
                owner.association()
            ),
            Finding::OtherVersion { .. } => format!(
                "its package is none that was judged: {apply} with the hash that `paywall watch` told; or, if this package is \
                 meant, `paywall watch --zip` with it"
            ),
            Finding::WebAclGone { .. } | Finding::WebAclOther { .. } => format!(
                "the distribution has {} in the code, and {apply} puts it back; if another is meant, `paywall watch` again",
                owner.web_acl()
            ),
            Finding::BehaviourBefore { .. } | Finding::BehaviourOpen { .. } => format!(
                "take it out of the code, or give it {}; {apply}, then `paywall watch`, which judges what it reaches",
                owner.association()
            ),
            // Of a stack of this tool's alone.
            Finding::DistributionEnabled => self.mended_here().to_owned(),
            Finding::DistributionDisabled => format!(
                "enable it in the code, and {apply}; if the site is to end, `paywall destroy` ends the watching"
            ),
            Finding::DistributionGone { .. } => format!(
                "{apply} makes it again, and `paywall watch` takes the new one; if the site has ended, `paywall destroy` ends \
                 the watching"
            ),
            Finding::ConfigUnreadable { .. }
            | Finding::ExpectedGone { .. }
            | Finding::ExpectedUnreadable { .. }
            | Finding::ExpectedOfAnother { .. } => {
                "`paywall watch` again, with the newest paywall: it writes anew what is compared"
                    .to_owned()
            }
            Finding::WebAclChanged { .. } | Finding::WebAclVouches { .. } => format!(
                "{apply} puts the rules back; if the code has these, `paywall watch` again, so that they are known"
            ),
            Finding::IncludesBody { .. }
            | Finding::BehaviourChanged { .. }
            | Finding::OriginChanged { .. }
            | Finding::ErrorPage { .. }
            | Finding::Setting { .. }
            | Finding::CookiesLogged => format!(
                "{apply} puts it back, if the code is as it was; if this is meant, `paywall watch` judges it and writes it down"
            ),
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code(), self.what())
    }
}
