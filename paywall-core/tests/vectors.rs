//! EIP-712 and recovery against signatures that others made.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::event::Headers;
use paywall_core::hex;
use paywall_core::scheme::eip712;
use paywall_core::scheme::eip3009::{self, Eip3009};
use paywall_core::scheme::signature::{Check, Impossible, check};
use paywall_core::wire::{Wire, claim};
use price_table::{Address, Asset, Evm};
use serde_json::{Value, json};

const RECORDED: &str = include_str!("../../tests/vectors/facilitator-answers.jsonl");

/// A token as `extra` names it.
fn token(chain_id: u64, asset: &str, extra: &Value) -> Evm {
    let address = |text: &str| Address {
        bytes: hex::decode_array(text).unwrap(),
        eip55: text.to_owned().into(),
    };
    let text = |name: &str| extra[name].as_str().unwrap().to_owned().into();
    Evm {
        chain_id,
        asset: Asset {
            address: address(asset),
            name: text("name"),
            version: text("version"),
            decimals: 6,
        },
        pay_to: address(asset),
    }
}

/// Whether a signature was found to be the payer's, or cannot be told; and what it is handed on as.
fn judge(evm: &Evm, proof: &Eip3009) -> Result<bool, Impossible> {
    let digest = eip712::digest(evm, &proof.authorization);
    let judge = |signature: &[u8]| check(&digest, signature, &proof.authorization.from);
    let checked = judge(&proof.signature)?;
    let Check::Matches { canonical } = checked else { return Ok(false) };
    assert!(matches!(canonical[64], 27 | 28) && canonical[32] < 0x80, "not canonical");
    assert_eq!(judge(&canonical), Ok(checked), "one form of it");
    Ok(true)
}

/// The example of the x402 v2 specification, and one made with eth_account.
#[test]
fn published_vectors() {
    let usdc = token(
        84532,
        "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        &json!({ "name": "USDC", "version": "2" }),
    );
    // Key of Anvil's account 0, signed with eth_account.
    let own = eip3009::read(&json!({
        "signature": "0x887688bfda2adc60488cb21d8355641dc7e6cae2acf979a4e510569110fbeb6912bfec8521359ee79ecbd2c6f8ba9ada97d499a910f5c0d4e274d0da99b8f3561c",
        "authorization": {
            "from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
            "to": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "value": "10000",
            "validAfter": "0",
            "validBefore": "1740672154",
            "nonce": "0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480",
        },
    }))
    .unwrap();
    assert_eq!(
        hex::encode(&eip712::digest(&usdc, &own.authorization)),
        "0x4f4985a0c4a7592c738a9d385dac72ed9932049a3a642b4923659213c54fa8c6"
    );
    assert_eq!(judge(&usdc, &own), Ok(true));

    // https://github.com/x402-foundation/x402/blob/main/specs/transports-v2/http.md
    let specification = eip3009::read(&json!({
        "signature": "0x2d6a7588d6acca505cbf0d9a4a227e0c52c6c34008c8e8986a1283259764173608a2ce6496642e377d6da8dbbf5836e9bd15092f9ecab05ded3d6293af148b571c",
        "authorization": {
            "from": "0x857b06519E91e3A54538791bDbb0E22373e36b66",
            "to": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "value": "10000",
            "validAfter": "1740672089",
            "validBefore": "1740672154",
            "nonce": "0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480",
        },
    }))
    .unwrap();
    assert_eq!(judge(&usdc, &specification), Ok(true));
}

/// What each recorded case must come to. Cases that are bad in another way than by their signature
/// are signed well.
fn expected(case: &str) -> Option<Result<bool, Impossible>> {
    match case {
        "signature too short" => Some(Err(Impossible::TooShort)),
        "bad-signature (one byte flipped)"
        | "bad-signature (value changed after signing)"
        | "wrong EIP-712 name"
        | "wrong chain id in signature" => Some(Ok(false)),
        // No signature, no readable authorization, or no terms to judge it by.
        "missing signature" | "not JSON" | "nonce short" | "missing paymentRequirements" => None,
        // The requirements name another asset or network than the one that was signed for.
        "wrong asset in requirements" => Some(Ok(false)),
        _ => Some(Ok(true)),
    }
}

#[test]
fn recorded_signatures_of_real_buyers() {
    let (mut matches, mut others) = (0, 0);
    for (number, line) in RECORDED.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let case = row["case"].as_str().unwrap();
        let payload = &row["request"]["paymentPayload"]["payload"];
        let requirements = &row["request"]["paymentRequirements"];
        let Some(expected) = expected(case) else { continue };
        let proof = eip3009::read(payload).unwrap_or_else(|refusal| panic!("{case}: {refusal:?}"));
        let asset = requirements["asset"].as_str().unwrap();
        let offer = token(84532, asset, &requirements["extra"]);
        // Some flipped bytes leave the curve's range, which is just as bad.
        let judged = match judge(&offer, &proof) {
            Err(Impossible::OutOfRange) if case.starts_with("bad-signature") => Ok(false),
            judged => judged,
        };
        assert_eq!(judged, expected, "line {}: {case}", number + 1);
        match expected {
            Ok(true) => matches += 1,
            _ => others += 1,
        }
    }
    assert_eq!((matches, others), (200, 60));
}

#[test]
fn unreadable_payloads_are_refused() {
    for line in RECORDED.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let payload = &row["request"]["paymentPayload"]["payload"];
        let code = match row["case"].as_str().unwrap() {
            "missing signature" => "invalid_payload",
            "nonce short" => "invalid_nonce_format",
            _ => continue,
        };
        assert_eq!(eip3009::read(payload).unwrap_err().code(), code);
    }
}

/// Payments as three client libraries sent them: `tests/vectors/buyer-payments.jsonl`.
#[test]
fn real_buyers_payments_are_read_and_match() {
    const PAYMENTS: &str = include_str!("../../tests/vectors/buyer-payments.jsonl");
    let usdc = token(
        84532,
        "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        &json!({ "name": "USDC", "version": "2" }),
    );
    for line in PAYMENTS.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let mut headers = Headers::default();
        headers
            .set(row["header"][0].as_str().unwrap(), STANDARD.encode(row["payload"].to_string()));
        let claim = claim::read(&headers).unwrap().unwrap();
        let version = if claim.wire == Wire::V1 { 1 } else { 2 };
        assert_eq!(row["payload"]["x402Version"], version);
        let proof = eip3009::read(&claim.payload).unwrap();
        assert_eq!(judge(&usdc, &proof), Ok(true), "{}", row["buyer"]);
    }
    assert_eq!(PAYMENTS.lines().count(), 3);
}
