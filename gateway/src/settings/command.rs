//! What the program is asked to do: to serve, or something else.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{Flags, Settings, SettingsError};

/// What the program is asked to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// To serve.
    Serve(Box<Settings>),
    /// To delete a user's history.
    ForgetUser(ForgetUser),
}

/// Whose history is to be deleted, and where.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct ForgetUser {
    /// The user, spelled as in the history.
    pub username: String,

    /// The gateway's data directory.
    #[arg(long, env = "SESSION_GATEWAY_DATA_DIR", value_name = "DIRECTORY")]
    pub data_dir: PathBuf,
}

#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Delete a user's history, also while the gateway runs. Sessions of theirs that are open are not touched,
    /// and become history when they end.
    ForgetUser(ForgetUser),
}

impl Task {
    /// Reads a command line, its first word the program's name, and the environment.
    ///
    /// # Errors
    /// What is wrong and where; or that the command line asks for help or the version.
    pub fn read(
        command_line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, SettingsError> {
        let CommandLine { command, flags } = CommandLine::try_parse_from(command_line)?;
        match command {
            Some(Command::ForgetUser(whose)) => Ok(Self::ForgetUser(whose)),
            None => Ok(Self::Serve(Box::new(Settings::of(flags)?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(words: &[&str]) -> Result<Task, SettingsError> {
        Task::read(["session-gateway"].iter().chain(words))
    }

    #[test]
    fn without_a_command_it_serves() {
        assert!(matches!(task(&["--demo"]), Ok(Task::Serve(settings)) if settings.demo));
    }

    #[test]
    fn a_users_history_is_forgotten_by_a_command() {
        let whose = ForgetUser { username: "billy".into(), data_dir: "/data".into() };
        let read = task(&["forget-user", "billy", "--data-dir", "/data"]);
        assert!(matches!(read, Ok(Task::ForgetUser(read)) if read == whose));
    }

    #[test]
    fn a_command_takes_no_flags_of_the_gateways() {
        for words in [
            &["forget-user", "billy"][..],
            &["forget-user", "--data-dir", "/data"],
            &["--demo", "forget-user", "billy", "--data-dir", "/data"],
            &["forget-user", "billy", "--data-dir", "/data", "--demo"],
        ] {
            assert!(matches!(task(words), Err(SettingsError::Usage(_))), "{words:?}");
        }
    }
}
