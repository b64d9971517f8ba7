//! Embeds the price table, and the secrets where a build is given them; and on the deployed target, puts
//! `shim/p256.c` and `shim/setenv.c` in the place of what their first lines tell.
//!
//! * `CONTENT_CONFIG`: the `content.toml` to compile; the sample by default. Any error in it fails
//!   the build, with all of its errors.
//! * `SECRETS_FILE`: a JSON file of keys and proofs, or of the SSM parameter that holds them; its
//!   form is in `src/io/secrets/document.rs`. What is deployed must have one, since Lambda@Edge has
//!   no other way to give it: a function without keys does not start. Secrets that do not fit what
//!   the table names fail the build; those in SSM are not looked at before the function starts.
//!   `edge-local` builds without, and sets keys of its own for each run.

#[path = "src/io/secrets/demands.rs"]
mod demands;
#[path = "src/io/secrets/document.rs"]
mod document;

use std::path::Path;
use std::{env, fs, process};

use content_config::CONFIG_VARIABLE;
use price_table::Table;

use self::demands::Demands;
use self::document::Document;

const SECRETS_VARIABLE: &str = "SECRETS_FILE";

/// What `ring` puts before its symbols: its version, which `Cargo.toml` fixes. With another version's
/// nothing would be wrapped, and its table be back: `scripts/build.sh` and `tests/p256.rs` see that.
const RING: &str = "ring_core_0_17_14__";

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    println!("cargo:rerun-if-env-changed={CONFIG_VARIABLE}");
    println!("cargo:rerun-if-env-changed={SECRETS_VARIABLE}");
    if env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        wrap();
    }

    let compiled = content_config::compile(&content_config::path_from_env(&workspace))
        .unwrap_or_else(|report| fail(&report.to_string()));
    for input in compiled.inputs() {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    compiled.write_into(out).expect("OUT_DIR can be written");
    fs::write(out.join("secrets.json"), secrets(compiled.table())).expect("OUT_DIR can be written");
}

fn wrap() {
    let (p256, setenv) = ("shim/p256.c", "shim/setenv.c");
    println!("cargo:rerun-if-changed={p256}\ncargo:rerun-if-changed={setenv}");
    cc::Build::new().files([p256, setenv]).define("PREFIX", RING).opt_level(2).compile("x402_wrap");
    let of_ring = ["p256_point_mul_base", "p256_point_mul_base_vartime"];
    let of_ring = of_ring.map(|name| format!("{RING}{name}"));
    for name in of_ring.into_iter().chain(["setenv".into()]) {
        // The tests of TLS prove what is deployed.
        for linked in ["link-arg-bin=bootstrap", "link-arg-tests"] {
            println!("cargo:rustc-{linked}=-Wl,--wrap={name}");
        }
    }
}

/// The file's text, once it fits the table; empty if there is none.
fn secrets(table: &Table) -> String {
    let Some(path) = env::var_os(SECRETS_VARIABLE).filter(|path| !path.is_empty()) else {
        return String::new();
    };
    let path = Path::new(&path);
    println!("cargo:rerun-if-changed={}", path.display());
    let wrong = |why: &str| fail(&format!("{SECRETS_VARIABLE}, {}: {why}", path.display()));
    let text = fs::read_to_string(path).unwrap_or_else(|error| wrong(&error.to_string()));
    match Document::parse(&text) {
        Err(problem) => wrong(&problem.to_string()),
        Ok(Document::Ssm(_)) => text,
        Ok(Document::Inline(secrets)) => match Demands::of(table).mismatches(&secrets) {
            mismatches if mismatches.is_empty() => text,
            mismatches => wrong(&mismatches.join("\n  ")),
        },
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    process::exit(1);
}
