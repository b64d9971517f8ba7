//! A chain with EIP-3009 tokens: blocks every two seconds, transactions that wait for theirs,
//! reorganisations, and a clock of its own. (Two chains are one here: no two see the same nonce.)

pub mod node;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use paywall_core::clock::Micros;
use sha3::{Digest as _, Keccak256};

use crate::wallet::{Authorization, Id};

/// The number of the block at [`crate::EPOCH`].
pub const FIRST_BLOCK: u64 = 1_000_000;
/// As on Base, in microseconds.
pub const BLOCK_TIME: u64 = 2_000_000;

/// The chain.
#[derive(Debug, Default)]
pub struct Chain {
    state: RefCell<State>,
    /// So many seconds its clock is late.
    pub clock_late: Cell<u64>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<(u64, Transaction)>,
    mined: Vec<Mined>,
    funds: Vec<(u64, [u8; 20], u128)>,
    /// From these heights on, the blocks were replaced so often.
    reorgs: Vec<u64>,
    reorged: BTreeSet<Id>,
    count: u64,
}

/// Nonces that are used, and what accounts have, in some block.
#[derive(Debug, Default)]
pub struct View {
    used: BTreeSet<Id>,
    balances: BTreeMap<[u8; 20], u128>,
}

/// What a transaction asks of the token.
#[derive(Clone, Debug)]
pub enum Action {
    /// `transferWithAuthorization`.
    Transfer(Authorization),
    /// `cancelAuthorization`.
    Cancel(Authorization),
    /// A contract that burns the nonce by a transfer of another value, and moves the right amount by an
    /// unrelated transfer in the same transaction.
    BurnBeside(Authorization),
}

impl Action {
    /// The authorization that it is about.
    pub fn about(&self) -> &Authorization {
        match self {
            Action::Transfer(a) | Action::Cancel(a) | Action::BurnBeside(a) => a,
        }
    }
}

/// A transaction.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Its hash.
    pub hash: [u8; 32],
    /// What it does.
    pub action: Action,
    /// Whether a facilitator sent it.
    pub settles: bool,
    /// What its calldata shows to everybody: the signature.
    pub signature: Vec<u8>,
}

/// A transaction in a block.
#[derive(Clone, Debug)]
pub struct Mined {
    /// It.
    pub transaction: Transaction,
    /// The block's height.
    pub block: u64,
    /// Whether it did what it asks.
    pub success: bool,
}

impl Mined {
    /// Microseconds since the Unix epoch, by the true clock.
    pub fn at(&self) -> u64 {
        true_time(self.block)
    }
}

/// The height at a time.
pub fn height(micros: u64) -> u64 {
    FIRST_BLOCK + micros.saturating_sub(crate::EPOCH.0) / BLOCK_TIME
}

/// When a block is made.
pub fn true_time(height: u64) -> u64 {
    crate::EPOCH.0 + height * BLOCK_TIME - FIRST_BLOCK * BLOCK_TIME
}

impl Chain {
    /// What a block says of the time, in seconds.
    pub fn stamp(&self, height: u64) -> u64 {
        true_time(height) / 1_000_000 - self.clock_late.get()
    }

    /// An account always had so much of the tokens: a node that is behind knows it as well.
    pub fn endow(&self, account: [u8; 20], amount: u128) {
        self.state.borrow_mut().funds.push((0, account, amount));
    }

    /// From now on an account has so much of the tokens.
    pub fn fund(&self, account: [u8; 20], amount: u128, now: Micros) {
        let funds = &mut self.state.borrow_mut().funds;
        funds.push((height(now.0), account, amount));
    }

    /// What an account has.
    pub fn balance(&self, account: &[u8; 20], now: Micros) -> u128 {
        self.view(height(now.0)).balance(account)
    }

    /// Sends a transaction that is mined in the first block after `at`; gives its hash.
    pub fn send(&self, action: Action, signature: Vec<u8>, settles: bool, at: Micros) -> [u8; 32] {
        let state = &mut *self.state.borrow_mut();
        state.count += 1;
        let hash = Keccak256::digest(state.count.to_be_bytes()).into();
        let transaction = Transaction { hash, action, settles, signature };
        state.waiting.push((height(at.0) + 1, transaction));
        hash
    }

    /// Mines what is due.
    pub fn advance(&self, now: Micros) {
        let due = height(now.0);
        let state = &mut *self.state.borrow_mut();
        state.waiting.sort_by_key(|(block, _)| *block);
        while state.waiting.first().is_some_and(|(block, _)| *block <= due) {
            let (block, transaction) = state.waiting.remove(0);
            let stamp = self.stamp(block);
            let view = state.view(block);
            let success = view.takes(&transaction.action, stamp);
            state.mined.push(Mined { transaction, block, success });
        }
    }

    /// Replaces the newest `depth` blocks: what was in them waits again, each for so many blocks.
    pub fn reorganise(&self, depth: u64, now: Micros, delay: impl Fn() -> u64) {
        self.advance(now);
        let state = &mut *self.state.borrow_mut();
        let from = height(now.0) + 1 - depth;
        state.reorgs.push(from);
        let (gone, stay): (Vec<_>, Vec<_>) =
            state.mined.drain(..).partition(|mined| mined.block >= from);
        state.mined = stay;
        for mined in gone {
            state.reorged.insert(mined.transaction.action.about().id());
            state.waiting.push((height(now.0) + 1 + delay(), mined.transaction));
        }
    }

    /// Whether a payment's block was ever replaced.
    pub fn was_reorged(&self, id: &Id) -> bool {
        self.state.borrow().reorged.contains(id)
    }

    /// Nonces and balances as a block leaves them.
    pub fn view(&self, block: u64) -> View {
        self.state.borrow().view(block)
    }

    /// A transaction in a block.
    pub fn mined(&self, hash: &[u8; 32]) -> Option<Mined> {
        let state = self.state.borrow();
        state.mined.iter().find(|mined| mined.transaction.hash == *hash).cloned()
    }

    /// The transfer that a payment made.
    pub fn paid(&self, id: &Id) -> Option<Mined> {
        let state = self.state.borrow();
        let is_it = |mined: &&Mined| {
            let transfer =
                matches!(&mined.transaction.action, Action::Transfer(a) if a.id() == *id);
            mined.success && transfer
        };
        state.mined.iter().find(is_it).cloned()
    }

    /// Every transfer in a block or on its way there: what an observer sees.
    pub fn calldata(&self) -> Vec<(Transaction, Authorization)> {
        let state = self.state.borrow();
        let waiting = state.waiting.iter().map(|(_, transaction)| transaction);
        let all = state.mined.iter().map(|mined| &mined.transaction).chain(waiting);
        all.filter_map(|transaction| match &transaction.action {
            Action::Transfer(a) => Some((transaction.clone(), a.clone())),
            _ => None,
        })
        .collect()
    }

    /// Every transfer that moved money, oldest first.
    pub fn transfers(&self) -> Vec<(Mined, Authorization)> {
        let state = self.state.borrow();
        let good = state.mined.iter().filter(|mined| mined.success);
        good.filter_map(|mined| match &mined.transaction.action {
            Action::Transfer(a) => Some((mined.clone(), a.clone())),
            _ => None,
        })
        .collect()
    }
}

impl State {
    fn view(&self, block: u64) -> View {
        let mut view = View::default();
        let mut funds = self.funds.iter().peekable();
        for mined in self.mined.iter().filter(|mined| mined.block <= block) {
            while let Some((_, account, amount)) = funds.next_if(|fund| fund.0 <= mined.block) {
                view.balances.insert(*account, *amount);
            }
            if mined.success {
                view.apply(&mined.transaction.action);
            }
        }
        for (_, account, amount) in funds.filter(|fund| fund.0 <= block) {
            view.balances.insert(*account, *amount);
        }
        view
    }
}

impl View {
    /// Whether a nonce is used or cancelled.
    pub fn used(&self, id: &Id) -> bool {
        self.used.contains(id)
    }

    /// What an account has.
    pub fn balance(&self, account: &[u8; 20]) -> u128 {
        self.balances.get(account).copied().unwrap_or_default()
    }

    /// Whether the token takes it in a block that says that it is `stamp`.
    pub fn takes(&self, action: &Action, stamp: u64) -> bool {
        let a = action.about();
        let in_time = stamp > a.valid_after && stamp < a.valid_before;
        let fits = match action {
            Action::Transfer(_) => in_time && self.balance(&a.from) >= a.value,
            Action::Cancel(_) | Action::BurnBeside(_) => true,
        };
        fits && !self.used(&a.id())
    }

    fn apply(&mut self, action: &Action) {
        let a = action.about();
        self.used.insert(a.id());
        if let Action::Transfer(a) = action {
            let balance = self.balance(&a.from);
            self.balances.insert(a.from, balance.saturating_sub(a.value));
        }
    }
}
