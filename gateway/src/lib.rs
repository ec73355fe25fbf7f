//! The gateway: joins the reports of pages into sessions and answers getSessionInfo.
//!
//! Data flows one way: a report comes in by [`http`], which checks who may ask; [`Gateway`] finds out who
//! the user is and joins the report into the [`registry`]; a question for the sessions reads from it.
//!
//! | module | what it is |
//! |---|---|
//! | [`settings`] | what whoever starts the gateway can set |
//! | [`server`](run) | sockets |
//! | [`http`] | the table of routes: reports, sessions, pages, problems |
//! | [`gateway`] | the gateway without its sockets |
//! | [`registry`] | the live state; pure |
//! | [`limits`] | how much of everything is kept |
//! | [`identity`] | who the user is, by signed tokens |
//! | [`proxy`] | what trusted proxies say: where a request comes from, and whose it is |
//! | [`read_tokens`] | who may read |
//! | [`events`] | the list as it changes, for those who follow it |
//! | `ticker` | what happens four times a second: what time brings about, alerts, events |
//! | [`metrics`], [`alerts`], [`log`] | numbers to watch, what is too many, what is written to stderr |
//! | [`demo`] | a stand-in for a Perspective page: the server side |
//! | [`files`] | the pages and bundles in the binary |
//! | [`origin`], [`secret`], [`clock`] | where a page comes from, what must not be seen, what time it is |

pub mod alerts;
pub mod clock;
pub mod demo;
pub mod events;
pub mod files;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod origin;
pub mod proxy;
pub mod read_tokens;
pub mod registry;
pub mod secret;
mod server;
pub mod settings;
mod ticker;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, lookup_host};

use self::demo::Demo;
pub use self::gateway::{Gateway, Surroundings};
use self::identity::KeySource;
use self::settings::ReadTokenSource;
pub use self::settings::Settings;

/// Listens where the settings say.
///
/// # Errors
/// Why the gateway can not listen there, for a person to read. The demo, where anybody signs in as anybody,
/// listens on loopback only.
pub async fn bind(settings: &Settings) -> io::Result<TcpListener> {
    let listen = &settings.listen;
    let in_words = |error: io::Error| {
        io::Error::new(error.kind(), format!("can not listen on {listen}: {error}"))
    };
    let addresses: Vec<SocketAddr> =
        lookup_host((listen.host.as_str(), listen.port)).await.map_err(in_words)?.collect();
    if !addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) {
        if settings.demo {
            return Err(in_words(io::Error::other("--demo is for loopback only")));
        }
        tracing::warn!(
            "{listen} is not loopback: others on the network can read what is sent in plain HTTP"
        );
    }
    TcpListener::bind(&*addresses).await.map_err(in_words)
}

/// Serves until `shutdown` resolves, then lets requests under way end, for 10 s at most.
pub async fn run(
    listener: TcpListener,
    settings: &Settings,
    surroundings: Surroundings,
    shutdown: impl Future<Output = ()>,
) {
    let gateway = Arc::new(Gateway::new(settings, surroundings));
    let demo = match &settings.identity_keys {
        // The stand-in signs its users in with the very secret that the gateway verifies them by.
        KeySource::Secret(secret) if settings.demo => {
            Some(demo::routes(Demo::new(secret.reveal().into())))
        }
        _ => None,
    };
    gateway.prepare().await;
    let router = http::router(Arc::clone(&gateway), demo);
    let ending = async {
        shutdown.await;
        gateway.ending().cancel();
    };
    tokio::select! {
        () = server::serve(listener, router, ending) => {}
        () = gateway.keep_up() => {}
    }
}

/// What whoever starts the gateway wants to open, a line each.
#[must_use]
pub fn announcement(settings: &Settings, address: SocketAddr) -> String {
    let mut lines = format!("Perspective Session Info gateway is listening on http://{address}\n");
    let host = openable(address);
    if settings.demo {
        lines += &format!("  demo page       http://{host}/demo/MyProject\n");
    }
    let fragment = match &settings.read_tokens {
        ReadTokenSource::Minted(token) => format!("#token={}", token.reveal()),
        // Whoever has set a token knows it, and what is printed here may end up in a log.
        ReadTokenSource::Given(_) | ReadTokenSource::File(..) => String::new(),
    };
    lines + &format!("  designer panel  http://{host}/designer/{fragment}\n")
}

/// "All addresses" is none that a browser could open; loopback is one of them.
fn openable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(flags: &[&str], address: &str) -> String {
        let settings = Settings::read(["session-gateway"].iter().chain(flags)).unwrap();
        announcement(&settings, address.parse().unwrap())
    }

    #[test]
    fn the_links_are_printed_with_the_real_port_and_without_a_token_that_was_given() {
        assert_eq!(
            lines(&["--demo", "--read-token", "a+b=="], "127.0.0.1:50001"),
            "Perspective Session Info gateway is listening on http://127.0.0.1:50001\n\
             \x20 demo page       http://127.0.0.1:50001/demo/MyProject\n\
             \x20 designer panel  http://127.0.0.1:50001/designer/\n"
        );
    }

    #[test]
    fn a_token_that_was_made_is_printed() {
        let lines = lines(&[], "127.0.0.1:50001");
        let (_, token) = lines.split_once("http://127.0.0.1:50001/designer/#token=").unwrap();
        assert_eq!(token.trim_end().len(), 32);
    }

    #[test]
    fn a_link_can_be_opened_also_where_all_addresses_are_listened_on() {
        let lines = lines(&["--read-token", "t"], "[::]:1");
        assert!(
            lines.starts_with("Perspective Session Info gateway is listening on http://[::]:1\n")
        );
        assert!(lines.ends_with("\n  designer panel  http://[::1]:1/designer/\n"), "{lines}");
    }
}
