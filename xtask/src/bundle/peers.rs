//! Other people's software of the same kind, bundled as ours is, for the tests and for `bench`.

use super::{ESBUILD, minify};
use crate::console::{ready, step};
use crate::error::Error;
use crate::freshness::{self, is_fresh};
use crate::tools::npm;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::time::SystemTime;
use xshell::cmd;

/// Peers of one kind.
pub struct Peers {
    /// What they are called on the console, and their folder in cargo's target folder.
    name: &'static str,
    /// Where their modules stand, one each; what they share is in folders below.
    folder: &'static str,
    /// esbuild's name for what becomes of them.
    format: &'static str,
    /// Further arguments for esbuild.
    options: &'static [&'static str],
}

/// Instrumentation of pages, as the agent is.
pub const INSTRUMENTATION: Peers =
    Peers { name: "peers", folder: "tests/peers", format: "iife", options: &[] };

/// Grids, as the panel's list is, and the panel itself with the same interface for measurement.
pub const GRIDS: Peers = Peers {
    name: "grids",
    folder: "tests/bench/panel/grids",
    format: "esm",
    options: &["--loader:.css=text", "--external:/panel/index.js"],
};

/// Makes a script of each module in the peers' folder, unless no input changed since, and says where.
///
/// # Errors
/// That of npm or of esbuild.
pub fn build(workspace: &Workspace, peers: &Peers) -> Result<PathBuf, Error> {
    let &Peers { name, folder, format, options } = peers;
    let shell = &workspace.shell;
    npm::ensure(workspace)?;
    let made = workspace.target(name);
    let stamp = made.join("made");
    let inputs = [folder, "package-lock.json", "xtask/src/bundle"];
    if is_fresh(&stamp, &inputs.map(|input| workspace.path(input)))? {
        ready(&format!("the {name} are up to date"));
        return Ok(made);
    }
    step(&format!("bundling the {name} (seconds)"), || {
        let start = SystemTime::now();
        let esbuild = npm::program(workspace, "esbuild")?;
        let mut modules = shell.read_dir(folder)?;
        modules.retain(|module| module.is_file());
        shell.remove_path(&made)?;
        cmd!(
            shell,
            "{esbuild} {modules...} --outdir={made} --format={format} {options...} {ESBUILD...}"
        )
        .run()?;
        for script in shell.read_dir(&made)? {
            minify(workspace, &script, format == "esm")?;
        }
        freshness::stamp(&stamp, start)
    })?;
    Ok(made)
}
