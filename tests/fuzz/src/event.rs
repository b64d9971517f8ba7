//! An event, as CloudFront's JSON: any method, path, query and headers. Who pays nothing gets nothing that has a price; what goes
//! on is listed, under its one spelling; every answer is one that CloudFront takes. A forged receipt is never handed out.

use paywall_core::event::{CloudFrontEvent, EventType};
use paywall_core::viewer_response::viewer_response;

use crate::shop::{answer, open, opens};
use crate::support::checked;

pub(crate) fn target(bytes: &[u8]) {
    let Ok(CloudFrontEvent { records: [record] }) = serde_json::from_slice(bytes) else { return };
    let mut scenario = open();
    let (id, request) = (record.cf.config.request_id, record.cf.request);
    match (record.cf.config.event_type, record.cf.response) {
        (EventType::ViewerRequest, _) => {
            let output = answer(&mut scenario, request, |_| None);
            assert!(!opens(&scenario, &output), "{output:?}");
        }
        (EventType::ViewerResponse, Some(response)) => {
            let had = response.headers.first("payment-response").is_some();
            let (response, line) = viewer_response(scenario.paywall, &id, &request, response);
            checked(line);
            assert_eq!(response.headers.first("payment-response").is_some(), had);
        }
        _ => {}
    }
}
