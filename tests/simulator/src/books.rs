//! The books, beside everybody else: from time to time they end what is open in the stores by what the chain shows. They
//! have no sandbox, no payment, and ask no facilitator; they die, their clock is off, and the store fails them, too.

use books::resolve::{self, Rules};
use paywall_core::clock::Micros;
use paywall_core::node::NodeCall;
use paywall_core::purchase::{Account, Binding, Finding, Search};
use paywall_core::store::{Ask, Key, Record, Reply};

use crate::mutant::Mutant;
use crate::oracle::StoreId;
use crate::outside::ask_node;
use crate::sandbox::Visit;
use crate::shop::{CONFIRMATIONS, NODES};
use crate::universe::Universe;
use crate::weather::Leaning;

/// Keeps them for a while.
pub async fn keep(universe: Universe) {
    let skew = i64::from(universe.choices.one_of(&[0, 0, 60, -60])) * 1_000_000;
    // Where blocks are replaced, what they show is worth a look each time.
    let (times, pauses) = match universe.leaning {
        Leaning::Reorgs => (60, [1_u64, 1, 2, 2, 3, 5]),
        _ => (3 + universe.choices.below(12), [1, 5, 10, 30, 90, 400]),
    };
    for _ in 0..times {
        let pause = universe.choices.one_of(&pauses);
        universe.schedule.sleep(1_000_000 * pause).await;
        universe.note(|| "the books are looked at".into());
        for at in 0..universe.buckets.len() {
            for name in universe.buckets[at].names("v2/accounts/") {
                look(&universe, at, &name, skew).await;
            }
        }
    }
}

/// Looks at an account; as the tool and the scheduled function do, `books/src/resolution.rs`.
async fn look(universe: &Universe, at: usize, name: &str, skew: i64) -> Option<()> {
    let now = Micros(universe.now().0.saturating_add_signed(skew));
    let confirmations = match universe.is(Mutant::BooksShallow) {
        true => 1,
        false => CONFIRMATIONS.into(),
    };
    let rules = Rules { alone: !universe.configuration.shared_pay_to, confirmations };
    let Reply::Found(json, version) = get(universe, at, name).await else { return None };
    let account: Account = serde_json::from_slice(&json).ok()?;
    let open = account.open.clone()?;
    let binding = match get(universe, at, Binding::key(&open.mark.payment).as_str()).await {
        Reply::Found(json, _) => serde_json::from_slice(&json).ok(),
        _ => None,
    };
    let search = resolve::search(&account, binding.as_ref(), rules, now)?;
    let finding = find(universe, search, &open.bill.network, now).await;
    let mut next = resolve::resolved(account, &finding, rules, now)?;
    // It dies, or stands still.
    if universe.choices.chance(universe.weather().death) {
        return None;
    }
    if universe.choices.chance(universe.weather().freeze) {
        universe.schedule.sleep(1_000_000 * u64::from(1 + universe.choices.below(60))).await;
    }
    universe.schedule.sleep(universe.hop()).await;
    let number = universe.next_request();
    next.writer = format!("books-{number}/1");
    let version = match (universe.is(Mutant::BooksOverwrite), get(universe, at, name).await) {
        (true, Reply::Found(_, newest)) => newest,
        _ => version,
    };
    let json = serde_json::to_string(&next).expect("records have string keys only");
    let record = Record { json: json.clone(), expires: None, owing: false };
    let ask = Ask::Replace(Key::new(name.to_owned()), record, version);
    if let Reply::Written(_) = universe.buckets[at].apply(name, &ask) {
        universe.note(|| format!("  the books end what is open: {finding:?}"));
        universe.oracle.written(universe, StoreId::Bucket(at), &visit(number), name, &json);
    }
    Some(())
}

async fn find(universe: &Universe, mut search: Search, network: &str, now: Micros) -> Finding {
    loop {
        let questions = search.questions();
        let url = Some(NODES[0].to_owned());
        let call = NodeCall { network: network.to_owned(), url, questions, timeout_ms: 60_000 };
        if let Some(finding) = search.hear(&ask_node(universe, &call).await, now) {
            return finding;
        }
    }
}

async fn get(universe: &Universe, at: usize, name: &str) -> Reply {
    universe.schedule.sleep(universe.hop()).await;
    universe.buckets[at].apply(name, &Ask::Get(Key::new(name.to_owned())))
}

/// Whoever judges what is written asks by whom.
fn visit(number: u64) -> Visit {
    Visit {
        number,
        id: format!("books-{number}"),
        method: "",
        shop: 0,
        product: None,
        payment: None,
        wrapped: false,
        network: "",
        began: std::cell::Cell::new(None),
    }
}
