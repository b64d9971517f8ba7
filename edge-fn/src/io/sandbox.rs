//! What lives as long as the sandbox, and answers its events.

use std::collections::BTreeSet;
use std::sync::Mutex;

use lambda_runtime::Diagnostic;
use price_table::{Seal, Table};
use serde_json::value::RawValue;

use super::clock::now;
use super::http::Http;
use super::outside::Outside;
use super::ready::{Ready, Standing, tell};
use super::records::Records;
use super::settings::Settings;
use paywall_core::clock::Micros;
use paywall_core::event::{Cf, CloudFrontEvent, EventType, Output, Request};
use paywall_core::json;
use paywall_core::limits;
use paywall_core::log::{Alarm, Event, Line, Mend, Words};
use paywall_core::refusal::Refusal;
use paywall_core::respond::{self, Asked};
use paywall_core::route::{Route, route};
use paywall_core::viewer_response::viewer_response;
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk;

/// How long the sandbox's start may wait for secrets, in milliseconds; Lambda gives it ten seconds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
const START_MS: u64 = 4_000;

/// The function, ready for events.
#[derive(Debug)]
pub struct Sandbox {
    table: &'static Table,
    standing: Standing,
    http: Http,
    records: Records,
    singly: Mutex<BTreeSet<String>>,
}

impl Sandbox {
    /// Nothing is remembered yet. What the operator must mend is logged, and what does not need it
    /// works all the same.
    pub fn new(table: &'static Table, seal: Option<Seal>, settings: Settings) -> Self {
        let Settings { secrets, overrides, store } = settings;
        let sandbox = Sandbox {
            table,
            standing: Standing::new(table, seal, overrides, secrets),
            http: Http::default(),
            records: Records::new(&table.redemptions, store),
            singly: Mutex::default(),
        };
        if let Some(problem) = sandbox.records.problem() {
            tell(&table.site.id, Mend::StoreUnavailable, Words::said(problem));
        }
        let began = now();
        let _ = sandbox.standing.get(&sandbox.http, began, Micros(began.0 + START_MS * 1_000));
        sandbox
    }

    /// Answers an event, JSON for JSON, and logs one line about it.
    ///
    /// # Errors
    ///
    /// An event that is not a viewer's, which CloudFront answers with 503.
    pub fn answer(&self, event: &RawValue, deadline: Micros) -> Result<Box<RawValue>, Diagnostic> {
        let event: CloudFrontEvent = serde_json::from_str(event.get()).map_err(not_ours)?;
        let [record] = event.records;
        let Cf { config, request, response } = record.cf;
        let began = now();
        let (answer, mut log) = match (config.event_type, response) {
            (EventType::ViewerRequest, _) => {
                let invocation = Invocation { request_id: config.request_id, began, deadline };
                let decision = self.viewer_request(invocation, request);
                (json::raw(&decision.output), decision.log)
            }
            (EventType::ViewerResponse, Some(response)) => {
                let (Ok(ready) | Err(ready)) = self.ready(began, deadline);
                let id = &config.request_id;
                let (response, log) = viewer_response(&ready.paywall, id, &request, response);
                (json::raw(&response), log)
            }
            (EventType::ViewerResponse, None) => {
                return Err(not_ours("a viewer-response event without a response"));
            }
        };
        log.total_us = now().0.saturating_sub(began.0);
        super::say(log);
        Ok(answer)
    }

    fn viewer_request(&self, invocation: Invocation, request: Request) -> Decision {
        let (ready, locked) = match self.ready(invocation.began, invocation.deadline) {
            Ok(ready) => (ready, false),
            Err(locked) => (locked, true),
        };
        // What cannot be read now may be read, and priced, when it is asked again below.
        let priced = || {
            let route = route(self.table, &request.uri);
            matches!(route, Ok(Route::Priced(_)) | Err(Refusal::PriceTableDamaged(_)))
        };
        if locked && request.method != "OPTIONS" && priced() {
            return self.refuse_for_now(&invocation.request_id, &request);
        }
        let world = Outside {
            site: &self.table.site.id,
            http: &self.http,
            credentials: &ready.secrets.credentials,
            records: &self.records,
            rpc: &ready.secrets.rpc,
            singly: &self.singly,
        };
        walk::viewer_request(&ready.paywall, &world, invocation, request)
    }

    /// Without secrets no pass can be read, and no payment be taken: a price is not even quoted, for
    /// who is asked to pay may have paid.
    fn refuse_for_now(&self, request_id: &str, request: &Request) -> Decision {
        let refusal = Refusal::StoreUnavailable;
        let asked = Asked {
            headers: &request.headers,
            head: request.method == "HEAD",
            listing: None,
            settlement: None,
        };
        let response = respond::refuse(&self.table.site, &refusal, asked);
        let log = Line::of(Event::ViewerRequest, request_id, &self.table.site.id);
        let mut log = log.ended(refusal.code());
        log.status = response.status.parse().ok();
        log.detail = Some("the secrets could not be had; see the line of the start".into());
        log.alarm(Alarm::NoSecrets);
        Decision { output: Output::Response(response), log }
    }

    /// What needs secrets, in the time that an invocation has.
    fn ready(&self, now: Micros, deadline: Micros) -> Result<&Ready, &Ready> {
        let margin = Micros::from_millis(limits::DEADLINE_MARGIN_MS);
        self.standing.get(&self.http, now, Micros(deadline.0.saturating_sub(margin.0)))
    }
}

/// Lambda logs it, too; and what cannot be read is quoted by whoever cannot read it.
fn not_ours(why: impl ToString) -> Diagnostic {
    let error_message = Words::said(&why.to_string()).ascii();
    Diagnostic { error_type: "Runtime.UnknownEvent".into(), error_message }
}
