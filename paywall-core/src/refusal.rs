//! Every refusal: its status, its code, and what the buyer should do next.
//!
//! A refusal with status 402 means that nothing was submitted by this request, and that a new payment
//! can help. A payment that may have been submitted is never answered 402, so that no buyer pays twice.

use std::borrow::Cow;

use price_table::BadKey;

use crate::limits;

/// Why a request is not granted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    // The request.
    /// The path has no canonical spelling.
    BadPath(BadKey),
    /// The path leads to nothing that is for sale.
    NotForSale,
    /// What the path leads to cannot be read. Holds why.
    PriceTableDamaged(String),
    /// Neither GET, HEAD nor OPTIONS.
    MethodNotAllowed,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// No byte of the range asked for exists. Holds the object's size.
    RangeNotSatisfiable(u64),

    // The payment header.
    /// There is none.
    PaymentRequired,
    /// It is over [`limits::PAYMENT_HEADER_BYTES`].
    HeaderTooLarge,
    /// There are two, and they differ.
    AmbiguousPayment,
    /// It is no base64, or no JSON. Holds what is wrong with it.
    Unreadable(&'static str),
    /// It is JSON, and not a payment. Holds what is wrong with it.
    Malformed(&'static str),
    /// `x402Version` is neither 1 nor 2.
    InvalidVersion,
    /// It proves the payment in a way that is understood, and not taken. Holds what was detected.
    UnsupportedProof(&'static str),
    /// The nonce is not 32 bytes in hexadecimal.
    NonceFormat,
    /// The signature is not hexadecimal.
    SignatureFormat,
    /// The signature has too few bytes.
    SignatureLength,
    /// No account could have made the signature.
    SignatureImpossible,

    // The terms.
    /// Another scheme than offered.
    SchemeMismatch,
    /// A network that is not offered.
    NetworkMismatch,
    /// A token that is not offered.
    AssetMismatch,
    /// Another payee.
    RecipientMismatch,
    /// Another amount than the price, in v1's words.
    AmountMismatchV1,
    /// Another amount than the price, in v2's words.
    AmountMismatchV2,
    /// `validBefore` has come, or is too near.
    Expired,
    /// `validAfter` is far ahead.
    StartsTooLate,
    /// `validAfter` comes soon. Holds in how many seconds.
    NotYetValid {
        /// From now on.
        wait_seconds: u64,
    },
    /// `validBefore` is far ahead.
    WindowTooLong,

    // The facilitator.
    /// It said no before anything was submitted. Holds its code.
    Refused(String),
    /// It could not be reached; nothing was sent.
    FacilitatorUnavailable,
    /// It did not accept the payment, for a reason that may be the payment's own success.
    VerificationUnclear,
    /// Too many signatures need a facilitator's judgement at the moment.
    VerificationBusy,

    /// It cannot be asked, or would refuse every buyer, until the seller mends something.
    CannotSettle,
    /// The node that must be asked first does not answer.
    NodeUnavailable,
    /// The payer lacks the money.
    InsufficientBalance,

    // A payment that may have been submitted. `until` is the second at which what holds it ends by itself.
    /// Whether it settled is not known.
    SettlementUnknown {
        /// Then.
        until: u64,
        /// Whether a new payment would be charged as well.
        independent: bool,
    },
    /// Another request is settling it, or an earlier one of its payer.
    PaymentInProgress {
        /// Then.
        until: u64,
    },
    /// An earlier payment for the same object settled, or may have, and opened nothing; this one was not
    /// submitted.
    EarlierPaymentUnknown {
        /// Then.
        until: u64,
    },
    /// It was used: for this or another object, by this or another signature, from here or elsewhere.
    /// One code for all of them, so that nobody learns which.
    AlreadyUsed {
        /// Whether only the same payment opens what is owed.
        independent: bool,
    },
    /// It was never settled, and never will be.
    NeverSettled,
    /// It was paid, and nothing shows that it was for this.
    Unproven {
        /// Until when it holds its payer's next payment for the object, if it does.
        until: Option<u64>,
    },
    /// What became of it was never learnt.
    GivenUp,
    /// The payer has too many payments whose windows are open.
    AccountFull {
        /// Then.
        until: u64,
    },
    /// The store of payments cannot take one more.
    StoreUnavailable,
    /// The seller has switched selling off, or every facilitator of the offer. Who has paid is served.
    Closed,
}

/// What a refusal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The HTTP status.
    pub status: u16,
    /// A stable code. Codes of the reference implementations and AWS's samples are kept where they
    /// have one: <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>.
    pub code: Cow<'static, str>,
    /// What is wrong, for people.
    pub message: Cow<'static, str>,
    /// What to do next, for people and agents.
    pub next_step: &'static str,
    /// Whether asking again can help, with a payment or without.
    pub retryable: bool,
    /// Whether the very same payment header should be sent again, rather than a new payment.
    pub resend_same_payment: bool,
    /// The second since the Unix epoch at which what holds the payment ends by itself.
    pub until: Option<u64>,
}

const PAY: &str = "Sign a payment for one of the offers in PAYMENT-REQUIRED and send it.";
const PAY_ANEW: &str =
    "Nothing was submitted. Sign a new payment for one of the offers in PAYMENT-REQUIRED.";
const FIX_HEADER: &str =
    "Nothing was submitted. Send base64 of an x402 payment, as PAYMENT-REQUIRED asks for it.";
const SAME_LATER: &str =
    "Send the same payment again after Retry-After seconds. Do not sign another one.";

const SAME_OR_CHARGED: &str = "Send the same payment again after Retry-After seconds. A new payment \
                              would be charged as well.";

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> Cow<'static, str> {
        self.words().code
    }

    /// Everything that it says.
    pub fn words(&self) -> Words {
        match self {
            Refusal::BadPath(why) => end(400, "invalid_path", why.to_string(), "Correct the path."),
            Refusal::NotForSale => {
                end(404, "not_for_sale", "Nothing is for sale here.", "Check the path.")
            }
            Refusal::PriceTableDamaged(_) => same(
                "price_table_damaged",
                "What is asked for this object cannot be read at the moment; nothing was submitted.",
            ),
            Refusal::MethodNotAllowed => {
                end(405, "method_not_allowed", "Only GET, HEAD and OPTIONS are served.", "Use GET.")
            }
            Refusal::PreconditionFailed => end(
                412,
                "precondition_failed",
                "The object is not the version that If-Match names.",
                "Nothing was submitted. Leave If-Match out to buy the current version.",
            ),
            Refusal::RangeNotSatisfiable(size) => end(
                416,
                "range_not_satisfiable",
                format!("The object has {size} bytes; the range is past its end."),
                "Nothing was submitted. Ask for a range within the object.",
            ),
            Refusal::PaymentRequired => {
                cure(402, "payment_required", "This object is for sale.", PAY)
            }
            Refusal::HeaderTooLarge => cure(
                431,
                "payment_header_too_large",
                format!("The payment header is over {} bytes.", limits::PAYMENT_HEADER_BYTES),
                "Nothing was submitted. Leave out what the payment does not need.",
            ),
            Refusal::AmbiguousPayment => cure(
                400,
                "ambiguous_payment",
                "Two payment headers are there, and they differ.",
                "Nothing was submitted. Send one payment.",
            ),
            Refusal::Unreadable(what) | Refusal::Malformed(what) => cure(
                if matches!(self, Refusal::Unreadable(_)) { 400 } else { 402 },
                "invalid_payload",
                format!("The payment cannot be read: {what}."),
                FIX_HEADER,
            ),
            Refusal::InvalidVersion => cure(
                402,
                "invalid_x402_version",
                "`x402Version` must be the number 1 or 2.",
                FIX_HEADER,
            ),
            Refusal::UnsupportedProof(detected) => cure(
                422,
                "unsupported_proof",
                format!(
                    "Detected {detected}; supported is the scheme `exact`, on EVM networks with an \
                     EIP-3009 authorization."
                ),
                PAY_ANEW,
            ),
            Refusal::NonceFormat => cure(
                402,
                "invalid_nonce_format",
                "`authorization.nonce` must be 0x and 64 hexadecimal digits.",
                PAY_ANEW,
            ),
            Refusal::SignatureFormat => cure(
                402,
                "invalid_signature_format",
                "`payload.signature` must be 0x and hexadecimal digits, two a byte.",
                PAY_ANEW,
            ),
            Refusal::SignatureLength => cure(
                402,
                "invalid_signature_length",
                "`payload.signature` is too short for a signature.",
                PAY_ANEW,
            ),
            Refusal::SignatureImpossible => cure(
                402,
                "invalid_exact_evm_payload_signature",
                "`payload.signature` has an r or s that no signature can have.",
                PAY_ANEW,
            ),
            Refusal::SchemeMismatch => {
                cure(402, "scheme_mismatch", "The scheme is not offered here.", PAY_ANEW)
            }
            Refusal::NetworkMismatch => {
                cure(402, "network_mismatch", "The network is not offered here.", PAY_ANEW)
            }
            Refusal::AssetMismatch => {
                cure(402, "asset_mismatch", "The token is not offered here.", PAY_ANEW)
            }
            Refusal::RecipientMismatch => cure(
                402,
                "invalid_exact_evm_payload_recipient_mismatch",
                "The payment is for another payee.",
                PAY_ANEW,
            ),
            Refusal::AmountMismatchV1 => cure(
                402,
                "invalid_exact_evm_payload_authorization_value",
                "The amount is not the price.",
                PAY_ANEW,
            ),
            Refusal::AmountMismatchV2 => cure(
                402,
                "invalid_exact_evm_payload_authorization_value_mismatch",
                "The amount is not the price.",
                PAY_ANEW,
            ),
            Refusal::Expired => cure(
                402,
                "invalid_exact_evm_payload_authorization_valid_before",
                "The authorization has expired, or has too few seconds left.",
                PAY_ANEW,
            ),
            Refusal::StartsTooLate => cure(
                402,
                "invalid_exact_evm_payload_authorization_valid_after",
                "The authorization is not valid yet, and will not be soon.",
                PAY_ANEW,
            ),
            Refusal::NotYetValid { .. } => same(
                "not_yet_valid",
                "The authorization is not valid yet, and will be in seconds; nothing was submitted.",
            ),
            Refusal::WindowTooLong => cure(
                402,
                "authorization_window_too_long",
                format!(
                    "The authorization is valid for more than {} hours from now.",
                    limits::WINDOW_MOST_SECONDS / 3_600
                ),
                PAY_ANEW,
            ),
            Refusal::Refused(code) => cure(
                402,
                code.clone(),
                "The facilitator refused the payment; nothing was submitted.",
                PAY_ANEW,
            ),
            Refusal::FacilitatorUnavailable => same(
                "facilitator_unavailable",
                "The facilitator could not be reached; nothing was submitted.",
            ),
            Refusal::VerificationUnclear => same(
                "verification_unclear",
                "The facilitator did not accept the payment, and not for a reason that rules out that it \
                 was settled before. This request submitted nothing.",
            ),
            Refusal::VerificationBusy => same(
                "verification_busy",
                "Too many signatures are waiting for a facilitator's judgement; nothing was \
                 submitted.",
            ),
            Refusal::CannotSettle => end(
                503,
                "cannot_settle",
                "No facilitator can settle this payment until the seller mends something; nothing was \
                 submitted.",
                "Tell the seller. Waiting does not help.",
            ),
            Refusal::NodeUnavailable => same(
                "node_unavailable",
                "Something may be owed to you, and the chain cannot be asked at the moment; nothing was \
                 submitted.",
            ),
            Refusal::InsufficientBalance => cure(
                402,
                "insufficient_balance",
                "The payer's account has less of the token than the price.",
                "Nothing was submitted. Fund the account, or sign a payment from another one.",
            ),
            Refusal::SettlementUnknown { until, independent } => Words {
                next_step: if *independent { SAME_OR_CHARGED } else { SAME_LATER },
                ..held(
                    *until,
                    "settlement_unknown",
                    "The payment was submitted, and whether it settled is not known yet.",
                )
            },
            Refusal::PaymentInProgress { until } => held(
                *until,
                "payment_in_progress",
                "Another request is settling this payment, or an earlier one of yours for this object.",
            ),
            Refusal::EarlierPaymentUnknown { until } => held(
                *until,
                "earlier_payment_unknown",
                "An earlier payment of yours for this object may have settled. This one was not \
                 submitted, so that you do not pay twice.",
            ),
            Refusal::AlreadyUsed { independent: false } => cure(
                409,
                "payment_already_used",
                "This payment was used before. If you made it and something is owed, a new signature \
                 opens it and is not charged.",
                "Sign a new payment.",
            ),
            Refusal::AlreadyUsed { independent: true } => cure(
                409,
                "payment_already_used",
                "This payment was used before. If you made it and something is owed, send it again from \
                 the network that first sent it, or ask the seller; a new payment is charged.",
                "Sign a new payment to buy the object again.",
            ),
            Refusal::NeverSettled => cure(
                409,
                "payment_never_settled",
                "This payment was cancelled, spent on something else, or ran out before it was settled. \
                 Nothing was paid for this object.",
                "Sign a new payment with a fresh random nonce.",
            ),
            Refusal::Unproven { until } => Words {
                until: *until,
                ..cure(
                    409,
                    "payment_unproven",
                    "The chain shows that you paid, and not that it was for this. The seller has been \
                     told.",
                    "Ask the seller to pay it back. A new payment is taken after `until`, and charged.",
                )
            },
            Refusal::GivenUp => cure(
                409,
                "payment_given_up",
                "What became of this payment was never learnt. The seller has been told; a new payment \
                 would be charged.",
                "Look at your account. If the money left it, ask the seller to pay it back.",
            ),
            Refusal::AccountFull { until } => Words {
                next_step: "Wait, or sign payments that stay valid for a shorter time.",
                ..held(
                    *until,
                    "too_many_open_payments",
                    "Too many payments of yours for this object are still valid; nothing was submitted.",
                )
            },
            Refusal::Closed => Words {
                next_step: "Ask again after Retry-After seconds, with the same payment if you have signed one.",
                ..same(
                    "closed",
                    "The seller takes no payments for this at the moment; nothing was submitted.",
                )
            },
            Refusal::StoreUnavailable => same(
                "store_unavailable",
                "Payments cannot be recorded at the moment; nothing was submitted.",
            ),
        }
    }

    /// What `Retry-After` says, in seconds: how long to wait before asking again can help.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            // Tokens want a block that is later than `validAfter`.
            Refusal::NotYetValid { wait_seconds } => Some(wait_seconds + 1),
            Refusal::Closed => Some(limits::CLOSED_RETRY_SECONDS),
            _ => {
                let Words { status, retryable, .. } = self.words();
                (status == 503 && retryable).then_some(limits::RETRY_AFTER_SECONDS.into())
            }
        }
    }

    /// Whether it ends with a person: the buyer asks the seller, and waiting or paying anew mends nothing of it.
    pub fn needs_seller(&self) -> bool {
        matches!(
            self,
            Refusal::CannotSettle
                | Refusal::Unproven { .. }
                | Refusal::GivenUp
                | Refusal::AlreadyUsed { independent: true }
        )
    }

    /// Whether the answer quotes the price, so that the buyer can go on from it.
    pub fn quotes(&self) -> bool {
        matches!(self.words().status, 400 | 402 | 422 | 431) && !matches!(self, Refusal::BadPath(_))
    }
}

/// Asking again in the same way will not help.
fn end(
    status: u16,
    code: &'static str,
    message: impl Into<Cow<'static, str>>,
    next_step: &'static str,
) -> Words {
    Words {
        status,
        code: code.into(),
        message: message.into(),
        next_step,
        retryable: false,
        resend_same_payment: false,
        until: None,
    }
}

/// A new payment can help.
fn cure(
    status: u16,
    code: impl Into<Cow<'static, str>>,
    message: impl Into<Cow<'static, str>>,
    next_step: &'static str,
) -> Words {
    Words {
        status,
        code: code.into(),
        message: message.into(),
        next_step,
        retryable: true,
        resend_same_payment: false,
        until: None,
    }
}

/// The same payment can be sent again, and nothing holds it after `until`.
fn held(until: u64, code: &'static str, message: &'static str) -> Words {
    Words { until: Some(until), ..same(code, message) }
}

/// The same payment can be sent again, later.
fn same(code: &'static str, message: &'static str) -> Words {
    Words {
        status: 503,
        code: code.into(),
        message: message.into(),
        next_step: SAME_LATER,
        retryable: true,
        resend_same_payment: true,
        until: None,
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
