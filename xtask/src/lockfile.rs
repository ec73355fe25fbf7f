//! Which version of a package Cargo.lock pins.

use crate::error::Error;
use serde::Deserialize;

#[derive(Deserialize)]
struct Lockfile {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The one version of `package` in the text of a Cargo.lock.
///
/// # Errors
/// [`Error::Lockfile`] for text that is no Cargo.lock, [`Error::Versions`] unless there is exactly one version.
pub fn pinned_version(lockfile: &str, package: &'static str) -> Result<String, Error> {
    let Lockfile { package: packages } = toml::from_str(lockfile)?;
    let mut versions: Vec<_> = packages
        .into_iter()
        .filter(|found| found.name == package)
        .map(|found| found.version)
        .collect();
    match (versions.pop(), versions.len()) {
        (Some(version), 0) => Ok(version),
        (last, others) => {
            Err(Error::Versions { package, found: others + usize::from(last.is_some()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKFILE: &str = r#"
        version = 4
        [[package]]
        name = "wasm-bindgen"
        version = "0.2.130"
        dependencies = ["wasm-bindgen-macro"]
        [[package]]
        name = "wasm-bindgen-macro"
        version = "0.2.129"
        [[package]]
        name = "rand"
        version = "0.8.5"
        [[package]]
        name = "rand"
        version = "0.9.2"
    "#;

    #[test]
    fn the_version_of_the_very_package_is_read_not_of_one_with_a_similar_name() {
        assert_eq!(pinned_version(LOCKFILE, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn a_package_that_is_not_there_is_an_error_that_names_it() {
        let error = pinned_version(LOCKFILE, "serde").unwrap_err().to_string();
        assert_eq!(error, "Cargo.lock names 0 versions of serde, not one");
    }

    #[test]
    fn a_package_in_two_versions_is_an_error() {
        let error = pinned_version(LOCKFILE, "rand").unwrap_err().to_string();
        assert_eq!(error, "Cargo.lock names 2 versions of rand, not one");
    }

    #[test]
    fn text_that_is_no_lockfile_is_an_error() {
        assert!(matches!(pinned_version("<html>", "serde"), Err(Error::Lockfile(_))));
    }
}
