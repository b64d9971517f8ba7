//! URLs of sites, origins and facilitators.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// Why a URL is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadUrl {
    /// Not `https://host[:port]`, with a path where one is allowed.
    Shape,
    /// Plain http to a host that is not this machine.
    Insecure,
    /// There is a path, where only scheme, host and port belong.
    Path,
    /// There is a user name or password.
    UserInfo,
}

/// `scheme://host[:port]`: lower case, no default port, no slash at the end.
pub(crate) fn origin(text: &str) -> Result<String, BadUrl> {
    let (origin, path) = split(text)?;
    if path.is_empty() { Ok(origin) } else { Err(BadUrl::Path) }
}

/// A URL that paths are added to: no query, no slash at the end.
pub(crate) fn base(text: &str) -> Result<String, BadUrl> {
    let (origin, path) = split(text)?;
    Ok(origin + &path)
}

/// Whether a URL's host is a domain or within it: upper case, the root's dot and a port change
/// nothing.
pub(crate) fn is_within(url: &str, domain: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let Some(host) = uri.as_ref().and_then(Uri::host) else { return false };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host.strip_suffix(domain).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// A name of letters, digits, `-` and `_` between dots, or an IPv6 address in brackets. `http` lets
/// more pass, such as the `*` of `https://*.example.com`, which no host is called.
pub(crate) fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|a| a.parse::<Ipv6Addr>().is_ok());
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    host.split('.').all(|label| !label.is_empty() && label.bytes().all(fits))
}

/// Whether a URL, query and all, names a host that everybody can reach by its name.
pub(crate) fn is_public(text: &str) -> bool {
    let graphic = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let http = matches!(uri.scheme_str(), Some("https" | "http"));
    let Some(authority) = uri.authority().filter(|_| http && graphic) else { return false };
    let host = authority.host().strip_suffix('.').unwrap_or(authority.host());
    // A last label of digits, or of hexadecimal ones, makes an IPv4 address of the host:
    // https://url.spec.whatwg.org/#ends-in-a-number-checker
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    let local = last == "localhost" || !host.contains('.');
    !authority.as_str().contains('@')
        && is_host(host)
        && !host.starts_with('[')
        && !number
        && !local
}

fn loopback_host(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

fn split(text: &str) -> Result<(String, String), BadUrl> {
    // `http::Uri` takes a fragment for granted to be absent and drops it.
    if text.contains(['?', '#']) {
        return Err(BadUrl::Shape);
    }
    let uri: Uri = text.parse().map_err(|_| BadUrl::Shape)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(BadUrl::Shape);
    };
    if authority.as_str().contains('@') {
        return Err(BadUrl::UserInfo);
    }
    let stated = authority.host();
    // The dot of the root may end a name: `example.com.` is `example.com`.
    let host = stated.strip_suffix('.').unwrap_or(stated).to_ascii_lowercase();
    if !is_host(&host) {
        return Err(BadUrl::Shape);
    }
    let default_port = match scheme {
        "https" => 443,
        "http" if loopback_host(&host) => 80,
        "http" => return Err(BadUrl::Insecure),
        _ => return Err(BadUrl::Shape),
    };
    // Not `authority.port()`, which takes a port over 65,535 for none.
    let port = match authority.as_str()[stated.len()..].strip_prefix(':') {
        None => String::new(),
        Some(digits) => match digits.parse::<u16>() {
            Err(_) | Ok(0) => return Err(BadUrl::Shape),
            Ok(port) if port == default_port => String::new(),
            Ok(port) => format!(":{port}"),
        },
    };
    let path = uri.path().trim_end_matches('/').to_owned();
    Ok((format!("{scheme}://{host}{port}"), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (text, canonical) in [
            ("https://example.com", "https://example.com"),
            ("https://Example.COM:443/", "https://example.com"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("https://example.com.:8443", "https://example.com:8443"),
            ("http://127.0.0.1:8402", "http://127.0.0.1:8402"),
            ("http://localhost:8402", "http://localhost:8402"),
            ("http://[::1]:8402", "http://[::1]:8402"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(canonical));
        }
    }

    #[test]
    fn refusals() {
        for (text, why) in [
            ("", BadUrl::Shape),
            ("example.com", BadUrl::Shape),
            ("/x", BadUrl::Shape),
            ("https://", BadUrl::Shape),
            ("https://:443", BadUrl::Shape),
            ("https://a:", BadUrl::Shape),
            ("https://*.example.com", BadUrl::Shape),
            ("https://a..b", BadUrl::Shape),
            ("https://a..", BadUrl::Shape),
            ("https://.", BadUrl::Shape),
            ("https://[::g]", BadUrl::Shape),
            ("https://a:0", BadUrl::Shape),
            ("https://a:99999", BadUrl::Shape),
            ("https://a b", BadUrl::Shape),
            ("https://bücher.example", BadUrl::Shape),
            ("ftp://a", BadUrl::Shape),
            ("https://a?q", BadUrl::Shape),
            ("https://a#f", BadUrl::Shape),
            ("https://u:p@a", BadUrl::UserInfo),
            ("http://example.com", BadUrl::Insecure),
            ("http://127.0.0.1.example.com", BadUrl::Insecure),
            ("http://localhost.example.com", BadUrl::Insecure),
            ("https://a/x", BadUrl::Path),
        ] {
            assert_eq!(origin(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn domains() {
        for url in [
            "https://x402.org/facilitator",
            "https://www.x402.org/facilitator",
            "https://X402.ORG./facilitator",
            "https://www.x402.org.:8443",
        ] {
            assert!(is_within(url, "x402.org"), "{url}");
        }
        for url in ["https://notx402.org", "https://x402.org.example", "https://example/x402.org"] {
            assert!(!is_within(url, "x402.org"), "{url}");
        }
    }

    #[test]
    fn bases() {
        assert_eq!(
            base("https://x402.org/facilitator/").as_deref(),
            Ok("https://x402.org/facilitator")
        );
        assert_eq!(base("https://a/v1?key=1"), Err(BadUrl::Shape));
    }

    #[test]
    fn hosts_that_everybody_reaches() {
        for url in [
            "https://example.com/icon.png",
            "http://a.example.com:8080/x?size=32",
            "HTTPS://EXAMPLE.COM./",
            "https://0x.example.com",
        ] {
            assert!(is_public(url), "{url}");
        }
        for url in [
            "",
            "/icon.png",
            "example.com/icon.png",
            "data:image/png;base64,AA==",
            "ftp://example.com/x",
            "https://localhost/x",
            "https://x.localhost/",
            "https://intranet/x",
            "https://u@example.com/x",
            "https://1.2.3.4/x",
            "https://example.1/x",
            "https://0x7f000001/x",
            "https://a.0x7f/x",
            "https://2130706433/x",
            "https://[::1]/x",
            "https://127.0.0.1./x",
            "https://bücher.example/x",
            "https://example.com\\@evil.example/",
        ] {
            assert!(!is_public(url), "{url}");
        }
    }
}
