//! One JSON line per decision: what happened and to which payment. `docs/log.md` is its contract.
//!
//! The same type writes and reads it. No payload, signature or secret can be in it: fields are numbers, names of the
//! price table, what identifies a payment, and [`Words`].

mod phases;
mod sample;
mod told;
mod words;

use std::fmt;

use price_table::Quoted;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::json;
use crate::limits::LINE_BYTES;
use crate::receipt::Receipt;

pub use phases::Phases;
pub use sample::is_picked;
pub use told::{Alarm, Mend, OUTCOMES};
pub use words::{LEFT_OUT, Words};

/// The version of the line. It rises when a field goes, or means something else; new fields, and new values of
/// `outcome`, `alarmCode` and `operatorCode`, do not raise it.
pub const VERSION: u64 = 1;

/// The line.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// [`VERSION`].
    #[serde(default)]
    pub v: Version,
    /// CloudFront's id of the request.
    #[serde(default)]
    pub request_id: String,
    /// The id of the site.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// What was decided about.
    pub event: Event,
    /// A refusal's code, or how the request was granted.
    pub outcome: Words,
    /// The status of an answer that the function generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The object's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The payment, once its signature was looked at.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// The transaction that settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// The base URL of the facilitator that said in this request that it settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator: Option<String>,
    /// The receipt of a payment that settled and could not be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrecorded: Option<Receipt>,
    /// Calls of facilitators and nodes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallTiming>,
    /// Why a facilitator's answer did not count, or what does not fit together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Words>,
    /// What the seller must mend, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Words>,
    /// Which of the lines that [`Mend`] lists `operator` is.
    #[serde(default, deserialize_with = "known", skip_serializing_if = "Option::is_none")]
    pub operator_code: Option<Mend>,
    /// Someone should look.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alarm: bool,
    /// Why.
    #[serde(default, deserialize_with = "known", skip_serializing_if = "Option::is_none")]
    pub alarm_code: Option<Alarm>,
    /// This line stands for so many like it; without it, for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<u32>,
    /// Whether something was cut, so that the line is no longer than [`LINE_BYTES`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Microseconds from the event to the answer; whoever prints the line knows them.
    #[serde(default)]
    pub total_us: u64,
}

/// The version of a line: this one, where a line does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Version(u64);

/// What a line is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A request, before the cache.
    ViewerRequest,
    /// An answer of the cache or the origin.
    ViewerResponse,
    /// What the function found out about itself.
    #[default]
    Start,
}

/// What is logged of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The payer's address, if the payment names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// The authorization's nonce: with the payer, what tells payments apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Atomic units of the price.
    pub amount: String,
    /// The token's address.
    pub asset: String,
    /// The CAIP-2 name.
    pub network: String,
}

impl Payment {
    /// What is asked, whoever pays it.
    pub(crate) fn asked(Quoted { offer, amount }: Quoted<'_>) -> Self {
        Payment {
            payer: None,
            nonce: None,
            amount: amount.to_string(),
            asset: offer.asset().to_owned(),
            network: offer.network.caip2.to_string(),
        }
    }
}

/// How long a call took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CallTiming {
    /// `verify` and `settle` of a facilitator, `rpc` of a node.
    pub endpoint: Words,
    /// The facilitator's base URL, or the node's network.
    pub to: String,
    /// Milliseconds in all.
    pub ms: u64,
    /// Where they went.
    #[serde(flatten)]
    pub phases: Phases,
    /// What a facilitator says of listing what was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<Words>,
}

/// Why a text is no line of this version.
#[derive(Debug)]
pub enum Unread {
    /// It is none, or a piece of one.
    NoLine,
    /// A later function wrote it. Holds its version.
    Version(u64),
}

impl Line {
    /// Begins the line of an event.
    pub fn of(event: Event, request_id: &str, site: &str) -> Self {
        Line { request_id: request_id.to_owned(), site: site.to_owned(), event, ..Line::default() }
    }

    /// Says how it ended.
    pub fn ended(mut self, outcome: impl Into<Words>) -> Self {
        self.outcome = outcome.into();
        self
    }

    /// Calls somebody to look.
    pub fn alarm(&mut self, why: Alarm) {
        self.alarm = true;
        self.alarm_code = Some(why);
    }

    /// Tells the seller what to mend.
    pub fn mend(&mut self, (code, words): (Mend, Words)) {
        self.operator = Some(words);
        self.operator_code = Some(code);
    }

    /// Lets one of so many lines stand for all of them, where nothing was sold, refused or wrong.
    pub fn thinned(mut self, one_in: u32) -> Self {
        let is_plain =
            ["free", "pass", "vouched"].contains(&self.outcome.as_str()) && self.calls.is_empty();
        let is_told = self.alarm || self.operator.is_some() || self.detail.is_some();
        self.sampled = (one_in > 1 && is_plain && !is_told).then_some(one_in);
        self
    }

    /// Whether it is printed: the same whenever and wherever that is asked.
    pub fn is_printed(&self) -> bool {
        self.sampled.is_none_or(|one_in| is_picked(&self.request_id, one_in))
    }

    /// The line as it is printed, without its end: [`LINE_BYTES`] at most.
    pub fn into_json(self) -> String {
        let json = json::text(&self);
        if json.len() <= LINE_BYTES { json } else { self.cut() }
    }

    /// The same of a line that is needed still.
    pub fn to_json(&self) -> String {
        self.clone().into_json()
    }

    /// Names that nobody has so long are cut first, then calls are left out, those of `settle` last.
    fn cut(mut self) -> String {
        self.cut = true;
        let mut long =
            vec![(&mut self.request_id, 128), (&mut self.site, 64), (self.outcome.text(), 256)];
        long.extend(self.object.as_mut().map(|object| (object, 1_024)));
        long.extend(self.transaction.as_mut().map(|transaction| (transaction, 256)));
        if let Some(Payment { payer, nonce, amount, asset, network }) = &mut self.payment {
            long.extend([payer.as_mut(), nonce.as_mut()].into_iter().flatten().map(|it| (it, 128)));
            long.extend([(amount, 128), (asset, 128), (network, 128)]);
        }
        long.extend(self.facilitator.as_mut().map(|url| (url, 128)));
        long.extend(self.detail.as_mut().map(|words| (words.text(), 640)));
        long.extend(self.operator.as_mut().map(|words| (words.text(), 640)));
        for call in &mut self.calls {
            long.extend([(call.endpoint.text(), 16), (&mut call.to, 128)]);
            long.extend(call.listing.as_mut().map(|words| (words.text(), 128)));
        }
        long.into_iter().for_each(|(text, most)| clip(text, most));
        self.unrecorded.iter_mut().for_each(|receipt| receipt.each(|text| clip(text, 128)));
        let mut json = json::text(&self);
        while json.len() > LINE_BYTES && !self.calls.is_empty() {
            let at = self.calls.iter().position(|call| call.endpoint != "settle").unwrap_or(0);
            self.calls.remove(at);
            json = json::text(&self);
        }
        json
    }

    /// Reads a line as it is printed. Fields of later functions are left out.
    ///
    /// # Errors
    ///
    /// It is none, or of another version.
    pub fn read(json: &str) -> Result<Self, Unread> {
        #[derive(Deserialize)]
        struct Any {
            #[serde(default)]
            v: Version,
        }
        let Any { v: Version(v) } = serde_json::from_str(json).map_err(|_| Unread::NoLine)?;
        if v != VERSION {
            return Err(Unread::Version(v));
        }
        serde_json::from_str(json).map_err(|_| Unread::NoLine)
    }
}

/// A value of a list; `None` if a later function's list has it.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(from)?).ok())
}

/// Cuts a text to so many bytes of JSON.
fn clip(text: &mut String, most: usize) {
    let mut bytes = 0;
    let end = text.find(|c: char| {
        bytes += match c {
            '"' | '\\' => 2,
            ..' ' => 6,
            c => c.len_utf8(),
        };
        bytes > most
    });
    if let Some(end) = end {
        text.truncate(end);
        text.push(LEFT_OUT);
    }
}

impl Default for Version {
    fn default() -> Self {
        Version(VERSION)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::NoLine => f.write_str("cut off, or no line of the function"),
            Unread::Version(v) => {
                write!(
                    f,
                    "of version {v}, and this program reads {VERSION}: use the one that was deployed, or a later one"
                )
            }
        }
    }
}

impl std::error::Error for Unread {}
