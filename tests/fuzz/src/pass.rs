//! A pass, by header and by cookie: none that the site did not issue opens anything, and none goes on to cache and origin.

use paywall_core::clock::Micros;
use paywall_core::event::Headers;
use paywall_core::pass::{self, Keys, Scope};
use paywall_core::subject::{Kind, Subject};

use crate::offers::NOW;

pub(crate) fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let subject = Subject { site: "shop".into(), kind: Kind::Object, name: "timed.json".into() };
    let scope = Scope { subject: &subject, access_epoch: 0 };
    let keys = Keys::parse(&"6".repeat(64)).expect("a key");
    let mut headers = Headers::default();
    headers.set("X-PAYMENT-PASS", &*text);
    headers.set("Cookie", &*text);
    assert!(pass::read(&headers, &keys, scope, Micros::from_secs(NOW)).is_none(), "{text}");
    pass::strip(&mut headers);
    assert!(headers.first("x-payment-pass").is_none());
    let left = headers.first("cookie").unwrap_or_default().to_owned();
    pass::strip(&mut headers);
    assert_eq!(headers.first("cookie").unwrap_or_default(), left, "what is left has none");
}
