//! Stage 8: the claim against our own offer, never against what the claim says about itself.
//!
//! Facilitators do not do this for us: two of three measured ones settle a payment whose
//! `accepted.amount` differs from the requirements.

use price_table::challenge::SCHEME;
use price_table::{Offer, Quoted, Terms};

use crate::clock::Micros;
use crate::hex;
use crate::limits;
use crate::refusal::Refusal;
use crate::scheme::Proof;
use crate::scheme::eip3009::Authorization;
use crate::u256::U256;
use crate::wire::Wire;
use crate::wire::claim::Claim;

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
        found.retain(|offer| same(offer, &accepted.asset, offer.asset()));
        if found.is_empty() {
            return Err(Refusal::AssetMismatch);
        }
    }
    Ok(found)
}

/// What a payment pays: what it signs, or, where only a facilitator reads that, what it says that it
/// accepted. A payment of v1 says nothing there, and is taken for today's price.
pub(crate) fn quoted<'a>(
    claim: &Claim,
    offer: &'a Offer,
    proof: &Proof<'_>,
    now: Micros,
) -> Quoted<'a> {
    let paid = match (proof, &claim.accepted) {
        (Proof::Eip3009 { signed, .. }, _) => signed.authorization.value.to_u128(),
        (Proof::Opaque { .. }, Some(accepted)) => {
            U256::from_decimal(&accepted.amount).and_then(U256::to_u128)
        }
        (Proof::Opaque { .. }, None) => None,
    };
    paid.map_or(offer.quoted(now.secs()), |amount| Quoted { offer, amount })
}

/// Whether a price is one that was asked: now, or while a 402 is good, which is the offer's
/// `max_timeout_seconds`, by any sandbox's clock.
fn was_asked(Quoted { offer, amount }: Quoted<'_>, now: u64) -> bool {
    let lasts = u64::from(offer.max_timeout_seconds) + limits::QUOTED_BEFORE_SECONDS;
    let times = [now, now.saturating_sub(lasts), now.saturating_add(limits::QUOTED_AHEAD_SECONDS)];
    times.into_iter().any(|time| offer.price.at(time) == amount)
}

/// Checks payee and amount, and of an authorization its window. What only a facilitator understands
/// it checks against the same terms.
pub(crate) fn check(
    claim: &Claim,
    quoted: Quoted<'_>,
    proof: &Proof<'_>,
    now: Micros,
) -> Result<(), Refusal> {
    let Quoted { offer, amount } = quoted;
    let amount_mismatch = match claim.wire {
        Wire::V1 => Refusal::AmountMismatchV1,
        Wire::V2 => Refusal::AmountMismatchV2,
    };
    let price = U256::from(amount);
    if let Some(accepted) = &claim.accepted {
        if !same(offer, &accepted.pay_to, offer.pay_to()) {
            return Err(Refusal::RecipientMismatch);
        }
        if U256::from_decimal(&accepted.amount) != Some(price) {
            return Err(amount_mismatch);
        }
    }
    let Proof::Eip3009 { evm, signed, .. } = proof else {
        return if was_asked(quoted, now.secs()) { Ok(()) } else { Err(amount_mismatch) };
    };
    let authorization = &signed.authorization;
    if authorization.to != evm.pay_to.bytes {
        return Err(Refusal::RecipientMismatch);
    }
    // The scheme is called `exact`: the reference facilitator refuses overpayment as well.
    if authorization.value != price || !was_asked(quoted, now.secs()) {
        return Err(amount_mismatch);
    }
    window(authorization, now.secs())
}

/// Checks when the authorization is valid. Tokens want `validAfter < now < validBefore`.
fn window(authorization: &Authorization, now: u64) -> Result<(), Refusal> {
    let after = authorization.valid_after.saturating_secs();
    let before = authorization.valid_before.saturating_secs();
    let wait_seconds = after.saturating_sub(now);
    if wait_seconds > limits::WINDOW_AHEAD_SECONDS {
        return Err(Refusal::StartsTooLate);
    }
    // When it can be sent: who waits for a payment must not be told afterwards that it is over.
    let sent = if wait_seconds > 0 { after + 1 } else { now };
    if before < sent + limits::WINDOW_LEFT_SECONDS {
        Err(Refusal::Expired)
    } else if before > now + limits::WINDOW_MOST_SECONDS {
        Err(Refusal::WindowTooLong)
    } else if wait_seconds > 0 {
        Err(Refusal::NotYetValid { wait_seconds })
    } else {
        Ok(())
    }
}

/// Whether two spellings of an address of the offer's network are one. EVM addresses may be spelled
/// in either case; of others only the spelling offered is known to be right.
fn same(offer: &Offer, claimed: &str, ours: &str) -> bool {
    match offer.terms {
        Terms::Evm(_) => {
            let bytes = hex::decode_array::<20>(claimed);
            bytes.is_some() && bytes == hex::decode_array(ours)
        }
        Terms::PassThrough(_) => claimed == ours,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::scheme::eip3009::Eip3009;
    use crate::scheme::signature::Check;
    use crate::testing::{base_sepolia_offer, evm, offer};
    use crate::wire::claim::Accepted;

    const NOW: Micros = Micros::from_secs(1_700_000_000);

    fn claim(offer: &Offer) -> Claim {
        Claim {
            wire: Wire::V2,
            scheme: "exact".into(),
            network: offer.network.caip2.to_string(),
            accepted: Some(Accepted {
                amount: offer.price.amount.to_string(),
                asset: offer.asset().to_lowercase(),
                pay_to: offer.pay_to().to_lowercase(),
            }),
            payload: Value::Null,
        }
    }

    fn authorization(offer: &Offer) -> Authorization {
        Authorization {
            from: [1; 20],
            to: hex::decode_array(offer.pay_to()).unwrap(),
            value: offer.price.amount.into(),
            valid_after: 0.into(),
            valid_before: u128::from(NOW.secs() + 60).into(),
            nonce: [2; 32],
        }
    }

    fn judge(
        claim: &Claim,
        offer: &Offer,
        authorization: &Authorization,
        now: Micros,
    ) -> Result<(), Refusal> {
        let Terms::Evm(evm) = &offer.terms else { unreachable!("the offers here are EVM") };
        let signed = Eip3009 { authorization: authorization.clone(), signature: vec![] }.into();
        let (digest, check_) = ([0; 32], Check::Matches { canonical: [0; 65] });
        let proof = Proof::Eip3009 { evm, signed, digest, check: check_ };
        check(claim, quoted(claim, offer, &proof, now), &proof, now)
    }

    #[test]
    fn a_claim_finds_its_offer_among_several() {
        let offers = [
            offer("base", evm(8453, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin")),
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
        let table: [(&str, Spoil, Refusal); 11] = [
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
        ];
        for (name, spoil, expected) in table {
            let (mut claim, mut authorization) = (claim(&ours), authorization(&ours));
            spoil(&mut claim, &mut authorization);
            let offers = [ours.clone()];
            let refusal = candidates(&claim, &offers)
                .and_then(|found| judge(&claim, found[0], &authorization, NOW));
            assert_eq!(refusal, Err(expected), "{name}");
        }
    }

    #[test]
    fn what_the_price_asks_for_passes() {
        let ours = base_sepolia_offer();
        let mut authorization = authorization(&ours);
        assert_eq!(judge(&claim(&ours), &ours, &authorization, NOW), Ok(()));
        authorization.valid_after = u128::from(NOW.secs()).into();
        assert_eq!(judge(&claim(&ours), &ours, &authorization, NOW), Ok(()));
    }

    #[test]
    fn the_window_as_seconds_from_now() {
        let ours = base_sepolia_offer();
        let judged = |after: i64, before: i64| {
            let at = |seconds: i64| u128::from(NOW.secs().strict_add_signed(seconds)).into();
            let window = Authorization {
                valid_after: at(after),
                valid_before: at(before),
                ..authorization(&ours)
            };
            judge(&claim(&ours), &ours, &window, NOW)
        };
        let wait = |wait_seconds| Err(Refusal::NotYetValid { wait_seconds });
        for (after, before, expected) in [
            (-60, 20, Ok(())),
            (-60, 19, Err(Refusal::Expired)),
            (-60, -1, Err(Refusal::Expired)),
            (-60, 90_000, Ok(())),
            (-60, 90_001, Err(Refusal::WindowTooLong)),
            (0, 60, Ok(())),
            (1, 60, wait(1)),
            (30, 60, wait(30)),
            (31, 60, Err(Refusal::StartsTooLate)),
            (31, 90_001, Err(Refusal::StartsTooLate)),
            // Counted from when it can be sent.
            (30, 51, wait(30)),
            (30, 50, Err(Refusal::Expired)),
            (30, 25, Err(Refusal::Expired)),
            (30, 90_001, Err(Refusal::WindowTooLong)),
        ] {
            assert_eq!(judged(after, before), expected, "{after} {before}");
        }
        let most = U256([0xff; 32]);
        for (after, before, expected) in
            [(U256::from(0), most, Refusal::WindowTooLong), (most, most, Refusal::StartsTooLate)]
        {
            let window =
                Authorization { valid_after: after, valid_before: before, ..authorization(&ours) };
            assert_eq!(judge(&claim(&ours), &ours, &window, NOW), Err(expected));
        }
    }

    #[test]
    fn payee_and_amount_come_before_the_window() {
        let ours = base_sepolia_offer();
        let soon = Authorization {
            valid_after: u128::from(NOW.secs() + 5).into(),
            value: 1.into(),
            ..authorization(&ours)
        };
        assert_eq!(judge(&claim(&ours), &ours, &soon, NOW), Err(Refusal::AmountMismatchV2));
    }

    #[test]
    fn v1_claims_get_v1_words() {
        let ours = base_sepolia_offer();
        let v1 = Claim { wire: Wire::V1, accepted: None, ..claim(&ours) };
        let mut short = authorization(&ours);
        short.value = 1.into();
        assert_eq!(judge(&v1, &ours, &short, NOW), Err(Refusal::AmountMismatchV1));
    }
}
