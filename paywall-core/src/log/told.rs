//! What somebody is called for, in two lists: `docs/log.md` shows them.

/// An enum whose values are lines of a list: a code, and what it means.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident { $($value:ident = $code:literal: $about:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
        pub enum $name { $(#[doc = $about] #[serde(rename = $code)] $value,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$value),*];

            /// How a line names it.
            pub fn code(self) -> &'static str {
                match self { $($name::$value => $code),* }
            }

            /// What it means, and what to do.
            pub fn about(self) -> &'static str {
                match self { $($name::$value => $about),* }
            }
        }
    };
}

list! {
    /// Why somebody should look: money may have moved without an answer, or content is not what was published.
    Alarm {
        PaymentUnknown = "payment_unknown": "A payment was sent, and this request did not learn whether it settled. Its buyer is asked to send it again; `paywall sales` lists what stays so.",
        PaymentUnproven = "payment_unproven": "The chain shows that a buyer paid, and not that it was for this. Pay it back, or deliver it: `paywall sales`.",
        PaymentGivenUp = "payment_given_up": "What became of a payment was never learnt, and its time is over. Look at the payee's account for it: `paywall sales`.",
        SaleUnrecorded = "sale_unrecorded": "A payment settled, and the store did not take it: `unrecorded` is its receipt. Unless `outcome` is `settled`, its buyer did not get the object.",
        TableDamaged = "table_damaged": "An object of the price table cannot be read, and is refused to all. Package and deploy anew.",
        NotListed = "not_listed": "CloudFront served what is not for sale: the function does not stand before it, or a table was replaced. Nobody was asked to pay.",
        OtherContent = "other_content": "What was served has another ETag than what was published: publish it again, or build from what is there.",
        SealTold = "seal_told": "The origin named the place of an object, and the function took that out of the answer. Ask a Regional endpoint, see docs/seal.md; if others may have seen it, `paywall publish --reseal`.",
        NoSecrets = "no_secrets": "A request for what has a price was refused, since the secrets could not be had: a line `secrets_unavailable` says why.",
        SwitchClosed = "switch_closed": "The switch `closed` is on: nothing is sold. `paywall switch status`.",
        SwitchFree = "switch_free": "The switch `free` is on: what has a price is given away. `paywall switch status`.",
        SwitchDryRun = "switch_dry_run": "The switch `dry-run` is on: nothing is charged. `paywall switch status`.",
        SwitchFacilitator = "switch_facilitator": "A facilitator is switched off. `paywall switch status`.",
        Start = "start": "Something is missing that the function cannot sell without, or a record was forgotten: `operatorCode` says what.",
    }
}

list! {
    /// What the seller must mend, or should know.
    Mend {
        FacilitatorTerms = "facilitator_terms": "The facilitator does not take our terms, whoever pays: `paywall check --online`.",
        FacilitatorVerify = "facilitator_verify": "It settles only what it verified: `verify = \"first\"`.",
        FacilitatorSecret = "facilitator_secret": "It refused its secret: renew it, and build or deploy again.",
        FacilitatorBill = "facilitator_bill": "It wants its own bill paid.",
        FacilitatorPlace = "facilitator_place": "It refuses calls from where the function runs: name another one.",
        FacilitatorRate = "facilitator_rate": "It throttles us: ask it for a higher limit, or name another one.",
        FacilitatorMoved = "facilitator_moved": "It answers with a redirect, which is not followed: correct its URL.",
        FacilitatorEndpoint = "facilitator_endpoint": "It has no such endpoint: correct its URL.",
        FacilitatorBusy = "facilitator_busy": "The proxy before it is full: ask it for a higher limit, or name another one.",
        FacilitatorTrouble = "facilitator_trouble": "It could not read the chain, or the token is not there. Nothing to mend here, if it ends.",
        CodeUnknown = "code_unknown": "It said a code that this version does not know, and the payer is held or turned away: `refusals` takes it, if it is said before sending.",
        ListingRejected = "listing_rejected": "Its catalogue does not list the object: `paywall check --listing`.",
        SecretsUnusable = "secrets_unusable": "The secrets lack something that the table demands, or have something that cannot be used.",
        SecretsUnavailable = "secrets_unavailable": "The secrets could not be had. What has a price is refused until they can.",
        StoreUnavailable = "store_unavailable": "There is no store of payments: its bucket makes no URL, or the function has no role.",
        RecordForgotten = "record_forgotten": "The memory store is full, and let a record go that something may be owed by: name an S3 store.",
    }
}

/// How a request ends that is no refusal, and how an answer and a start end; refusals are in `docs/codes.md`.
pub const OUTCOMES: &[(&str, &str)] = &[
    ("free", "The object is free. Of both events."),
    ("settled", "It was paid by this request."),
    ("resolved", "It was paid before, which this request found out."),
    ("owned", "Its payer had paid, by another payment, and had not got it or has it for a time."),
    ("resent", "The same payment again, within its time, or for a timed access."),
    ("pass", "By a pass. Of both events."),
    (
        "dry_run",
        "Nothing is charged for the object yet: `amount` of `asset` would have been. Of both events.",
    ),
    ("vouched", "WAF vouched for the viewer, who reads free. Of both events."),
    ("given_away", "The switch `free` is on. Of both events. An alarm."),
    ("switch_seen", "`paywall switch` asked whether its value is here, and it is."),
    ("preflight", "`OPTIONS` was answered."),
    ("not_modified", "304."),
    ("receipt", "viewer-response: with the receipt of a sale."),
    ("not_listed", "viewer-response: of what is not for sale. An alarm."),
    (
        "receipt_not_handed_over",
        "viewer-response: of what has a price, without the function's own header.",
    ),
    ("receipt_forged", "viewer-response: the same, with a header that the function did not sign."),
];
