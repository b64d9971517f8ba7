//! One conditional write, and what its answer means.

use paywall_core::purchase::{Account, Held, Swap, Swapped};
use paywall_core::store::{Ask, Failed, Memory, Reply};

use crate::records::{at, empty, open, owner, sold, subject};

/// The account as it was read, and as a request wants it.
fn start(store: &mut Memory) -> (Held, Account) {
    let key = Account::key(&subject(), &owner());
    let before = Account { writer: "before/1".into(), ..sold(None) };
    let reply = store.ask(&Ask::Create(key.clone(), before.record(300)), at(0));
    let Ok(Reply::Written(version)) = reply else { panic!("{reply:?}") };
    let mut next = before.clone();
    next.open = Some(open(2, None));
    next.writer = "mine/1".into();
    (Held { key, account: before, version: Some(version) }, next)
}

fn silence() -> Result<Reply, Failed> {
    Err(Failed("timeout".into()))
}

/// Somebody else writes.
fn interfere(store: &mut Memory, held: &Held) -> Account {
    let Ok(Reply::Found(_, version)) = store.ask(&Ask::Get(held.key.clone()), at(0)) else {
        panic!()
    };
    let other = Account { writer: "other/1".into(), ..empty() };
    let ask = Ask::Replace(held.key.clone(), other.record(300), version);
    assert!(matches!(store.ask(&ask, at(0)), Ok(Reply::Written(_))));
    other
}

fn hear_back(store: &mut Memory, swap: Box<Swap>) -> Swapped {
    let ask = swap.ask();
    assert!(matches!(ask, Ask::Get(_)), "it is read back");
    swap.hear(store.ask(&ask, at(0))).expect("an end")
}

#[test]
fn what_is_written_is_held_with_its_version() {
    let mut store = Memory::default();
    let (held, next) = start(&mut store);
    let swap = Swap::new(Held { account: next.clone(), ..held }, 300);
    let reply = store.ask(&swap.ask(), at(0));
    let Ok(Swapped::Written(held)) = swap.hear(reply) else { panic!() };
    assert_eq!(held.account, next);
    // By that version it is written again.
    let again = Account { writer: "mine/2".into(), ..next };
    let swap = Swap::new(Held { account: again, ..held }, 300);
    assert!(matches!(store.ask(&swap.ask(), at(0)), Ok(Reply::Written(_))));
}

#[test]
fn who_was_not_first_hears_what_was_written() {
    let mut store = Memory::default();
    let (held, next) = start(&mut store);
    let other = interfere(&mut store, &held);
    let swap = Swap::new(Held { account: next, ..held }, 300);
    let reply = store.ask(&swap.ask(), at(0));
    assert_eq!(reply, Ok(Reply::Conflict));
    let swap = swap.hear(reply).unwrap_err();
    let Swapped::Moved(held) = hear_back(&mut store, swap) else { panic!() };
    assert_eq!(held.account, other);
}

#[test]
fn a_write_that_was_done_is_known_by_its_writer_whatever_it_was_answered() {
    for answer in [Ok(Reply::Conflict), Ok(Reply::Missing), silence()] {
        let mut store = Memory::default();
        let (held, next) = start(&mut store);
        let swap = Swap::new(Held { account: next.clone(), ..held }, 300);
        assert!(matches!(store.ask(&swap.ask(), at(0)), Ok(Reply::Written(_))));
        let swap = swap.hear(answer).unwrap_err();
        let Swapped::Written(held) = hear_back(&mut store, swap) else { panic!() };
        assert_eq!(held.account, next);
    }
}

#[test]
fn an_older_write_of_the_same_request_is_not_this_one() {
    let mut store = Memory::default();
    let (held, next) = start(&mut store);
    // `mine/1` lands late, after `mine/2` was sent.
    let newer = Account { writer: "mine/2".into(), open: None, ..next.clone() };
    let older = Swap::new(Held { account: next, ..held.clone() }, 300);
    assert!(matches!(store.ask(&older.ask(), at(0)), Ok(Reply::Written(_))));
    let swap = Swap::new(Held { account: newer, ..held }, 300);
    let reply = store.ask(&swap.ask(), at(0));
    let swap = swap.hear(reply).unwrap_err();
    let Swapped::Moved(held) = hear_back(&mut store, swap) else { panic!() };
    assert_eq!(held.account.writer, "mine/1");
}

#[test]
fn from_silence_nothing_is_concluded_that_is_not_there() {
    let mut store = Memory::default();
    let (held, next) = start(&mut store);
    let swap = Swap::new(Held { account: next.clone(), ..held.clone() }, 300);
    // It was not done, and may be done yet.
    let swap = swap.hear(silence()).unwrap_err();
    assert!(matches!(hear_back(&mut store, swap), Swapped::Silent(_)));
    // Nor is the reading back believed if it fails.
    for answer in [Ok(Reply::Conflict), silence()] {
        let swap = Swap::new(Held { account: next.clone(), ..held.clone() }, 300)
            .hear(answer)
            .unwrap_err();
        assert!(matches!(swap.hear(silence()), Ok(Swapped::Silent(_))));
    }
}

#[test]
fn an_account_is_made_only_where_there_is_none() {
    let mut store = Memory::default();
    let key = Account::key(&subject(), &owner());
    let held = Held { key, account: empty(), version: None };
    let next = Account { writer: "mine/1".into(), ..sold(None) };
    let swap = Swap::new(Held { account: next.clone(), ..held.clone() }, 300);
    assert!(matches!(swap.ask(), Ask::Create(..)));
    assert!(matches!(store.ask(&swap.ask(), at(0)), Ok(Reply::Written(_))));
    let late = Account { writer: "other/1".into(), ..next };
    let swap = Swap::new(Held { account: late, ..held }, 300);
    assert_eq!(store.ask(&swap.ask(), at(0)), Ok(Reply::Conflict));
}

#[test]
fn what_cannot_be_read_back_is_silence() {
    let mut store = Memory::default();
    let (held, next) = start(&mut store);
    let swap =
        Swap::new(Held { account: next, ..held }, 300).hear(Ok(Reply::Conflict)).unwrap_err();
    let version = paywall_core::store::Version("9".into());
    let strange = Ok(Reply::Found(br#"{"v":3}"#.to_vec(), version));
    assert!(matches!(swap.hear(strange), Ok(Swapped::Silent(_))));
}
