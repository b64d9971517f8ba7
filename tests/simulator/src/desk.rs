//! Between an engine and its store, for one request: what a broken engine would write and read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use paywall_core::clock::Micros;
use paywall_core::purchase::{Account, AccountKind, Binding, Closed, Open, Packed, PaymentId, Why};
use paywall_core::store::{Ask, Failed, Key, Record, Reply, Version};

use crate::mutant::Mutant;
use crate::sandbox::Visit;
use crate::shop::Edition;

/// It.
#[derive(Debug)]
pub struct Desk {
    mutant: Option<Mutant>,
    edition: Edition,
    /// The last version of each account that was read or written.
    seen: RefCell<BTreeMap<String, Account>>,
    /// How often a facilitator may have been asked again.
    taken: Cell<bool>,
    met_conflict: Cell<bool>,
    forged: Cell<bool>,
}

impl Desk {
    /// A clean one.
    pub fn new(mutant: Option<Mutant>, edition: &Edition) -> Self {
        Desk {
            mutant,
            edition: *edition,
            seen: RefCell::default(),
            taken: Cell::new(false),
            met_conflict: Cell::new(false),
            forged: Cell::new(false),
        }
    }

    /// What is asked at once.
    pub fn batch(&self, mut asks: Vec<Ask>) -> Vec<Ask> {
        // TAKE swaps an account and creates a binding: a broken one looks for it instead.
        let [Ask::Replace(..), binding @ Ask::Create(..)] = &mut asks[..] else { return asks };
        self.taken.set(true);
        if self.mutant == Some(Mutant::TakeDropsUnbound)
            && let Ask::Create(key, _) = binding
        {
            self.forged.set(true);
            *binding = Ask::Get(key.clone());
        }
        asks
    }

    /// What was answered at once.
    pub fn replies(&self, mut replies: Vec<Result<Reply, Failed>>) -> Vec<Result<Reply, Failed>> {
        if let ([_, bound], true) = (&mut replies[..], self.forged.get())
            && let Ok(reply) = bound
        {
            // There, or not: the reading that follows tells.
            *reply = Reply::Conflict;
        }
        replies
    }

    /// Where what is done in place of `ask`; or what is answered at once.
    pub fn ask(&self, visit: &Visit, ask: Ask, now: Micros) -> Result<(String, Ask), Reply> {
        let Some(mutant) = self.mutant else { return Ok((name(&ask).to_owned(), ask)) };
        let binds = name(&ask).starts_with("v2/payments/");
        if mutant == Mutant::NoBinding && binds {
            return Err(match ask {
                Ask::Get(_) => Reply::Missing,
                _ => Reply::Written(Version("\"0\"".into())),
            });
        }
        let mut place = name(&ask).to_owned();
        match mutant {
            Mutant::BindingPerSite if binds => place = format!("{place}.{}", visit.shop),
            Mutant::AccountBySignature if !binds => {
                place = format!("{place}.{}", visit.wrapped);
            }
            _ => {}
        }
        let ask = match ask {
            Ask::Create(key, record) if !binds => {
                Ask::Create(key.clone(), self.write(&key, record, now))
            }
            Ask::Replace(key, record, version) => {
                Ask::Replace(key.clone(), self.write(&key, record, now), version)
            }
            ask => ask,
        };
        Ok((place, ask))
    }

    fn write(&self, key: &Key, record: Record, now: Micros) -> Record {
        let Ok(mut account) = serde_json::from_str::<Account>(&record.json) else { return record };
        let before = self.seen.borrow().get(key.as_str()).cloned();
        match self.mutant {
            Some(Mutant::RefusedNotClosed) => {
                account.closed.retain(|closed| closed.why != Why::Refused);
            }
            Some(Mutant::UnprovenLetsGo) => {
                let unproven = |closed: &&mut Closed| closed.why == Why::Unproven;
                account.closed.iter_mut().filter(unproven).for_each(|closed| closed.ends = 0);
            }
            Some(Mutant::EvidenceByClock) => {
                if let Some(open) = &mut account.open {
                    open.look = None;
                    open.sent_at = Micros(open.sent_at.0.saturating_sub(15_000_000));
                }
            }
            Some(Mutant::RefusalAfterTake) if self.taken.get() => {
                let lease_over = account.open.as_ref().is_some_and(|open| open.lease <= now);
                if let Some(open) = account.open.take_if(|_| lease_over) {
                    account.closed.push(refused(&open, now));
                }
            }
            Some(Mutant::PackedPaymentOnly) => {
                for sale in before.iter().flat_map(|before| &before.sales) {
                    let packed = account.sales.iter().all(|kept| kept.mark != sale.mark);
                    let got = sale.grant.as_ref().and_then(|grant| grant.mark.as_ref());
                    if let (true, Some(mark)) = (packed, got) {
                        account.finished =
                            without(&account.finished, |_, eight| eight == mark.digest[..8]);
                    }
                }
            }
            _ => {}
        }
        self.seen.borrow_mut().insert(key.as_str().to_owned(), account.clone());
        let json = serde_json::to_string(&account).expect("records have string keys only");
        Record { json, ..record }
    }

    /// What is heard in place of `reply`.
    pub fn reply(&self, visit: &Visit, ask: &Ask, reply: Reply, now: Micros) -> Reply {
        let Some(mutant) = self.mutant else { return reply };
        let binds = name(ask).starts_with("v2/payments/");
        if reply == Reply::Conflict {
            self.met_conflict.set(true);
            if mutant == Mutant::SoldTwice
                && let Ask::Replace(_, record, _) = ask
                && serde_json::from_str::<Account>(&record.json).is_ok_and(|account| {
                    account.sales.iter().any(|sale| sale.settled_at.0 + 3_000_000 > now.0)
                })
            {
                return Reply::Written(Version("\"0\"".into()));
            }
        }
        let Reply::Found(json, version) = reply else {
            let forged = self.forged.get() && binds && matches!(ask, Ask::Get(_));
            return match (&reply, forged) {
                // "It is bound to something else": what was open is dropped.
                (Reply::Missing, true) => {
                    Reply::Found(elsewhere().into_bytes(), Version("\"0\"".into()))
                }
                _ => reply,
            };
        };
        let json = match binds {
            true => self.binding(mutant, visit, json),
            false => match serde_json::from_slice::<Account>(&json) {
                Ok(account) => match self.account(mutant, visit, name(ask), account, now) {
                    Some(json) => json.into_bytes(),
                    None => return Reply::Missing,
                },
                Err(_) => json,
            },
        };
        Reply::Found(json, version)
    }

    fn binding(&self, mutant: Mutant, visit: &Visit, json: Vec<u8>) -> Vec<u8> {
        let Ok(mut binding) = serde_json::from_slice::<Binding>(&json) else { return json };
        if let (Mutant::KindByTable, Some(product)) = (mutant, visit.product) {
            binding.account = match product.is_independent(self.edition.other_mode) {
                true => AccountKind::Payment,
                false => AccountKind::Payer,
            };
        }
        serde_json::to_vec(&binding).expect("records have string keys only")
    }

    fn account(
        &self,
        mutant: Mutant,
        visit: &Visit,
        place: &str,
        mut account: Account,
        now: Micros,
    ) -> Option<String> {
        match mutant {
            Mutant::StaleRead => {
                let young =
                    account.open.as_ref().is_some_and(|open| open.sent_at.0 + 8_000_000 > now.0);
                if young {
                    account.open = None;
                }
            }
            Mutant::HolderIgnored if self.met_conflict.get() => {
                if let Some(open) = &mut account.open {
                    open.holder = visit.holder();
                }
            }
            Mutant::EpochEndsUngranted => {
                account
                    .sales
                    .retain(|sale| sale.grant.is_some() || sale.sells.epoch >= self.edition.epoch);
            }
            Mutant::PackedForgotten => {
                account.finished = without(&account.finished, |ends, _| ends <= now.secs());
            }
            Mutant::LifeFromGrant => {
                for sale in &mut account.sales {
                    sale.settled_at = now;
                }
            }
            _ => {}
        }
        self.seen.borrow_mut().insert(place.to_owned(), account.clone());
        Some(serde_json::to_string(&account).expect("records have string keys only"))
    }
}

/// The name of the record that is asked for.
pub fn name(ask: &Ask) -> &str {
    match ask {
        Ask::Get(key) | Ask::Create(key, _) | Ask::Replace(key, ..) => key.as_str(),
    }
}

/// The ask under another name.
pub fn moved(ask: Ask, place: &str) -> Ask {
    let key = || Key::new(place.to_owned());
    match ask {
        Ask::Get(_) => Ask::Get(key()),
        Ask::Create(_, record) => Ask::Create(key(), record),
        Ask::Replace(_, record, version) => Ask::Replace(key(), record, version),
    }
}

fn refused(open: &Open, now: Micros) -> Closed {
    Closed {
        mark: open.mark.clone(),
        own_key: open.own_key,
        bill: open.bill.clone(),
        at: now,
        ends: open.ends,
        why: Why::Refused,
        code: "believed".into(),
        facilitator: open.facilitator.clone(),
        sells: open.sells,
        origin: open.origin,
        sent_at: open.sent_at,
        body: String::new(),
        look: open.look,
        hint: None,
    }
}

/// Packed payments without some, by their ends and the first 8 bytes of their digests.
fn without(packed: &Packed, drops: impl Fn(u64, [u8; 8]) -> bool) -> Packed {
    let text = String::from(packed.clone());
    let stays = |entry: &&[u8]| {
        let bytes = URL_SAFE_NO_PAD.decode(entry).expect("an entry is base64url");
        let (ends, digest) = bytes.split_at(4);
        let ends = u32::from_be_bytes(ends.try_into().expect("4 of 12 bytes"));
        !drops(ends.into(), digest.try_into().expect("8 of 12 bytes"))
    };
    let kept: Vec<_> = text.as_bytes().chunks(16).filter(stays).flatten().copied().collect();
    let kept = String::from_utf8(kept).expect("base64url is ASCII");
    Packed::try_from(kept).expect("whole entries")
}

/// A binding to something else.
fn elsewhere() -> String {
    let binding = Binding {
        v: paywall_core::purchase::VERSION,
        writer: String::new(),
        payment: PaymentId::Opaque { digest: [0; 32] },
        digest: [0; 32],
        signature: [0; 32],
        subject: paywall_core::subject::Subject {
            site: String::new(),
            kind: paywall_core::subject::Kind::Object,
            name: String::new(),
        },
        account: AccountKind::Payer,
        bound_at: Micros(0),
    };
    serde_json::to_string(&binding).expect("records have string keys only")
}
