//! On the deployed target, puts the C files of `shim/` in the place of what their first lines tell.

/// What `ring` puts before its symbols: its version, which `Cargo.toml` fixes. With another version's
/// nothing would be wrapped, and its table be back: `scripts/build.sh` and `tests/p256.rs` see that.
const RING: &str = "ring_core_0_17_14__";

fn main() {
    let files = ["shim/p256.c", "shim/setenv.c", "shim/x25519.c"];
    files.iter().for_each(|file| println!("cargo:rerun-if-changed={file}"));
    if std::env::var("TARGET").is_ok_and(|target| target != "x86_64-unknown-linux-gnu") {
        return;
    }
    cc::Build::new().files(files).define("PREFIX", RING).opt_level(2).compile("x402_wrap");
    let of_ring = [
        "p256_point_mul_base",
        "p256_point_mul_base_vartime",
        "x25519_public_from_private_generic_masked",
    ];
    let of_ring = of_ring.map(|name| format!("{RING}{name}"));
    for name in of_ring.into_iter().chain(["setenv".into()]) {
        // The tests of TLS prove what is deployed, and the bench measures it.
        for linked in ["link-arg-bin=bootstrap", "link-arg-tests", "link-arg-benches"] {
            println!("cargo:rustc-{linked}=-Wl,--wrap={name}");
        }
    }
}
