//! What lives as long as the sandbox, and answers its events.

use std::sync::Mutex;

use super::clock::now;
use super::drive::drive;
use super::http::Http;
use super::runtime::Failure;
use crate::clock::Micros;
use crate::event::{Cf, CloudFrontEvent, EventType};
use crate::paywall::Paywall;
use crate::store::Memory;
use crate::viewer_response::viewer_response;
use crate::walk::{Invocation, viewer_request};

/// The function, ready for events.
#[derive(Debug)]
pub struct Sandbox {
    paywall: Paywall<'static>,
    store: Mutex<Memory>,
    http: Http,
}

impl Sandbox {
    /// Nothing is remembered yet, and no connection is open.
    pub fn new(paywall: Paywall<'static>) -> Self {
        Sandbox { paywall, store: Mutex::default(), http: Http::default() }
    }

    /// Answers an event, JSON for JSON, and logs one line about it.
    ///
    /// # Errors
    ///
    /// An event that is not a viewer's, which CloudFront answers with 503.
    pub fn answer(&self, event: &[u8], deadline: Micros) -> Result<Vec<u8>, Failure> {
        let event: CloudFrontEvent = serde_json::from_slice(event).map_err(not_ours)?;
        let [record] = event.records;
        let Cf { config, request, response } = record.cf;
        let began = now();
        let (answer, mut log) = match (config.event_type, response) {
            (EventType::ViewerRequest, _) => {
                let invocation = Invocation { request_id: config.request_id, began, deadline };
                let first = viewer_request(&self.paywall, invocation, request);
                let decision = drive(first, &self.store, &self.http);
                (serde_json::to_vec(&decision.output), decision.log)
            }
            (EventType::ViewerResponse, Some(response)) => {
                let (response, log) =
                    viewer_response(&self.paywall, &config.request_id, &request, response);
                (serde_json::to_vec(&response), log)
            }
            (EventType::ViewerResponse, None) => {
                return Err(not_ours("a viewer-response event without a response"));
            }
        };
        log.total_us = now().0.saturating_sub(began.0);
        println!("{}", log.to_json());
        answer.map_err(not_ours)
    }
}

fn not_ours(why: impl ToString) -> Failure {
    Failure { error_type: "Runtime.UnknownEvent", error_message: why.to_string() }
}
