//! `soak`: in full what is slow by nature and runs reduced in `test`.

use crate::console::step;
use crate::error::Error;
use crate::test::Step;
use crate::workspace::Workspace;
use xshell::cmd;

/// Cases of each property test, which `test` tries 256 times.
const PROPERTY_CASES: &str = "1000000";

/// Runs it all.
///
/// # Errors
/// That of the first part that fails.
pub fn run(workspace: &Workspace) -> Result<(), Error> {
    let shell = &workspace.shell;
    step(&format!("property tests, {PROPERTY_CASES} cases each (about 5 minutes)"), || {
        let _cases = shell.push_env("PROPTEST_CASES", PROPERTY_CASES);
        Ok(cmd!(
            shell,
            "cargo test --release --package perspective-session-info --package session-gateway"
        )
        .run()?)
    })?;
    let _long = shell.push_env("SOAK", "1");
    crate::test::run(workspace, &[Step::E2e])
}
