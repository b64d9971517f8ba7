//! `benches/handshake.rs`, without what `build.rs` links into benches.

#[path = "../benches/handshake.rs"]
mod handshake;

fn main() {
    handshake::main();
}
