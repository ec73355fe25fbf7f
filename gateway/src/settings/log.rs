//! What is written to the log, and how.

use clap::{Args, ValueEnum};
use tracing_subscriber::filter::Targets;

/// What is written to the log, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// How bad or how detailed an event has to be: off, error, warn, info, debug or trace; for some modules
    /// otherwise: info,session_gateway::http=debug.
    #[arg(long, env = "SESSION_GATEWAY_LOG", value_name = "LEVEL", default_value = "info")]
    pub log: Targets,

    /// How a line of the log is written.
    #[arg(long, env = "SESSION_GATEWAY_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: an object a line, with `time`, `level`, `target`, `message` and what the event adds.
    Json,
}
