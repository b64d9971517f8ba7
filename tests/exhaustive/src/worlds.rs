//! The worlds that are searched.

use paywall_core::purchase::AccountKind;

use crate::chain::EACH;
use crate::mutant::Mutant;
use crate::scenario::{Budget, Memory, Request, Rules, Scenario};
use crate::time::Phase;

/// All worlds; `more` is how many faults more than usual a history may have. Usual is one, and a death.
pub fn all(more: u8) -> Vec<Scenario> {
    let twice = vec![Request::new(0, 0), Request::new(0, 0)];
    let objects = vec![Request::new(0, 0), Request::new(0, 1)];
    let payments = vec![Request::new(0, 0), Request::new(1, 0)];
    let payers = vec![Request::new(0, 0), Request::new(EACH, 0)];
    let from = |store| move |request| Request { store, ..request };
    let elsewhere = |requests: &[Request]| vec![requests[0], from(1)(requests[1])];
    let ahead = |requests: &[Request]| vec![requests[0], Request { ahead: true, ..requests[1] }];
    let onlooker = vec![Request::new(0, 0), Request { origin: 1, ..Request::new(0, 0) }];
    let kinds =
        vec![Request::new(0, 0), Request { kind: AccountKind::Payment, ..Request::new(0, 0) }];
    let independent: Vec<_> =
        payments.iter().map(|r| Request { kind: AccountKind::Payment, ..*r }).collect();
    let budget = Budget {
        faults: 1 + more,
        store: 1,
        facilitator: 1 + more.min(1),
        node: 1,
        deaths: 1,
        cancels: 0,
    };
    let node = Rules { node: true };
    let none = Rules { node: false };
    let base = |name, about, requests: &[Request], memory, rules| Scenario {
        name,
        about,
        requests: requests.to_vec(),
        memory,
        rules,
        budget,
        last: Phase::LeasesOver,
        chain_late: 0,
        lag: 0,
        repeats: false,
        poor: false,
        contract_wallet: false,
        seconds: None,
        facilitators: 1,
        mutant: None,
    };
    use Memory::{Alone, Sandboxes, Sisters};
    vec![
        base("twice", "one payment twice, S3 and a node", &twice, Alone, node),
        Scenario {
            budget: Budget { cancels: 1, ..budget },
            ..base("cancelled", "a payment that its payer may take back", &twice, Alone, node)
        },
        Scenario {
            budget: Budget { faults: 2 + more, node: 0, cancels: 1, ..budget },
            ..base(
                "cancelled-and-taken",
                "the same, two faults, a node without",
                &twice,
                Alone,
                node,
            )
        },
        base("twice-no-node", "one payment twice, S3", &twice, Alone, none),
        base("objects", "one payment, two objects, S3 and a node", &objects, Alone, node),
        base("objects-no-node", "one payment, two objects, S3", &objects, Alone, none),
        base("payments", "two payments, one object, S3 and a node", &payments, Alone, node),
        base("payments-no-node", "two payments, one object, S3", &payments, Alone, none),
        base("payers", "two payers, one object, S3 and a node", &payers, Alone, node),
        base("sisters", "one payment, two shops", &elsewhere(&objects), Sisters, node),
        base("sisters-no-node", "the same without a node", &elsewhere(&objects), Sisters, none),
        base("held", "two payments, and others sell for the payee", &payments, Sisters, node),
        base("sandboxes", "one payment, two memories", &elsewhere(&objects), Sandboxes, node),
        base("sandboxes-no-node", "the same, no node", &elsewhere(&twice), Sandboxes, none),
        base("onlooker", "a payment and its copy from elsewhere", &onlooker, Alone, node),
        base("kinds", "one payment, two tables", &kinds, Alone, node),
        base("independent", "two payments that stand alone", &independent, Alone, node),
        base("skew-twice", "one payment, a clock ahead", &ahead(&twice), Alone, node),
        base("skew-objects", "two objects, a clock ahead", &ahead(&objects), Alone, node),
        base("skew-payments", "two payments, a clock ahead", &ahead(&payments), Alone, node),
        base("skew-no-node", "the same without a node", &ahead(&payments), Alone, none),
        Scenario { facilitators: 2, ..base("fail-over", "two facilitators", &twice, Alone, node) },
        Scenario {
            facilitators: 2,
            ..base("fail-over-no-node", "two facilitators, no node", &twice, Alone, none)
        },
        Scenario {
            poor: true,
            ..base("poor", "a payer who has no money at first", &twice, Alone, node)
        },
        Scenario {
            poor: true,
            budget: Budget { faults: 2 + more, ..budget },
            ..base("poor-and-behind", "the same, two faults", &twice, Alone, node)
        },
        Scenario {
            repeats: true,
            ..base(
                "repeats",
                "facilitators that repeat a success",
                &elsewhere(&objects),
                Sisters,
                node,
            )
        },
        Scenario { lag: 1, ..base("lagging", "a node a block behind", &twice, Alone, node) },
        Scenario {
            chain_late: 60,
            last: Phase::WindowOver,
            ..base("late-chain", "a chain a minute behind", &twice[..1], Alone, node)
        },
        Scenario {
            last: Phase::GivenUp,
            ..base("to-the-end", "until all is over", &twice, Alone, node)
        },
        Scenario {
            last: Phase::Released,
            ..base("to-the-end-no-node", "until all is over, no node", &payments, Alone, none)
        },
        Scenario {
            contract_wallet: true,
            ..base("contract-wallet", "who signs cannot be told here", &twice, Alone, node)
        },
        Scenario {
            seconds: Some(3_600),
            ..base("timed", "timed access, two payments", &payments, Alone, node)
        },
    ]
}

/// The world in which a mutant is found, broken by it.
pub fn broken_by(mutant: Mutant) -> Option<Scenario> {
    let world = all(0).into_iter().find(|scenario| scenario.name == mutant.world());
    world.map(|scenario| Scenario { mutant: Some(mutant), ..scenario })
}
