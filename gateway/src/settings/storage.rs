//! What is kept, where, and for how long.

use std::path::PathBuf;

use clap::Args;

use super::WrongText;

/// What is kept over a restart.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "What is kept")]
pub struct StorageSettings {
    /// Where sessions, their history and the read token are kept; made if need be. Without it all is in memory,
    /// and lost when the gateway ends.
    #[arg(long, env = "SESSION_GATEWAY_DATA_DIR", value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,

    /// How many days a session stays in the history after its end; 0 keeps no history.
    #[arg(long, env = "SESSION_GATEWAY_HISTORY_DAYS", value_name = "DAYS", default_value_t = 30,
        value_parser = history_days)]
    pub history_days: u32,

    /// How many sessions the history holds. Past it the oldest of the address that has the most make room.
    #[arg(long, env = "SESSION_GATEWAY_HISTORY_SESSIONS", value_name = "COUNT", default_value_t = 1_000_000,
        value_parser = history_sessions)]
    pub history_sessions: usize,
}

fn history_days(text: &str) -> Result<u32, WrongText> {
    const MAX: u32 = 36_500;
    let wrong = WrongText("a number of days from 0 to 36500");
    text.parse().ok().filter(|days| *days <= MAX).ok_or(wrong)
}

fn history_sessions(text: &str) -> Result<usize, WrongText> {
    const MAX: usize = 1_000_000_000;
    let wrong = WrongText("a whole number from 1 to 1000000000");
    text.parse().ok().filter(|count| (1..=MAX).contains(count)).ok_or(wrong)
}
