// Made by content-config from content.toml.

use std::borrow::Cow;

#[allow(unused_imports)]
use ::price_table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, Objects,
    Offer, PassScope, PassThrough, Purchases, Redemptions, Rpc, Rule, Sale, Site, Table,
    Terms, VerifyPolicy,
};

/// The compiled price table.
#[allow(unreachable_pub)]
pub static TABLE: Table = Table {
    site: Site {
        id: Cow::Borrowed("shop"),
        urls: Cow::Borrowed(&[Cow::Borrowed("https://shop.example"), Cow::Borrowed("https://www.shop.example")]),
        default_root_object: Some(Cow::Borrowed("index.html")),
        cors_origins: Cow::Borrowed(&[Cow::Borrowed("https://app.example")]),
        body: BodyVersion::V2,
    },
    redemptions: Redemptions::S3 {
        bucket: Cow::Borrowed("shop-records-111122223333"),
        region: Cow::Borrowed("eu-central-1"),
        prefix: Cow::Borrowed("x402/records"),
        keep_days: 45,
        shared_pay_to: true,
    },
    rules: Cow::Borrowed(&RULES),
    mime_types: Cow::Borrowed(&[Cow::Borrowed("application/epub+zip"), Cow::Borrowed("text/html"), Cow::Borrowed("application/pdf")]),
    objects: Objects::from_static(include_bytes!("objects.bin")),
};

static RULES: [Rule; 4] = [
    Rule {
        pattern: Cow::Borrowed("index.html"),
        title: Cow::Borrowed(""),
        description: Cow::Borrowed(""),
        mime_type: None,
        sale: Sale::Free,
    },
    Rule {
        pattern: Cow::Borrowed("books/*"),
        title: Cow::Borrowed("A \"book\" \\ más"),
        description: Cow::Borrowed("Zwei Zeilen,\nund ein Ende"),
        mime_type: Some(Cow::Borrowed("application/epub+zip")),
        sale: Sale::Priced {
            offers: Cow::Borrowed(&OFFERS_0),
            access: Access::Seconds(2592000),
            pass: PassScope::Rule,
            access_epoch: 2,
            purchases: Purchases::OneAtATime,
        },
    },
    Rule {
        pattern: Cow::Borrowed("books/free*"),
        title: Cow::Borrowed(""),
        description: Cow::Borrowed(""),
        mime_type: None,
        sale: Sale::Priced {
            offers: Cow::Borrowed(&OFFERS_1),
            access: Access::Request,
            pass: PassScope::Object,
            access_epoch: 0,
            purchases: Purchases::Independent,
        },
    },
    Rule {
        pattern: Cow::Borrowed("maps/**"),
        title: Cow::Borrowed(""),
        description: Cow::Borrowed(""),
        mime_type: None,
        sale: Sale::Priced {
            offers: Cow::Borrowed(&OFFERS_2),
            access: Access::Request,
            pass: PassScope::Object,
            access_epoch: 0,
            purchases: Purchases::OneAtATime,
        },
    },
];

static FACILITATORS_0: [Facilitator; 3] = [
    Facilitator {
        url: Cow::Borrowed("https://facilitator.example/v1"),
        verify: VerifyPolicy::First,
        auth: Auth::Bearer,
        dialect: Dialect::X402Rs,
        refusals: Cow::Borrowed(&[Cow::Borrowed("invalid_scheme"), Cow::Borrowed("say \"no\"")]),
    },
    Facilitator {
        url: Cow::Borrowed("https://api.cdp.coinbase.com/platform/v2/x402"),
        verify: VerifyPolicy::WhenNeeded,
        auth: Auth::Cdp,
        dialect: Dialect::Cdp,
        refusals: Cow::Borrowed(&[]),
    },
    Facilitator {
        url: Cow::Borrowed("https://other.example"),
        verify: VerifyPolicy::WhenNeeded,
        auth: Auth::None,
        dialect: Dialect::Reference,
        refusals: Cow::Borrowed(&[]),
    },
];

static OFFERS_0: [Offer; 2] = [
    Offer {
        network: Network { caip2: Cow::Borrowed("eip155:8453"), v1: Some(Cow::Borrowed("base")), rpc: Some(Rpc { url: Some(Cow::Borrowed("https://base.example/rpc")), second: Some(Cow::Borrowed("https://other.example/rpc")), confirmations: 3 }) },
        amount: 12500000,
        max_timeout_seconds: 300,
        facilitators: Cow::Borrowed(&FACILITATORS_0),
        terms: Terms::Evm(Evm {
            chain_id: 8453,
            asset: Asset {
                address: Address { bytes: [0x83, 0x35, 0x89, 0xfc, 0xd6, 0xed, 0xb6, 0xe0, 0x8f, 0x4c, 0x7c, 0x32, 0xd4, 0xf7, 0x1b, 0x54, 0xbd, 0xa0, 0x29, 0x13], eip55: Cow::Borrowed("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913") },
                name: Cow::Borrowed("USD Coin"),
                version: Cow::Borrowed("2"),
                decimals: 6,
            },
            pay_to: Address { bytes: [0x20, 0x96, 0x93, 0xbc, 0x6a, 0xfc, 0x0c, 0x53, 0x28, 0xba, 0x36, 0xfa, 0xf0, 0x3c, 0x51, 0x4e, 0xf3, 0x12, 0x28, 0x7c], eip55: Cow::Borrowed("0x209693Bc6afc0C5328bA36FaF03C514EF312287C") },
        }),
    },
    Offer {
        network: Network { caip2: Cow::Borrowed("eip155:42161"), v1: None, rpc: Some(Rpc { url: None, second: None, confirmations: 300 }) },
        amount: 12500000,
        max_timeout_seconds: 300,
        facilitators: Cow::Borrowed(&FACILITATORS_0),
        terms: Terms::Evm(Evm {
            chain_id: 42161,
            asset: Asset {
                address: Address { bytes: [0xaf, 0x88, 0xd0, 0x65, 0xe7, 0x7c, 0x8c, 0xc2, 0x23, 0x93, 0x27, 0xc5, 0xed, 0xb3, 0xa4, 0x32, 0x26, 0x8e, 0x58, 0x31], eip55: Cow::Borrowed("0xaf88d065e77c8cC2239327C5EDb3A432268e5831") },
                name: Cow::Borrowed("USD Coin"),
                version: Cow::Borrowed("2"),
                decimals: 6,
            },
            pay_to: Address { bytes: [0x20, 0x96, 0x93, 0xbc, 0x6a, 0xfc, 0x0c, 0x53, 0x28, 0xba, 0x36, 0xfa, 0xf0, 0x3c, 0x51, 0x4e, 0xf3, 0x12, 0x28, 0x7c], eip55: Cow::Borrowed("0x209693Bc6afc0C5328bA36FaF03C514EF312287C") },
        }),
    },
];

static FACILITATORS_1: [Facilitator; 1] = [
    Facilitator {
        url: Cow::Borrowed("https://other.example"),
        verify: VerifyPolicy::WhenNeeded,
        auth: Auth::None,
        dialect: Dialect::Reference,
        refusals: Cow::Borrowed(&[]),
    },
];

static OFFERS_1: [Offer; 1] = [
    Offer {
        network: Network { caip2: Cow::Borrowed("eip155:8453"), v1: Some(Cow::Borrowed("base")), rpc: Some(Rpc { url: Some(Cow::Borrowed("https://base.example/rpc")), second: Some(Cow::Borrowed("https://other.example/rpc")), confirmations: 3 }) },
        amount: 1,
        max_timeout_seconds: 600,
        facilitators: Cow::Borrowed(&FACILITATORS_1),
        terms: Terms::Evm(Evm {
            chain_id: 8453,
            asset: Asset {
                address: Address { bytes: [0x60, 0xa3, 0xe3, 0x5c, 0xc3, 0x02, 0xbf, 0xa4, 0x4c, 0xb2, 0x88, 0xbc, 0x5a, 0x4f, 0x31, 0x6f, 0xdb, 0x1a, 0xdb, 0x42], eip55: Cow::Borrowed("0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42") },
                name: Cow::Borrowed("EURC"),
                version: Cow::Borrowed("2"),
                decimals: 6,
            },
            pay_to: Address { bytes: [0x20, 0x96, 0x93, 0xbc, 0x6a, 0xfc, 0x0c, 0x53, 0x28, 0xba, 0x36, 0xfa, 0xf0, 0x3c, 0x51, 0x4e, 0xf3, 0x12, 0x28, 0x7c], eip55: Cow::Borrowed("0x209693Bc6afc0C5328bA36FaF03C514EF312287C") },
        }),
    },
];

static OFFERS_2: [Offer; 3] = [
    Offer {
        network: Network { caip2: Cow::Borrowed("eip155:8453"), v1: Some(Cow::Borrowed("base")), rpc: Some(Rpc { url: Some(Cow::Borrowed("https://base.example/rpc")), second: Some(Cow::Borrowed("https://other.example/rpc")), confirmations: 3 }) },
        amount: 12500000,
        max_timeout_seconds: 300,
        facilitators: Cow::Borrowed(&FACILITATORS_0),
        terms: Terms::Evm(Evm {
            chain_id: 8453,
            asset: Asset {
                address: Address { bytes: [0x83, 0x35, 0x89, 0xfc, 0xd6, 0xed, 0xb6, 0xe0, 0x8f, 0x4c, 0x7c, 0x32, 0xd4, 0xf7, 0x1b, 0x54, 0xbd, 0xa0, 0x29, 0x13], eip55: Cow::Borrowed("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913") },
                name: Cow::Borrowed("USD Coin"),
                version: Cow::Borrowed("2"),
                decimals: 6,
            },
            pay_to: Address { bytes: [0x20, 0x96, 0x93, 0xbc, 0x6a, 0xfc, 0x0c, 0x53, 0x28, 0xba, 0x36, 0xfa, 0xf0, 0x3c, 0x51, 0x4e, 0xf3, 0x12, 0x28, 0x7c], eip55: Cow::Borrowed("0x209693Bc6afc0C5328bA36FaF03C514EF312287C") },
        }),
    },
    Offer {
        network: Network { caip2: Cow::Borrowed("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"), v1: None, rpc: None },
        amount: 12500000,
        max_timeout_seconds: 300,
        facilitators: Cow::Borrowed(&FACILITATORS_0),
        terms: Terms::PassThrough(PassThrough {
            asset: Cow::Borrowed("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"),
            pay_to: Cow::Borrowed("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"),
            symbol: Cow::Borrowed("USDC"),
            decimals: 6,
            extra: Cow::Borrowed("{\"feePayer\":\"2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4\"}"),
        }),
    },
    Offer {
        network: Network { caip2: Cow::Borrowed("stellar:pubnet"), v1: None, rpc: None },
        amount: 125000000,
        max_timeout_seconds: 300,
        facilitators: Cow::Borrowed(&FACILITATORS_0),
        terms: Terms::PassThrough(PassThrough {
            asset: Cow::Borrowed("CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75"),
            pay_to: Cow::Borrowed("GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN"),
            symbol: Cow::Borrowed("USDC on Stellar"),
            decimals: 7,
            extra: Cow::Borrowed("{\"areFeesSponsored\":true,\"note\":\"\\\"maps\\\" \\\\ más\"}"),
        }),
    },
];
