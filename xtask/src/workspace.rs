//! Where things stand, and the shell that every command runs in.

use crate::error::Error;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use xshell::Shell;

/// The checkout, with a shell whose current folder is its root.
pub struct Workspace {
    /// Starts all programs; its PATH is that of the user with the project's own tools put first.
    pub shell: Shell,
    /// Cargo's target folder.
    target: PathBuf,
    /// Whether what programs say goes to a terminal.
    watched: bool,
}

impl Workspace {
    /// The checkout that this program was compiled from.
    ///
    /// # Errors
    /// [`Error::Command`] or [`Error::File`] when the system refuses to say where we are.
    pub fn open() -> Result<Self, Error> {
        let shell = Shell::new()?;
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        shell.change_dir(xtask.parent().unwrap_or(xtask));
        // Cargo put this very program at <target>/<profile>/xtask, whatever its configuration says of the folder.
        let program = std::env::current_exe().map_err(Error::file("xtask"))?;
        let target = program.ancestors().nth(2).unwrap_or(&program).to_owned();
        Ok(Self { shell, target, watched: std::io::stderr().is_terminal() })
    }

    /// A path in the checkout.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.shell.current_dir().join(relative)
    }

    /// A path in cargo's target folder.
    pub fn target(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.target.join(relative)
    }

    /// The gateway that `cargo build -p session-gateway` makes.
    pub fn debug_gateway(&self) -> PathBuf {
        self.gateway("debug")
    }

    /// The gateway that `cargo build --release -p session-gateway` makes.
    pub fn release_gateway(&self) -> PathBuf {
        self.gateway("release")
    }

    fn gateway(&self, profile: &str) -> PathBuf {
        self.target(profile).join(format!("session-gateway{}", std::env::consts::EXE_SUFFIX))
    }

    /// What keeps cargo from listing crates as they compile: nothing at a terminal, where a person waits for it.
    ///
    /// An argument and not CARGO_TERM_QUIET, which cargo hands on to wasm-bindgen's test runner, to be refused there.
    pub fn quiet(&self) -> Option<&'static str> {
        (!self.watched).then_some("--quiet")
    }

    /// Finds a program as the shell would, with `.cmd` and the like on Windows.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        which::which_in(name, Some(self.search_path()), self.shell.current_dir()).ok()
    }

    /// Lets everything that is started from now on find the programs in `folder` before all others.
    pub fn put_first_on_path(&self, folder: PathBuf) {
        let path = self.search_path();
        let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
        // Fails only for a folder with the separator in its name; such a folder can't be on PATH at all.
        if let Ok(path) = std::env::join_paths(folders) {
            self.shell.set_var("PATH", path);
        }
    }

    fn search_path(&self) -> OsString {
        self.shell.var_os("PATH").unwrap_or_default()
    }
}
