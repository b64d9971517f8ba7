//! The receipt of a settlement, and what an answer must not contradict to be one.

use price_table::{Object, Offer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::{self, Extensions};
use crate::hex;
use crate::json::text;
use crate::limits;
use crate::wire::Wire;

/// What must be true of an answer for it to be about our payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The version that the facilitator was asked in.
    pub wire: Wire,
    /// The CAIP-2 name.
    pub caip2: String,
    /// The v1 name.
    pub v1: Option<String>,
    /// The payer.
    pub payer: Payer,
    /// Atomic units.
    pub amount: u128,
}

/// Who pays, as far as the payment tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(into = "String", try_from = "String")]
pub enum Payer {
    /// An account on an EVM network.
    Evm([u8; 20]),
    /// Somebody on another network; the facilitator knows who.
    Unknown,
}

/// Proof that a payment settled. Only an answer that says so, evidence on the chain, or the record of
/// either makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Receipt {
    transaction: String,
    network: String,
    payer: String,
}

/// <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>
#[derive(Serialize)]
struct SettlementResponse<'a> {
    success: bool,
    transaction: &'a str,
    network: &'a str,
    payer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions<'a>>,
}

impl Payer {
    /// Whether a text can name a transaction on the payer's network.
    fn is_transaction(&self, text: &str) -> bool {
        match self {
            Payer::Evm(_) => hex::decode_array::<32>(text).is_some_and(|hash| hash != [0; 32]),
            Payer::Unknown => is_name(text),
        }
    }

    fn contradicts(&self, named: &str) -> bool {
        match self {
            Payer::Evm(account) => hex::decode_array(named) != Some(*account),
            Payer::Unknown => false,
        }
    }

    pub(crate) fn spelled(&self, json: &Value) -> String {
        match self {
            Payer::Evm(account) => hex::encode(account),
            Payer::Unknown => {
                json["payer"].as_str().filter(|name| is_name(name)).unwrap_or_default().to_owned()
            }
        }
    }
}

impl From<Payer> for String {
    fn from(payer: Payer) -> Self {
        match payer {
            Payer::Evm(account) => hex::encode(&account),
            Payer::Unknown => String::new(),
        }
    }
}

impl TryFrom<String> for Payer {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "" => Ok(Payer::Unknown),
            text => hex::decode_array(text).map(Payer::Evm).ok_or("not an address"),
        }
    }
}

/// The fields in which facilitators name a transaction: the specifications', and those of older
/// facilitators and forks (Ultravioleta's answers have three of them at once).
const TRANSACTION: [&str; 4] = ["transaction", "txHash", "transactionHash", "transaction_hash"];

/// The transaction that an answer names, whether of a success or of a failure; empty if it names none.
/// `Err` says why that cannot be told: a field that is no text, or two that differ.
pub(crate) fn transaction(answer: &Value) -> Result<&str, &'static str> {
    let mut found = "";
    for field in TRANSACTION {
        match &answer[field] {
            Value::Null => {}
            Value::String(text) if text.is_empty() || same(text, found) => {}
            Value::String(text) if found.is_empty() => found = text,
            Value::String(_) => return Err("two transactions"),
            _ => return Err("a transaction that is not a string"),
        }
    }
    Ok(found)
}

/// The first hash of an EVM transaction that an answer names. A hint where to look, never a proof.
pub(crate) fn hint(answer: &Value) -> Option<[u8; 32]> {
    let named = TRANSACTION.iter().filter_map(|field| answer[*field].as_str());
    named.filter_map(hex::decode_array).find(|hash| *hash != [0; 32])
}

/// Hexadecimal has two cases; base58 means something else in each.
fn same(a: &str, b: &str) -> bool {
    a == b || (a.starts_with("0x") && a.eq_ignore_ascii_case(b))
}

/// Whether a text looks like an account or a transaction of any network: short, and no white space.
fn is_name(text: &str) -> bool {
    (1..=limits::CODE_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

impl Expected {
    /// The first thing that the answer names and names wrongly.
    pub(crate) fn contradiction(&self, json: &Value) -> Option<&'static str> {
        for field in ["network", "payer", "amount"] {
            if !matches!(json[field], Value::Null | Value::String(_)) {
                return Some(field);
            }
        }
        if !self.is_network_id(&json["networkId"]) {
            return Some("networkId");
        }
        let named = |field: &str| json[field].as_str().filter(|text| !text.is_empty());
        if named("network").is_some_and(|n| n != self.caip2 && Some(n) != self.v1.as_deref()) {
            return Some("network");
        }
        if named("payer").is_some_and(|payer| self.payer.contradicts(payer)) {
            return Some("payer");
        }
        if named("amount").is_some_and(|amount| amount != self.amount.to_string()) {
            return Some("amount");
        }
        None
    }

    /// The older field of v1: a network's name, or its number, as text or not.
    fn is_network_id(&self, id: &Value) -> bool {
        let number = self.caip2.split_once(':').map(|(_, number)| number);
        match id {
            Value::Null => true,
            Value::String(id) => {
                id.is_empty()
                    || [Some(&*self.caip2), self.v1.as_deref(), number].contains(&Some(id.as_str()))
            }
            Value::Number(id) => number == Some(&*id.to_string()),
            _ => false,
        }
    }

    pub(crate) fn network(&self) -> &str {
        spelled(self.wire, &self.caip2, self.v1.as_deref())
    }
}

/// A network's name in a version of x402.
fn spelled<'n>(wire: Wire, caip2: &'n str, v1: Option<&'n str>) -> &'n str {
    match wire {
        Wire::V1 => v1.unwrap_or(caip2),
        Wire::V2 => caip2,
    }
}

/// The same JSON in ASCII: buyers of v1 take each byte of what they decode for a character, `safeBase64Decode` of
/// <https://github.com/coinbase/x402/blob/main/typescript/packages/legacy/x402/src/shared/base64.ts>.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => text.push(byte.into()),
            _ => text.extend(["\\u", &hex::encode(&unit.to_be_bytes())[2..]]),
        }
    }
    text
}

impl Receipt {
    /// The receipt of an answer that says success; `None` if it names no transaction.
    pub(crate) fn of(answer: &Value, transaction: &str, expected: &Expected) -> Option<Self> {
        expected.payer.is_transaction(transaction).then(|| Receipt {
            transaction: transaction.to_owned(),
            network: expected.network().to_owned(),
            payer: expected.payer.spelled(answer),
        })
    }

    /// Names the network as a buyer of this version knows it: another one may have bought, by another client.
    pub(crate) fn spell(&mut self, wire: Wire, offers: &[Offer]) {
        let mut networks = offers.iter().map(|offer| &offer.network);
        let own = networks.find(|own| {
            own.caip2 == self.network || own.v1.as_deref() == Some(self.network.as_str())
        });
        if let Some(own) = own {
            spelled(wire, &own.caip2, own.v1.as_deref()).clone_into(&mut self.network);
        }
    }

    /// The transaction's hash.
    pub fn transaction(&self) -> &str {
        &self.transaction
    }

    /// `SettlementResponse` as buyers read it, with what is told of the object, in ASCII.
    pub fn to_json(&self, object: &Object<'_>) -> String {
        ascii(&text(&SettlementResponse {
            success: true,
            transaction: &self.transaction,
            network: &self.network,
            payer: &self.payer,
            extensions: digest::extensions(object),
        }))
    }

    /// The receipt of a payment that was found on the chain.
    pub fn found(transaction: &[u8; 32], expected: &Expected) -> Self {
        Receipt {
            transaction: hex::encode(transaction),
            network: expected.network().to_owned(),
            payer: expected.payer.spelled(&Value::Null),
        }
    }

    /// The same, less what a facilitator alone says of who paid: for the log.
    pub(crate) fn told(mut self) -> Self {
        if hex::decode_array::<20>(&self.payer).is_none() {
            self.payer.clear();
        }
        self
    }

    /// Changes each of its texts.
    pub(crate) fn each(&mut self, change: impl FnMut(&mut String)) {
        let Receipt { transaction, network, payer } = self;
        [transaction, network, payer].into_iter().for_each(change);
    }

    /// Who paid; empty if that was not said.
    pub fn payer(&self) -> &str {
        &self.payer
    }
}
