//! What any bytes may do: each target takes bytes of one of the function's inputs and panics where a promise is broken, so
//! that a fuzzer can look for such bytes.
//!
//! `scripts/fuzz.sh` searches with libFuzzer, which `libfuzzer/` binds to these targets outside the workspace, since it needs a
//! nightly compiler; `tests/replay.rs` gives them, with any compiler, what was found before (`corpus/`) and small changes of it.

mod content_toml;
mod event;
mod facilitator;
mod json_rpc;
mod pass;
mod path;
mod payment_header;
mod record;
mod shop;
mod table_file;

/// The scenarios of the core's own tests: a paywall, a store, facilitators and nodes that say what they are told to.
#[path = "../../../paywall-core/tests/walk/offers.rs"]
#[allow(dead_code)]
mod offers;
#[path = "../../../paywall-core/tests/walk/payment.rs"]
#[allow(dead_code)]
mod payment;
#[path = "../../../paywall-core/tests/walk/support.rs"]
#[allow(dead_code)]
mod support;
#[path = "../../../paywall-core/tests/chain/testnode.rs"]
#[allow(dead_code)]
mod testnode;

/// Takes bytes, and panics if they break a promise.
pub type Target = fn(&[u8]);

/// All targets, by their names: those of `corpus/`, and of `libfuzzer/`.
pub const TARGETS: [(&str, Target); 9] = [
    ("content_toml", content_toml::target),
    ("event", event::target),
    ("facilitator", facilitator::target),
    ("json_rpc", json_rpc::target),
    ("pass", pass::target),
    ("path", path::target),
    ("payment_header", payment_header::target),
    ("record", record::target),
    ("table_file", table_file::target),
];

/// The target of this name.
///
/// # Panics
///
/// There is none.
pub fn target(name: &str) -> Target {
    TARGETS.iter().find(|(one, _)| *one == name).unwrap_or_else(|| panic!("no target {name}")).1
}
