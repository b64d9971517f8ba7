//! How bad things are in one history: every kind of fault is off, rare or common.
//!
//! Few kinds at a time find more than all kinds always do (swarm testing, Groce and others, 2012).

use crate::choices::Choices;

/// Declares the rates, all in permille.
macro_rules! rates {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident,)+) => {
        /// Rates, in permille.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Weather { $($(#[doc = $doc])+ pub $name: u32,)+ }

        impl Weather {
            /// Clear skies.
            pub const CLEAR: Self = Self { $($name: 0,)+ };

            /// What the choices make of it.
            pub fn choose(choices: &Choices, mortal: bool) -> Self {
                Weather { $($name: $kind(choices, mortal),)+ }
            }
        }
    };
}

fn often(choices: &Choices, _: bool) -> u32 {
    choices.one_of(&[0, 0, 0, 60, 400])
}

fn seldom(choices: &Choices, mortal: bool) -> u32 {
    // One that lives on neither dies nor stands still.
    if mortal { choices.one_of(&[0, 0, 10, 60]) } else { 0 }
}

rates! {
    /// A facilitator's connection is refused.
    refused: often,
    /// A request is lost on its way.
    request_lost: often,
    /// A proxy sends a request twice, and hands back the second answer.
    doubled: often,
    /// A request arrives long after its sender gave up.
    request_late: often,
    /// An answer is lost on its way.
    answer_lost: often,
    /// An answer is not what it should be: a proxy's page, another payment's receipt.
    garbled: often,
    /// A facilitator answers before the transaction is in a block.
    pending: often,
    /// A transaction takes long.
    slow_block: often,
    /// A transaction is sent and never mined.
    dropped: often,
    /// A facilitator redirects, throttles with a verdict, misses its schema, does not know the scheme, cannot
    /// read the chain, submits later than it answers.
    odd: often,
    /// A facilitator says of what it just sent that it is refused.
    liar: often,
    /// A facilitator is restarted and forgets.
    restart: often,
    /// The node does not answer, is behind, on a fork, or forgetful.
    node: often,
    /// Blocks are replaced.
    reorg: seldom,
    /// The store does not answer, or answers late, or answers 412 to its own repetition.
    store: often,
    /// Of records that are written at once, a binding lands late.
    slow_binding: often,
    /// A sandbox dies.
    death: seldom,
    /// A sandbox stands still for a while, and then goes on.
    freeze: seldom,
}

/// What a history is mostly about: what few histories in a thousand would come to by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaning {
    /// Nothing in particular.
    Even,
    /// One wallet buys one object again and again, and shows old payments when their windows end.
    Feeds,
    /// One wallet asks several sandboxes at once; their clocks differ, and the store is slow.
    Races,
    /// Payments are cancelled while they wait for their block, and the newest blocks are replaced.
    Reorgs,
    /// A facilitator does not serve one of the payers, and nothing else is wrong with it.
    Blocked,
    /// All buy one object, answers are lost, and whoever reads calldata shows it in every shop.
    Onlookers,
}

impl Leaning {
    /// What the choices make of it.
    pub fn choose(choices: &Choices) -> Self {
        use Leaning::{Blocked, Even, Feeds, Onlookers, Races, Reorgs};
        match choices.below(11) {
            6 => Feeds,
            7 => Races,
            8 => Reorgs,
            9 => Blocked,
            10 => Onlookers,
            _ => Even,
        }
    }

    /// The weather that goes with it.
    pub fn weather(self, weather: Weather) -> Weather {
        match self {
            Leaning::Even | Leaning::Feeds => weather,
            Leaning::Races => {
                Weather { slow_binding: 500, store: weather.store.min(60), ..weather }
            }
            Leaning::Reorgs => Weather { slow_block: 700, answer_lost: 400, ..weather },
            Leaning::Blocked => Weather::CLEAR,
            Leaning::Onlookers => Weather { answer_lost: 400, ..weather },
        }
    }
}
