//! How much of everything the gateway takes at most, all in one place. Each is a setting.
//!
//! Past a limit the answer is 429 (this client) or 503 (the gateway) and says when to try again; all others
//! go on. Of IPv6 a network of 64 bits counts as one address. The defaults admit a plant of a thousand
//! browsers behind one address that report all at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Args;
use perspective_session_info::report::{FieldBounds, MAX_REPORT_BYTES};

use crate::settings::{WrongText, duration};

/// All limits.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Sessions in all, ended ones that can be reopened included. A new session takes the place of the one
    /// that ended longest ago; where none has ended, it is refused.
    #[arg(long, env = "SESSION_GATEWAY_SESSIONS", value_name = "COUNT", default_value_t = Limits::DEFAULT.sessions,
        value_parser = at_least_one)]
    pub sessions: usize,

    /// Sessions that one address has open.
    #[arg(long, env = "SESSION_GATEWAY_SESSIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = Limits::DEFAULT.sessions_per_address,
        value_parser = at_least_one)]
    pub sessions_per_address: usize,

    /// Pages that one session has open.
    #[arg(long, env = "SESSION_GATEWAY_PAGES_PER_SESSION", value_name = "COUNT", default_value_t = Limits::DEFAULT.pages_per_session,
        value_parser = at_least_one)]
    pub pages_per_session: usize,

    /// Loads of one session that are kept apart. Past it those that ended longest ago are folded into one
    /// sum.
    #[arg(long, env = "SESSION_GATEWAY_LOADS_PER_SESSION", value_name = "COUNT", default_value_t = Limits::DEFAULT.loads_per_session,
        value_parser = at_least_one)]
    pub loads_per_session: usize,

    /// Reports a second of one session, in the long run; at once it may send ten times as many.
    #[arg(long, env = "SESSION_GATEWAY_REPORTS_PER_SECOND_PER_SESSION", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.reports_per_second_per_session, value_parser = at_least_one)]
    pub reports_per_second_per_session: usize,

    /// Reports a second of one address that are not those of its open sessions: new sessions, and all that is
    /// refused. At once it may send ten times as many.
    #[arg(long, env = "SESSION_GATEWAY_REPORTS_PER_SECOND_PER_ADDRESS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.reports_per_second_per_address, value_parser = at_least_one)]
    pub reports_per_second_per_address: usize,

    /// The longest report, in bytes.
    #[arg(long, env = "SESSION_GATEWAY_REPORT_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.report_bytes, value_parser = at_least_one)]
    pub report_bytes: usize,

    /// The longest project, session id, page id and load id in a report, in bytes of UTF-8.
    #[arg(long, env = "SESSION_GATEWAY_ID_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.id_bytes, value_parser = at_least_one)]
    pub id_bytes: usize,

    /// The longest user agent in a report, in bytes of UTF-8.
    #[arg(long, env = "SESSION_GATEWAY_USER_AGENT_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.user_agent_bytes, value_parser = at_least_one)]
    pub user_agent_bytes: usize,

    /// The longest path in a report, in bytes of UTF-8.
    #[arg(long, env = "SESSION_GATEWAY_PATH_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.path_bytes, value_parser = at_least_one)]
    pub path_bytes: usize,

    /// The longest identity token, in bytes.
    #[arg(long, env = "SESSION_GATEWAY_TOKEN_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.token_bytes, value_parser = at_least_one)]
    pub token_bytes: usize,

    /// Subscribers to events at one time.
    #[arg(long, env = "SESSION_GATEWAY_EVENT_SUBSCRIBERS", value_name = "COUNT", default_value_t = Limits::DEFAULT.event_subscribers,
        value_parser = at_least_one)]
    pub event_subscribers: usize,

    /// Connections at one time.
    #[arg(long, env = "SESSION_GATEWAY_CONNECTIONS", value_name = "COUNT", default_value_t = Limits::DEFAULT.connections,
        value_parser = at_least_one)]
    pub connections: usize,

    /// Connections of one address at one time. Trusted proxies may take them all.
    #[arg(long, env = "SESSION_GATEWAY_CONNECTIONS_PER_ADDRESS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.connections_per_address, value_parser = at_least_one)]
    pub connections_per_address: usize,

    /// The longest headers of a request, in bytes.
    #[arg(long, env = "SESSION_GATEWAY_HEADER_BYTES", value_name = "BYTES", default_value_t = Limits::DEFAULT.header_bytes,
        value_parser = header_bytes)]
    pub header_bytes: usize,

    /// How long a request's headers may take, and a TLS handshake, and how long a connection may be idle
    /// between requests.
    #[arg(long, env = "SESSION_GATEWAY_HEADER_TIMEOUT", value_name = "DURATION", default_value = "30s",
        value_parser = timeout)]
    pub header_timeout: Duration,

    /// How long a request's body may take.
    #[arg(long, env = "SESSION_GATEWAY_BODY_TIMEOUT", value_name = "DURATION", default_value = "10s",
        value_parser = timeout)]
    pub body_timeout: Duration,

    /// How long a client may take nothing of its answer.
    #[arg(long, env = "SESSION_GATEWAY_WRITE_TIMEOUT", value_name = "DURATION", default_value = "30s",
        value_parser = timeout)]
    pub write_timeout: Duration,
}

impl Limits {
    /// What holds where nothing else is set.
    const DEFAULT: Self = Self {
        sessions: 100_000,
        sessions_per_address: 5_000,
        pages_per_session: 256,
        loads_per_session: 64,
        reports_per_second_per_session: 50,
        reports_per_second_per_address: 500,
        report_bytes: MAX_REPORT_BYTES,
        id_bytes: FieldBounds::DEFAULT.id,
        user_agent_bytes: FieldBounds::DEFAULT.user_agent,
        path_bytes: FieldBounds::DEFAULT.path,
        token_bytes: FieldBounds::DEFAULT.token,
        event_subscribers: 64,
        connections: 10_000,
        connections_per_address: 4_000,
        header_bytes: 64 * 1024,
        header_timeout: Duration::from_secs(30),
        body_timeout: Duration::from_secs(10),
        write_timeout: Duration::from_secs(30),
    };

    /// How long the fields of a report can be.
    #[must_use]
    pub const fn fields(&self) -> FieldBounds {
        FieldBounds {
            id: self.id_bytes,
            user_agent: self.user_agent_bytes,
            path: self.path_bytes,
            token: self.token_bytes,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A limit of none would be a gateway that does nothing.
fn at_least_one(text: &str) -> Result<usize, WrongText> {
    const COUNTS: RangeInclusive<usize> = 1..=u32::MAX as usize;
    let wrong = WrongText("a whole number, 1 or more");
    text.parse().ok().filter(|count| COUNTS.contains(count)).ok_or(wrong)
}

/// hyper reads no request with less.
fn header_bytes(text: &str) -> Result<usize, WrongText> {
    const BYTES: RangeInclusive<usize> = 8 * 1024..=1024 * 1024;
    let wrong = WrongText("a number of bytes from 8192 to 1048576");
    text.parse().ok().filter(|bytes| BYTES.contains(bytes)).ok_or(wrong)
}

fn timeout(text: &str) -> Result<Duration, WrongText> {
    const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(600);
    duration(text, TIMEOUTS).ok_or(WrongText("a duration from 1ms to 10min, such as 30s"))
}

#[cfg(test)]
mod tests {
    use clap::{FromArgMatches as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn what_is_documented_as_a_default_is_the_default() {
        let matches = <Line as clap::CommandFactory>::command().get_matches_from(["gateway"]);
        assert_eq!(Line::from_arg_matches(&matches).unwrap().limits, Limits::default());
    }

    #[test]
    fn a_limit_of_none_is_refused() {
        for flag in ["--sessions=0", "--connections=-1", "--body-timeout=0s", "--header-bytes=100"]
        {
            let error = Line::try_parse_from(["gateway", flag]).err().unwrap().to_string();
            assert!(error.contains(flag.split('=').next().unwrap()), "{error}");
        }
    }
}
