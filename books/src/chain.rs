//! Reading a chain: every transfer to the payees, block after block, to the depth where blocks stay.
//!
//! A node may leave logs out, as some do beyond a limit, or be asked in the middle of a reorganisation. So nothing
//! that it says counts alone: the logs of some blocks are compared with the receipts of their transactions and the
//! blocks' hashes, and what came and went must make the difference of the payee's balance from the first block to the
//! last. Whatever does not fit stops the run, and nothing is booked past it.

use std::collections::{BTreeMap, BTreeSet};

use paywall_core::node::{
    self, At, Authorization, Block, NOTHING, Question, Said, Way, bytes, quantity,
};
use paywall_core::scheme::spending::{self, CANCELED, Moved, USED};
use serde_json::Value;

use crate::transfer::Transfer;

/// So many blocks are searched for logs at once. Nodes allow from 10 (Alchemy, free) to 10,000:
/// <https://www.alchemy.com/docs/chains/ethereum/ethereum-api-endpoints/eth-get-logs>.
const RANGE: u64 = 1_000;

/// A range that a node refuses is cut to a tenth, and not below this many blocks.
const LEAST_RANGE: u64 = 10;

/// So many receipts or balances are asked for at once: nodes allow batches from 10 (some free plans) to 1,000.
const BATCH: usize = 10;

/// No token that is worth its name has so many.
const TOO_MUCH: &str = "the token moves more than 2^128 of its units";

/// A node of a chain.
pub trait Chain {
    /// Asks it.
    fn ask(&mut self, questions: &[Question]) -> Said;
}

/// What is watched of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The EIP-155 chain.
    pub chain_id: u64,
    /// The tokens that are sold for.
    pub tokens: Vec<[u8; 20]>,
    /// Whom buyers pay.
    pub payees: Vec<[u8; 20]>,
    /// How deep a block must be to stay, itself included.
    pub confirmations: u64,
}

/// A token, and whose.
pub type Purse = ([u8; 20], [u8; 20]);

impl Watched {
    /// Whether a stand knows what each payee had of each token then; of one without balances, that is not known.
    pub fn all_in(&self, stand: &Stand) -> bool {
        stand.balances.as_ref().is_none_or(|known| {
            let has_all = |payee: &[u8; 20]| {
                self.tokens.iter().all(|token| known.contains_key(&(*token, *payee)))
            };
            self.payees.iter().all(has_all)
        })
    }
}

/// Up to where a chain is booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The last block that is.
    pub block: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Its second.
    pub time: u64,
    /// What the payees had then; without, the node knew no state so old.
    pub balances: Option<BTreeMap<Purse, u128>>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What came, in the order of blocks.
    pub transfers: Vec<Transfer>,
    /// Up to where.
    pub stand: Stand,
    /// Whether the balances say the same; `false` where the node did not know those of the beginning.
    pub proven: bool,
}

type Result<T> = std::result::Result<T, String>;

/// The newest block that stays.
pub fn newest(chain: &mut impl Chain, watched: &Watched) -> Result<Block> {
    let [id, head] = answers(chain, &[Question::ChainId, Question::BlockNumber])?;
    node::chain_id(&id, watched.chain_id)?;
    let head = node::block_number(&head)?;
    // A block itself is the first confirmation.
    let deep = head.checked_sub(watched.confirmations.max(1) - 1);
    block(chain, deep.ok_or("the chain is not as deep yet as `confirmations` wants")?)
}

/// Where the books begin: at the last block before a second.
pub fn begin(chain: &mut impl Chain, watched: &Watched, second: u64) -> Result<Stand> {
    let newest = newest(chain, watched)?;
    let (mut low, mut high) = (0, newest.number);
    let first = block(chain, 0)?;
    if newest.time < second {
        low = high;
    }
    // The last one that is earlier lies at `low` or above, and below `high`.
    while first.time < second && low + 1 < high {
        let middle = low + (high - low) / 2;
        match block(chain, middle)?.time < second {
            true => low = middle,
            false => high = middle,
        }
    }
    let at = block(chain, low)?;
    let balances = balances(chain, watched, at.number).ok();
    Ok(Stand { block: at.number, hash: at.hash, time: at.time, balances })
}

/// The last block before a second, or the newest one that stays.
pub fn end(chain: &mut impl Chain, watched: &Watched, second: u64) -> Result<u64> {
    let newest = newest(chain, watched)?;
    match newest.time < second {
        true => Ok(newest.number),
        false => Ok(begin(chain, watched, second)?.block),
    }
}

/// Reads on from where the books stand, up to a block.
pub fn read(chain: &mut impl Chain, watched: &Watched, since: &Stand, to: u64) -> Result<Reading> {
    let again = block(chain, since.block)?;
    if again.hash != since.hash {
        return Err(format!(
            "block {} is another one than when it was booked: blocks were replaced deeper than `confirmations`",
            since.block
        ));
    }
    let (mut transfers, mut left) = (vec![], BTreeMap::<Purse, u128>::new());
    let (mut from, mut range) = (since.block + 1, RANGE);
    while from <= to {
        let last = to.min(from + range - 1);
        let logs = |way| Question::Transfers {
            tokens: watched.tokens.clone(),
            of: watched.payees.clone(),
            way,
            first: from,
            last,
        };
        let asked = [logs(Way::In), logs(Way::Out), Question::Block(last)];
        let [came, went, end] = answers(chain, &asked)?;
        let (came, went) = match (came, went) {
            (Ok(came), Ok(went)) => (came, went),
            (Err(_), _) | (_, Err(_)) if range > LEAST_RANGE => {
                range /= 10;
                continue;
            }
            (Err(error), _) | (_, Err(error)) => return Err(error.why),
        };
        node::block(&end, last)?;
        let moves = moves(chain, watched, &[&came, &went], from..=last)?;
        for (moved, transaction, block) in moves {
            let value = moved.value.to_u128().ok_or(TOO_MUCH)?;
            if watched.payees.contains(&moved.from) {
                let left = left.entry((moved.token, moved.from)).or_default();
                *left = left.checked_add(value).ok_or(TOO_MUCH)?;
            }
            if watched.payees.contains(&moved.to) {
                transfers.push(Transfer {
                    chain_id: watched.chain_id,
                    asset: moved.token,
                    from: moved.from,
                    to: moved.to,
                    value,
                    nonce: moved.nonce,
                    transaction,
                    index: moved.index,
                    block: block.number,
                    time: block.time,
                });
            }
        }
        from = last + 1;
    }
    let at = block(chain, to.max(since.block))?;
    let now = balances(chain, watched, at.number);
    let (proven, balances) = match (&since.balances, now) {
        (Some(before), now) => {
            let now = now?;
            adds_up(before, &now, &transfers, &left)?;
            (true, Some(now))
        }
        (None, now) => (false, now.ok()),
    };
    let stand = Stand { block: at.number, hash: at.hash, time: at.time, balances };
    Ok(Reading { transfers, stand, proven })
}

/// The transaction that spent a nonce on a transfer, between two seconds; `None` if none did, or not deep enough.
pub fn spent_by(
    chain: &mut impl Chain,
    watched: &Watched,
    authorization: Authorization,
    (since, until): (u64, u64),
) -> Result<Option<[u8; 32]>> {
    let newest = newest(chain, watched)?;
    let [state] = answers(chain, &[Question::State(authorization, At::Number(newest.number))])?;
    if !node::is_spent(&state)? {
        return Ok(None);
    }
    let (mut from, to) = (begin(chain, watched, since)?.block, end(chain, watched, until)?);
    let mut range = RANGE;
    while from <= to {
        let last = to.min(from + range - 1);
        let asked = [Question::Logs(authorization, [USED, CANCELED], from, last)];
        let [logs] = answers(chain, &asked)?;
        match logs {
            Ok(logs) => {
                if let Some(spent) = spending::spending(&logs, &authorization, from..=last)? {
                    return Ok((!spent.cancels).then_some(spent.transaction));
                }
                from = last + 1;
            }
            Err(_) if range > LEAST_RANGE => range /= 10,
            Err(error) => return Err(error.why),
        }
    }
    // Before or after it could have been paid for this: by another payment of the same nonce.
    Ok(None)
}

/// What a transaction paid to the payees, if it is deep enough; `None` if it is not there.
pub fn paid_by(
    chain: &mut impl Chain,
    watched: &Watched,
    transaction: [u8; 32],
) -> Result<Option<Vec<Transfer>>> {
    let newest = newest(chain, watched)?;
    let [receipt] = answers(chain, &[Question::Receipt(transaction)])?;
    let receipt = match receipt {
        Ok(receipt) => receipt,
        // A node that refuses, throttled or ill, has said nothing of the transaction.
        Err(error) if error.why.starts_with(NOTHING) => return Ok(None),
        Err(error) => return Err(error.why),
    };
    let height = quantity(&receipt["blockNumber"]).ok_or("the node's receipt is none")?;
    if height > newest.number {
        return Ok(Some(vec![]));
    }
    let block = block(chain, height)?;
    let moves = spending::moved(&receipt, &transaction, &block, &watched.tokens)?;
    let to_us = moves.into_iter().filter(|moved| watched.payees.contains(&moved.to));
    let transfer = |moved: Moved| {
        let Moved { token, from, to, value, index, nonce } = moved;
        let value = value.to_u128()?;
        let (block, time, chain_id) = (block.number, block.time, watched.chain_id);
        Some(Transfer {
            chain_id,
            asset: token,
            from,
            to,
            value,
            nonce,
            transaction,
            index,
            block,
            time,
        })
    };
    Ok(Some(to_us.filter_map(transfer).collect()))
}

/// What the transactions of some logs moved, by their receipts, which must have all of the logs.
fn moves(
    chain: &mut impl Chain,
    watched: &Watched,
    logs: &[&Value],
    blocks: std::ops::RangeInclusive<u64>,
) -> Result<Vec<(Moved, [u8; 32], Block)>> {
    let (mut seen, mut transactions) = (BTreeSet::new(), BTreeMap::new());
    for logs in logs {
        for log in logs.as_array().ok_or("the node's logs are none")? {
            let read = || {
                Some((
                    quantity(&log["blockNumber"])?,
                    bytes::<32>(&log["transactionHash"])?,
                    quantity(&log["logIndex"])?,
                ))
            };
            let (block, transaction, index) = read().ok_or("the node's log is none")?;
            if !blocks.contains(&block) || log["removed"].as_bool() == Some(true) {
                return Err("the node gives another log than it was asked for".to_owned());
            }
            seen.insert((block, index));
            transactions.insert((block, transaction), ());
        }
    }
    let mut moves = vec![];
    let transactions: Vec<_> = transactions.into_keys().collect();
    for some in transactions.chunks(BATCH) {
        let ask = |(height, transaction): &(u64, [u8; 32])| {
            [Question::Receipt(*transaction), Question::Block(*height)]
        };
        let questions: Vec<_> = some.iter().flat_map(ask).collect();
        let said = chain.ask(&questions)?;
        if said.len() != questions.len() {
            return Err("the node does not answer each question".to_owned());
        }
        for ((height, transaction), answer) in some.iter().zip(said.chunks(2)) {
            let receipt = answer[0].as_ref().map_err(|error| error.why.clone())?;
            let block = node::block(&answer[1], *height)?;
            let moved = spending::moved(receipt, transaction, &block, &watched.tokens)?;
            let ours = |moved: &Moved| {
                watched.payees.contains(&moved.to) || watched.payees.contains(&moved.from)
            };
            for moved in moved.into_iter().filter(ours) {
                if !seen.remove(&(*height, moved.index)) {
                    return Err(format!(
                        "the node's logs lack a transfer of block {height}, which the receipt has"
                    ));
                }
                moves.push((moved, *transaction, block));
            }
        }
    }
    match seen.first() {
        None => Ok(moves),
        Some((block, _)) => Err(format!("the node has a log of block {block} that no receipt has")),
    }
}

fn adds_up(
    before: &BTreeMap<Purse, u128>,
    now: &BTreeMap<Purse, u128>,
    came: &[Transfer],
    left: &BTreeMap<Purse, u128>,
) -> Result<()> {
    for (purse @ (token, payee), now) in now {
        // One that was not sold for until now: its beginning is not known.
        let Some(before) = before.get(purse) else { continue };
        let of = came.iter().filter(|transfer| (transfer.asset, transfer.to) == *purse);
        let came = of.map(|transfer| transfer.value).try_fold(0_u128, u128::checked_add);
        let came = came.ok_or(TOO_MUCH)?;
        let left = left.get(purse).copied().unwrap_or_default();
        let same = before.checked_add(came).zip(now.checked_add(left));
        if same.is_none_or(|(had, has)| had != has) {
            return Err(format!(
                "{} had {before} of {}, got {came} and spent {left} by the node's logs, and has {now}: the node left \
                 logs out, or the token moves otherwise",
                paywall_core::hex::encode(payee),
                paywall_core::hex::encode(token),
            ));
        }
    }
    Ok(())
}

fn balances(
    chain: &mut impl Chain,
    watched: &Watched,
    block: u64,
) -> Result<BTreeMap<Purse, u128>> {
    let purses = watched
        .tokens
        .iter()
        .flat_map(|token| watched.payees.iter().map(move |payee| (*token, *payee)));
    let purses: Vec<Purse> = purses.collect();
    let mut balances = BTreeMap::new();
    for some in purses.chunks(BATCH) {
        let ask = |(token, of): &Purse| Question::Balance {
            token: *token,
            of: *of,
            at: At::Number(block),
        };
        let said = chain.ask(&some.iter().map(ask).collect::<Vec<_>>())?;
        for (purse, answer) in some.iter().zip(&said) {
            let has = node::uint(answer)?.to_u128().ok_or(TOO_MUCH)?;
            balances.insert(*purse, has);
        }
    }
    match balances.len() == purses.len() {
        true => Ok(balances),
        false => Err("the node does not answer each question".to_owned()),
    }
}

fn block(chain: &mut impl Chain, height: u64) -> Result<Block> {
    let [block] = answers(chain, &[Question::Block(height)])?;
    node::block(&block, height)
}

fn answers<const N: usize>(
    chain: &mut impl Chain,
    questions: &[Question; N],
) -> Result<[node::Answer; N]> {
    let said = chain.ask(questions)?;
    said.try_into().map_err(|_| "the node does not answer each question".to_owned())
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
