//! Schemathesis, which comes from PyPI, in a virtual environment of its own.

use crate::console::{ready, step};
use crate::error::Error;
use crate::freshness::{self, is_fresh};
use crate::tools::system::{self, PYTHON};
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::time::SystemTime;
use xshell::cmd;

/// Names each package with its version.
const REQUIREMENTS: &str = "tests/api/requirements.txt";
/// Where a virtual environment has its programs.
const PROGRAMS: &str = if cfg!(windows) { "Scripts" } else { "bin" };

/// Installs what the requirements name, unless it is installed, and says where the program is.
///
/// # Errors
/// [`Error::Missing`] without Python or its venv, [`Error::Command`] when pip fails.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf, Error> {
    let shell = &workspace.shell;
    let environment = workspace.target("tools/schemathesis");
    let programs = environment.join(PROGRAMS);
    let program = programs.join(format!("schemathesis{}", std::env::consts::EXE_SUFFIX));
    let made = environment.join("made");
    if is_fresh(&made, &[workspace.path(REQUIREMENTS)])? {
        ready("Schemathesis is there");
        return Ok(program);
    }
    let python = PYTHON.path(workspace)?;
    ensure_venv(workspace, &python)?;
    step("installing Schemathesis (less than a minute)", || {
        let start = SystemTime::now();
        shell.remove_path(&environment)?;
        cmd!(shell, "{python} -m venv {environment}").run()?;
        let pip = programs.join(format!("pip{}", std::env::consts::EXE_SUFFIX));
        cmd!(
            shell,
            "{pip} --quiet --disable-pip-version-check install --requirement {REQUIREMENTS}"
        )
        .run()?;
        freshness::stamp(&made, start)
    })?;
    Ok(program)
}

/// Debian has a package of its own for the part of Python that makes environments with pip in them.
fn ensure_venv(workspace: &Workspace, python: &PathBuf) -> Result<(), Error> {
    let shell = &workspace.shell;
    let is_there = || cmd!(shell, "{python} -c").arg("import ensurepip").quiet().run().is_ok();
    if !is_there() && system::is_debian_root(workspace) {
        system::install(workspace, &["python3-venv"])?;
    }
    if is_there() {
        return Ok(());
    }
    Err(Error::Missing {
        what: format!("{} can't make virtual environments.", python.display()),
        by_hand: "  Debian:     sudo apt-get install python3-venv".to_owned(),
    })
}
