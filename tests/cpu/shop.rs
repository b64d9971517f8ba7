//! The sample's table, a facilitator, and events.

use edge_local::buyer::{Challenge, Draft, Key, Offer, Wire};
use edge_local::facilitator::Facilitator;
use edge_local::facilitator::eip3009::U256;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::child::Child;

const OBJECT: &str = "/reports/2026/market.json";

pub(crate) struct Shop {
    pub(crate) facilitator: Facilitator,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Shop { facilitator: Facilitator::start(Default::default()).await.expect("a facilitator") }
    }

    /// The event of a request without a payment.
    pub(crate) fn quote(&self) -> String {
        event(&[])
    }

    pub(crate) fn offer(&self, child: &mut Child) -> Offer {
        let answer = child.answer(&self.quote());
        assert_eq!(answer.status, 402);
        let mut headers = HeaderMap::new();
        for (name, values) in answer.json["headers"].as_object().expect("headers") {
            for value in values.as_array().expect("values") {
                let text = value["value"].as_str().expect("a text");
                let name: HeaderName = name.parse().expect("a name");
                headers.append(name, HeaderValue::from_str(text).expect("a value"));
            }
        }
        let body = answer.json["body"].as_str().unwrap_or_default();
        let challenge = Challenge::read(&headers, body.as_bytes(), Some(Wire::V2)).expect("a 402");
        challenge.first_payable().expect("an offer")
    }

    pub(crate) fn fresh_wallet(&self) -> Key {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("random numbers");
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("0x{digits}").parse().expect("a key")
    }

    /// The event of a request with a payment that is valid for so many seconds.
    pub(crate) fn payment(&self, offer: &Offer, wallet: &Key, seconds: u64) -> String {
        self.facilitator.ledger().fund(offer.domain.token, wallet.address(), U256::from(1_000_000));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let draft = Draft::new(offer, wallet).expect("a draft").valid_before(now + seconds);
        let signed = draft.sign().expect("a signature");
        event(&[(signed.header_name(), &signed.header_value())])
    }
}

fn event(headers: &[(&str, &str)]) -> String {
    let mut map = json!({ "host": [{ "key": "Host", "value": "shop.example" }] });
    for (name, value) in headers {
        map[name.to_lowercase()] = json!([{ "key": name, "value": value }]);
    }
    let config: Value = json!({
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "viewer-request",
        "requestId": format!("{:032x}", rand()),
    });
    let request = json!({
        "clientIp": "203.0.113.178",
        "headers": map,
        "method": "GET",
        "querystring": "",
        "uri": OBJECT,
    });
    json!({ "Records": [{ "cf": { "config": config, "request": request } }] }).to_string()
}

fn rand() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("random numbers");
    u64::from_le_bytes(bytes)
}
