//! The chain in memory: balances, spent nonces and contract wallets of any EIP-3009 token.
//!
//! The rules are USDC's: [`EIP3009.sol`](https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v2/EIP3009.sol)
//! and [`SignatureChecker.sol`](https://github.com/circlefin/stablecoin-evm/blob/master/contracts/util/SignatureChecker.sol).

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy_primitives::{address, keccak256};
use alloy_sol_types::{SolValue, sol};

use super::eip3009::{
    Address, B256, Domain, Malleable, Token, TransferWithAuthorization, U256, recover_strict,
};
use super::networks::KnownToken;

/// Anvil's first account, the buyer whom every token's ledger funds.
/// Source: [Anvil's accounts](https://getfoundry.sh/anvil/overview).
pub const FUNDED_BUYER: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");

/// What [`FUNDED_BUYER`] starts with on every token, in atomic units: a million dollars of USDC.
pub const FUNDED_BALANCE: u64 = 1_000_000_000_000;

sol! {
    /// How Coinbase's smart wallet wraps an owner's signature.
    /// Source: `CoinbaseSmartWallet.sol`, <https://github.com/coinbase/smart-wallet>.
    struct SignatureWrapper {
        uint256 ownerIndex;
        bytes signatureData;
    }
}

/// Wraps an owner's signature as Coinbase's smart wallet wants it; a deployed wallet accepts both forms.
pub fn wrap_for_smart_wallet(signature: &[u8]) -> Vec<u8> {
    let signature_data = signature.to_vec().into();
    SignatureWrapper { ownerIndex: U256::ZERO, signatureData: signature_data }.abi_encode()
}

/// One payment that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Transaction hash, derived from the digest of the authorization.
    pub tx: B256,
    /// The token that moved.
    pub token: Token,
    /// Payer.
    pub from: Address,
    /// Payee.
    pub to: Address,
    /// Atomic units.
    pub value: U256,
    /// The authorization's nonce.
    pub nonce: B256,
}

/// Why the token contract reverts, in USDC's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revert {
    /// The nonce is spent.
    AuthorizationUsed,
    /// The window is over.
    Expired,
    /// More than the payer has.
    InsufficientBalance,
    /// Signed by someone else, or refused by the wallet.
    InvalidSignature,
    /// Wrong length, high `s`, or a `v` that is not 27 or 28.
    Malleable(Malleable),
    /// The window has not begun.
    NotYetValid,
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Revert::AuthorizationUsed => "FiatTokenV2: authorization is used or canceled",
            Revert::Expired => "FiatTokenV2: authorization is expired",
            Revert::InsufficientBalance => "ERC20: transfer amount exceeds balance",
            Revert::InvalidSignature => "FiatTokenV2: invalid signature",
            Revert::Malleable(Malleable::Length) => "ECRecover: invalid signature length",
            Revert::Malleable(Malleable::S) => "ECRecover: invalid signature 's' value",
            Revert::Malleable(Malleable::V) => "ECRecover: invalid signature 'v' value",
            Revert::NotYetValid => "FiatTokenV2: authorization is not yet valid",
        })
    }
}

/// A handle on the ledger; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Books>>);

#[derive(Debug, Default)]
struct Books {
    balances: HashMap<(Token, Address), U256>,
    spent: HashSet<(Token, Address, B256)>,
    transfers: Vec<Transfer>,
    wallets: HashMap<Address, Address>,
}

impl Ledger {
    /// What `holder` has, in atomic units.
    pub fn balance_of(&self, token: Token, holder: Address) -> U256 {
        self.books().balance(token, holder)
    }

    /// Every payment so far, oldest first.
    pub fn transfers(&self) -> Vec<Transfer> {
        self.books().transfers.clone()
    }

    /// Gives `holder` `value` more atomic units, up to the largest number there is.
    pub fn fund(&self, token: Token, holder: Address, value: U256) {
        let mut books = self.books();
        let balance = books.balance(token, holder).saturating_add(value);
        books.balances.insert((token, holder), balance);
    }

    /// Makes `address` a contract, on every chain, whose
    /// [ERC-1271](https://eips.ethereum.org/EIPS/eip-1271) check accepts `owner`'s signature, bare or
    /// wrapped by [`wrap_for_smart_wallet`]. From then on a signature by `address`'s own key counts for nothing.
    pub fn deploy_wallet(&self, address: Address, owner: Address) {
        self.books().wallets.insert(address, owner);
    }

    /// Spends a nonce without a payment, as EIP-3009's `cancelAuthorization` does.
    pub fn cancel(&self, token: Token, from: Address, nonce: B256) {
        self.books().spent.insert((token, from, nonce));
    }

    /// EIP-3009's `authorizationState`: is the nonce used or cancelled?
    pub fn is_spent(&self, token: Token, from: Address, nonce: B256) -> bool {
        self.books().spent.contains(&(token, from, nonce))
    }

    /// Has the address code, so that ERC-1271 alone decides?
    pub fn is_contract(&self, address: Address) -> bool {
        self.books().wallets.contains_key(&address)
    }

    /// ERC-1271's `isValidSignature`; false for an address without code.
    pub fn wallet_accepts(&self, wallet: Address, digest: B256, signature: &[u8]) -> bool {
        self.books().wallet_accepts(wallet, digest, signature)
    }

    /// What `transfer` would say at `now` (Unix seconds), without moving anything.
    pub fn simulate(
        &self,
        stated: &Domain,
        authorization: &TransferWithAuthorization,
        signature: &[u8],
        now: u64,
    ) -> Result<(), Revert> {
        self.books().check(stated, authorization, signature, now)
    }

    /// EIP-3009's `transferWithAuthorization` at `now` (Unix seconds), all or nothing.
    ///
    /// A known token hashes under the domain it was deployed with, any other under the one `stated`.
    pub fn transfer(
        &self,
        stated: &Domain,
        authorization: &TransferWithAuthorization,
        signature: &[u8],
        now: u64,
    ) -> Result<B256, Revert> {
        let mut books = self.books();
        books.check(stated, authorization, signature, now)?;
        let TransferWithAuthorization { from, to, value, nonce, .. } = *authorization;
        let token = stated.token;
        books.spent.insert((token, from, nonce));
        let left = books.balance(token, from) - value;
        books.balances.insert((token, from), left);
        let held = books.balance(token, to).saturating_add(value);
        books.balances.insert((token, to), held);
        let tx = transaction_hash(stated, authorization);
        books.transfers.push(Transfer { tx, token, from, to, value, nonce });
        Ok(tx)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // No book-keeping below panics half-way, so a poisoned ledger is still a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash that settling an authorization has: 32 bytes that look random and never change.
pub(crate) fn transaction_hash(stated: &Domain, authorization: &TransferWithAuthorization) -> B256 {
    keccak256(["transaction of".as_bytes(), stated.digest(authorization).as_slice()].concat())
}

impl Books {
    fn balance(&self, token: Token, holder: Address) -> U256 {
        let initial = if holder == FUNDED_BUYER { FUNDED_BALANCE } else { 0 };
        self.balances.get(&(token, holder)).copied().unwrap_or(U256::from(initial))
    }

    fn check(
        &self,
        stated: &Domain,
        authorization: &TransferWithAuthorization,
        signature: &[u8],
        now: u64,
    ) -> Result<(), Revert> {
        let from = authorization.from;
        let now = U256::from(now);
        if now <= authorization.validAfter {
            return Err(Revert::NotYetValid);
        }
        if now >= authorization.validBefore {
            return Err(Revert::Expired);
        }
        if self.spent.contains(&(stated.token, from, authorization.nonce)) {
            return Err(Revert::AuthorizationUsed);
        }
        let own = KnownToken::find(stated.token).map(KnownToken::domain);
        let digest = own.as_ref().unwrap_or(stated).digest(authorization);
        let signed = if self.wallets.contains_key(&from) {
            self.wallet_accepts(from, digest, signature)
        } else {
            recover_strict(digest, signature).map_err(Revert::Malleable)? == Some(from)
        };
        if !signed {
            return Err(Revert::InvalidSignature);
        }
        if self.balance(stated.token, from) < authorization.value {
            return Err(Revert::InsufficientBalance);
        }
        Ok(())
    }

    fn wallet_accepts(&self, wallet: Address, digest: B256, signature: &[u8]) -> bool {
        let Some(&owner) = self.wallets.get(&wallet) else { return false };
        let wrapped = SignatureWrapper::abi_decode(signature).map(|wrapper| wrapper.signatureData);
        let inner = wrapped.as_ref().map_or(signature, |inner| inner);
        recover_strict(digest, inner) == Ok(Some(owner))
    }
}
