//! A file in another's place, whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use next_step::Outcome;

use crate::error::Error;

/// Puts `after` in the place of `before`, if that is what the file still holds. Its permissions stay, and a link stays
/// one.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> Outcome<()> {
    let file = path.canonicalize().map_err(|why| ship::Error::not_read(path, why))?;
    let now = fs::read_to_string(&file).map_err(|why| ship::Error::not_read(path, why))?;
    if now != before {
        return Err(Error::Changed { config: path.display().to_string() }.into());
    }
    let written = || -> io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(after.as_bytes())?;
        new.as_file().set_permissions(fs::metadata(&file)?.permissions())?;
        new.as_file().sync_all()?;
        new.persist(&file)?;
        Ok(())
    };
    Ok(written().map_err(|why| ship::Error::not_written(path, why))?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn in_its_place_and_only_there() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.toml"), folder.path().join("content.toml"));
        fs::write(&file, "a").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, "a", "b").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "b");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        let told = replace(&link, "a", "c").unwrap_err().to_string();
        assert!(told.contains("changed by somebody else"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "b");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
