//! Which proxies are believed, and what they are believed.

use axum::http::HeaderName;
use clap::Args;

use super::WrongText;
use crate::proxy::{AddressHeader, Network, Proxies, UserHeader};

/// Proxies in front of the gateway.
#[derive(Args)]
#[command(next_help_heading = "Proxies")]
pub(super) struct ProxyFlags {
    /// The network of proxies that are believed where a request comes from, such as 10.0.0.0/8; or one address.
    /// Several: repeat, or put commas between.
    #[arg(
        long,
        env = "SESSION_GATEWAY_TRUSTED_PROXY",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    trusted_proxy: Vec<Network>,

    /// The header in which trusted proxies say where a request comes from. Only one is read: a proxy that writes one
    /// may pass the other on as the client sent it.
    #[arg(
        long,
        env = "SESSION_GATEWAY_CLIENT_ADDRESS_HEADER",
        value_name = "HEADER",
        default_value = "x-forwarded-for"
    )]
    client_address_header: AddressHeader,

    /// The header in which trusted proxies say who the user is, such as X-Forwarded-User. They have to remove what
    /// a client sends in it. Without this setting no header names a user.
    #[arg(
        long,
        env = "SESSION_GATEWAY_USER_HEADER",
        value_name = "HEADER",
        requires = "trusted_proxy",
        value_parser = user_header
    )]
    user_header: Option<UserHeader>,
}

impl ProxyFlags {
    pub(super) fn read(self) -> Proxies {
        Proxies::new(self.trusted_proxy, self.client_address_header, self.user_header)
    }
}

fn user_header(text: &str) -> Result<UserHeader, WrongText> {
    text.parse::<HeaderName>()
        .ok()
        .and_then(UserHeader::new)
        .ok_or(WrongText("a header that has no other meaning, such as X-Forwarded-User"))
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    fn error(flags: &[&str]) -> String {
        Settings::read(["session-gateway"].iter().chain(flags)).unwrap_err().to_string()
    }

    #[test]
    fn a_proxy_is_a_network_or_an_address_and_never_everybody() {
        for network in ["10.0.0.0/8,::1", "192.0.2.1", "fd00::/8", "::ffff:10.0.0.0/104"] {
            assert!(
                Settings::read(["session-gateway", "--trusted-proxy", network]).is_ok(),
                "{network}"
            );
        }
        for network in ["", "proxy.example", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0"] {
            assert!(error(&["--trusted-proxy", network]).contains("--trusted-proxy"), "{network}");
        }
    }

    #[test]
    fn a_user_header_needs_proxies_and_has_no_other_meaning() {
        assert!(error(&["--user-header", "X-Forwarded-User"]).contains("--trusted-proxy"));
        for header in
            ["Authorization", "cookie", "Host", "origin", "X-Forwarded-For", "Forwarded", "a b", ""]
        {
            let error = error(&["--trusted-proxy", "10.0.0.0/8", "--user-header", header]);
            assert!(error.contains("--user-header"), "{error}");
        }
    }

    #[test]
    fn an_address_is_read_from_one_of_two_headers() {
        let error = error(&["--client-address-header", "X-Real-IP"]);
        assert!(error.contains("x-forwarded-for or forwarded"), "{error}");
    }
}
