//! Which version of the tool made what is deployed. Stacks say so in their tags, and packages in the file of tags beside them.

use std::cmp::Ordering;
use std::env;

use semver::Version;

/// The tag of whoever deployed a stack's template.
pub(crate) const OF_TEMPLATE: &str = "x402-version";
/// The tag of whoever packaged the function.
pub(crate) const OF_PACKAGE: &str = "x402-package-version";

/// This tool's, or what `PAYWALL_VERSION` says.
pub(crate) fn own() -> String {
    env::var("PAYWALL_VERSION").unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}

/// Parts of a deployment, by name, and what their tags say.
pub(crate) struct Parts(Vec<(String, String)>);

impl Parts {
    pub(crate) fn new() -> Self {
        Parts(Vec::new())
    }

    pub(crate) fn add(&mut self, part: impl Into<String>, version: &str) {
        self.0.push((part.into(), version.to_owned()));
    }

    /// A line for each part that another version made; one alone if this one made all.
    pub(crate) fn lines(&self, own: &str) -> Vec<String> {
        let lines: Vec<_> =
            self.0.iter().filter_map(|(part, version)| other(part, version, own)).collect();
        if lines.is_empty() { vec![format!("all was made by this tool's, {own}")] } else { lines }
    }
}

fn other(part: &str, version: &str, own: &str) -> Option<String> {
    if version.is_empty() {
        return Some(format!(
            "{part}: from before versions were kept, older than this tool ({own})"
        ));
    }
    let (of_part, of_tool) = (Version::parse(version), Version::parse(own));
    let order = of_part.ok().zip(of_tool.ok()).map(|(part, tool)| part.cmp_precedence(&tool));
    match order {
        Some(Ordering::Equal) => None,
        Some(Ordering::Less) => Some(format!("{part}: {version}, older than this tool ({own})")),
        Some(Ordering::Greater) => Some(format!(
            "{part}: {version}, newer than this tool ({own}): take the newer one before you deploy"
        )),
        None if version == own => None,
        None => Some(format!("{part}: {version}, another than this tool's ({own})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let said = |version: &str| other("a", version, "0.10.0").unwrap_or_default();
        assert_eq!(said("0.10.0"), "");
        assert_eq!(said("0.9.1"), "a: 0.9.1, older than this tool (0.10.0)");
        assert!(said("0.10.0-rc.1").contains("older"));
        assert!(said("0.10.1").contains("newer"));
        assert!(said("").contains("older"));
        assert!(said("new").contains("another"));
        assert_eq!(Parts::new().lines("1.0.0"), ["all was made by this tool's, 1.0.0"]);
    }
}
