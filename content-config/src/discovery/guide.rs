//! How to buy, in words: what an agent has to know that has nothing but the origin.
//!
//! * <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>
//! * <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md>

use price_table::{Access, BodyVersion, Sale};

use crate::compiled::Compiled;

const STEPS: &str = "\
Each URL is one file, asked for by a plain GET: no query, no body, no account, no API key.

1. GET it. The answer is 402 and costs nothing. Its header PAYMENT-REQUIRED is base64 of JSON (x402 version 2): \
`accepts` holds the offers, each with `scheme`, `network`, `asset`, `amount` in the token's smallest unit, `payTo` and \
`maxTimeoutSeconds`. They come before a price that is told anywhere else.
2. Choose one and sign it. On networks that begin with `eip155:` it is an EIP-3009 TransferWithAuthorization of exactly \
`amount` to `payTo`, with a fresh random nonce, by EIP-712: `extra` has the `name` and `version` of the domain, whose \
contract is `asset`. It takes that token alone: a facilitator brings it to the chain and pays the gas.
3. GET the same URL again with the header PAYMENT-SIGNATURE: base64 of {\"x402Version\":2,\"accepted\":OFFER,\
\"payload\":{\"signature\":\"0x..\",\"authorization\":{\"from\":..,\"to\":..,\"value\":..,\"validAfter\":..,\
\"validBefore\":..,\"nonce\":..}}}, where all that was signed is text: numbers are decimal, in seconds and in smallest \
units, the rest is hexadecimal. `resource` and `extensions` of the 402 may be sent along.
4. The answer is 200 with the file. Its header PAYMENT-RESPONSE is base64 of the receipt, with the transaction.

Libraries do all of it: `@x402/fetch` and `@x402/axios` of npm, `x402` of PyPI, `x402-reqwest` of crates.io.";

const VERSION_1: &str =
    " Clients of x402 version 1 find the offers in the JSON body, and pay in X-PAYMENT.";

const TIMED: &str = "

Where a payment opens a file for a time, the answer's header X-PAYMENT-PASS opens it again: send it with later requests.";

const REFUSALS: &str = "

Every other answer has a JSON body with `paywall`: `code`, which is stable; `message`; `nextStep`, what to do in a \
sentence; `retryable`, whether asking again can help; `resendSamePayment`; and, where something holds the payment, \
`until`, the second since the Unix epoch by which it lets go. Where only the seller can help, `contact` may say whom to ask.

- 402: this request submitted nothing. Mend what `code` says and sign a new payment.
- 503 with `resendSamePayment` true: send the very same PAYMENT-SIGNATURE again after Retry-After seconds. A new \
signature may be charged as well.
- 409: this payment opens nothing. `nextStep` says whether a new one would be charged.
- 404: nothing is for sale under this URL.";

/// What every shop of this kind asks of buyers, and what else is true of this one.
pub(super) fn how_to_buy(compiled: &Compiled) -> String {
    let table = &compiled.table;
    let is_timed = |sale: &Sale| matches!(sale, Sale::Priced { access: Access::Seconds(_), .. });
    let version_1 = if table.site.body == BodyVersion::V1 { VERSION_1 } else { "" };
    let timed = if table.rules.iter().any(|rule| is_timed(&rule.sale)) { TIMED } else { "" };
    [STEPS, version_1, timed, REFUSALS].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over 4,000 characters `@agentcash/discovery` warns (`L4_GUIDANCE_TOO_LONG`), and shows it only when asked.
    #[test]
    fn it_is_short_enough_to_be_shown_at_once() {
        let longest = [STEPS, VERSION_1, TIMED, REFUSALS].concat();
        assert!(longest.chars().count() < 4_000, "{}", longest.len());
    }
}
