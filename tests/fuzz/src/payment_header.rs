//! A payment header, as it is and as what its base64 hides, of a buyer whose facilitator refuses: nothing is opened. What is sent to
//! a facilitator is JSON, and whatever the header says, it asks for our own terms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::facilitator::Endpoint;
use serde_json::Value;

use crate::offers::{offer, request};
use crate::shop::{answer, open, opens};

pub(crate) fn target(bytes: &[u8]) {
    let hidden = STANDARD.encode(bytes);
    let shown = String::from_utf8_lossy(bytes);
    for (name, value) in
        [("PAYMENT-SIGNATURE", &*shown), ("X-PAYMENT", &hidden), ("PAYMENT-SIGNATURE", &hidden)]
    {
        let mut scenario = open();
        let output = answer(&mut scenario, request("GET", "/a.json", &[(name, value)]), |_| None);
        assert!(!opens(&scenario, &output), "{output:?}");
        for call in &scenario.calls {
            let body: Value = serde_json::from_str(&call.body).expect("JSON");
            let asked = &body["paymentRequirements"];
            let amount = asked.get("amount").or(asked.get("maxAmountRequired"));
            assert_eq!(amount.and_then(Value::as_str), Some("10000"), "{body}");
            assert_eq!(asked["payTo"], offer().pay_to(), "{body}");
            assert!(matches!(call.endpoint, Endpoint::Settle | Endpoint::Verify));
        }
    }
}
