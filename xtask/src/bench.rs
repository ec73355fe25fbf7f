//! `bench`: measures, and prints a table in markdown.

use crate::bundle::{self, peers};
use crate::console::step;
use crate::error::Error;
use crate::tools::npm;
use crate::tools::system::{self, CHROMIUM, NGINX, WRK};
use crate::workspace::Workspace;
use clap::ValueEnum;
use xshell::cmd;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// What the agent costs a page, beside OpenTelemetry, Sentry, Faro and Datadog RUM
    Agent,
    /// What reports and questions cost the gateway, beside nginx and Socket.IO; on Linux
    Gateway,
    /// What the panel takes for many sessions, beside Tabulator and AG Grid Community
    Panel,
}

/// Sets up what the measurement needs, and does it.
///
/// # Errors
/// [`Error::Missing`] for what can't be installed, or that of the program that failed.
pub fn run(workspace: &Workspace, subject: Subject) -> Result<(), Error> {
    match subject {
        Subject::Agent => agent(workspace),
        Subject::Gateway => gateway(workspace),
        Subject::Panel => panel(workspace),
    }
}

fn agent(workspace: &Workspace) -> Result<(), Error> {
    system::ensure(workspace, &[CHROMIUM])?;
    bundle::build(workspace)?;
    let peers = peers::build(workspace, &peers::INSTRUMENTATION)?;
    let (shell, quiet, node) = (&workspace.shell, workspace.quiet(), npm::node(workspace)?);
    step("building the gateway (about 2 minutes at first, then seconds)", || {
        Ok(cmd!(shell, "cargo build {quiet...} --release --package session-gateway").run()?)
    })?;
    step("measuring in Chromium (about 4 minutes; the less else runs, the better)", || {
        Ok(cmd!(shell, "{node} tests/bench/agent.js")
            .env("AGENT", workspace.path("dist/agent"))
            .env("PEERS", peers)
            .env("SESSION_GATEWAY_BIN", workspace.release_gateway())
            .env("CHROMIUM", CHROMIUM.path(workspace)?)
            .run()?)
    })
}

fn gateway(workspace: &Workspace) -> Result<(), Error> {
    system::ensure(workspace, &[NGINX, WRK])?;
    npm::ensure(workspace)?;
    let (shell, quiet, node) = (&workspace.shell, workspace.quiet(), npm::node(workspace)?);
    step("building the gateway (about 2 minutes at first, then seconds)", || {
        Ok(cmd!(
            shell,
            "cargo build {quiet...} --release --package session-gateway --bins --examples"
        )
        .run()?)
    })?;
    step("measuring (5 to 10 minutes; the less else runs, the better)", || {
        Ok(cmd!(shell, "{node} tests/bench/gateway/main.js")
            .env("SESSION_GATEWAY_BIN", workspace.release_gateway())
            .env("NGINX_BIN", NGINX.path(workspace)?)
            .env("WRK_BIN", WRK.path(workspace)?)
            .run()?)
    })
}

fn panel(workspace: &Workspace) -> Result<(), Error> {
    system::ensure(workspace, &[CHROMIUM])?;
    bundle::build(workspace)?;
    let grids = peers::build(workspace, &peers::GRIDS)?;
    let (shell, node) = (&workspace.shell, npm::node(workspace)?);
    step("measuring in Chromium (about 5 minutes; the less else runs, the better)", || {
        Ok(cmd!(shell, "{node} tests/bench/panel/main.js")
            .env("PANEL", workspace.path("dist/panel"))
            .env("GRIDS", grids)
            .env("CHROMIUM", CHROMIUM.path(workspace)?)
            .run()?)
    })
}
