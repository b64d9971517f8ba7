use super::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/codes.md");

/// One of each. The match has no wildcard: whoever adds a refusal is sent here.
fn every() -> Vec<Refusal> {
    use Refusal::*;
    let all = vec![
        PaymentRequired,
        BadPath(BadKey::DotSegment),
        NotForSale,
        MethodNotAllowed,
        PreconditionFailed,
        RangeNotSatisfiable(561),
        AmbiguousPayment,
        Unreadable("the header is not base64"),
        Malformed("`scheme` is missing or not a string"),
        InvalidVersion,
        UnsupportedProof("a transaction hash"),
        HeaderTooLarge,
        NonceFormat,
        SignatureFormat,
        SignatureLength,
        SignatureImpossible,
        SchemeMismatch,
        NetworkMismatch,
        AssetMismatch,
        RecipientMismatch,
        AmountMismatchV1,
        AmountMismatchV2,
        Expired,
        StartsTooLate,
        WindowTooLong,
        Refused("(the facilitator's code)".into()),
        InsufficientBalance,
        AlreadyUsed { independent: false },
        AlreadyUsed { independent: true },
        NeverSettled,
        Unproven { until: Some(0) },
        GivenUp,
        NotYetValid { wait_seconds: 7 },
        FacilitatorUnavailable,
        VerificationUnclear,
        VerificationBusy,
        SettlementUnknown { until: 0, independent: false },
        SettlementUnknown { until: 0, independent: true },
        PaymentInProgress { until: 0 },
        EarlierPaymentUnknown { until: 0 },
        AccountFull { until: 0 },
        CannotSettle,
        NodeUnavailable,
        StoreUnavailable,
        Closed,
        PriceTableDamaged(String::new()),
    ];
    for refusal in &all {
        match refusal {
            AmbiguousPayment
            | AmountMismatchV1
            | AmountMismatchV2
            | AssetMismatch
            | BadPath(_)
            | AccountFull { .. }
            | AlreadyUsed { .. }
            | CannotSettle
            | Closed
            | EarlierPaymentUnknown { .. }
            | GivenUp
            | InsufficientBalance
            | NodeUnavailable
            | Unproven { .. }
            | Expired
            | FacilitatorUnavailable
            | HeaderTooLarge
            | Malformed(_)
            | PreconditionFailed
            | PriceTableDamaged(_)
            | VerificationUnclear
            | InvalidVersion
            | MethodNotAllowed
            | NetworkMismatch
            | NeverSettled
            | NonceFormat
            | NotForSale
            | NotYetValid { .. }
            | PaymentInProgress { .. }
            | PaymentRequired
            | RangeNotSatisfiable(_)
            | RecipientMismatch
            | Refused(_)
            | SchemeMismatch
            | SettlementUnknown { .. }
            | SignatureFormat
            | SignatureImpossible
            | SignatureLength
            | StartsTooLate
            | StoreUnavailable
            | Unreadable(_)
            | UnsupportedProof(_)
            | VerificationBusy
            | WindowTooLong => {}
        }
    }
    all
}

fn page() -> String {
    let mut page = String::from(
        "# Codes\n\n\
         Every answer that is not the object has a JSON body with a `paywall` object: `code`, `message`, `retryable`,\n\
         `resendSamePayment`, `nextStep`, and, where something holds the payment, `until`: seconds since the Unix epoch, by which\n\
         it lets go by itself. Where only the seller can help, `contact` says whom to ask, an e-mail address or an https URL, if\n\
         `content.toml` names one in `[site]`. The codes are stable; those of facilitators pass through as open strings of at most\n\
         128 bytes. A 402 means that this request submitted nothing. A payment that may have been submitted is never answered 402.\n\n\
         This page is made from `paywall-core/src/refusal.rs`: `UPDATE_DOCS=1 cargo test -p paywall-core`.\n\n\
         | Status | `code` | `retryable` | `resendSamePayment` | `until` | `contact` | `message` | `nextStep` |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for refusal in every() {
        let Words { status, code, message, next_step, retryable, resend_same_payment, until } =
            refusal.words();
        let yes = |flag| if flag { "yes" } else { "no" };
        let (retryable, resend, until, contact) = (
            yes(retryable),
            yes(resend_same_payment),
            yes(until.is_some()),
            yes(refusal.needs_seller()),
        );
        page += &format!(
            "| {status} | `{code}` | {retryable} | {resend} | {until} | {contact} | {message} | {next_step} |\n"
        );
    }
    page += "\nTwo more come from the rate rules in front of the function (`infra/`), in the same shape: 429 `too_many_payments` and 429 `too_many_requests`.\n";
    page
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test compares a page with the code, or writes it")]
fn the_page_of_codes_is_up_to_date() {
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page,
        "docs/codes.md is stale: run UPDATE_DOCS=1 cargo test -p paywall-core"
    );
}

#[test]
fn retry_after_outlasts_the_wait() {
    assert_eq!(Refusal::NotYetValid { wait_seconds: 7 }.retry_after(), Some(8));
    assert_eq!(Refusal::StoreUnavailable.retry_after(), Some(limits::RETRY_AFTER_SECONDS.into()));
    assert_eq!(Refusal::StartsTooLate.retry_after(), None);
}

#[test]
fn words_fit_together() {
    let mut codes = std::collections::HashSet::new();
    for refusal in every() {
        let words = refusal.words();
        // One code may have two statuses: what cannot be decoded, and what decodes to no payment; and
        // two next steps, where payments stand alone.
        let (status, code) = (words.status, words.code.clone());
        assert!(codes.insert((status, code, words.next_step)), "{} is said twice", words.code);
        assert!(words.code.len() <= limits::CODE_BYTES);
        // The same payment again is asked for only where it may have been submitted or not looked at.
        let waits = words.status == 503 && refusal != Refusal::CannotSettle;
        assert_eq!(words.resend_same_payment, waits, "{}", words.code);
        assert!(!words.resend_same_payment || words.retryable);
        // Whom to ask is said wherever the words send the buyer to the seller, and nowhere else.
        let said = format!("{} {}", words.message, words.next_step).to_lowercase();
        let sends = ["ask the seller", "tell the seller"].iter().any(|sends| said.contains(sends));
        assert_eq!(refusal.needs_seller(), sends, "{}", words.code);
        if words.status == 402 {
            assert!(refusal.quotes() && words.retryable, "{}", words.code);
        }
        assert_eq!(refusal.retry_after().is_some(), waits, "{}", words.code);
        if words.status == 503 || words.status == 409 {
            assert!(!refusal.quotes(), "{}: a price would invite a second payment", words.code);
        }
    }
}
