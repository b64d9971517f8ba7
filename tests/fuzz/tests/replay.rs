//! Every target with every input of its corpus, and with small changes of each: a short search that any compiler can run.
//! `FUZZ_CHANGES=1000` makes so many of each.

use std::path::Path;
use std::{env, fs};

/// Numbers that are the same in each run: xorshift64*, <https://doi.org/10.18637/jss.v008.i14>.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

/// What the inputs are made of.
const SIGNS: &[u8] = b"\"\\{}[]%0/.\0\xff,:-";

fn changed(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = numbers.below(bytes.len());
    match numbers.below(5) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << numbers.below(8),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, SIGNS[numbers.below(SIGNS.len())]),
        3 if !bytes.is_empty() => {
            let end = (at + 1 + numbers.below(8)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let from = numbers.below(other.len());
            bytes.splice(at..at, other[from..].iter().copied().take(64));
        }
    }
    bytes
}

#[test]
fn nothing_that_was_found_breaks_a_promise_nor_what_is_near_it() {
    let changes = env::var("FUZZ_CHANGES").map_or(20, |count| count.parse().expect("a number"));
    for (name, target) in fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.unwrap().path()).unwrap();
        let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{folder:?}: {why}"));
        let mut inputs: Vec<_> = entries.map(read).collect();
        inputs.sort();
        assert!(inputs.len() >= 3, "{name} has no corpus");
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for (at, input) in inputs.iter().enumerate() {
            target(input);
            for _ in 0..changes {
                target(&changed(input, &inputs[(at + 1) % inputs.len()], &mut numbers));
            }
        }
        println!("{name}: {} inputs, {changes} changes of each", inputs.len());
    }
}
