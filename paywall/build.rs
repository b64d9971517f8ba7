//! A release carries the deployable function: `PAYWALL_CARRIES` names the folder with `bootstrap.zip`, which has it
//! compressed, and `bootstrap.commit`, as `scripts/build.sh` and `paywall build` leave them. See `scripts/release.sh`.

use std::path::Path;
use std::{env, fs};

const VARIABLE: &str = "PAYWALL_CARRIES";

fn main() {
    println!("cargo:rerun-if-env-changed={VARIABLE}\ncargo:rustc-check-cfg=cfg(carries)");
    let Some(folder) = env::var_os(VARIABLE) else { return };
    let folder = fs::canonicalize(&folder).expect("PAYWALL_CARRIES names a folder");
    let file = |name: &str| {
        let path = Path::new(&folder).join(name);
        assert!(path.is_file(), "{} is missing: run scripts/package.sh first", path.display());
        println!("cargo:rerun-if-changed={}", path.display());
        path
    };
    println!("cargo:rustc-env=PAYWALL_BOOTSTRAP={}", file("bootstrap.zip").display());
    println!("cargo:rustc-env=PAYWALL_COMMIT={}", file("bootstrap.commit").display());
    println!("cargo:rustc-cfg=carries");
}
