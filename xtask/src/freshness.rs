//! Whether something has to be made again.

use crate::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// The time of the latest change to any of `inputs`: files, or folders with all that is in them.
///
/// A folder's own time counts too, which is how a file that was deleted or renamed is noticed.
///
/// # Errors
/// [`Error::File`] for an input that is not there or can't be read.
pub fn latest_change(inputs: &[PathBuf]) -> Result<SystemTime, Error> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for input in inputs {
        for entry in WalkDir::new(input) {
            let changed = entry
                .and_then(|entry| entry.metadata())
                .map_err(std::io::Error::from)
                .and_then(|data| data.modified());
            latest = latest.max(changed.map_err(Error::file(input))?);
        }
    }
    Ok(latest)
}

/// Leaves a file that says that something was made from what its inputs were at `start`. Not at the end, so that what is
/// edited meanwhile makes it stale.
///
/// # Errors
/// [`Error::File`] when it can't be written.
pub fn stamp(made: &Path, start: SystemTime) -> Result<(), Error> {
    File::create(made).and_then(|file| file.set_modified(start)).map_err(Error::file(made))
}

/// Whether `made` exists and is at least as young as everything in `inputs`.
///
/// # Errors
/// [`Error::File`] for an input that is not there or can't be read.
pub fn is_fresh(made: &Path, inputs: &[PathBuf]) -> Result<bool, Error> {
    let Ok(made) = made.metadata().and_then(|data| data.modified()) else { return Ok(false) };
    Ok(latest_change(inputs)? <= made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;
    use xshell::{Shell, TempDir};

    const MINUTE: Duration = Duration::from_secs(60);

    /// A folder with src/deep/a.rs and `made`, which is `age` younger than everything in src.
    fn project(age: Duration) -> TempDir {
        let folder = Shell::new().unwrap().create_temp_dir().unwrap();
        fs::create_dir_all(folder.path().join("src/deep")).unwrap();
        write(&folder, "src/deep/a.rs", SystemTime::now());
        let latest = latest_change(&[folder.path().join("src")]).unwrap();
        write(&folder, "made", latest + age);
        folder
    }

    fn write(folder: &TempDir, path: &str, changed: SystemTime) {
        File::create(folder.path().join(path)).unwrap().set_modified(changed).unwrap();
    }

    fn fresh(folder: &TempDir) -> bool {
        is_fresh(&folder.path().join("made"), &[folder.path().join("src")]).unwrap()
    }

    #[test]
    fn what_is_younger_than_all_inputs_is_fresh() {
        assert!(fresh(&project(MINUTE)));
    }

    #[test]
    fn what_is_as_old_as_the_latest_input_is_fresh() {
        assert!(fresh(&project(Duration::ZERO)));
    }

    #[test]
    fn a_change_deep_in_a_folder_makes_it_stale() {
        let folder = project(MINUTE);
        write(&folder, "src/deep/a.rs", SystemTime::now() + 2 * MINUTE);
        assert!(!fresh(&folder));
    }

    #[test]
    fn the_time_of_a_folder_counts_so_that_a_deleted_file_is_noticed() {
        let folder = project(MINUTE);
        write(&folder, "src/deep/a.rs", SystemTime::UNIX_EPOCH + MINUTE);
        write(&folder, "made", SystemTime::UNIX_EPOCH + 2 * MINUTE);
        assert!(!fresh(&folder));
    }

    #[test]
    fn what_was_never_made_is_stale() {
        let folder = project(MINUTE);
        fs::remove_file(folder.path().join("made")).unwrap();
        assert!(!fresh(&folder));
    }

    #[test]
    fn an_input_that_is_not_there_is_an_error_that_names_it() {
        let folder = project(MINUTE);
        let absent = folder.path().join("absent");
        let error =
            is_fresh(&folder.path().join("made"), std::slice::from_ref(&absent)).unwrap_err();
        assert!(error.to_string().starts_with(&absent.display().to_string()), "{error}");
    }
}
