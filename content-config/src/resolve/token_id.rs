//! `network/asset`, as `accept` and `[[token]]` write it.

use crate::code::Code;
use crate::nearest::{list, nearest};
use crate::networks::{self, Chain};
use crate::report::Problem;
use crate::schema::{At, TokenText};

/// An id, with its one spelling.
pub(super) struct TokenId<'a> {
    pub(super) text: &'a At<String>,
    /// The network as it is written.
    network: &'a str,
    /// The part after the network.
    pub(super) asset: &'a str,
    /// With the name of the network, if it has one here.
    pub(super) canonical: String,
}

impl<'a> TokenId<'a> {
    pub(super) fn parse(text: &'a At<String>, problems: &mut Vec<Problem>) -> Option<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let parts = text.get_ref().split_once('/').filter(|(network, asset)| {
            !network.is_empty() && !asset.is_empty() && asset.chars().all(fits)
        });
        let Some((network, asset)) = parts else {
            problems.push(
                Problem::new(Code::UnknownToken, format!("{:?} names no token", text.get_ref()))
                    .at(text.span(), "not `network/asset`")
                    .help("write `network/asset` in lower case, such as `base/usdc`"),
            );
            return None;
        };
        let canonical = match networks::find(network) {
            Some(chain) => format!("{}/{asset}", chain.name),
            None => text.get_ref().clone(),
        };
        Some(TokenId { text, network, asset, canonical })
    }

    /// The network that the id itself names. `custom` are ids that `[[token]]` defines.
    pub(super) fn chain<'c>(
        &self,
        custom: impl Iterator<Item = &'c str>,
        problems: &mut Vec<Problem>,
    ) -> Option<Chain> {
        let chain = networks::find(self.network);
        if chain.is_none() {
            let (network, asset) = (self.network, self.asset);
            let mut candidates: Vec<&str> = networks::names().collect();
            candidates.extend(custom.filter_map(|id| Some(id.split_once('/')?.0)));
            let help = match networks::alias(network).or_else(|| nearest(network, candidates)) {
                Some(near) => format!("did you mean `{near}/{asset}`?"),
                None => format!(
                    "there is {}; any other EVM network by its chain id: `eip155:8453/{asset}`; \
                     a network of another kind by its CAIP-2 name: `stellar:pubnet/{asset}`",
                    list(networks::names())
                ),
            };
            problems.push(
                Problem::new(Code::UnknownNetwork, format!("the network `{network}` is not known"))
                    .at(self.text.span(), "unknown network")
                    .help(help),
            );
        }
        chain
    }

    /// The network of a token's definition, which may give the id's network a meaning.
    pub(super) fn defined_chain(
        &self,
        text: &TokenText,
        problems: &mut Vec<Problem>,
    ) -> Option<Chain> {
        let Some(stated) = &text.network else { return self.chain([].into_iter(), problems) };
        let Some(chain) = networks::find(stated.get_ref()) else {
            problems.push(
                Problem::new(
                    Code::UnknownNetwork,
                    format!("`network` cannot be {:?}", stated.get_ref()),
                )
                .at(stated.span(), "not a CAIP-2 name")
                .help("write `namespace:reference`, such as `stellar:pubnet`"),
            );
            return None;
        };
        match networks::find(self.network) {
            Some(known) if known != chain => {
                problems.push(
                    Problem::new(
                        Code::TokenContradiction,
                        format!("`network` is not what the id names: {}", self.network),
                    )
                    .at(stated.span(), format!("`{}` is {}", self.network, known.caip2))
                    .at(self.text.span(), "the id")
                    .help("leave it out, or call the network something else in the id"),
                );
                None
            }
            _ => Some(chain),
        }
    }
}
