//! `soak`: in full what is slow by nature and runs reduced in `test`.

use crate::console::step;
use crate::error::Error;
use crate::test::{self, Step};
use crate::tools::cargo_tool::CargoTool;
use crate::workspace::Workspace;
use std::path::Path;
use xshell::cmd;

/// Cases of each property test, which `test` tries 256 times.
const PROPERTY_CASES: &str = "1000000";
/// How long each target is fuzzed.
const FUZZ_SECONDS: &str = "300";
/// The longest input that is made up, in bytes. Beyond it there is only more of the same.
const FUZZ_BYTES: &str = "8192";

/// Runs it all.
///
/// # Errors
/// That of the first part that fails.
pub fn run(workspace: &Workspace) -> Result<(), Error> {
    let shell = &workspace.shell;
    let _long = shell.push_env("SOAK", "1");
    step(&format!("property tests, {PROPERTY_CASES} cases each (about 5 minutes)"), || {
        let _cases = shell.push_env("PROPTEST_CASES", PROPERTY_CASES);
        Ok(cmd!(
            shell,
            "cargo test --release --package perspective-session-info --package session-gateway"
        )
        .run()?)
    })?;
    fuzz(workspace)?;
    test::run(workspace, &[Step::E2e])
}

/// Runs each target of cargo-fuzz, from its corpus on. What is found new is kept apart from that.
fn fuzz(workspace: &Workspace) -> Result<(), Error> {
    CargoTool::cargo_fuzz().ensure(workspace)?;
    let shell = &workspace.shell;
    // cargo-fuzz has the compiler do what it does not promise to do the same way tomorrow.
    let _unstable = shell.push_env("RUSTC_BOOTSTRAP", "1");
    let folder = workspace.target("fuzz");
    for target in test::tests_in(workspace, "fuzz/fuzz_targets", ".rs")? {
        let target = target.file_stem().map(Path::new).unwrap_or(&target);
        let corpus = Path::new("fuzz/corpus").join(target);
        let found = folder.join("corpus").join(target);
        shell.create_dir(&found)?;
        step(&format!("fuzzing `{}` for {FUZZ_SECONDS} s", target.display()), || {
            // No sanitizer: there is no unsafe code of ours for it to look at.
            Ok(cmd!(
                shell,
                "cargo fuzz run --sanitizer none --target-dir {folder} {target} {found} {corpus} --
                    -max_total_time={FUZZ_SECONDS} -max_len={FUZZ_BYTES} -print_final_stats=1"
            )
            .run()?)
        })?;
    }
    Ok(())
}
