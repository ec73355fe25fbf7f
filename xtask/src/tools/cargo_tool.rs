//! Command-line tools that `cargo install` builds.

use crate::console::{ready, step};
use crate::error::Error;
use crate::lockfile::pinned_version;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use xshell::cmd;

/// A tool in the one version that this project works with.
pub struct CargoTool {
    program: &'static str,
    package: &'static str,
    version: String,
    /// Whether it is built with the dependencies that its authors tested.
    locked: bool,
    /// How long it takes to compile, on two cores.
    takes: &'static str,
}

/// How to come by a tool.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// The user has the right version.
    UseFromPath,
    /// An earlier run put the right version beside the user's other one.
    UseOwn,
    /// The user has none: install it where programs typed by hand find it too.
    InstallForUser,
    /// The user has another version, which is not ours to replace.
    InstallOwn,
}

impl CargoTool {
    /// Writes the JavaScript between browser and wasm; only the version of the library fits.
    ///
    /// # Errors
    /// When Cargo.lock can't be read or does not name one version of wasm-bindgen.
    pub fn wasm_bindgen(workspace: &Workspace) -> Result<Self, Error> {
        let lockfile = workspace.shell.read_file("Cargo.lock")?;
        Ok(Self {
            program: "wasm-bindgen",
            package: "wasm-bindgen-cli",
            version: pinned_version(&lockfile, "wasm-bindgen")?,
            locked: false,
            takes: "3 to 4 minutes",
        })
    }

    /// Builds for browsers and runs tests in them.
    pub fn wasm_pack() -> Self {
        Self {
            program: "wasm-pack",
            package: "wasm-pack",
            version: "0.15.1".to_owned(),
            locked: true,
            takes: "3 to 4 minutes",
        }
    }

    /// Steers Firefox for wasm-pack. (Debian has no package of it.)
    pub fn geckodriver() -> Self {
        Self {
            program: "geckodriver",
            package: "geckodriver",
            version: "0.37.1".to_owned(),
            locked: true,
            takes: "2 to 3 minutes",
        }
    }

    /// Checks the licences of all dependencies.
    pub fn cargo_deny() -> Self {
        Self {
            program: "cargo-deny",
            package: "cargo-deny",
            version: "0.20.2".to_owned(),
            locked: true,
            takes: "3 to 6 minutes",
        }
    }

    /// Tries what strangers may send. Its targets compile C++ (libFuzzer).
    pub fn cargo_fuzz() -> Self {
        Self {
            program: "cargo-fuzz",
            package: "cargo-fuzz",
            version: "0.13.2".to_owned(),
            locked: true,
            takes: "1 to 2 minutes",
        }
    }

    /// Makes sure that this version is the one that programs started from now on find.
    ///
    /// # Errors
    /// [`Error::Missing`] when it can't be installed.
    pub fn ensure(&self, workspace: &Workspace) -> Result<(), Error> {
        let Self { program, version, takes, .. } = self;
        let own = workspace.target("tools").join(format!("{program}-{version}"));
        let own_programs = own.join("bin");
        let own_program = own_programs.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        let found = workspace.program(program);
        let found_version = found.as_deref().map(|path| version_of(workspace, path));

        let plan = plan(
            found_version.as_ref().map(Option::as_deref),
            version_of(workspace, &own_program).as_deref(),
            version,
        );
        match plan {
            Plan::UseFromPath | Plan::UseOwn => ready(&format!("{program} {version} is there")),
            Plan::InstallForUser => {
                step(&format!("installing {program} {version} ({takes})"), || {
                    self.install(workspace, None)
                })?;
                if workspace.program(program).is_none() {
                    return Err(self.missing("was installed into a folder that is not on PATH"));
                }
            }
            Plan::InstallOwn => {
                let title = format!(
                    "installing {program} {version} beside the other version on PATH ({takes})"
                );
                step(&title, || self.install(workspace, Some(&own)))?;
            }
        }
        if matches!(plan, Plan::UseOwn | Plan::InstallOwn) {
            workspace.put_first_on_path(own_programs);
        }
        Ok(())
    }

    /// Where the program is that [`ensure`](Self::ensure) saw to.
    ///
    /// # Errors
    /// [`Error::Missing`] where it is not there.
    pub fn path(&self, workspace: &Workspace) -> Result<PathBuf, Error> {
        workspace.program(self.program).ok_or_else(|| self.missing("is not on PATH"))
    }

    fn install(&self, workspace: &Workspace, root: Option<&Path>) -> Result<(), Error> {
        let (shell, Self { package, version, .. }) = (&workspace.shell, self);
        let (quiet, locked) = (workspace.quiet(), self.locked.then_some("--locked"));
        let root = root.map(|root| [Path::new("--root"), root]).into_iter().flatten();
        cmd!(shell, "cargo install {quiet...} {package} --version {version} {locked...} {root...}")
            .run()
            .map_err(|error| self.missing(&format!("can't be installed ({error})")))
    }

    fn missing(&self, why: &str) -> Error {
        let Self { program, package, version, .. } = self;
        let locked = if self.locked { " --locked" } else { "" };
        Error::Missing {
            what: format!("{program} {version} {why}."),
            by_hand: format!(
                "  cargo install {package} --version {version}{locked}\n\
                 \x20 and put the folder that it names (as a rule ~/.cargo/bin) on PATH.\n\
                 \x20 It compiles C too; Debian: apt-get install build-essential\n\
                 \x20 Compiled already: https://crates.io/crates/{package} links to the releases"
            ),
        }
    }
}

/// `found` and `own` are the versions on PATH and in target/; `Some(None)` is a program that does not say.
fn plan(found: Option<Option<&str>>, own: Option<&str>, wanted: &str) -> Plan {
    match found {
        Some(Some(version)) if version == wanted => Plan::UseFromPath,
        _ if own == Some(wanted) => Plan::UseOwn,
        Some(_) => Plan::InstallOwn,
        None => Plan::InstallForUser,
    }
}

fn version_of(workspace: &Workspace, program: &Path) -> Option<String> {
    let shell = &workspace.shell;
    let said = cmd!(shell, "{program} --version").quiet().ignore_stderr().read().ok()?;
    version_in(&said).map(str::to_owned)
}

/// The version in what a program says of itself: `wasm-bindgen 0.2.130 (and more)`.
fn version_in(said: &str) -> Option<&str> {
    said.split_whitespace().nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_version_on_path_is_used() {
        assert_eq!(plan(Some(Some("1.2.3")), None, "1.2.3"), Plan::UseFromPath);
        assert_eq!(plan(Some(Some("1.2.3")), Some("1.2.3"), "1.2.3"), Plan::UseFromPath);
    }

    #[test]
    fn a_version_that_an_earlier_run_installed_is_used() {
        assert_eq!(plan(Some(Some("1.2.2")), Some("1.2.3"), "1.2.3"), Plan::UseOwn);
        assert_eq!(plan(None, Some("1.2.3"), "1.2.3"), Plan::UseOwn);
    }

    #[test]
    fn a_tool_that_is_not_there_is_installed_where_the_user_finds_it_too() {
        assert_eq!(plan(None, None, "1.2.3"), Plan::InstallForUser);
    }

    #[test]
    fn another_version_of_the_user_is_left_alone() {
        assert_eq!(plan(Some(Some("1.2.2")), None, "1.2.3"), Plan::InstallOwn);
        assert_eq!(plan(Some(None), None, "1.2.3"), Plan::InstallOwn);
    }

    #[test]
    fn the_version_is_the_second_word_that_a_program_says_of_itself() {
        assert_eq!(version_in("wasm-bindgen 0.2.130 (1a2b3c)"), Some("0.2.130"));
        assert_eq!(version_in("wasm-bindgen"), None);
    }
}
