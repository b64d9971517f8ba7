//! The price table: plain data. [`crate::file`] is its form as a file.

use std::borrow::Cow;

use crate::objects::{Damaged, Object, Objects};

/// Text that either stands in the table's file or is made at run time.
pub type Text = Cow<'static, str>;

/// Everything that is for sale, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Where it is sold.
    pub site: Site,
    /// Where sales are remembered.
    pub redemptions: Redemptions,
    /// Rules, in the order of `content.toml`.
    pub rules: Cow<'static, [Rule]>,
    /// MIME types of objects; [`Object::mime_type`] is an index.
    pub mime_types: Cow<'static, [Text]>,
    /// The objects.
    pub objects: Objects,
}

/// The distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What records, passes and cookies know the site by: it stays when URL, bucket and stack
    /// change. 1 to 32 of `a-z 0-9 -`.
    pub id: Text,
    /// `scheme://host[:port]` without a slash at the end; the first one is canonical. Never empty.
    pub urls: Cow<'static, [Text]>,
    /// The key that `/` stands for, as CloudFront's default root object.
    pub default_root_object: Option<Text>,
    /// Origins that may read answers from a browser; `*` for any.
    pub cors_origins: Cow<'static, [Text]>,
    /// Which x402 version the JSON body of a 402 speaks. The header always speaks v2.
    pub body: BodyVersion,
    /// Whether the objects lie below a [`crate::Seal`].
    pub sealed: bool,
    /// How catalogues show it; `None` if the seller does not want to be listed.
    pub discovery: Option<Shop>,
    /// Whom to ask about it, an e-mail address or a URL.
    pub contact: Option<Text>,
    /// One line of so many is logged of what is free; 1: every one. Never 0.
    pub free_lines: u32,
    /// The epoch of the word by which the site's web ACL vouches for who reads free; `None` if everybody pays.
    pub vouched_epoch: Option<u32>,
    /// What browsers are shown, the template of [`crate::page`]; `None` if the seller wants no page.
    pub page: Option<Text>,
}

/// How catalogues show a site. Its limits are those of
/// [the extension](https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md): buyers' libraries
/// refuse the whole 402 over them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shop {
    /// What people call it: `serviceName`.
    pub name: Option<Text>,
    /// What it is about.
    pub tags: Cow<'static, [Text]>,
    /// The URL of its picture.
    pub icon: Option<Text>,
}

/// Which x402 version the JSON body of a 402 speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyVersion {
    /// What v1 clients read: they know only the body.
    V1,
    /// For body-only readers of v2; v1 clients then cannot pay.
    V2,
}

/// Where the function remembers which payment bought what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redemptions {
    /// In the memory of each sandbox: lost with it, and not shared.
    Memory,
    /// In an S3 bucket, for all sandboxes everywhere.
    S3 {
        /// The bucket's name.
        bucket: Text,
        /// Its AWS Region.
        region: Text,
        /// The folder of the records: never empty, no slash at either end.
        prefix: Text,
        /// After how many days the bucket's lifecycle rule removes a record.
        keep_days: u32,
        /// Whether somebody else, who does not ask this store, sells to the same payee.
        shared_pay_to: bool,
    },
}

/// One rule of `content.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The pattern as the seller wrote it.
    pub pattern: Text,
    /// A short name for people; may be empty.
    pub title: Text,
    /// One or two sentences for people and agents; may be empty.
    pub description: Text,
    /// Overrides the object's own MIME type in the challenge.
    pub mime_type: Option<Text>,
    /// What its price is in, `USD` for most; empty if it is free.
    pub currency: Text,
    /// What an answer looks like, for catalogues: JSON, of the seller's own making.
    pub sample: Option<Text>,
    /// Free, or priced.
    pub sale: Sale,
}

/// What a rule asks for its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sale {
    /// Nothing.
    Free,
    /// One of these offers, in the seller's order; never empty.
    Priced {
        /// Ways to pay.
        offers: Cow<'static, [Offer]>,
        /// What one payment buys.
        access: Access,
        /// What a pass for timed access opens.
        pass: PassScope,
        /// Raised by the seller to end every access that was sold before.
        access_epoch: u32,
        /// Whether the payments of one payer wait for each other.
        purchases: Purchases,
        /// Until when nothing is charged and everything served, seconds since 1970.
        dry_run: Option<u64>,
    },
}

/// Whether the payments of one payer for one thing wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purchases {
    /// One is open at a time; what it bought opens to the payer's fresh signature as well.
    OneAtATime,
    /// Each payment stands alone, and opens by itself alone: who signs anew buys anew.
    Independent,
}

/// What one payment buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// One grant of the object.
    Request,
    /// The object, for so many seconds from settlement.
    Seconds(u32),
}

/// What the pass of a timed access opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassScope {
    /// The object that was paid for.
    Object,
    /// Every object of the rule, known by its pattern.
    Rule,
}

/// One way to pay, by the x402 scheme `exact`.
/// <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact.md>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The network.
    pub network: Network,
    /// What is asked.
    pub price: Price,
    /// How long the buyer's payment should stay valid, in seconds.
    pub max_timeout_seconds: u32,
    /// Who settles, in order of preference; never empty.
    pub facilitators: Cow<'static, [Facilitator]>,
    /// The token and the payee.
    pub terms: Terms,
}

/// The price of an offer, in the token's atomic units; never 0. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What is asked until it changes.
    pub amount: u128,
    /// What is asked later.
    pub next: Option<NextPrice>,
}

/// A price with the time that it begins at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPrice {
    /// The first second that it is asked in.
    pub from: u64,
    /// What is asked.
    pub amount: u128,
}

/// An offer with what it asks at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// The offer.
    pub offer: &'a Offer,
    /// Its price, or what it was a moment ago.
    pub amount: u128,
}

/// The token and the payee of an offer, as its kind of network has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    /// An EIP-3009 token on an EVM network: the function checks payments itself.
    /// <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md>
    Evm(Evm),
    /// Anything else that a facilitator settles: payments pass through to it.
    PassThrough(PassThrough),
}

/// An EIP-3009 token on an EVM network, and who is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evm {
    /// The EIP-155 chain id.
    pub chain_id: u64,
    /// The token.
    pub asset: Asset,
    /// Who is paid.
    pub pay_to: Address,
}

/// A token on another network, and who is paid: texts that only the facilitator understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassThrough {
    /// The token: on Solana, the mint.
    pub asset: Text,
    /// Who is paid.
    pub pay_to: Text,
    /// What people call the token.
    pub symbol: Text,
    /// Atomic units are 10^-decimals of the token.
    pub decimals: u8,
    /// `extra` of the requirements, as a JSON object: on Solana it holds `feePayer`.
    pub extra: Text,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The CAIP-2 name: `eip155:` and the chain id, for EVM networks.
    pub caip2: Text,
    /// The name in x402 v1, for networks that v1 clients can parse.
    pub v1: Option<Text>,
    /// What people call it, such as `Base`.
    pub name: Text,
    /// Where the chain can be looked at; EVM networks only.
    pub rpc: Option<Rpc>,
}

/// A JSON-RPC endpoint of an EVM network.
/// <https://ethereum.org/en/developers/docs/apis/json-rpc/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rpc {
    /// Its URL; `None` if it is in the secrets, under the network's CAIP-2 name.
    pub url: Option<Text>,
    /// The URL of a second node, another one, that must not contradict the first.
    pub second: Option<Text>,
    /// How many blocks, its own included, make a transaction one that stays; never 0.
    pub confirmations: u32,
}

/// An EIP-3009 token. <https://eips.ethereum.org/EIPS/eip-3009>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The token's contract.
    pub address: Address,
    /// `name` of its EIP-712 domain.
    pub name: Text,
    /// `version` of its EIP-712 domain.
    pub version: Text,
    /// Atomic units are 10^-decimals of the token.
    pub decimals: u8,
}

/// An EVM address, with its EIP-55 spelling at hand since the challenge needs it every time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The 20 bytes.
    pub bytes: [u8; 20],
    /// `0x` and 40 digits with the checksum of <https://eips.ethereum.org/EIPS/eip-55>.
    pub eip55: Text,
}

/// Who verifies and settles payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facilitator {
    /// Base URL without a slash at the end.
    pub url: Text,
    /// Whether `/verify` is asked before `/settle`.
    pub verify: VerifyPolicy,
    /// How the seller proves who asks.
    pub auth: Auth,
    /// By which table its answers are read.
    pub dialect: Dialect,
    /// Codes of its answers that the seller vouches for: it says them of payments that it did not
    /// submit.
    pub refusals: Cow<'static, [Text]>,
}

/// How the seller proves to a facilitator who asks. The secret itself is never in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer` with a fixed token.
    Bearer,
    /// A token signed for each request, as Coinbase's Developer Platform wants it.
    /// <https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication>
    Cdp,
}

/// Whether `/verify` is asked before `/settle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyPolicy {
    /// Always, for facilitators that demand it.
    First,
    /// Only for signatures that cannot be checked without the chain: `/settle` verifies again
    /// anyway.
    WhenNeeded,
}

/// An object with the rule that sells it.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The object.
    pub object: Object<'a>,
    /// The most specific rule that matches it.
    pub rule: &'a Rule,
    /// What the challenge says that it is.
    pub mime_type: &'a str,
    /// How catalogues show the site; `None` if the seller does not want to be listed.
    pub shop: Option<&'a Shop>,
}

impl From<u128> for Price {
    fn from(amount: u128) -> Self {
        Price { amount, next: None }
    }
}

impl Price {
    /// What is asked at a time.
    pub fn at(&self, time: u64) -> u128 {
        match &self.next {
            Some(next) if next.from <= time => next.amount,
            _ => self.amount,
        }
    }

    /// Everything that is ever asked.
    pub fn amounts(&self) -> impl Iterator<Item = u128> {
        std::iter::once(self.amount).chain(self.next.as_ref().map(|next| next.amount))
    }
}

impl Offer {
    /// What it asks at a time.
    pub fn quoted(&self, time: u64) -> Quoted<'_> {
        Quoted { offer: self, amount: self.price.at(time) }
    }

    /// The token, as the wire spells it.
    pub fn asset(&self) -> &str {
        match &self.terms {
            Terms::Evm(evm) => &evm.asset.address.eip55,
            Terms::PassThrough(other) => &other.asset,
        }
    }

    /// The payee, as the wire spells it.
    pub fn pay_to(&self) -> &str {
        match &self.terms {
            Terms::Evm(evm) => &evm.pay_to.eip55,
            Terms::PassThrough(other) => &other.pay_to,
        }
    }

    /// What people call the token.
    pub fn symbol(&self) -> &str {
        match &self.terms {
            Terms::Evm(evm) => &evm.asset.name,
            Terms::PassThrough(other) => &other.symbol,
        }
    }

    /// Atomic units are 10^-decimals of the token.
    pub fn decimals(&self) -> u8 {
        match &self.terms {
            Terms::Evm(evm) => evm.asset.decimals,
            Terms::PassThrough(other) => other.decimals,
        }
    }
}

impl Table {
    /// Whether no other seller of this payee can exist: the store is for all sandboxes, and the
    /// seller shares the payee with nobody else. Memory is never alone, since the sandboxes are
    /// each other's other seller.
    pub fn alone(&self) -> bool {
        matches!(self.redemptions, Redemptions::S3 { shared_pay_to: false, .. })
    }

    /// The object with this key and its rule; `None` if it is not for sale.
    pub fn get(&self, key: &str) -> Result<Option<Listing<'_>>, Damaged> {
        self.objects.get(key)?.map(|object| self.listing(object)).transpose()
    }

    /// Everything that is for sale, in no order that means anything.
    pub fn all(&self) -> Result<Vec<Listing<'_>>, Damaged> {
        self.objects.all()?.into_iter().map(|object| self.listing(object)).collect()
    }

    fn listing<'a>(&'a self, object: Object<'a>) -> Result<Listing<'a>, Damaged> {
        let rule = self.rules.get(usize::from(object.rule));
        let own = self.mime_types.get(usize::from(object.mime_type));
        let (Some(rule), Some(own)) = (rule, own) else {
            return Err(Damaged::new("has an object with a rule or a type that is not there"));
        };
        let mime_type = rule.mime_type.as_deref().unwrap_or(own);
        Ok(Listing { object, rule, mime_type, shop: self.site.discovery.as_ref() })
    }
}

/// Whose way of answering a facilitator has: which table its refusals are read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The reference's, in any of its languages, and whoever is built on it.
    Reference,
    /// Coinbase's Developer Platform.
    Cdp,
    /// x402-rs and its forks.
    X402Rs,
}
