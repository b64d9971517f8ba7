//! Stage 8: the claim against our own offer, never against what the claim says about itself.
//!
//! Facilitators do not do this for us: two of three measured ones settle a payment whose
//! `accepted.amount` differs from the requirements.

use price_table::Offer;
use price_table::challenge::SCHEME;

use crate::claim::{Authorization, Claim, Wire};
use crate::clock::Micros;
use crate::hex;
use crate::limits;
use crate::refusal::Refusal;
use crate::u256::U256;

/// The offers that the claim can be for, by scheme, network and, in v2, token. Never empty.
///
/// A v1 claim does not name its token: with several on one network, the signature tells.
pub fn candidates<'a>(claim: &Claim, offers: &'a [Offer]) -> Result<Vec<&'a Offer>, Refusal> {
    if claim.scheme != SCHEME {
        return Err(Refusal::SchemeMismatch);
    }
    let mut found: Vec<_> = offers
        .iter()
        .filter(|offer| match claim.wire {
            Wire::V1 => offer.network.v1.as_deref() == Some(&claim.network),
            Wire::V2 => offer.network.caip2 == claim.network,
        })
        .collect();
    if found.is_empty() {
        return Err(Refusal::NetworkMismatch);
    }
    if let Some(accepted) = &claim.accepted {
        let asset = hex::decode_array(&accepted.asset);
        found.retain(|offer| asset == Some(offer.asset.address.bytes));
        if found.is_empty() {
            return Err(Refusal::AssetMismatch);
        }
    }
    Ok(found)
}

/// Checks payee, amount and window.
pub fn check(
    claim: &Claim,
    offer: &Offer,
    authorization: &Authorization,
    now: Micros,
) -> Result<(), Refusal> {
    let amount_mismatch = match claim.wire {
        Wire::V1 => Refusal::AmountMismatchV1,
        Wire::V2 => Refusal::AmountMismatchV2,
    };
    let price = U256::from(offer.amount);
    if let Some(accepted) = &claim.accepted {
        if hex::decode_array(&accepted.pay_to) != Some(offer.pay_to.bytes) {
            return Err(Refusal::RecipientMismatch);
        }
        if U256::from_decimal(&accepted.amount) != Some(price) {
            return Err(amount_mismatch);
        }
    }
    if authorization.to != offer.pay_to.bytes {
        return Err(Refusal::RecipientMismatch);
    }
    // The scheme is called `exact`: the reference facilitator refuses overpayment as well.
    if authorization.value != price {
        return Err(amount_mismatch);
    }
    if authorization.valid_before.saturating_secs() < now.secs() + limits::WINDOW_LEFT_SECONDS {
        return Err(Refusal::Expired);
    }
    if authorization.valid_after.saturating_secs() > now.secs() {
        return Err(Refusal::NotYetValid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::claim::Accepted;
    use crate::testing::{base_sepolia_offer, offer};

    const NOW: Micros = Micros::from_secs(1_700_000_000);

    fn claim(offer: &Offer) -> Claim {
        Claim {
            wire: Wire::V2,
            scheme: "exact".into(),
            network: offer.network.caip2.to_string(),
            accepted: Some(Accepted {
                amount: offer.amount.to_string(),
                asset: offer.asset.address.eip55.to_lowercase(),
                pay_to: offer.pay_to.eip55.to_lowercase(),
            }),
            payload: Value::Null,
        }
    }

    fn authorization(offer: &Offer) -> Authorization {
        Authorization {
            from: [1; 20],
            to: offer.pay_to.bytes,
            value: offer.amount.into(),
            valid_after: 0.into(),
            valid_before: u128::from(NOW.secs() + 60).into(),
            nonce: [2; 32],
        }
    }

    #[test]
    fn a_claim_finds_its_offer_among_several() {
        let offers = [
            offer("base", 8453, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin"),
            base_sepolia_offer(),
        ];
        let found = candidates(&claim(&offers[1]), &offers).unwrap();
        assert_eq!(found, [&offers[1]]);
        let v1 = Claim {
            wire: Wire::V1,
            network: "base-sepolia".into(),
            accepted: None,
            ..claim(&offers[1])
        };
        assert_eq!(candidates(&v1, &offers).unwrap(), [&offers[1]]);
    }

    #[test]
    fn each_mismatch_has_its_code() {
        let ours = base_sepolia_offer();
        type Spoil = fn(&mut Claim, &mut Authorization);
        let table: [(&str, Spoil, Refusal); 13] = [
            ("scheme", |c, _| c.scheme = "upto".into(), Refusal::SchemeMismatch),
            ("network", |c, _| c.network = "eip155:1".into(), Refusal::NetworkMismatch),
            ("v1 name on v2", |c, _| c.network = "base-sepolia".into(), Refusal::NetworkMismatch),
            (
                "asset",
                |c, _| c.accepted.as_mut().unwrap().asset = format!("0x{}", "11".repeat(20)),
                Refusal::AssetMismatch,
            ),
            (
                "accepted payee",
                |c, _| c.accepted.as_mut().unwrap().pay_to = "0x".into(),
                Refusal::RecipientMismatch,
            ),
            (
                "accepted amount",
                |c, _| c.accepted.as_mut().unwrap().amount = "1".into(),
                Refusal::AmountMismatchV2,
            ),
            ("payee", |_, a| a.to = [9; 20], Refusal::RecipientMismatch),
            ("too little", |_, a| a.value = 9_999.into(), Refusal::AmountMismatchV2),
            ("too much", |_, a| a.value = 10_001.into(), Refusal::AmountMismatchV2),
            ("2^128 more", |_, a| a.value.0[15] = 1, Refusal::AmountMismatchV2),
            ("expired", |_, a| a.valid_before = 1.into(), Refusal::Expired),
            (
                "5 s left",
                |_, a| a.valid_before = u128::from(NOW.secs() + 5).into(),
                Refusal::Expired,
            ),
            (
                "not yet",
                |_, a| a.valid_after = u128::from(NOW.secs() + 1).into(),
                Refusal::NotYetValid,
            ),
        ];
        for (name, spoil, expected) in table {
            let (mut claim, mut authorization) = (claim(&ours), authorization(&ours));
            spoil(&mut claim, &mut authorization);
            let offers = [ours.clone()];
            let refusal = candidates(&claim, &offers)
                .and_then(|found| check(&claim, found[0], &authorization, NOW));
            assert_eq!(refusal, Err(expected), "{name}");
        }
    }

    #[test]
    fn what_the_price_asks_for_passes() {
        let ours = base_sepolia_offer();
        let mut authorization = authorization(&ours);
        assert_eq!(check(&claim(&ours), &ours, &authorization, NOW), Ok(()));
        authorization.valid_before = U256([0xff; 32]);
        authorization.valid_after = u128::from(NOW.secs()).into();
        assert_eq!(check(&claim(&ours), &ours, &authorization, NOW), Ok(()));
    }

    #[test]
    fn v1_claims_get_v1_words() {
        let ours = base_sepolia_offer();
        let v1 = Claim { wire: Wire::V1, accepted: None, ..claim(&ours) };
        let mut short = authorization(&ours);
        short.value = 1.into();
        assert_eq!(check(&v1, &ours, &short, NOW), Err(Refusal::AmountMismatchV1));
    }
}
