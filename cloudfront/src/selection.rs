//! Which parts of a request a policy chooses.

use std::collections::BTreeSet;

/// A choice of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// None of them.
    #[default]
    Nothing,
    /// Those named.
    Only(BTreeSet<String>),
    /// All but those named.
    AllBut(BTreeSet<String>),
}

impl Selection {
    /// What a policy's word says with the names beside it; none, if the word is unknown.
    /// <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginRequestPolicyConfig.html>
    pub fn of(word: &str, names: impl FnOnce() -> BTreeSet<String>) -> Option<Self> {
        Some(match word {
            "none" => Self::Nothing,
            // `allViewerAndWhitelistCloudFront` adds headers that CloudFront makes itself.
            "all" | "allViewer" | "allViewerAndWhitelistCloudFront" => Self::all(),
            "whitelist" => Self::Only(names()),
            "allExcept" => Self::AllBut(names()),
            _ => return None,
        })
    }

    /// Every name.
    pub const fn all() -> Self {
        Self::AllBut(BTreeSet::new())
    }

    /// Whether a name is chosen.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Only(names) => names.contains(name),
            Self::AllBut(names) => !names.contains(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names() {
        let chosen = |word: &str, name: &str| {
            Some(Selection::of(word, || BTreeSet::from(["a".to_owned()]))?.has(name))
        };
        for (word, a, b) in [
            ("none", false, false),
            ("all", true, true),
            ("allViewer", true, true),
            ("allViewerAndWhitelistCloudFront", true, true),
            ("whitelist", true, false),
            ("allExcept", false, true),
        ] {
            assert_eq!((chosen(word, "a"), chosen(word, "b")), (Some(a), Some(b)), "{word}");
        }
        assert_eq!(chosen("some", "a"), None);
    }
}
