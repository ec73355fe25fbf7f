//! `cargo xtask run | test | build | bench | soak`: builds, starts and checks the project.
//!
//! | module | what it is |
//! |---|---|
//! | [`args`] | the command line |
//! | [`run`], [`mod@test`], [`mod@bench`], [`soak`] | one command each |
//! | [`bundle`] | `build`: what browsers load, in dist/ |
//! | [`tools`] | finds or installs what the commands need beyond Rust and Node |
//! | [`workspace`], [`lockfile`], [`freshness`], [`console`], [`error`] | what they share |

mod args;
mod bench;
mod bundle;
mod console;
mod error;
mod freshness;
mod lockfile;
mod run;
mod soak;
mod test;
mod tools;
mod workspace;

use args::{Args, Command};
use clap::Parser;
use error::Error;
use std::process::ExitCode;
use workspace::Workspace;

fn main() -> ExitCode {
    match execute(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<(), Error> {
    let workspace = Workspace::open()?;
    match command {
        Command::Run { gateway } => run::run(&workspace, gateway),
        Command::Test { steps } => test::run(&workspace, &steps),
        Command::Build => bundle::build(&workspace),
        Command::Bench { subject } => bench::run(&workspace, subject),
        Command::Soak => soak::run(&workspace),
    }
}
