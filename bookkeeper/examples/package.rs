//! Makes the zip that Lambda takes, for tests: `package EXECUTABLE ZIP`.

use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [executable, zip] = arguments.as_slice() else {
        return Err("wanted: EXECUTABLE ZIP".into());
    };
    Ok(fs::write(zip, bookkeeper::package(&fs::read(executable)?)?)?)
}
