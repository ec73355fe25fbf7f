//! The command line.

use crate::bench::Subject;
use crate::test::Step;
use clap::{Parser, Subcommand};
use std::ffi::OsString;

/// Builds, starts and checks Perspective Session Info.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `cargo xtask` can do.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Build everything and start the gateway with its demo page, on 127.0.0.1:8188
    Run {
        /// Goes to the gateway, as in `cargo xtask run -- --listen 127.0.0.1:9000`
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "GATEWAY ARGUMENT"
        )]
        gateway: Vec<OsString>,
    },
    /// Set up what the tests need, and run them: all steps, or those named
    Test {
        /// Which steps; they run in the order of this list, and all of them when none is named
        #[arg(value_enum, value_name = "STEP")]
        steps: Vec<Step>,
    },
    /// Build what browsers load into dist/
    Build,
    /// Measure, and print a table in markdown
    Bench {
        /// What to measure
        #[arg(value_enum)]
        subject: Subject,
    },
    /// Run in full what is slow by nature and runs reduced in `test`
    Soak,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parsed(line: &str) -> Command {
        let words = std::iter::once("cargo xtask").chain(line.split_whitespace());
        Args::try_parse_from(words).unwrap().command
    }

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn arguments_after_two_dashes_go_to_the_gateway() {
        let gateway = vec!["--listen".into(), "127.0.0.1:0".into()];
        assert_eq!(parsed("run -- --listen 127.0.0.1:0"), Command::Run { gateway });
    }

    #[test]
    fn arguments_without_the_dashes_go_to_the_gateway_too() {
        let gateway = vec!["--session-timeout".into(), "5s".into()];
        assert_eq!(parsed("run --session-timeout 5s"), Command::Run { gateway });
    }

    #[test]
    fn test_takes_steps_by_name() {
        let steps = vec![Step::Fmt, Step::E2e];
        assert_eq!(parsed("test fmt e2e"), Command::Test { steps });
    }

    #[test]
    fn bench_takes_one_subject() {
        assert_eq!(parsed("bench agent"), Command::Bench { subject: Subject::Agent });
        assert!(Args::try_parse_from(["cargo xtask", "bench"]).is_err());
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_list_of_steps() {
        let refusal = Args::try_parse_from(["cargo xtask", "test", "everything"]).unwrap_err();
        let refusal = refusal.to_string();
        assert!(refusal.contains("everything") && refusal.contains("scripting"), "{refusal}");
    }
}
