//! Where a page comes from: scheme, host and port.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Authority;

/// A web origin (RFC 6454) of http or https, the host in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// The host, IPv6 addresses in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether a page of this origin was served at this authority. Behind a proxy that does TLS the
    /// scheme differs from the gateway's own, so it decides nothing but the default port.
    #[must_use]
    pub fn is_at(&self, authority: &Authority) -> bool {
        self.host.eq_ignore_ascii_case(authority.host())
            && self.port == authority.port_u16().unwrap_or(self.scheme.default_port())
    }
}

/// A text that is no [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOrigin;

impl fmt::Display for NoOrigin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(
            "an origin is http or https, ://, a host name in ASCII and, if need be, a port: \
             https://plant.example:8043",
        )
    }
}

impl std::error::Error for NoOrigin {}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let uri: Uri = text.parse().map_err(|_| NoOrigin)?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err(NoOrigin),
        };
        let authority = uri.authority().ok_or(NoOrigin)?;
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str().get(host.len()..) {
            Some("") => scheme.default_port(),
            // Not `port_u16`, which takes a port out of range for none.
            Some(port) => port.strip_prefix(':').and_then(|p| p.parse().ok()).ok_or(NoOrigin)?,
            None => return Err(NoOrigin),
        };
        // It ends up in a Content-Security-Policy, where other characters of a URL would mean something.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_[]:".contains(&b);
        if host.is_empty() || !host.bytes().all(plain) || uri.path() != "/" || uri.query().is_some()
        {
            return Err(NoOrigin);
        }
        Ok(Self { scheme, host, port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if self.port != self.scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (given, written) in [
            ("http://plant.example", "http://plant.example"),
            ("https://Plant.Example:443/", "https://plant.example"),
            ("http://[::1]:8188", "http://[::1]:8188"),
            ("https://plant:80", "https://plant:80"),
        ] {
            assert_eq!(given.parse::<Origin>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_origin_of_a_page_is_refused() {
        for text in [
            "",
            "null",
            "*",
            "plant",
            "plant.example:8188",
            "file:///",
            "ftp://plant",
            "http://",
            "http://plant/path",
            "http://plant?q",
            "http://user@plant",
            "http://plant:",
            "http://plänt",
            "http://plant:65536",
            "http://a;b",
            "http://a,b",
            "http://*.plant",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(NoOrigin), "{text}");
        }
    }

    #[test]
    fn an_origin_is_at_an_authority_of_the_same_host_and_port() {
        let at = |origin: &str, authority: &str| {
            origin.parse::<Origin>().unwrap().is_at(&authority.parse().unwrap())
        };
        assert!(at("http://localhost:8188", "LOCALHOST:8188"));
        assert!(at("http://plant", "plant:80"));
        assert!(at("https://plant", "plant"));
        assert!(at("http://[::1]:1", "[::1]:1"));
        assert!(!at("http://localhost:8188", "localhost"));
        assert!(!at("http://localhost:8188", "127.0.0.1:8188"));
        assert!(!at("https://plant", "plant:80"));
    }
}
