use paywall_core::node::NodeError;

use super::*;
use crate::test_chain::World;

const NOW: u64 = 1_800_000_000;
const TOKEN: [u8; 20] = [0x70; 20];
const PAYEE: [u8; 20] = [0xee; 20];
const ALICE: [u8; 20] = [0xa1; 20];

impl Chain for World {
    fn ask(&mut self, questions: &[Question]) -> Said {
        let one = |question: &Question| match self.answer(question.method(), &question.params()) {
            Ok(Value::Null) => Err(NodeError::from(format!("{NOTHING} for it"))),
            Ok(value) => Ok(value),
            Err(why) => Err(NodeError::from(why)),
        };
        Ok(questions.iter().map(one).collect())
    }
}

/// A node that has no time for receipts.
struct Throttled(World);

impl Chain for Throttled {
    fn ask(&mut self, questions: &[Question]) -> Said {
        let mut said = self.0.ask(questions)?;
        for (question, answer) in questions.iter().zip(&mut said) {
            if matches!(question, Question::Receipt(_)) {
                let why = format!("the node refuses {}: -32005 limit exceeded", question.method());
                *answer = Err(NodeError::from(why));
            }
        }
        Ok(said)
    }
}

fn watched() -> Watched {
    let (tokens, payees) = (vec![TOKEN], vec![PAYEE]);
    Watched { chain_id: 84_532, tokens, payees, confirmations: 5 }
}

/// A payment every hundred blocks.
fn world() -> World {
    let mut world = World::new(NOW, 4_000);
    for n in 1..=30_u8 {
        let at = world.time(100 * u64::from(n));
        world.pay((TOKEN, ALICE, PAYEE), u128::from(n), Some([n; 32]), at);
    }
    world
}

fn all(world: &mut World) -> Result<Reading> {
    let begins = world.begins;
    let since = begin(world, &watched(), begins)?;
    let to = newest(world, &watched())?.number;
    read(world, &watched(), &since, to)
}

#[test]
fn every_transfer_is_read_with_its_nonce_in_ranges_that_the_node_allows() {
    for range in [10_000, 1_000, 100, 10] {
        let reading = all(&mut World { range, ..world() }).unwrap();
        let values: Vec<_> = reading.transfers.iter().map(|it| it.value).collect();
        assert_eq!(values, (1..=30).collect::<Vec<_>>(), "{range}");
        let nonces = reading.transfers.iter().map(|it| it.nonce.unwrap()[0]);
        assert!(nonces.eq(1..=30) && reading.proven);
        assert_eq!(reading.stand.block, 3_999 - 4);
    }
    all(&mut World { range: 9, ..world() }).unwrap_err();
}

#[test]
fn a_node_that_leaves_a_log_out_stops_the_run() {
    let mut world = world();
    world.hidden.push(world.made[7].transaction);
    let why = all(&mut world).unwrap_err();
    assert!(why.contains("the node left logs out"), "{why}");
    // One that keeps no old state cannot be caught, and that is said.
    let reading = all(&mut World { memory: 100, ..world }).unwrap();
    assert!(!reading.proven && reading.transfers.len() == 29);
    // Money that leaves is no reason to stop.
    let mut world = self::world();
    world.pay((TOKEN, PAYEE, ALICE), 17, None, NOW - 100);
    assert!(all(&mut world).unwrap().proven);
}

#[test]
fn reading_goes_on_where_it_stopped_and_the_parts_are_the_whole() {
    let (whole, mut world) = (all(&mut world()).unwrap(), world());
    let begins = world.begins;
    let mut stand = begin(&mut world, &watched(), begins).unwrap();
    let mut transfers = vec![];
    for to in [1, 99, 100, 101, 1_500, 1_500, 3_995] {
        let reading = read(&mut world, &watched(), &stand, to).unwrap();
        assert!(reading.proven, "{to}");
        transfers.extend(reading.transfers);
        stand = reading.stand;
    }
    assert_eq!((transfers, stand), (whole.transfers, whole.stand));
}

#[test]
fn blocks_that_were_replaced_below_the_books_stop_the_run() {
    let mut world = world();
    let stand = all(&mut world).unwrap().stand;
    world.head += 100;
    world.replaced.insert(stand.block + 1, 1);
    read(&mut world, &watched(), &stand, stand.block + 50).unwrap();
    world.replaced.insert(stand.block, 1);
    let why = read(&mut world, &watched(), &stand, stand.block + 50).unwrap_err();
    assert!(why.contains("blocks were replaced deeper than `confirmations`"), "{why}");
}

#[test]
fn other_tokens_and_other_chains_are_not_ours() {
    let mut world = world();
    world.pay(([0x71; 20], ALICE, PAYEE), 1_000, Some([99; 32]), NOW - 100);
    world.pay((TOKEN, ALICE, [0xef; 20]), 1_000, Some([98; 32]), NOW - 100);
    assert_eq!(all(&mut world).unwrap().transfers.len(), 30);
    all(&mut World { chain_id: 1, ..world }).unwrap_err();
}

#[test]
fn the_books_of_a_day_begin_and_end_with_its_blocks() {
    let mut world = world();
    for block in [1, 500, 501, 3_994] {
        let second = world.time(block);
        assert_eq!(begin(&mut world, &watched(), second).unwrap().block, block - 1);
        assert_eq!(begin(&mut world, &watched(), second - 1).unwrap().block, block - 1);
        assert_eq!(begin(&mut world, &watched(), second + 1).unwrap().block, block);
        assert_eq!(end(&mut world, &watched(), second).unwrap(), block - 1);
    }
    assert_eq!(end(&mut world, &watched(), NOW + 100).unwrap(), 3_995);
    assert_eq!(begin(&mut world, &watched(), NOW + 100).unwrap().block, 3_995);
}

#[test]
fn a_transaction_is_looked_up_when_it_is_deep_enough() {
    let mut world = world();
    let (deep, shallow) =
        (world.made[3].transaction, world.pay((TOKEN, ALICE, PAYEE), 7, None, NOW));
    assert_eq!(paid_by(&mut world, &watched(), deep).unwrap().unwrap()[0].value, 4);
    assert_eq!(paid_by(&mut world, &watched(), shallow).unwrap(), Some(vec![]));
    assert_eq!(paid_by(&mut world, &watched(), [9; 32]).unwrap(), None);
    // A node that refuses to tell has not said that there is none.
    let why = paid_by(&mut Throttled(world), &watched(), deep).unwrap_err();
    assert_eq!(why, "the node refuses eth_getTransactionReceipt: -32005 limit exceeded");
}
