//! A path: what has a key has one spelling, which has the same key, and holds nothing that CloudFront, S3 or a cache could read in
//! another way.

use price_table::Key;

pub(crate) fn target(bytes: &[u8]) {
    let Ok(path) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = Key::from_uri_path(path) {
        let spelled = key.to_uri_path();
        assert!(spelled.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
        assert_eq!(Key::from_uri_path(&spelled).expect("a key").as_str(), key.as_str());
        assert!(spelled.starts_with('/') && !spelled.contains("//") && spelled.len() > 1);
        assert!(key.as_str().split('/').all(|part| !matches!(part, "" | "." | "..")));
        assert!(!key.as_str().contains('\\') && !key.as_str().chars().any(char::is_control));
        // S3's own limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
        assert!(key.as_str().len() <= 1024);
    }
    if let Ok(key) = Key::parse(path) {
        assert_eq!(Key::from_uri_path(&key.to_uri_path()).expect("a key").as_str(), path);
    }
}
