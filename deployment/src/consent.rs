//! Whether what is planned is done.

use crate::Error;
use crate::end::Ended;
use crate::talk;

/// How a command is told to go on, and to tell of it.
#[derive(Debug, clap::Args)]
pub struct Consent {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Look, say what would be done, in order, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the facts at the end as one JSON object; all else goes to standard error.
    #[arg(long)]
    json: bool,
}

impl Consent {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Whether nothing may be changed.
    pub(crate) fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// `None` if the steps that were shown are to be taken, else how the command ends.
    pub(crate) fn ask(&self) -> Result<Option<Ended>, Error> {
        if self.dry_run {
            println!("nothing was changed: --dry-run");
            return Ok(Some(Ended::Planned));
        }
        if self.yes {
            return Ok(None);
        }
        match talk::ask("Do this? [yes/no]")?.as_deref() {
            Some("yes") => Ok(None),
            Some(_) => {
                println!("nothing was changed");
                Ok(Some(Ended::Declined))
            }
            None => Err(Error::Nobody { question: "Do this?".to_owned() }),
        }
    }
}
