//! What a chain shows: money that came.

use paywall_core::hex;
use paywall_core::purchase::PaymentId;

/// A transfer to a payee.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// The EIP-155 chain.
    pub chain_id: u64,
    /// The token.
    pub asset: [u8; 20],
    /// Who paid.
    pub from: [u8; 20],
    /// The payee.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: u128,
    /// The nonce of the authorization that let it; `None` where none did: a plain transfer.
    pub nonce: Option<[u8; 32]>,
    /// The transaction.
    pub transaction: [u8; 32],
    /// The place of its log in the block.
    pub index: u64,
    /// The height of the block.
    pub block: u64,
    /// What second the block bears.
    pub time: u64,
}

impl Transfer {
    /// The payment that it settled, if an authorization let it.
    pub fn payment(&self) -> Option<PaymentId> {
        let Transfer { chain_id, asset, from, nonce, .. } = *self;
        nonce.map(|nonce| PaymentId::Eip3009 { chain_id, asset, from, nonce })
    }

    /// The CAIP-2 name of its network.
    pub fn network(&self) -> String {
        format!("eip155:{}", self.chain_id)
    }

    /// The transaction as it is written.
    pub fn hash(&self) -> String {
        hex::encode(&self.transaction)
    }
}
