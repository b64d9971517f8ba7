//! The Lambda Runtime API, through `lambda_runtime`.

use std::sync::Mutex;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;

use super::clock::now;
use super::drive::drive;
use super::http::Http;
use crate::clock::Micros;
use crate::event::{Cf, CloudFrontEvent, EventType, Output, Response};
use crate::paywall::Paywall;
use crate::store::Memory;
use crate::viewer_response::viewer_response;
use crate::walk::{Invocation, viewer_request};

/// Serves invocations until the platform ends the sandbox.
pub fn serve(paywall: &'static Paywall<'static>) -> Result<(), Error> {
    // One request at a time: one thread is enough, and the smallest.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sandbox: &'static Sandbox = Box::leak(Box::new(Sandbox {
        paywall,
        store: Mutex::new(Memory::default()),
        http: Http::default(),
    }));
    runtime.block_on(lambda_runtime::run(service_fn(
        move |event| async move { sandbox.invoke(event) },
    )))
}

struct Sandbox {
    paywall: &'static Paywall<'static>,
    store: Mutex<Memory>,
    http: Http,
}

/// What an event is answered with.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answer {
    ViewerRequest(Output),
    ViewerResponse(Response),
}

impl Sandbox {
    fn invoke(&self, event: LambdaEvent<CloudFrontEvent>) -> Result<Answer, Error> {
        let [record] = event.payload.records;
        let Cf { config, request, response } = record.cf;
        let began = now();
        let (answer, mut log) = match (config.event_type, response) {
            (EventType::ViewerRequest, _) => {
                let invocation = Invocation {
                    request_id: config.request_id,
                    began,
                    deadline: Micros::from_millis(event.context.deadline),
                };
                let first = viewer_request(self.paywall, invocation, request);
                let decision = drive(first, &self.store, &self.http);
                (Answer::ViewerRequest(decision.output), decision.log)
            }
            (EventType::ViewerResponse, Some(response)) => {
                let (response, log) =
                    viewer_response(self.paywall, &config.request_id, &request, response);
                (Answer::ViewerResponse(response), log)
            }
            (EventType::ViewerResponse, None) => {
                return Err("a viewer-response event without a response".into());
            }
        };
        log.total_us = now().0.saturating_sub(began.0);
        println!("{}", log.to_json());
        Ok(answer)
    }
}
