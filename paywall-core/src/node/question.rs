//! What a node of a chain is asked, as JSON-RPC methods: <https://ethereum.github.io/execution-apis/>.

use serde_json::{Value, json};

use crate::hex;

/// `authorizationState(address,bytes32)`, the first bytes of its Keccak-256.
const AUTHORIZATION_STATE: [u8; 4] = [0xe9, 0x4a, 0x01, 0x02];

/// `balanceOf(address)`, likewise.
const BALANCE_OF: [u8; 4] = [0x70, 0xa0, 0x82, 0x31];

/// `Transfer(address indexed from, address indexed to, uint256 value)`, hashed.
pub const TRANSFER: [u8; 32] = [
    0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa,
    0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef,
];

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// Which chain is it?
    ChainId,
    /// How high is the newest block?
    BlockNumber,
    /// The block at a height.
    Block(u64),
    /// Whether an authorization is used or cancelled.
    State(Authorization, At),
    /// What an account has of a token.
    Balance {
        /// The token.
        token: [u8; 20],
        /// Whose.
        of: [u8; 20],
        /// In which block.
        at: At,
    },
    /// Whether a call of a token would go through.
    Call {
        /// The token.
        token: [u8; 20],
        /// Selector and arguments.
        data: Vec<u8>,
        /// In which block.
        at: At,
    },
    /// The logs that use or cancel an authorization.
    Logs(Authorization, [[u8; 32]; 2], u64, u64),
    /// The receipt of a transaction.
    Receipt([u8; 32]),
    /// The logs that move tokens to accounts, or away from them.
    #[cfg(feature = "books")]
    Transfers {
        /// Of these tokens.
        tokens: Vec<[u8; 20]>,
        /// Whose.
        of: Vec<[u8; 20]>,
        /// Which way.
        way: Way,
        /// From this block on, ...
        first: u64,
        /// ... and up to this one.
        last: u64,
    },
}

/// What a token knows an authorization by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Authorization {
    /// The token.
    pub token: [u8; 20],
    /// Who signed.
    pub from: [u8; 20],
    /// The nonce.
    pub nonce: [u8; 32],
}

/// Which way money went, as its owner sees it.
#[cfg(feature = "books")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// It came.
    In,
    /// It left.
    Out,
}

/// In which block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// The newest.
    Latest,
    /// The one at this height.
    Number(u64),
}

impl Question {
    /// The method's name.
    pub fn method(&self) -> &'static str {
        match self {
            Question::ChainId => "eth_chainId",
            Question::BlockNumber => "eth_blockNumber",
            Question::Block(_) => "eth_getBlockByNumber",
            Question::State(..) | Question::Balance { .. } | Question::Call { .. } => "eth_call",
            Question::Logs(..) => "eth_getLogs",
            #[cfg(feature = "books")]
            Question::Transfers { .. } => "eth_getLogs",
            Question::Receipt(_) => "eth_getTransactionReceipt",
        }
    }

    /// Its parameters.
    pub fn params(&self) -> Value {
        match self {
            Question::ChainId | Question::BlockNumber => json!([]),
            Question::Block(height) => json!([number(*height), false]),
            Question::State(Authorization { token, from, nonce }, at) => {
                let data = [AUTHORIZATION_STATE.as_slice(), &word(from), nonce].concat();
                call(token, &data, *at)
            }
            Question::Balance { token, of, at } => {
                call(token, &[BALANCE_OF.as_slice(), &word(of)].concat(), *at)
            }
            Question::Call { token, data, at } => call(token, data, *at),
            Question::Logs(Authorization { token, from, nonce }, events, first, last) => {
                let events: Vec<_> = events.iter().map(|event| hex::encode(event)).collect();
                json!([{
                    "address": hex::encode(token),
                    "topics": [events, hex::encode(&word(from)), hex::encode(nonce)],
                    "fromBlock": number(*first),
                    "toBlock": number(*last),
                }])
            }
            Question::Receipt(transaction) => json!([hex::encode(transaction)]),
            #[cfg(feature = "books")]
            Question::Transfers { tokens, of, way, first, last } => {
                let owners: Vec<_> = of.iter().map(|owner| hex::encode(&word(owner))).collect();
                let (from, to) = match way {
                    Way::In => (Value::Null, json!(owners)),
                    Way::Out => (json!(owners), Value::Null),
                };
                json!([{
                    "address": tokens.iter().map(|token| hex::encode(token)).collect::<Vec<_>>(),
                    "topics": [hex::encode(&TRANSFER), from, to],
                    "fromBlock": number(*first),
                    "toBlock": number(*last),
                }])
            }
        }
    }
}

fn call(token: &[u8; 20], data: &[u8], at: At) -> Value {
    let block = match at {
        At::Latest => json!("latest"),
        At::Number(height) => number(height),
    };
    json!([{ "to": hex::encode(token), "data": hex::encode(data) }, block])
}

/// An address as the ABI and the topics of logs have it.
pub fn word(address: &[u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address);
    word
}

/// A number, as JSON-RPC writes it:
/// <https://ethereum.org/developers/docs/apis/json-rpc/#quantities-encoding>.
fn number(number: u64) -> Value {
    Value::String(format!("0x{number:x}"))
}
