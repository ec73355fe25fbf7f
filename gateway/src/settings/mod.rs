//! What whoever starts the gateway can set: flags, and environment variables of the same name.
//!
//! | module | what it is |
//! |---|---|
//! | `listen`, `base_path` | where to listen, with which certificate, and below which path |
//! | `identity` | whose tokens say who the user is |
//! | `proxy` | which proxies are believed |
//! | `secrets` | read tokens and secrets, also from files |
//! | `storage` | what is kept, where, for how long |
//! | `command` | what the program can do instead of to serve |
//! | `alerts` | from how many on somebody wants to know |
//! | `log` | what is written to the log, and how |
//! | [`limits`](crate::limits) | how much of everything |
//! | `text`, `error` | what a setting's text has to be, and what is wrong with it |

mod alerts;
mod base_path;
mod command;
mod error;
mod identity;
mod listen;
mod log;
mod proxy;
mod secrets;
mod storage;
mod text;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::BoolishValueParser;

pub use self::alerts::AlertSettings;
pub use self::base_path::BasePath;
pub use self::command::{ForgetUser, Task};
pub use self::error::SettingsError;
use self::identity::IdentityFlags;
pub use self::listen::{Listen, TlsFiles};
pub use self::log::{LogFormat, LogSettings};
use self::proxy::ProxyFlags;
use self::secrets::ReadTokenFlags;
pub use self::secrets::ReadTokenSource;
pub(crate) use self::secrets::{MAX_FILE_BYTES, read_text};
pub use self::storage::StorageSettings;
pub use self::text::WrongText;
pub(crate) use self::text::duration;
use crate::identity::KeySource;
use crate::identity::claims::Rules;
use crate::limits::Limits;
use crate::origin::Origin;
use crate::proxy::Proxies;
use crate::secret::Secret;

/// The flags as they are given. Secrets are of a type that takes any text, because clap repeats a value
/// that does not parse.
#[derive(Parser)]
#[command(
    name = "session-gateway",
    version,
    about = "Keeps the registry of Perspective sessions and answers getSessionInfo."
)]
struct Flags {
    /// Where to listen. Port 0 takes a free one. Beyond loopback it takes TLS or --allow-plain-http.
    #[arg(
        long,
        env = "SESSION_GATEWAY_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8188"
    )]
    listen: Listen,

    /// The path below which the gateway answers, such as /session-info, where a proxy serves other things beside
    /// it. The proxy passes requests on with their path as it is.
    #[arg(
        long,
        env = "SESSION_GATEWAY_BASE_PATH",
        value_name = "PATH",
        default_value = "",
        hide_default_value = true,
        conflicts_with = "demo"
    )]
    base_path: BasePath,

    /// A file with the certificate for TLS, and those that lead from it towards a root, in PEM. It is read again
    /// within a minute when it is renewed.
    #[arg(
        long,
        env = "SESSION_GATEWAY_TLS_CERT_FILE",
        value_name = "FILE",
        requires = "tls_key_file"
    )]
    tls_cert_file: Option<PathBuf>,

    /// A file with the certificate's private key, in PEM.
    #[arg(
        long,
        env = "SESSION_GATEWAY_TLS_KEY_FILE",
        value_name = "FILE",
        requires = "tls_cert_file"
    )]
    tls_key_file: Option<PathBuf>,

    /// Listen beyond loopback without TLS: whoever is on the network can read the read token, the users' tokens
    /// and the sessions, and alter them. For where a proxy on another computer does TLS.
    #[arg(
        long,
        env = "SESSION_GATEWAY_ALLOW_PLAIN_HTTP",
        value_parser = BoolishValueParser::new()
    )]
    allow_plain_http: bool,

    /// Another origin whose pages may report and read, such as http://plant.example:8088. Several: repeat, or
    /// put commas between.
    #[arg(
        long,
        env = "SESSION_GATEWAY_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    allow_origin: Vec<Origin>,

    /// How long a session without a page is kept.
    #[arg(
        long,
        env = "SESSION_GATEWAY_SESSION_TIMEOUT",
        value_name = "DURATION",
        default_value = "60s",
        value_parser = session_timeout
    )]
    session_timeout: Duration,

    /// Serve a stand-in for a Perspective page at /demo/{project}, where anybody signs in as anybody.
    /// On loopback only, and with an identity secret of its own.
    #[arg(
        long,
        env = "SESSION_GATEWAY_DEMO",
        value_parser = BoolishValueParser::new(),
        conflicts_with = "identity_key"
    )]
    demo: bool,

    #[command(flatten)]
    read_tokens: ReadTokenFlags,

    #[command(flatten)]
    identity: IdentityFlags,

    #[command(flatten)]
    proxies: ProxyFlags,

    #[command(flatten)]
    storage: StorageSettings,

    #[command(flatten)]
    limits: Limits,

    #[command(flatten)]
    alerts: AlertSettings,

    #[command(flatten)]
    log: LogSettings,
}

/// What the gateway was told, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: Listen,
    /// Below which path to answer.
    pub base_path: BasePath,
    /// What TLS is done with; plain HTTP without it.
    pub tls: Option<TlsFiles>,
    /// Whether to listen beyond loopback without TLS.
    pub allow_plain_http: bool,
    /// Who gives one of these tokens may read all sessions.
    pub read_tokens: ReadTokenSource,
    /// What identity tokens are verified with.
    pub identity_keys: KeySource,
    /// What identity tokens have to claim.
    pub identity_rules: Rules,
    /// Which proxies are believed, and what.
    pub proxies: Proxies,
    /// Origins whose pages may report and read, besides the gateway's own.
    pub allowed_origins: Vec<Origin>,
    /// How long a session without a page is kept.
    pub session_timeout: Duration,
    /// Whether the stand-in for a Perspective page is served.
    pub demo: bool,
    /// What is kept over a restart.
    pub storage: StorageSettings,
    /// How much of everything the gateway takes at most.
    pub limits: Limits,
    /// From how many on somebody wants to know.
    pub alerts: AlertSettings,
    /// What is written to the log, and how.
    pub log: LogSettings,
}

impl Settings {
    /// Reads a command line, its first word the program's name, and the environment.
    ///
    /// # Errors
    /// What is wrong and where; or that the command line asks for help or the version.
    pub fn read(
        command_line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, SettingsError> {
        Self::of(Flags::try_parse_from(command_line)?)
    }

    fn of(flags: Flags) -> Result<Self, SettingsError> {
        let (mut identity_keys, identity_rules) = flags.identity.read()?;
        if flags.demo {
            identity_keys = KeySource::Secret(Secret::mint()?);
        }
        Ok(Self {
            listen: flags.listen,
            base_path: flags.base_path,
            tls: flags
                .tls_cert_file
                .zip(flags.tls_key_file)
                .map(|(cert, key)| TlsFiles { cert, key }),
            allow_plain_http: flags.allow_plain_http,
            read_tokens: flags.read_tokens.read(flags.storage.data_dir.as_deref())?,
            identity_keys,
            identity_rules,
            proxies: flags.proxies.read(),
            allowed_origins: flags.allow_origin,
            session_timeout: flags.session_timeout,
            demo: flags.demo,
            storage: flags.storage,
            limits: flags.limits,
            alerts: flags.alerts,
            log: flags.log,
        })
    }
}

fn session_timeout(text: &str) -> Result<Duration, WrongText> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    duration(text, Duration::from_secs(1)..=30 * DAY)
        .ok_or(WrongText("a duration from 1s to 30days, such as 90s or 5min"))
}

#[cfg(test)]
mod tests {
    use super::secrets::MIN_IDENTITY_SECRET_BYTES;
    use super::*;

    fn settings(flags: &[&str]) -> Result<Settings, SettingsError> {
        Settings::read(["session-gateway"].iter().chain(flags))
    }

    fn error(flags: &[&str]) -> String {
        settings(flags).unwrap_err().to_string()
    }

    #[test]
    fn unless_told_otherwise_it_listens_on_loopback_with_a_token_of_its_own() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8188");
        let ReadTokenSource::Minted(token) = settings.read_tokens else { panic!("none is given") };
        assert_eq!(token.reveal().len(), 32);
        assert!(matches!(settings.identity_keys, KeySource::None));
        assert!(!settings.proxies.trusts([127, 0, 0, 1].into()));
        assert!(settings.allowed_origins.is_empty());
        assert_eq!(settings.session_timeout, Duration::from_secs(60));
        assert!(!settings.demo);
    }

    #[test]
    fn the_demo_signs_with_a_secret_of_its_own_and_takes_no_other() {
        let secret = || match settings(&["--demo"]).unwrap().identity_keys {
            KeySource::Secret(secret) => secret.reveal().to_owned(),
            other => panic!("{other:?}"),
        };
        assert_ne!(secret(), secret());
        let given = "x".repeat(MIN_IDENTITY_SECRET_BYTES);
        let error = error(&["--demo", "--identity-secret", &given]);
        assert!(error.contains("--demo") && error.contains("--identity-secret"), "{error}");
        assert!(!error.contains(&given), "{error}");
    }

    #[test]
    fn where_to_listen_is_an_address_or_a_name_with_a_port() {
        for text in ["127.0.0.1:0", "[::1]:8188", "localhost:1", "plant-pc.example:65535"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in
            ["", ":1", "127.0.0.1", "localhost:", "localhost:65536", "::1:1", "[x]:1", "http://a:1"]
        {
            assert!(error(&["--listen", text]).contains("--listen"), "{text}");
        }
    }

    #[test]
    fn origins_are_repeated_or_separated_by_commas() {
        let settings =
            settings(&["--allow-origin", "http://a,https://b:1", "--allow-origin", "http://c"])
                .unwrap();
        let origins: Vec<_> = settings.allowed_origins.iter().map(Origin::to_string).collect();
        assert_eq!(origins, ["http://a", "https://b:1", "http://c"]);
        for text in ["*", "null", "http://a/b", ""] {
            assert!(error(&["--allow-origin", text]).contains("--allow-origin"), "{text}");
        }
    }

    #[test]
    fn a_timeout_is_written_with_its_unit() {
        let timeout = |text| settings(&["--session-timeout", text]).unwrap().session_timeout;
        assert_eq!(timeout("5min"), Duration::from_secs(300));
        for text in ["60", "0s", "999ms", "31days", "-1s", "", "soon"] {
            let flag = format!("--session-timeout={text}");
            assert!(error(&[&flag]).contains("--session-timeout <DURATION>"), "{text}");
        }
    }

    #[test]
    fn a_secret_that_can_not_be_one_is_refused_and_not_shown() {
        for (flag, secret) in [
            ("--read-token", ""),
            ("--read-token", "two words"),
            ("--read-token", "=="),
            ("--read-token", "pässword"),
            ("--identity-secret", ""),
            ("--identity-secret", "too short"),
        ] {
            let error = error(&[flag, secret]);
            let variable = flag[2..].replace('-', "_").to_uppercase();
            assert!(
                error.contains(flag) && error.contains(&format!("SESSION_GATEWAY_{variable}")),
                "{error}"
            );
            assert!(secret.is_empty() || secret == "==" || !error.contains(secret), "{error}");
        }
    }

    #[test]
    fn a_secret_is_given_once() {
        let error = error(&["--read-token", "seen", "--read-token-file", "/nowhere"]);
        assert!(error.contains("--read-token-file"), "{error}");
        assert!(!error.contains("seen"), "{error}");
    }

    #[test]
    fn a_file_that_can_not_be_read_is_named() {
        let error = error(&["--identity-secret-file", "/no/such\nfile"]);
        assert!(
            error.contains("--identity-secret-file") && error.contains(r"/no/such\nfile"),
            "{error}"
        );
    }
}
