//! Embeds the price table, and the hand-over keys where a build is given them.
//!
//! * `CONTENT_CONFIG`: the `content.toml` to compile; the sample by default. Any error in it fails
//!   the build, with all of its errors.
//! * `HANDOVER_KEYS_FILE`: keys of 64 hexadecimal digits, the current one first. What is deployed
//!   must have them, since Lambda@Edge has no other way to give them: a function without keys does
//!   not start. `edge-local` builds without, and sets a key of its own for each run.

use std::path::Path;
use std::{env, fs, process};

use content_config::CONFIG_VARIABLE;

const KEYS_VARIABLE: &str = "HANDOVER_KEYS_FILE";

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    println!("cargo:rerun-if-env-changed={CONFIG_VARIABLE}");
    println!("cargo:rerun-if-env-changed={KEYS_VARIABLE}");

    let compiled = content_config::compile(&content_config::path_from_env(&workspace))
        .unwrap_or_else(|report| fail(&report.to_string()));
    for input in compiled.inputs() {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    compiled.write_into(out).expect("OUT_DIR can be written");

    let keys = env::var_os(KEYS_VARIABLE).map(|path| {
        println!("cargo:rerun-if-changed={}", Path::new(&path).display());
        fs::read_to_string(&path).unwrap_or_else(|error| {
            fail(&format!("{KEYS_VARIABLE} names {}: {error}", Path::new(&path).display()))
        })
    });
    for key in keys.iter().flat_map(|keys| keys.split_whitespace()) {
        if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            fail(&format!("{KEYS_VARIABLE}: each key must be 64 hexadecimal digits"));
        }
    }
    fs::write(out.join("handover_keys.txt"), keys.unwrap_or_default())
        .expect("OUT_DIR can be written");
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    process::exit(1);
}
