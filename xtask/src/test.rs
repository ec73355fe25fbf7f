//! `test`: sets up what the tests need and runs them, step by step.

use crate::bundle;
use crate::console::step;
use crate::error::Error;
use crate::tools::cargo_tool::CargoTool;
use crate::tools::rust_target::{self, WASM};
use crate::tools::system::{
    self, CHROMEDRIVER, CHROMIUM, FIREFOX, JYTHON, NGINX, PYTHON, SystemTool,
};
use crate::tools::{self, npm, schemathesis};
use crate::workspace::Workspace;
use clap::ValueEnum;
use std::path::PathBuf;
use xshell::cmd;

/// One step, in the order in which they run: the quickest to fail come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Step {
    /// cargo fmt --check
    Fmt,
    /// Clippy, warnings as errors, native and for browsers with each set of features
    Clippy,
    /// The documentation, its links checked
    Doc,
    /// The licences of all dependencies
    Deny,
    /// The bundles in dist/
    Build,
    /// Tests that need no browser
    Native,
    /// The gateway against its own OpenAPI document
    Api,
    /// tests/*.rs in headless browsers
    Browser,
    /// tests/e2e/: real pages against a real gateway
    E2e,
    /// TypeScript against the types in dist/
    Types,
    /// scripting/ under Python 3 and Jython 2.7
    Scripting,
}

/// Runs `steps`, or all when there are none, in their order up to the first that fails.
///
/// # Errors
/// [`Error::Missing`] for what the steps need and can't be installed, [`Error::Step`] for the step that failed.
pub fn run(workspace: &Workspace, steps: &[Step]) -> Result<(), Error> {
    let mut steps = if steps.is_empty() { Step::value_variants().to_vec() } else { steps.to_vec() };
    steps.sort_unstable();
    steps.dedup();

    let mut needed: Vec<SystemTool> = Vec::new();
    for tool in steps.iter().flat_map(|step| step.system_tools()) {
        if !needed.contains(tool) {
            needed.push(*tool);
        }
    }
    system::ensure(workspace, &needed)?;

    for (passed, current) in steps.iter().enumerate() {
        let outcome = step(&format!("step `{}`", current.name()), || current.run(workspace));
        if let Err(source) = outcome {
            println!("\n{passed} passed, 1 failed");
            return Err(Error::Step { step: current.name(), source: Box::new(source) });
        }
    }
    println!("\n{} passed, 0 failed", steps.len());
    Ok(())
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// What the step takes from the system.
    fn system_tools(self) -> &'static [SystemTool] {
        match self {
            // Those behind a proxy run on Linux only.
            Self::Native if cfg!(target_os = "linux") => &[NGINX],
            Self::Browser => &[CHROMIUM, CHROMEDRIVER, FIREFOX],
            Self::E2e => &[CHROMIUM, FIREFOX],
            Self::Api => &[PYTHON],
            Self::Scripting => &[PYTHON, JYTHON],
            _ => &[],
        }
    }

    fn run(self, workspace: &Workspace) -> Result<(), Error> {
        let (shell, quiet) = (&workspace.shell, workspace.quiet());
        match self {
            Self::Fmt => {
                cmd!(shell, "cargo fmt --all --check").run()?;
                cmd!(shell, "cargo fmt --check --manifest-path fuzz/Cargo.toml").run()?;
            }
            Self::Clippy => clippy(workspace)?,
            Self::Doc => cmd!(shell, "cargo doc {quiet...} --workspace --no-deps")
                .env("RUSTDOCFLAGS", "--deny warnings")
                .run()?,
            Self::Deny => {
                CargoTool::cargo_deny().ensure(workspace)?;
                // Not advisories: they change without a change of ours, and come from another host.
                cmd!(
                    shell,
                    "cargo-deny --log-level warn check --hide-inclusion-graph licenses bans sources"
                )
                .run()?;
            }
            Self::Build => bundle::build(workspace)?,
            Self::Native => {
                cmd!(shell, "cargo test {quiet...} --workspace --no-run").run()?;
                cmd!(shell, "cargo test --workspace").run()?;
            }
            Self::Api => api(workspace)?,
            Self::Browser => browser(workspace)?,
            Self::E2e => end_to_end(workspace)?,
            Self::Types => {
                bundle::build(workspace)?;
                npm::ensure(workspace)?;
                let tsc = npm::program(workspace, "tsc")?;
                cmd!(shell, "{tsc} --noEmit --project tests/types").run()?;
            }
            Self::Scripting => {
                let _gateway = shell.push_env("SESSION_GATEWAY_BIN", gateway(workspace)?);
                for python in [PYTHON, JYTHON] {
                    let python = python.path(workspace)?;
                    cmd!(shell, "{python} scripting/tests/run.py").run()?;
                }
            }
        }
        Ok(())
    }
}

fn clippy(workspace: &Workspace) -> Result<(), Error> {
    rust_target::ensure(workspace)?;
    let (shell, quiet) = (&workspace.shell, workspace.quiet());
    cmd!(shell, "cargo clippy {quiet...} --workspace --all-targets -- --deny warnings").run()?;
    // As they are bundled, and as they are tested.
    for features in ["agent", "panel"] {
        cmd!(
            shell,
            "cargo clippy {quiet...} --target {WASM} --no-default-features --features {features}
                -- --deny warnings"
        )
        .run()?;
    }
    cmd!(shell, "cargo clippy {quiet...} --target {WASM} --all-targets -- --deny warnings")
        .run()?;
    Ok(())
}

fn api(workspace: &Workspace) -> Result<(), Error> {
    let schemathesis = schemathesis::ensure(workspace)?;
    let gateway = gateway(workspace)?;
    let (shell, node) = (&workspace.shell, npm::node(workspace)?);
    cmd!(shell, "{node} tests/api/conformance.js")
        .env("SESSION_GATEWAY_BIN", gateway)
        .env("SCHEMATHESIS", schemathesis)
        .run()?;
    Ok(())
}

fn browser(workspace: &Workspace) -> Result<(), Error> {
    tools::ensure_browser_build(workspace)?;
    let geckodriver = CargoTool::geckodriver();
    geckodriver.ensure(workspace)?;
    let (shell, quiet) = (&workspace.shell, workspace.quiet());
    cmd!(shell, "cargo build {quiet...} --tests --target {WASM}").run()?;
    let driver = CHROMEDRIVER.path(workspace)?;
    cmd!(shell, "wasm-pack test --headless --chrome --chromedriver {driver} --mode no-install")
        .run()?;
    let driver = geckodriver.path(workspace)?;
    cmd!(shell, "wasm-pack test --headless --firefox --geckodriver {driver} --mode no-install")
        .run()?;
    Ok(())
}

fn end_to_end(workspace: &Workspace) -> Result<(), Error> {
    let gateway = gateway(workspace)?;
    let peers = bundle::peers::build(workspace, &bundle::peers::INSTRUMENTATION)?;
    let (shell, node) = (&workspace.shell, npm::node(workspace)?);
    // By name, since Node 20 takes a folder here and newer ones take it for a file.
    let tests = tests_in(workspace, "tests/e2e", ".test.js")?;
    cmd!(shell, "{node} --test --test-reporter=spec {tests...}")
        .env("SESSION_GATEWAY_BIN", gateway)
        .env("PEERS", peers)
        .env("CHROMIUM", CHROMIUM.path(workspace)?)
        .env("FIREFOX", FIREFOX.path(workspace)?)
        .run()?;
    Ok(())
}

/// The gateway, with the present dist/ in it, and beside it the example with a clock that tests move.
fn gateway(workspace: &Workspace) -> Result<PathBuf, Error> {
    bundle::build(workspace)?;
    let (shell, quiet) = (&workspace.shell, workspace.quiet());
    cmd!(shell, "cargo build {quiet...} --package session-gateway --bins --examples").run()?;
    Ok(workspace.debug_gateway())
}

/// The files of a folder that end so.
///
/// # Errors
/// [`Error::NoTests`] where there is none.
pub fn tests_in(
    workspace: &Workspace,
    folder: &str,
    suffix: &'static str,
) -> Result<Vec<PathBuf>, Error> {
    let mut tests = workspace.shell.read_dir(folder)?;
    tests.retain(|path| path.to_string_lossy().ends_with(suffix));
    if tests.is_empty() {
        return Err(Error::NoTests { folder: workspace.path(folder), suffix });
    }
    Ok(tests)
}
