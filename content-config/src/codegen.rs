//! The table as Rust source: statics that the compiler checks and nothing has to parse.

use std::fmt::Write as _;

use price_table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, Offer,
    PassScope, PassThrough, Purchases, Redemptions, Rpc, Rule, Sale, Table, Terms, Text,
    VerifyPolicy,
};

/// Source of `pub static TABLE`.
pub(crate) fn rust_source(table: &Table, blob_file: &str) -> String {
    let mut lists = Lists::default();
    let rules: Vec<_> = table.rules.iter().map(|rule| lists.rule(rule)).collect();
    let site = &table.site;
    let body = match site.body {
        BodyVersion::V1 => "V1",
        BodyVersion::V2 => "V2",
    };
    let table = format!(
        "/// The compiled price table.\n\
         #[allow(unreachable_pub)]\n\
         pub static TABLE: Table = Table {{\n    \
             site: Site {{\n        \
                 id: {id},\n        \
                 urls: {urls},\n        \
                 default_root_object: {root},\n        \
                 cors_origins: {cors},\n        \
                 body: BodyVersion::{body},\n    \
             }},\n    \
             redemptions: {redemptions},\n    \
             rules: Cow::Borrowed(&RULES),\n    \
             mime_types: {mime_types},\n    \
             objects: Objects::from_static(include_bytes!({blob_file:?})),\n\
         }};\n\n\
         static RULES: [Rule; {count}] = [\n{rules}];\n",
        id = text(&site.id),
        urls = texts(&site.urls),
        root = option(&site.default_root_object),
        cors = texts(&site.cors_origins),
        redemptions = redemptions(&table.redemptions),
        mime_types = texts(&table.mime_types),
        count = rules.len(),
        rules = rules.concat(),
    );
    format!(
        "// Made by content-config from content.toml.\n\n\
         use std::borrow::Cow;\n\n\
         #[allow(unused_imports)]\n\
         use ::price_table::{{\n    \
             Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, Objects,\n    \
             Offer, PassScope, PassThrough, Purchases, Redemptions, Rpc, Rule, Sale, Site, Table,\n    \
             Terms, VerifyPolicy,\n}};\n\n{table}{lists}",
        lists = lists.source
    )
}

/// Offers and facilitators, each list once, since most rules share theirs.
#[derive(Default)]
struct Lists {
    source: String,
    offers: Vec<Vec<Offer>>,
    facilitators: Vec<Vec<Facilitator>>,
}

impl Lists {
    fn rule(&mut self, rule: &Rule) -> String {
        let sale = match &rule.sale {
            Sale::Free => "Sale::Free".to_owned(),
            Sale::Priced { offers, access, pass, access_epoch, purchases } => {
                let access = match access {
                    Access::Request => "Access::Request".to_owned(),
                    Access::Seconds(seconds) => format!("Access::Seconds({seconds})"),
                };
                let pass = match pass {
                    PassScope::Object => "Object",
                    PassScope::Rule => "Rule",
                };
                let purchases = match purchases {
                    Purchases::OneAtATime => "OneAtATime",
                    Purchases::Independent => "Independent",
                };
                let offers = self.offers(offers);
                format!(
                    "Sale::Priced {{\n            \
                         offers: Cow::Borrowed(&{offers}),\n            \
                         access: {access},\n            \
                         pass: PassScope::{pass},\n            \
                         access_epoch: {access_epoch},\n            \
                         purchases: Purchases::{purchases},\n        \
                     }}"
                )
            }
        };
        format!(
            "    Rule {{\n        \
                 pattern: {},\n        \
                 title: {},\n        \
                 description: {},\n        \
                 mime_type: {},\n        \
                 sale: {sale},\n    \
             }},\n",
            text(&rule.pattern),
            text(&rule.title),
            text(&rule.description),
            option(&rule.mime_type),
        )
    }

    fn offers(&mut self, offers: &[Offer]) -> String {
        if let Some(at) = self.offers.iter().position(|known| known == offers) {
            return format!("OFFERS_{at}");
        }
        let rows: String = offers.iter().map(|offer| self.offer(offer)).collect();
        let name = format!("OFFERS_{}", self.offers.len());
        self.offers.push(offers.to_vec());
        self.list(&name, "Offer", offers.len(), &rows);
        name
    }

    fn offer(&mut self, offer: &Offer) -> String {
        let Offer { network, amount, max_timeout_seconds, facilitators, terms } = offer;
        let facilitators = self.facilitators(facilitators);
        let Network { caip2, v1, rpc } = network;
        format!(
            "    Offer {{\n        \
                 network: Network {{ caip2: {}, v1: {}, rpc: {} }},\n        \
                 amount: {amount},\n        \
                 max_timeout_seconds: {max_timeout_seconds},\n        \
                 facilitators: Cow::Borrowed(&{facilitators}),\n        \
                 terms: {},\n    \
             }},\n",
            text(caip2),
            option(v1),
            self::rpc(rpc),
            self::terms(terms),
        )
    }

    fn facilitators(&mut self, facilitators: &[Facilitator]) -> String {
        if let Some(at) = self.facilitators.iter().position(|known| known == facilitators) {
            return format!("FACILITATORS_{at}");
        }
        let rows: String = facilitators
            .iter()
            .map(|Facilitator { url, verify, auth, dialect, refusals }| {
                let verify = match verify {
                    VerifyPolicy::First => "First",
                    VerifyPolicy::WhenNeeded => "WhenNeeded",
                };
                let auth = match auth {
                    Auth::None => "None",
                    Auth::Bearer => "Bearer",
                    Auth::Cdp => "Cdp",
                };
                let dialect = match dialect {
                    Dialect::Reference => "Reference",
                    Dialect::Cdp => "Cdp",
                    Dialect::X402Rs => "X402Rs",
                };
                format!(
                    "    Facilitator {{\n        \
                         url: {},\n        \
                         verify: VerifyPolicy::{verify},\n        \
                         auth: Auth::{auth},\n        \
                         dialect: Dialect::{dialect},\n        \
                         refusals: {},\n    \
                     }},\n",
                    text(url),
                    texts(refusals),
                )
            })
            .collect();
        let name = format!("FACILITATORS_{}", self.facilitators.len());
        self.facilitators.push(facilitators.to_vec());
        self.list(&name, "Facilitator", facilitators.len(), &rows);
        name
    }

    fn list(&mut self, name: &str, kind: &str, count: usize, rows: &str) {
        writeln!(self.source, "\nstatic {name}: [{kind}; {count}] = [\n{rows}];")
            .expect("writing to memory does not fail");
    }
}

fn terms(terms: &Terms) -> String {
    match terms {
        Terms::Evm(Evm { chain_id, asset, pay_to }) => {
            let Asset { address, name, version, decimals } = asset;
            format!(
                "Terms::Evm(Evm {{\n            \
                     chain_id: {chain_id},\n            \
                     asset: Asset {{\n                \
                         address: {},\n                \
                         name: {},\n                \
                         version: {},\n                \
                         decimals: {decimals},\n            \
                     }},\n            \
                     pay_to: {},\n        \
                 }})",
                self::address(address),
                text(name),
                text(version),
                self::address(pay_to),
            )
        }
        Terms::PassThrough(PassThrough { asset, pay_to, symbol, decimals, extra }) => format!(
            "Terms::PassThrough(PassThrough {{\n            \
                 asset: {},\n            \
                 pay_to: {},\n            \
                 symbol: {},\n            \
                 decimals: {decimals},\n            \
                 extra: {},\n        \
             }})",
            text(asset),
            text(pay_to),
            text(symbol),
            text(extra),
        ),
    }
}

fn redemptions(redemptions: &Redemptions) -> String {
    match redemptions {
        Redemptions::Memory => "Redemptions::Memory".to_owned(),
        Redemptions::S3 { bucket, region, prefix, keep_days, shared_pay_to } => format!(
            "Redemptions::S3 {{\n        \
                 bucket: {},\n        \
                 region: {},\n        \
                 prefix: {},\n        \
                 keep_days: {keep_days},\n        \
                 shared_pay_to: {shared_pay_to},\n    \
             }}",
            text(bucket),
            text(region),
            text(prefix),
        ),
    }
}

fn rpc(rpc: &Option<Rpc>) -> String {
    match rpc {
        None => "None".to_owned(),
        Some(Rpc { url, second, confirmations }) => format!(
            "Some(Rpc {{ url: {}, second: {}, confirmations: {confirmations} }})",
            option(url),
            option(second),
        ),
    }
}

fn text(text: &str) -> String {
    // Debug's escapes are Rust's own.
    format!("Cow::Borrowed({text:?})")
}

fn texts(list: &[Text]) -> String {
    format!("Cow::Borrowed(&[{}])", list.iter().map(|t| text(t)).collect::<Vec<_>>().join(", "))
}

fn option(value: &Option<Text>) -> String {
    match value {
        None => "None".to_owned(),
        Some(value) => format!("Some({})", text(value)),
    }
}

fn address(Address { bytes, eip55 }: &Address) -> String {
    let bytes = bytes.map(|byte| format!("0x{byte:02x}")).join(", ");
    format!("Address {{ bytes: [{bytes}], eip55: {} }}", text(eip55))
}
