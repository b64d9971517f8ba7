use super::*;

const NOW: Micros = Micros::from_secs(1_700_000_000);

fn key(name: &str) -> Key {
    Key::new(format!("accounts/{name}.json"))
}

fn record(json: &str, expires: Option<u64>) -> Record {
    Record { json: json.into(), expires, owing: expires.is_none() }
}

fn create(store: &mut Memory, name: &str, expires: Option<u64>) -> Result<Reply, Failed> {
    store.ask(&Ask::Create(key(name), record("{}", expires)), NOW)
}

fn get(store: &mut Memory, name: &str) -> Reply {
    store.ask(&Ask::Get(key(name)), NOW).unwrap()
}

#[test]
fn a_record_is_created_once() {
    let mut store = Memory::default();
    assert_eq!(get(&mut store, "a"), Reply::Missing);
    let Ok(Reply::Written(version)) = create(&mut store, "a", None) else { panic!() };
    assert_eq!(create(&mut store, "a", None), Ok(Reply::Conflict));
    assert_eq!(get(&mut store, "a"), Reply::Found(b"{}".to_vec(), version));
}

#[test]
fn only_the_version_that_was_read_is_replaced() {
    let mut store = Memory::default();
    let Ok(Reply::Written(first)) = create(&mut store, "a", None) else { panic!() };
    let mut replace = |json: &str, version: &Version| {
        store.ask(&Ask::Replace(key("a"), record(json, None), version.clone()), NOW).unwrap()
    };
    let Reply::Written(second) = replace("2", &first) else { panic!() };
    assert_eq!(replace("3", &first), Reply::Conflict);
    assert!(matches!(replace("3", &second), Reply::Written(_)));
    let missing = Ask::Replace(key("b"), record("1", None), second);
    assert_eq!(store.ask(&missing, NOW), Ok(Reply::Missing));
}

#[test]
fn a_full_store_forgets_what_is_over_and_never_what_is_open() {
    let room = 2 * size(&key("a"), &record("{}", None)) + 6;
    let mut store = Memory::with_capacity(room);
    create(&mut store, "a", None).unwrap();
    create(&mut store, "b", Some(NOW.secs() + 1)).unwrap();
    assert!(create(&mut store, "c", None).is_err());
    // What is there may still be written, and grow.
    let Reply::Found(_, version) = get(&mut store, "a") else { panic!() };
    let grown = Ask::Replace(key("a"), record("{\"more\":1}", None), version);
    assert!(matches!(store.ask(&grown, NOW), Ok(Reply::Written(_))));
    let later = Micros::from_secs(NOW.secs() + 1);
    assert!(store.ask(&Ask::Create(key("c"), record("", Some(0))), later).is_ok());
    assert_eq!(get(&mut store, "b"), Reply::Missing);
    assert!(matches!(get(&mut store, "a"), Reply::Found(..)));
    let sum: usize = store.records.iter().map(|(key, (record, _))| size(key, record)).sum();
    assert_eq!(store.bytes, sum);
}
