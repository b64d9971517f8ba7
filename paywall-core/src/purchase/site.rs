//! Whose a site's id is. The function never reads it: a deployment writes it once, so that no other
//! stack sells under the same id from the same store.

use serde::{Deserialize, Serialize};

use super::record::VERSION;
use crate::store::Key;

/// Which stack holds a site's id: written once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SiteHolder {
    /// [`VERSION`].
    pub v: u8,
    /// The id.
    pub site: String,
    /// The name of the stack.
    pub stack: String,
}

impl SiteHolder {
    /// That a stack holds an id.
    pub fn new(site: &str, stack: &str) -> Self {
        SiteHolder { v: VERSION, site: site.to_owned(), stack: stack.to_owned() }
    }

    /// Where it is written who holds an id.
    pub fn key(site: &str) -> Key {
        Key::new(format!("v2/sites/{site}.json"))
    }
}
