//! What whoever starts the gateway wants to open.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::settings::{ReadTokenSource, Settings};

/// Where the gateway listens and what there is to open, a line each.
#[must_use]
pub fn announcement(settings: &Settings, address: SocketAddr) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let mut lines =
        format!("Perspective Session Info gateway is listening on {scheme}://{address}\n");
    let base = format!("{scheme}://{}{}", openable(address), settings.base_path);
    if settings.demo {
        lines += &format!("  demo page       {base}/demo/MyProject\n");
    }
    let fragment = match &settings.read_tokens {
        ReadTokenSource::Minted(token) => format!("#token={}", token.reveal()),
        // Whoever has set a token knows it, and what is printed here may end up in a log.
        ReadTokenSource::Given(_) | ReadTokenSource::File(..) => String::new(),
    };
    lines + &format!("  designer panel  {base}/designer/{fragment}\n")
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
