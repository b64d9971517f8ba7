//! Whether what is sold has changed on disk since it was compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often it is looked: an editor's save is noticed before its user is back in the browser.
const EVERY: Duration = Duration::from_secs(1);

/// Files with their sizes and the times when they were written.
type State = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    New,
    Other,
    Gone,
}

impl Change {
    /// Objects are read when they are bought, the table when `dev` begins.
    fn text(self) -> &'static str {
        match self {
            Change::New => "is new, and not for sale yet",
            Change::Other => "has changed, and is sold on the terms of before",
            Change::Gone => "is gone: who buys it pays for nothing",
        }
    }
}

/// Files and folders, as they were when they were compiled.
#[derive(Debug)]
pub(super) struct Inputs {
    paths: Vec<PathBuf>,
    known: State,
}

impl Inputs {
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        Inputs { paths: paths.to_vec(), known: state(paths) }
    }

    /// Says so whenever one of the files, or one in the folders, is another than before; never ends. The function goes
    /// on to sell by the table that it began with: what it remembers of payments is in its sandboxes, and a new table
    /// wants new ones.
    pub(super) async fn tell_changes(mut self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let now = state(&self.paths);
            if let Some((path, change)) = changed(&self.known, &now) {
                anstream::println!(
                    "{} {}; stop (Ctrl-C) and start again",
                    path.display(),
                    change.text()
                );
            }
            self.known = now;
        }
    }
}

fn state(inputs: &[PathBuf]) -> State {
    let mut state = State::new();
    inputs.iter().for_each(|path| add(path, &mut state));
    state
}

/// What cannot be read is not there.
fn add(path: &Path, state: &mut State) {
    // A link to a folder is not followed: it may lead back.
    if path.is_dir() && !path.is_symlink() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| add(&entry.path(), state));
    } else if let Ok(metadata) = path.metadata() {
        state.insert(path.to_owned(), (metadata.len(), metadata.modified().ok()));
    }
}

/// The first that differs, is new, or is gone.
fn changed<'s>(before: &'s State, now: &'s State) -> Option<(&'s Path, Change)> {
    now.keys().chain(before.keys()).find_map(|path| {
        let change = match (before.get(path), now.get(path)) {
            (None, _) => Change::New,
            (Some(_), None) => Change::Gone,
            (was, is) if was == is => return None,
            _ => Change::Other,
        };
        Some((path.as_path(), change))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_new_other_or_gone_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("content")).unwrap();
        fs::write(path("content.toml"), "a").unwrap();
        let inputs = [path("content.toml"), path("content")];
        let mut before = state(&inputs);
        assert_eq!(changed(&before, &state(&inputs)), None);
        let steps: [(&str, Option<&str>, Change); 4] = [
            ("content.toml", Some("ab"), Change::Other),
            ("content/new", Some(""), Change::New),
            ("content/new", Some("now"), Change::Other),
            ("content/new", None, Change::Gone),
        ];
        for (name, text, change) in steps {
            match text {
                Some(text) => fs::write(path(name), text).unwrap(),
                None => fs::remove_file(path(name)).unwrap(),
            }
            let now = state(&inputs);
            assert_eq!(changed(&before, &now), Some((path(name).as_path(), change)), "{name}");
            before = now;
        }
    }
}
