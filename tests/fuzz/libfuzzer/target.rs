//! One file for all targets: which one it is, the executable's name says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::target(env!("CARGO_BIN_NAME"))(bytes));
