//! The seal that a function works with: the one in its folder; or, where its table wants one and there is none,
//! a new one for this run.

use std::fs;
use std::path::Path;

use edge_fn::io::table;
use price_table::Seal;
use site_secrets::SiteSeal;

use super::program::Function;

impl Function {
    /// The same, with its seal. What is wrong with table or seal, the function itself says when it starts.
    pub(super) fn sealed(mut self) -> Self {
        let own = fs::read_to_string(self.task_root.join(SiteSeal::NAME)).ok();
        self.seal = match own {
            Some(text) => SiteSeal::parse(&text).ok().map(|own| own.seal),
            None if wants_seal(&self.task_root) => {
                let mut random = [0; Seal::LENGTH];
                getrandom::fill(&mut random).expect("the operating system has random numbers");
                let seal = Seal::new(random);
                self.env.push(("X402_SEAL".to_owned(), seal.as_str().into()));
                Some(seal)
            }
            None => None,
        };
        self
    }
}

fn wants_seal(task_root: &Path) -> bool {
    table::open(task_root).is_ok_and(|table| table.site.sealed)
}
