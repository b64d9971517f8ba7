//! The URL under trial, in the parts that spellings change.

use http::Uri;

use crate::error::Error;

/// A priced URL. Its path is kept as it was written.
#[derive(Clone, Debug)]
pub struct Target {
    /// `https://shop.example`, without a slash at the end.
    pub(crate) origin: String,
    /// Begins with a slash.
    pub(crate) path: String,
    /// With its question mark; empty without one.
    pub(crate) query: String,
}

impl Target {
    /// Reads a URL of http or https.
    pub fn parse(url: &str) -> Result<Target, Error> {
        let refused = |why: &str| Error::NotAUrl { url: url.to_owned(), why: why.to_owned() };
        let uri: Uri = url.parse().map_err(|why| refused(&format!("{why}")))?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let scheme = scheme.ok_or_else(|| refused("it does not begin with https:// or http://"))?;
        let host = uri.authority().ok_or_else(|| refused("it has no host"))?;
        if host.as_str().contains('@') {
            return Err(refused("it has a user name"));
        }
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Target { origin: format!("{scheme}://{host}"), path: uri.path().to_owned(), query })
    }

    /// The whole of it.
    pub fn url(&self) -> String {
        self.spelled(&self.path)
    }

    /// The same with another path.
    pub(crate) fn spelled(&self, path: &str) -> String {
        format!("{}{path}{}", self.origin, self.query)
    }

    /// The same over plain HTTP, if it is on https's own port.
    pub(crate) fn in_the_clear(&self) -> Option<String> {
        let host = self.origin.strip_prefix("https://")?;
        let host = host.strip_suffix(":443").unwrap_or(host);
        let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
        (!has_port).then(|| format!("http://{host}{}{}", self.path, self.query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let target = Target::parse("https://shop.example/a/../b?c=1").unwrap();
        assert_eq!(target.url(), "https://shop.example/a/../b?c=1");
        assert_eq!(target.spelled("/x"), "https://shop.example/x?c=1");
        assert_eq!(target.in_the_clear().as_deref(), Some("http://shop.example/a/../b?c=1"));
        assert_eq!(Target::parse("http://[::1]:1/").unwrap().in_the_clear(), None);
        assert_eq!(
            Target::parse("https://[::1]/a").unwrap().in_the_clear().unwrap(),
            "http://[::1]/a"
        );
        for wrong in ["", "/a", "ftp://a/", "shop.example/a", "https://u@h/", "https://"] {
            assert!(Target::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
