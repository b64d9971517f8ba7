//! Every limit of the platform, and every bound that this function sets itself, with its source.
//!
//! AWS's own pages disagree about viewer events (1 MB, 5 s and 128 MB in older copies; 50 MB, 30 s
//! and Lambda's own memory quota in newer ones), so the function keeps to the smaller figures.

pub use cloudfront::limits::GENERATED_RESPONSE_BYTES;

/// How long before the invocation's deadline the answer must be ready, in milliseconds: a sandbox
/// has a small share of a core, and a function that is cut off answers 503 without a reason.
pub const DEADLINE_MARGIN_MS: u64 = 400;

/// A facilitator call that would have less time than this, in milliseconds, is not begun.
pub const SHORTEST_CALL_MS: u64 = 150;

/// A `/settle` that would have less time than this, in milliseconds, is not begun, since its outcome
/// would hardly be known: a block of Base takes 2 s. <https://docs.base.org/base-chain/quickstart/connecting-to-base>
pub const SHORTEST_SETTLE_MS: u64 = 2_000;

/// A `/settle` that was planned in time is begun, in milliseconds, with as little as this: the store, or
/// a facilitator that could not be reached, took the rest.
pub const LATEST_SETTLE_MS: u64 = 1_000;

/// The longest payment header that is decoded, in bytes. CloudFront passes at most 20,480 bytes of
/// headers (same page as above), a 402 of this project offers at most 6 KB, and buyers echo it with
/// 0.5 KB of their own; the rest is room for wrapped smart-wallet signatures (ERC-6492).
pub const PAYMENT_HEADER_BYTES: usize = 12 * 1024;

/// A facilitator's answer is read up to this many bytes; a longer one is no answer. Measured
/// answers are under 3 KB.
pub const FACILITATOR_ANSWER_BYTES: u64 = 64 * 1024;

/// The least time, in seconds, that an authorization must have left when it arrives. The reference
/// facilitator refuses `validBefore < now + 6` (`exact/facilitator/eip3009.ts` of
/// <https://github.com/x402-foundation/x402>), clocks of facilitators and chains differ from ours by up
/// to 10, and looking, writing and sending take seconds: with less, an answer that contradicts what is
/// seen on chain would be common.
pub const WINDOW_LEFT_SECONDS: u64 = 20;

/// How long after a price has changed the old one is taken, in seconds, beyond what its 402 said: the
/// clocks of two sandboxes differ by 60 at most ([`RELEASE_SECONDS`]), and the function that answered the 402
/// may have begun 30 before ...
pub const QUOTED_BEFORE_SECONDS: u64 = 90;
/// ... and how long before it changes the new one is taken, in seconds: a sandbox whose clock is ahead asks it, and
/// for many clients a second 402 is the end.
pub const QUOTED_AHEAD_SECONDS: u64 = 60;

/// An authorization that becomes valid within so many seconds is asked for again instead of anew: the
/// payer's clock is fast, or theirs and ours differ.
pub const WINDOW_AHEAD_SECONDS: u64 = 30;

/// An authorization that stays valid for more than so many seconds from now is refused, so that no
/// payment outlives its records, and no lock or search is long: a day, and an hour for clocks and for
/// buyers that round up.
pub const WINDOW_MOST_SECONDS: u64 = 25 * 3_600;

/// The shortest signature, in bytes, that is worth a facilitator's look: no signature scheme in use
/// has fewer than 64. Left out are contract wallets that take an empty signature for a message that
/// they approved on chain; CDP's facilitator takes nothing under 65 bytes either:
/// <https://docs.cdp.coinbase.com/api-reference/v2/rest-api/x402-facilitator>.
pub const SIGNATURE_MIN_BYTES: usize = 64;

/// Codes of a facilitator that are passed on to the buyer are cut to this many bytes. It is what
/// [`price_table::challenge`] counts with.
pub const CODE_BYTES: usize = price_table::challenge::MAX_ERROR_BYTES;

/// The same payment opens its object again this often, ...
pub const RESENDS: u8 = 3;
/// ... for this long after it settled, in seconds. A settled signature is public (it stands in the
/// chain's calldata), so it is a weak key and a short-lived one.
pub const RESEND_SECONDS: u64 = 120;

/// A note of which payment a transaction settled is kept for so many seconds. Networks without nonces
/// forget transactions sooner: on Solana a blockhash serves for 150 slots, about a minute.
/// <https://solana.com/docs/core/transactions#recent-blockhash>
pub const TRANSACTION_SECONDS: u64 = 86_400;

/// What the memory store may hold, in bytes, of the 128 MB that a viewer-event sandbox has.
pub const MEMORY_STORE_BYTES: usize = 48 * 1024 * 1024;

/// The longest that a batch of records may take, in milliseconds: what S3 does not do by then fails.
pub const STORE_CALL_MS: u64 = 2_000;

/// How long before the invocation's deadline the last record must be written, in milliseconds. It is
/// less than [`DEADLINE_MARGIN_MS`], so that a sale that settled in the last moment is written.
pub const ANSWER_MARGIN_MS: u64 = 150;

/// How often an account is read again because somebody else wrote it first.
pub const STORE_TRIES: u32 = 6;

/// What connecting to a facilitator may take, in milliseconds, while there is another one to ask.
pub const CONNECT_MS: u64 = 1_500;

/// What of the time left is kept, in milliseconds, to look at the chain when a facilitator is asked
/// about a payment whose outcome is unknown.
pub const EVIDENCE_MS: u64 = 1_500;

/// So many failures in a row open a facilitator's breaker, ...
pub const BREAKER_FAILURES: u32 = 3;
/// ... for so many milliseconds at first, ...
pub const BREAKER_MS: u64 = 30_000;
/// ... and for so many at most.
pub const BREAKER_MOST_MS: u64 = 300_000;

/// Signatures that only a facilitator can judge cost a `/verify` each. So many at once, ...
pub const VERIFY_BURST: u32 = 20;
/// ... of which one network (a /24 or /48) has so many, ...
pub const VERIFY_BURST_NETWORK: u32 = 10;
/// ... and one more each time that this many milliseconds have passed, per sandbox.
pub const VERIFY_REFILL_MS: u64 = 3_000;
/// So many networks are told apart at a time.
pub const VERIFY_NETWORKS: usize = 1_000;

/// What `Retry-After` says, in seconds: about a block of Base, and a cold facilitator's start.
pub const RETRY_AFTER_SECONDS: u8 = 3;

/// How long after a payment's window it may still be told, in seconds, that something holds it, and by
/// when it must be let go without a node: chains' clocks and sandboxes' may be off by minutes, and a
/// sandbox whose clock is late would take what is over for new. AWS keeps its hosts within
/// milliseconds; 60 s of skew between two sandboxes are assumed at most.
pub const RELEASE_SECONDS: u64 = 300;

/// How long after a payment's window a dead node may hold it, in seconds.
pub const NODE_RELEASE_SECONDS: u64 = 86_400;

/// For how long a payment is held whose window cannot be read, in seconds. A transaction of Solana
/// serves for about a minute; one with a durable nonce for longer.
pub const OPAQUE_WINDOW_SECONDS: u64 = 3_600;

/// The newest finished sales of an account that stay whole, to be sent again.
pub const WHOLE_SALES: usize = 8;

/// So many packed payments of one account whose windows are not over are kept; with more, its payer is
/// refused until the first one ends.
pub const PACKED_MOST: usize = 10_000;

/// Of the packed payments that are over, so many stay ...
pub const PACKED_OVER: usize = 1_000;
/// ... for so many seconds after their windows, for the books.
pub const PACKED_OVER_SECONDS: u64 = 2 * 86_400;

/// How long the look at the chain before a sale may take, in milliseconds: a sale does not wait for a
/// node that is slow.
pub const LOOK_MS: u64 = 600;

/// A transfer counts as paid this many blocks deep, its own included. A facilitator's word is mostly 1.
pub const PAID_BLOCKS: u64 = 2;

/// So many questions about logs are put to a node in one request at most.
pub const LOG_ASKS: u32 = 12;

/// So many turns through the decision on records are taken at most.
pub const MOST_TURNS: u8 = 12;

/// For so many seconds at most, from now on, a switch may give content away: what is forgotten ends. A day longer than what
/// `paywall switch` sets and `content.toml` takes, 30 days, for clocks differ.
pub const SWITCH_MOST_SECONDS: u64 = 31 * 86_400;

/// What `Retry-After` says while nothing is sold, in seconds: about what a switch takes to be everywhere.
pub const CLOSED_RETRY_SECONDS: u64 = 60;

/// A line of the log is never longer, in bytes. CloudWatch takes events of up to 1 MB, and took 256 KB before:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub const LINE_BYTES: usize = 8 * 1024;

/// What somebody else says is cut to so many bytes of a line, ...
pub const WORDS_BYTES: usize = 480;
/// ... and the name of the place that it is about to so many.
pub const PLACE_BYTES: usize = 128;
