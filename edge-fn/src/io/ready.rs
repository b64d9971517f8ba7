//! What needs secrets, made ready as soon as they can be had.

use std::sync::Mutex;
use std::time::Duration;

use once_cell::sync::OnceCell;
use price_table::{Seal, Table};
use ring::rand::{SecureRandom, SystemRandom};
use site_secrets::Inline;

use super::http::Http;
use super::secrets::{Secrets, Source};
use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::log::{Alarm, Event, Line, Mend, Words};
use paywall_core::paywall::{Overrides, Paywall};

/// How long SSM may take. A far Region takes four round trips: about a second.
const TIMEOUT: Duration = Duration::from_secs(2);

/// After SSM failed, it is left alone for so long, in milliseconds.
const PAUSE_MS: u64 = 5_000;

/// The paywall, and the secrets that its calls need.
#[derive(Debug)]
pub struct Ready {
    /// Judges requests.
    pub paywall: Paywall<'static>,
    /// Proves to facilitators who asks.
    pub secrets: Secrets,
}

/// The paywall, or one that opens nothing as long as there are no secrets.
#[derive(Debug)]
pub struct Standing {
    table: &'static Table,
    seal: Option<Seal>,
    overrides: Overrides,
    source: Source,
    ready: OnceCell<Ready>,
    locked: Ready,
    /// When the secrets could not be had.
    failed: Mutex<Option<Micros>>,
}

impl Standing {
    /// Nothing is loaded yet.
    pub fn new(
        table: &'static Table,
        seal: Option<Seal>,
        overrides: Overrides,
        source: Source,
    ) -> Self {
        // Keys that nobody else has, and that nothing is signed with.
        let [handover, pass] = [random_key(), random_key()].map(|key| vec![key]);
        let nobodys = Secrets::new(&Inline { handover, pass, ..Inline::default() }, table);
        let locked = Ready::new(table, &seal, &overrides, nobodys);
        let ready = OnceCell::new();
        Standing { table, seal, overrides, source, ready, locked, failed: Mutex::default() }
    }

    /// What needs secrets; `Err` without them, for what needs none.
    pub fn get(&self, http: &Http, now: Micros, deadline: Micros) -> Result<&Ready, &Ready> {
        self.ready
            .get_or_try_init(|| self.load(http, now, deadline))
            .map_err(|Unavailable| &self.locked)
    }

    fn load(&self, http: &Http, now: Micros, deadline: Micros) -> Result<Ready, Unavailable> {
        let mut failed = self.failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let left = Duration::from_millis(deadline.millis_since(now));
        if left.is_zero() || failed.is_some_and(|at| now.millis_since(at) < PAUSE_MS) {
            return Err(Unavailable);
        }
        match self.source.load(self.table, http, now, TIMEOUT.min(left)) {
            Ok(secrets) => {
                for problem in &secrets.problems {
                    tell(&self.table.site.id, Mend::SecretsUnusable, Words::said(problem));
                }
                Ok(Ready::new(self.table, &self.seal, &self.overrides, secrets))
            }
            Err(why) => {
                *failed = Some(now);
                tell(&self.table.site.id, Mend::SecretsUnavailable, Words::said(&why));
                Err(Unavailable)
            }
        }
    }
}

/// There are no secrets, for now.
struct Unavailable;

impl Ready {
    fn new(
        table: &'static Table,
        seal: &Option<Seal>,
        overrides: &Overrides,
        secrets: Secrets,
    ) -> Self {
        let paywall = Paywall {
            table,
            seal: seal.clone(),
            keys: secrets.handover.clone(),
            passes: secrets.pass.clone(),
            overrides: overrides.clone(),
            budget: Default::default(),
            breakers: Default::default(),
            nodes: Default::default(),
        };
        Ready { paywall, secrets }
    }
}

/// Logs what the operator must mend.
pub fn tell(site: &str, what: Mend, words: Words) {
    let mut line = Line::of(Event::Start, "", site).ended(what.code());
    line.mend((what, words));
    line.alarm(Alarm::Start);
    super::say(line);
}

fn random_key() -> String {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).expect("Linux has getrandom");
    hex::encode(&key)[2..].to_owned()
}
