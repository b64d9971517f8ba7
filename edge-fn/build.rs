//! Embeds the price table, and the secrets where a build is given them.
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

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    println!("cargo:rerun-if-env-changed={CONFIG_VARIABLE}");
    println!("cargo:rerun-if-env-changed={SECRETS_VARIABLE}");

    let compiled = content_config::compile(&content_config::path_from_env(&workspace))
        .unwrap_or_else(|report| fail(&report.to_string()));
    for input in compiled.inputs() {
        println!("cargo:rerun-if-changed={}", input.display());
    }
    compiled.write_into(out).expect("OUT_DIR can be written");
    fs::write(out.join("secrets.json"), secrets(compiled.table())).expect("OUT_DIR can be written");
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
