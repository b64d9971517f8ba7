//! What the check says.

use std::fmt;

use super::facts::Fact;

/// Whether the paywall may go in front of the distribution in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// It may not.
    Refused,
    /// It may; the seller should know.
    Note,
}

/// The kinds of findings, with their stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    UngatedBehaviour,
    OriginGroup,
    ErrorPage,
    OtherDistribution,
    ContinuousDeployment,
    PublicBucket,
    WebsiteOrigin,
    NotABucket,
    NotRouted,
    PlainHttp,
    WriteMethods,
    SmoothStreaming,
    SignedUrls,
    QueryForwarded,
    CookiesForwarded,
    HeaderForwarded,
    HeaderInCacheKey,
    GlobalEndpoint,
    NoAccessControl,
    Listable,
    NotReadable,
    ObjectRefused,
    OtherRegion,
    SealShown,
    UnknownFact,
    NoOptions,
    OriginFunction,
    CookiesLogged,
    Unseen,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        use Kind::*;
        match self {
            UngatedBehaviour => "ungated-behaviour",
            OriginGroup => "origin-group",
            ErrorPage => "error-page",
            OtherDistribution => "other-distribution",
            ContinuousDeployment => "continuous-deployment",
            PublicBucket => "public-bucket",
            WebsiteOrigin => "website-origin",
            NotABucket => "not-a-bucket",
            NotRouted => "not-routed",
            PlainHttp => "plain-http",
            WriteMethods => "write-methods",
            SmoothStreaming => "smooth-streaming",
            SignedUrls => "signed-urls",
            QueryForwarded => "query-forwarded",
            CookiesForwarded => "cookies-forwarded",
            HeaderForwarded => "header-forwarded",
            HeaderInCacheKey => "header-in-cache-key",
            GlobalEndpoint => "global-endpoint",
            NoAccessControl => "no-access-control",
            Listable => "listable",
            NotReadable => "not-readable",
            ObjectRefused => "object-refused",
            OtherRegion => "other-region",
            SealShown => "seal-shown",
            UnknownFact => "unknown-fact",
            NoOptions => "no-options",
            OriginFunction => "origin-function",
            CookiesLogged => "cookies-logged",
            Unseen => "unseen",
        }
    }

    pub(crate) fn severity(self) -> Severity {
        match self {
            Kind::NoOptions | Kind::OriginFunction | Kind::CookiesLogged | Kind::Unseen => {
                Severity::Note
            }
            _ => Severity::Refused,
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) kind: Kind,
    /// What is wrong, and where.
    pub(crate) what: String,
    /// How to mend it.
    pub(crate) mend: String,
}

impl Finding {
    /// What is wrong, by the kind's name.
    pub fn what(&self) -> String {
        format!("{}: {}", self.kind.name(), self.what)
    }

    /// How to mend it.
    pub fn mend(&self) -> &str {
        &self.mend
    }

    /// AWS did not say something, for want of a permission.
    pub(crate) fn unknown(fact: &Fact, permission: &str) -> Self {
        Finding {
            kind: Kind::UnknownFact,
            what: format!("AWS did not say: {fact}"),
            mend: format!("give these credentials {permission}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.kind.severity() {
            Severity::Refused => "refused",
            Severity::Note => "note",
        };
        writeln!(f, "{severity:<7}  {}: {}", self.kind.name(), self.what)?;
        write!(f, "         {}", self.mend)
    }
}
