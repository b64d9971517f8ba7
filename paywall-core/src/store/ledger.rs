//! Reading and writing records: compare and swap, and what silence means.

use std::array;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::account::Account;
use super::binding::Binding;
use super::record::{Ask, Failed, Key, Record, Reply, Version};
use super::ticket::{PaymentId, Ticket};
use crate::clock::Micros;
use crate::eip712::keccak;
use crate::hex;
use crate::limits;
use crate::walk::Invocation;
use crate::world::World;

/// The records, as one request reaches them.
#[derive(Debug)]
pub(crate) struct Ledger<'w, W> {
    pub(crate) world: &'w W,
    request: String,
    deadline: Micros,
    writes: u32,
}

/// An account as it was read, or as this request wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    key: Key,
    pub(crate) account: Account,
    version: Option<Version>,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// It is done, and the account held is the one written.
    Done,
    /// Somebody else wrote first; the account held is theirs.
    Moved,
}

/// What came of beginning a payment.
#[derive(Debug)]
pub(crate) struct Begun {
    /// What the payment is bound to; `None` if that could not be written.
    pub(crate) binding: Option<Binding>,
    /// Its payer's account.
    pub(crate) held: Held,
    /// Whether it was made just now, with the payment as the one under way.
    pub(crate) created: bool,
}

impl<'w, W: World> Ledger<'w, W> {
    pub(crate) fn new(world: &'w W, invocation: &Invocation) -> Self {
        let Invocation { request_id, began, deadline } = invocation;
        // Should CloudFront ever try a request again, it is another writer.
        let request = format!("{request_id}/{}", began.0);
        Ledger { world, request, deadline: *deadline, writes: 0 }
    }

    /// Reads what is known of a payment and of its payer.
    pub(crate) async fn recall(&self, ticket: &Ticket) -> Result<(Option<Binding>, Held), Failed> {
        let (binding, account) = (ticket.mark.payment.binding_key(), ticket.account_key());
        let asks = [Ask::Get(binding.clone()), Ask::Get(account.clone())];
        let [bound, found] = self.ask(asks).await;
        Ok((read(bound?, &binding)?, held(found?, account, &ticket.object)?))
    }

    /// Binds a payment, and makes `account` unless its payer has one: in one trip if both are new.
    pub(crate) async fn begin(
        &mut self,
        ticket: &Ticket,
        mut account: Account,
        now: Micros,
    ) -> Result<Begun, Failed> {
        let writer = self.writer();
        account.writer.clone_from(&writer);
        let (mark, object) = (ticket.mark.clone(), ticket.object.clone());
        let binding = Binding { writer: writer.clone(), mark, object, bound_at: now };
        let (binding_key, key) = (ticket.mark.payment.binding_key(), ticket.account_key());
        let [bound, created, found] = self
            .ask([
                Ask::Create(binding_key.clone(), binding.record(ticket)),
                Ask::Create(key.clone(), account.record()),
                Ask::Get(key.clone()),
            ])
            .await;
        if let (Ok(Reply::Written(_)), Ok(Reply::Written(version))) = (&bound, &created) {
            let held = Held { key, account, version: Some(version.clone()) };
            return Ok(Begun { binding: Some(binding), held, created: true });
        }
        // The usual second trip is not needed here: the payer has an account, and it was read.
        if let (Ok(Reply::Written(_)), Ok(Reply::Conflict), Ok(reply @ Reply::Found(..))) =
            (&bound, &created, &found)
        {
            let held = held(reply.clone(), key, &ticket.object)?;
            return Ok(Begun { binding: Some(binding), held, created: false });
        }
        // Anything else is read again. What the silence of a write hid is known by its writer.
        let asks = [Ask::Get(binding_key.clone()), Ask::Get(key.clone())];
        let [bound, found] = self.ask(asks).await;
        let binding = read(bound?, &binding_key)?;
        let held = held(found?, key, &ticket.object)?;
        let created = held.account.writer == writer;
        Ok(Begun { binding, held, created })
    }

    /// Writes `next` if the account still is the one that was read.
    pub(crate) async fn write(
        &mut self,
        held: &mut Held,
        mut next: Account,
    ) -> Result<Write, Failed> {
        next.writer = self.writer();
        let ask = replace(held, &next);
        let [reply] = self.ask([ask]).await;
        self.wrote(held, next, reply).await
    }

    /// Does the same, and reads the binding of another payment at the same time.
    pub(crate) async fn write_and_read(
        &mut self,
        held: &mut Held,
        mut next: Account,
        payment: &PaymentId,
    ) -> Result<(Write, Option<Binding>), Failed> {
        next.writer = self.writer();
        let (ask, key) = (replace(held, &next), payment.binding_key());
        let [reply, bound] = self.ask([ask, Ask::Get(key.clone())]).await;
        let binding = read(bound?, &key)?;
        Ok((self.wrote(held, next, reply).await?, binding))
    }

    async fn wrote(
        &mut self,
        held: &mut Held,
        next: Account,
        reply: Result<Reply, Failed>,
    ) -> Result<Write, Failed> {
        if let Ok(Reply::Written(version)) = reply {
            *held = Held { key: held.key.clone(), account: next, version: Some(version) };
            return Ok(Write::Done);
        }
        let [found] = self.ask([Ask::Get(held.key.clone())]).await;
        *held = self::held(found?, held.key.clone(), &held.account.object)?;
        match (held.account.writer == next.writer, reply) {
            (true, _) => Ok(Write::Done),
            (false, Ok(_)) => Ok(Write::Moved),
            // It may be done yet, so nothing may be concluded from its not being there.
            (false, Err(failed)) => Err(failed),
        }
    }

    /// Notes which payment a transaction settled, and says whether that is this one. An unreachable
    /// store says so: what settled is granted.
    pub(crate) async fn is_first_of(
        &mut self,
        payment: &PaymentId,
        network: &str,
        transaction: &str,
    ) -> bool {
        let name = hex::encode(&keccak(&[network.as_bytes(), b"\0", transaction.as_bytes()]));
        let key = Key(format!("transactions/{}.json", &name[2..]));
        let record =
            json!({ "writer": self.writer(), "payment": payment, "transaction": transaction });
        let expires = self.world.now().secs() + limits::TRANSACTION_SECONDS;
        let record = Record { json: record.to_string(), expires: Some(expires) };
        let [created] = self.ask([Ask::Create(key.clone(), record)]).await;
        if created != Ok(Reply::Conflict) {
            return true;
        }
        #[derive(Deserialize)]
        struct Settled {
            payment: PaymentId,
        }
        let [found] = self.ask([Ask::Get(key.clone())]).await;
        match found.and_then(|reply| read::<Settled>(reply, &key)) {
            Ok(Some(settled)) => settled.payment == *payment,
            Ok(None) | Err(_) => true,
        }
    }

    /// Names a write of this request.
    fn writer(&mut self) -> String {
        self.writes += 1;
        format!("{}/{}", self.request, self.writes)
    }

    async fn ask<const N: usize>(&self, asks: [Ask; N]) -> [Result<Reply, Failed>; N] {
        let left = self.deadline.millis_since(self.world.now());
        let timeout_ms = left.saturating_sub(limits::ANSWER_MARGIN_MS).min(limits::STORE_CALL_MS);
        let replies = match timeout_ms {
            0 => vec![],
            _ => self.world.records(asks.into(), timeout_ms).await,
        };
        let mut replies = replies.into_iter();
        array::from_fn(|_| replies.next().unwrap_or_else(|| Err(Failed("no time left".into()))))
    }
}

fn replace(held: &Held, next: &Account) -> Ask {
    match &held.version {
        Some(version) => Ask::Replace(held.key.clone(), next.record(), version.clone()),
        None => Ask::Create(held.key.clone(), next.record()),
    }
}

fn held(reply: Reply, key: Key, object: &str) -> Result<Held, Failed> {
    match reply {
        Reply::Found(json, version) => {
            let account = Account::read(&json, &key, object).map_err(Failed)?;
            Ok(Held { key, account, version: Some(version) })
        }
        _ => Ok(Held { key, account: Account::new(object), version: None }),
    }
}

fn read<T: DeserializeOwned>(reply: Reply, key: &Key) -> Result<Option<T>, Failed> {
    match reply {
        Reply::Found(json, _) => {
            let read = serde_json::from_slice(&json);
            read.map(Some).map_err(|error| Failed(format!("{key}: {error}")))
        }
        _ => Ok(None),
    }
}
