//! Node, and the tools that come from npm: esbuild, wasm-opt, tsc, puppeteer-core.

use crate::console::{ready, step};
use crate::error::Error;
use crate::freshness::is_fresh;
use crate::workspace::Workspace;
use std::path::PathBuf;
use xshell::cmd;

/// The oldest that has all that the tests call.
const OLDEST_NODE: u32 = 20;

/// Installs what package-lock.json names, unless it is installed, and puts its programs on PATH.
///
/// # Errors
/// [`Error::Missing`] without Node or npm, [`Error::Command`] when npm fails.
pub fn ensure(workspace: &Workspace) -> Result<(), Error> {
    let shell = &workspace.shell;
    node(workspace)?;
    let npm = workspace.program("npm").ok_or_else(|| missing("npm is not on PATH"))?;
    let installed = workspace.path("node_modules/.package-lock.json");
    let wanted = ["package.json", "package-lock.json"].map(|file| workspace.path(file));
    if is_fresh(&installed, &wanted)? {
        ready("the npm packages are there");
    } else {
        step("installing the npm packages (less than a minute)", || {
            Ok(cmd!(shell, "{npm} ci --no-audit --no-fund").run()?)
        })?;
    }
    workspace.put_first_on_path(workspace.path("node_modules/.bin"));
    Ok(())
}

/// Finds Node.
///
/// # Errors
/// [`Error::Missing`] when there is none or it is too old.
pub fn node(workspace: &Workspace) -> Result<PathBuf, Error> {
    let shell = &workspace.shell;
    let node = workspace.program("node").ok_or_else(|| missing("Node is not on PATH"))?;
    let version = cmd!(shell, "{node} --version").quiet().read()?;
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(node),
        _ => Err(missing(&format!("Node is {version}"))),
    }
}

/// A program that [`ensure`] put on PATH.
///
/// # Errors
/// [`Error::Missing`] when the packages were not installed.
pub fn program(workspace: &Workspace, name: &str) -> Result<PathBuf, Error> {
    workspace.program(name).ok_or_else(|| Error::Missing {
        what: format!("{name} is not in node_modules/.bin, though npm says that all is installed."),
        by_hand: "  npm ci".to_owned(),
    })
}

fn missing(what: &str) -> Error {
    Error::Missing {
        what: format!("{what}; needed is Node {OLDEST_NODE} or newer, with npm."),
        by_hand: "\x20 Debian 13 and newer:  apt-get install nodejs npm\n\
                  \x20 otherwise:            https://nodejs.org/en/download"
            .to_owned(),
    }
}

/// The major version in what `node --version` says: `v20.20.2`.
fn major(said: &str) -> Option<u32> {
    said.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_as_a_number() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("20.1.0"), None);
        assert_eq!(major("v"), None);
    }
}
