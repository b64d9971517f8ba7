//! Records of payments, made by the function's own code.

use paywall_core::claim::Wire;
use paywall_core::clock::Micros;
use paywall_core::facilitator::{self, Outcome, Payer, Settlement};
use paywall_core::hex;
use paywall_core::store::{
    Account, At, Bill, Binding, Fingerprint, Mark, PaymentId, Pending, Ticket, Verdict,
};

/// USDC of Base Sepolia, as the wire spells it.
pub(crate) const TOKEN: &str = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
/// A public test account: Anvil's second.
pub(crate) const PAYEE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
pub(crate) const FACILITATOR: &str = "https://www.x402.org/facilitator";
/// Stands in every record, as a signature does, and in no list.
pub(crate) const SIGNATURE: &str = "0x5160a7u4e";

/// A payment of 0.01 for an object, presented at a second, valid for a minute.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) payer: [u8; 20],
    pub(crate) nonce: u8,
    pub(crate) object: String,
    pub(crate) at: u64,
    pub(crate) window: u64,
    pub(crate) seconds: Option<u32>,
}

impl Payment {
    pub(crate) fn new(payer: [u8; 20], object: &str, at: u64) -> Self {
        Payment { payer, nonce: 1, object: object.to_owned(), at, window: 60, seconds: None }
    }

    pub(crate) fn ticket(&self) -> Ticket {
        let mut nonce = [0; 32];
        nonce[31] = self.nonce;
        let asset = hex::decode_array(TOKEN).unwrap();
        let payment = PaymentId::Eip3009 { chain_id: 84532, asset, from: self.payer, nonce };
        let fingerprint = Fingerprint { digest: nonce, signature: [7; 32] };
        Ticket {
            mark: Mark { payment, fingerprint },
            object: self.object.clone(),
            own_key: true,
            valid_before: Some(self.at + self.window),
        }
    }

    pub(crate) fn key(&self) -> String {
        self.ticket().account_key().to_string()
    }

    fn pending(&self) -> Pending {
        Pending {
            mark: self.ticket().mark,
            bill: Bill {
                wire: Wire::V2,
                network: "eip155:84532".into(),
                v1: None,
                asset: TOKEN.into(),
                amount: 10_000,
                payer: Payer::Evm(self.payer),
                pay_to: PAYEE.into(),
                valid_before: Some(self.at + self.window),
            },
            seconds: self.seconds,
            access_epoch: 0,
            bound_at: Micros::from_secs(self.at),
            facilitator: FACILITATOR.into(),
            body: format!("{{\"signature\":\"{SIGNATURE}\"}}"),
            lease: Micros::from_secs(self.at + 5),
        }
    }

    /// What binds it to its object.
    pub(crate) fn binding(&self) -> Binding {
        let (mark, object) = (self.ticket().mark, self.object.clone());
        Binding { writer: "r/1".into(), mark, object, bound_at: Micros::from_secs(self.at) }
    }

    /// Its account while it is under way.
    pub(crate) fn under_way(&self) -> Account {
        Account { pending: Some(self.pending()), ..Account::new(&self.object) }
    }

    /// Its account once it settled, and nobody was granted it.
    pub(crate) fn charged(&self) -> Account {
        let transaction = hex::encode(&[self.nonce; 32]);
        self.settled(self.pending(), &transaction, &hex::encode(&self.payer))
    }

    /// The same on a network that only the facilitator understands.
    pub(crate) fn charged_elsewhere(&self, transaction: &str, payer: &str) -> Account {
        let mut pending = self.pending();
        pending.mark.payment = PaymentId::Opaque { digest: [self.nonce; 32] };
        pending.bill.network = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1".into();
        pending.bill.payer = Payer::Unknown;
        pending.bill.valid_before = None;
        self.settled(pending, transaction, payer)
    }

    /// Where that is.
    pub(crate) fn key_elsewhere(&self) -> String {
        let mut ticket = self.ticket();
        ticket.mark.payment = PaymentId::Opaque { digest: [self.nonce; 32] };
        ticket.account_key().to_string()
    }

    fn settled(&self, pending: Pending, transaction: &str, payer: &str) -> Account {
        let network = &pending.bill.network;
        let body = format!(
            "{{\"success\":true,\"transaction\":\"{transaction}\",\"network\":\"{network}\",\"payer\":\"{payer}\"}}"
        );
        let answer = Outcome::Answered { status: 200, body: body.into_bytes(), location: None };
        let settlement = facilitator::settlement(&answer, &pending.bill.expected(), true);
        let Settlement::Settled(receipt) = settlement else { panic!("{settlement:?}") };
        let mut account = Account { pending: Some(pending.clone()), ..Account::new(&self.object) };
        assert!(account.settle(&pending, receipt, self.now()));
        account
    }

    /// Its account once it was granted.
    pub(crate) fn granted(&self) -> Account {
        let mut account = self.charged();
        let verdict = account.present(&self.ticket(), self.now());
        assert!(matches!(verdict, Verdict::Opens(_)), "{verdict:?}");
        account
    }

    fn now(&self) -> At {
        At { now: Micros::from_secs(self.at + 2), access_epoch: 0 }
    }
}

/// The record, as it is written.
pub(crate) fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).unwrap()
}
