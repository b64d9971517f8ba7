//! What a seller says of the bytes that it serves.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::header::HeaderMap;

/// The SHA-256 of `Repr-Digest`, where the answer is the whole representation:
/// <https://www.rfc-editor.org/rfc/rfc9530#section-3>, as a dictionary of
/// <https://www.rfc-editor.org/rfc/rfc9651#name-dictionaries>.
pub(super) fn told(headers: &HeaderMap) -> Option<[u8; 32]> {
    if headers.contains_key("content-range") {
        return None;
    }
    let values = headers.get_all("repr-digest").iter().filter_map(|value| value.to_str().ok());
    let mut members = values.flat_map(|value| value.split(',')).map(str::trim);
    let digest = members.find_map(|member| member.strip_prefix("sha-256=:"))?;
    BASE64_STANDARD.decode(digest.strip_suffix(':')?).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_those_that_are_told() {
        let told = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("repr-digest", value.parse().unwrap());
            }
            super::told(&headers)
        };
        const OURS: &str = "sha-256=:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=:";
        assert_eq!(told(&[OURS]), Some([7; 32]));
        assert_eq!(told(&["sha-512=:AAAA:", OURS]), Some([7; 32]));
        assert_eq!(
            told(&["md5=:AAAA:, sha-256=:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=:"]),
            Some([7; 32])
        );
        for other in ["", "sha-256=BwcH", "sha-256=:BwcH:", "sha-256=:%:"] {
            assert_eq!(told(&[other]), None, "{other}");
        }
    }
}
