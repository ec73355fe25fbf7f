//! `run`: builds everything and starts the gateway.

use crate::bundle;
use crate::console::step;
use crate::error::Error;
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::process::Command;
use xshell::cmd;

/// Starts the gateway in the foreground with its demo page; `arguments` are the user's for it.
///
/// # Errors
/// That of the build, or of the gateway when it could not start or ended with an error.
pub fn run(workspace: &Workspace, arguments: Vec<OsString>) -> Result<(), Error> {
    bundle::build(workspace)?;
    let (shell, quiet) = (&workspace.shell, workspace.quiet());
    step("building the gateway (about 2 minutes at first, then seconds)", || {
        Ok(cmd!(shell, "cargo build {quiet...} --release --package session-gateway").run()?)
    })?;
    let arguments = with_demo(arguments);
    println!("==> starting the gateway (Ctrl-C ends it)\n");
    foreground(
        cmd!(shell, "cargo run --quiet --release --package session-gateway -- {arguments...}")
            .into(),
    )
}

fn with_demo(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if !arguments.iter().any(|argument| argument == "--demo") {
        arguments.insert(0, "--demo".into());
    }
    arguments
}

/// Becomes the program (as `cargo run` does in turn), so that a signal meant for us reaches the gateway.
#[cfg(unix)]
fn foreground(mut program: Command) -> Result<(), Error> {
    use std::os::unix::process::CommandExt;
    Err(Error::file("cargo")(program.exec()))
}

/// Waits for the program; Ctrl-C reaches all that share the console.
#[cfg(not(unix))]
fn foreground(mut program: Command) -> Result<(), Error> {
    let status = program.status().map_err(Error::file("cargo"))?;
    if status.success() { Ok(()) } else { Err(Error::Gateway(status)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn the_demo_page_is_asked_for_before_the_arguments_of_the_user() {
        assert_eq!(with_demo(arguments("--listen [::1]:0")), arguments("--demo --listen [::1]:0"));
    }

    #[test]
    fn a_demo_that_the_user_asks_for_is_asked_for_once() {
        assert_eq!(with_demo(arguments("--demo")), arguments("--demo"));
    }
}
