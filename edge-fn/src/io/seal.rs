//! The seal, from the file beside the function; locally, from the environment.

use std::path::Path;
use std::{fs, io};

use price_table::{Seal, Table};
use site_secrets::SiteSeal;

use super::settings;

/// The seal, where there is no file of it.
const SEAL: &str = "X402_SEAL";

/// Reads it; `None` for a site without one.
///
/// # Errors
///
/// What is wrong with it, or that it and the table are not of one mind.
pub fn open(folder: &Path, table: &Table) -> Result<Option<Seal>, String> {
    let path = folder.join(SiteSeal::NAME);
    let given = match fs::read_to_string(&path) {
        Ok(text) => SiteSeal::parse(&text).map(Some).map_err(|why| why.to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match settings::variable(SEAL) {
            None => Ok(None),
            Some(name) => {
                let site = table.site.id.to_string();
                let seal = Seal::parse(&name).ok_or(format!("{SEAL} is no seal"));
                seal.map(|seal| Some(SiteSeal { site, seal }))
            }
        },
        Err(error) => Err(error.to_string()),
    };
    given.and_then(|given| SiteSeal::of(&table.site, given)).map_err(|why| {
        format!("{}: {why}; `paywall build` puts it into the package", path.display())
    })
}
