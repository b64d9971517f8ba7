//! Records of payments, made by the function's own code.

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::purchase::{
    Account, AccountKind, Bill, Binding, Learnt, Look, Mark, Open, PaymentId, Sells, To, VERSION,
    Why,
};
use paywall_core::receipt::Receipt;
use paywall_core::subject::{Kind, Subject};
use paywall_core::wire::Wire;

/// USDC of Base Sepolia, as the wire spells it.
pub(crate) const TOKEN: &str = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
/// A public test account: Anvil's second.
pub(crate) const PAYEE: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
pub(crate) const FACILITATOR: &str = "https://www.x402.org/facilitator";
/// Stands in every record, as a signature does, and in no list.
pub(crate) const SIGNATURE: &str = "0x5160a7u4e";
pub(crate) const SITE: &str = "shop";

/// A payment of 0.01 for an object, presented at a second, valid for a minute.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) payer: [u8; 20],
    pub(crate) nonce: u8,
    pub(crate) object: String,
    pub(crate) at: u64,
    pub(crate) window: u64,
    pub(crate) seconds: Option<u32>,
    pub(crate) kind: AccountKind,
    /// Only its facilitator understands it.
    pub(crate) opaque: bool,
}

impl Payment {
    pub(crate) fn new(payer: [u8; 20], object: &str, at: u64) -> Self {
        let object = object.to_owned();
        let (kind, opaque) = (AccountKind::Payer, false);
        Payment { payer, nonce: 1, object, at, window: 60, seconds: None, kind, opaque }
    }

    pub(crate) fn mark(&self) -> Mark {
        let mut nonce = [0; 32];
        nonce[31] = self.nonce;
        let asset = hex::decode_array(TOKEN).unwrap();
        let payment = match self.opaque {
            true => PaymentId::Opaque { digest: [self.nonce; 32] },
            false => PaymentId::Eip3009 { chain_id: 84532, asset, from: self.payer, nonce },
        };
        // A digest is of all that is signed.
        let mut digest = [0; 32];
        digest[0] = self.nonce;
        digest[1..7].copy_from_slice(&self.payer[..6]);
        Mark { payment, digest, signature: [7; 32] }
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject { site: SITE.into(), kind: Kind::Object, name: self.object.clone() }
    }

    fn owner(&self) -> String {
        Account::owner(self.kind, &self.mark().payment)
    }

    pub(crate) fn key(&self) -> String {
        Account::key(&self.subject(), &self.owner()).to_string()
    }

    pub(crate) fn binding_key(&self) -> String {
        Binding::key(&self.mark().payment).to_string()
    }

    pub(crate) fn open(&self) -> Open {
        let network = match self.opaque {
            true => "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
            false => "eip155:84532",
        };
        Open {
            mark: self.mark(),
            own_key: true,
            bill: Bill {
                wire: Wire::V2,
                network: network.into(),
                v1: None,
                asset: TOKEN.into(),
                amount: 10_000,
                pay_to: PAYEE.into(),
            },
            ends: self.at + self.window,
            sells: Sells { seconds: self.seconds, epoch: 0 },
            origin: [9; 8],
            holder: "r".into(),
            lease: Micros::from_secs(self.at + 5),
            sent_at: Micros::from_secs(self.at),
            facilitator: FACILITATOR.into(),
            body: format!("{{\"signature\":\"{SIGNATURE}\"}}"),
            look: Some(Look { block: 0, at: Micros::from_secs(self.at) }),
            searched: None,
            contradicted: false,
            hint: None,
        }
    }

    /// What binds it to its object.
    pub(crate) fn binding(&self) -> Binding {
        let Mark { payment, digest, signature } = self.mark();
        let (subject, account) = (self.subject(), self.kind);
        let bound_at = Micros::from_secs(self.at);
        let writer = "r/1".into();
        Binding { v: VERSION, writer, payment, digest, signature, subject, account, bound_at }
    }

    fn account(&self) -> Account {
        Account { writer: "r/1".into(), ..Account::new(&self.subject(), &self.owner()) }
    }

    /// Its account while it is under way.
    pub(crate) fn under_way(&self) -> Account {
        Account { open: Some(self.open()), ..self.account() }
    }

    /// Its account once it settled, and nobody was granted it.
    pub(crate) fn charged(&self) -> Account {
        let transaction = hex::encode(&[self.nonce; 32]);
        self.settled(&transaction, &hex::encode(&self.payer))
    }

    /// The same with a transaction and a payer as another network has them.
    pub(crate) fn settled(&self, transaction: &str, payer: &str) -> Account {
        let json = format!(
            "{{\"transaction\":\"{transaction}\",\"network\":\"{}\",\"payer\":\"{payer}\"}}",
            self.open().bill.network
        );
        let receipt: Receipt = serde_json::from_str(&json).unwrap();
        let mut account = self.under_way();
        account.sell(&self.open(), receipt, Learnt::Facilitator, self.now());
        assert!(account.open.is_none());
        account
    }

    /// Its account once it was granted.
    pub(crate) fn granted(&self) -> Account {
        let mut account = self.charged();
        self.grant(&mut account);
        account
    }

    fn grant(&self, account: &mut Account) {
        let at = account.sales.len() - 1;
        let (mark, ends) = (self.mark(), self.at + self.window);
        account.grant(at, To { mark: &mark, origin: [9; 8], ends }, self.now());
    }

    /// Its account once it was granted, and so many later ones that it is packed.
    pub(crate) fn packed(&self) -> Account {
        let mut account = self.granted();
        for n in 0..limits::WHOLE_SALES as u8 {
            let later = Payment { nonce: 100 + n, ..self.clone() };
            account.sales.extend(later.granted().sales);
        }
        account.tidy(self.now());
        assert_eq!(account.finished.len(), 1);
        account
    }

    /// Its account once it ended without being sold.
    pub(crate) fn closed(&self, why: Why, code: &str) -> Account {
        let mut account = self.under_way();
        account.close(&self.open(), why, code, self.now());
        account
    }

    fn now(&self) -> Micros {
        Micros::from_secs(self.at + 2)
    }
}

/// The record, as it is written.
pub(crate) fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).unwrap()
}
