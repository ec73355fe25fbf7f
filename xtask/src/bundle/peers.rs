//! Other people's instrumentation, bundled as the agent is, for the tests and for `bench`.

use super::{ESBUILD, minify};
use crate::console::{ready, step};
use crate::error::Error;
use crate::freshness::{self, is_fresh};
use crate::tools::npm;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::time::SystemTime;
use xshell::cmd;

/// Makes a script of each module in tests/peers/, unless no input changed since, and says where.
///
/// # Errors
/// That of npm or of esbuild.
pub fn build(workspace: &Workspace) -> Result<PathBuf, Error> {
    let shell = &workspace.shell;
    npm::ensure(workspace)?;
    let made = workspace.target("peers");
    let stamp = made.join("made");
    let inputs = ["tests/peers", "package-lock.json", "xtask/src/bundle"];
    if is_fresh(&stamp, &inputs.map(|input| workspace.path(input)))? {
        ready("the peers are up to date");
        return Ok(made);
    }
    step("bundling the peers (seconds)", || {
        let start = SystemTime::now();
        let esbuild = npm::program(workspace, "esbuild")?;
        let peers = shell.read_dir("tests/peers")?;
        shell.remove_path(&made)?;
        cmd!(shell, "{esbuild} {peers...} --outdir={made} --format=iife {ESBUILD...}").run()?;
        for script in shell.read_dir(&made)? {
            minify(workspace, &script, false)?;
        }
        freshness::stamp(&stamp, start)
    })?;
    Ok(made)
}
